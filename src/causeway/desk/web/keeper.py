"""What lasts from one page to the next: the open desk, and what a page leaves for the one after it.

All of it is gone when the desk locks, because the process is.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from causeway.desk.counting import Counting
from causeway.desk.engine import Desk
from causeway.desk.engine.backup import BackupView, look_into_backup
from causeway.desk.engine.destroying import clear_revoked, finish_destroying
from causeway.desk.engine.joining import WaitingDesk
from causeway.desk.engine.restoring import FromBackup
from causeway.desk.member_views import JoiningStep, RemovalView, ShareView
from causeway.desk.web.previews import Previews
from causeway.errors import Error, LocalError
from causeway.sealed.passphrase import STANDARD, Profile
from causeway.sync.said import DoorSaid
from causeway.sync.watch import ExpectedDoor
from causeway.vault.errors import VaultInUse

__all__ = [
    "FirstRun",
    "FoundBackup",
    "Keeper",
    "Locked",
    "Notice",
    "State",
    "Undo",
    "WatchedDoor",
    "seconds_of_this_machine",
]

SYNC_SECONDS: Final = 60.0
JOIN_SECONDS: Final = 5.0
"""How often a desk that waits looks at the door: somebody sits before it, another is on the telephone."""
UNDO_SECONDS: Final = 20.0
"""How long a queued answer can be taken back before it leaves."""
_SEARCHES_KEPT: Final = 20
_DELAY_SECONDS_MAX: Final = 5.0


class Locked(LocalError):
    """The desk is not open, or not any more."""


class State(StrEnum):
    """How far this process has come.

    Nothing there yet, being made, locked, waiting to be admitted to a centre, open, about to give way.
    """

    NEW = "new"
    MAKING = "making"
    LOCKED = "locked"
    WAITING = "waiting"
    OPEN = "open"
    REVOKED = "revoked"
    LEAVING = "leaving"


@dataclass(frozen=True, kw_only=True, slots=True)
class Undo:
    """A form that takes back what was just done: where it goes, what it says, what is on its button."""

    path: str
    label: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One sentence for the next page."""

    text: str
    problem: bool = False
    undo: Undo | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedDoor:
    """The door whose texts this desk signs, and compares with what visitors are served.

    Attributes:
        make: Returns the door that says something; raises `LocalError` where it can't.
        said: What it says from now on; `None` leaves it to what the desk remembers.
    """

    make: Callable[[DoorSaid], ExpectedDoor]
    said: DoorSaid | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundBackup:
    """A backup that was looked into, and its passphrase, until it is brought over."""

    view: BackupView
    passphrase: str = field(repr=False)


@dataclass(kw_only=True, slots=True)
class FirstRun:
    """What was answered so far on the way to a new desk: two names, or an invitation."""

    centre: str = ""
    member: str = ""
    invitation: str = ""
    passphrase: str = field(default="", repr=False)
    backup: FoundBackup | None = None


def seconds_of_this_machine() -> float:
    """Return seconds that run on while the machine sleeps: a laptop opened in the morning must be locked."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.time() if boottime is None else time.clock_gettime(boottime)


class Keeper:
    """Holds the desk while it is open."""

    def __init__(
        self,
        directory: Path,
        *,
        socks: str | None,
        socks_given: bool = False,
        lock_after_seconds: float,
        profile: Profile = STANDARD,
        clock: Callable[[], float] = time.time,
        uptime: Callable[[], float] = seconds_of_this_machine,
        sync_seconds: float = SYNC_SECONDS,
        undo_seconds: float = UNDO_SECONDS,
        door: WatchedDoor | None = None,
    ) -> None:
        """Take the vault's folder and the settings of this start.

        Args:
            socks: `host:port` of Tor, or `None` for none.
            socks_given: It was named at the start, so that it replaces what the desk remembers.
            uptime: Seconds that go on while the machine sleeps; only differences count.
            undo_seconds: How long a queued answer can be taken back before it leaves.
            door: What the door says, to be signed into the door sheet and watched.
        """
        self.directory = directory
        self.socks = socks
        self.lock_after_seconds = lock_after_seconds
        self.clock = clock
        self.first = FirstRun()
        self.problem = ""
        self.ask_lock: Callable[[], None] = self.close
        self._socks_given = socks_given
        self._profile = profile
        self._uptime = uptime
        self._sync_seconds = sync_seconds
        self._undo_seconds = undo_seconds
        self._door = door
        self.door_remembered = False
        self._desk: Desk | None = None
        self._waiting: WaitingDesk | None = None
        self.share: ShareView | None = None
        self.removals: dict[str, tuple[str, RemovalView]] = {}
        self.previews = Previews()
        self.counting = Counting()
        self._opening = threading.Lock()
        self._making: threading.Thread | None = None
        self._last_activity = uptime()
        self._failures = 0
        self._leaving = False
        self._notice: Notice | None = None
        self._kept: dict[str, dict[str, str]] = {}
        self._searches: dict[str, str] = {}
        self._salt = os.urandom(16)

    # ---- The desk ----

    @property
    def state(self) -> State:
        """Where this process stands."""
        if self._leaving:
            return State.LEAVING
        if Desk.was_revoked(self.directory):
            return State.REVOKED
        if self._desk is not None:
            return State.OPEN
        if self._making is not None and self._making.is_alive():
            return State.MAKING
        if self._waiting is not None:
            return State.WAITING
        return State.LOCKED if Desk.exists(self.directory) else State.NEW

    @property
    def desk(self) -> Desk:
        """The open desk.

        Raises:
            Locked: It is not open.
        """
        if self._desk is None:
            raise Locked("The desk is locked.")
        return self._desk

    def unlock(self, passphrase: str) -> None:
        """Open the desk; takes a second or two.

        Raises:
            WrongPassphrase: See `Desk.open`; the longer to wait before the next try (`delay_seconds`).
        """
        with self._opening:
            if self._desk is not None:
                return
            try:
                opened = Desk.open_any(
                    self.directory,
                    passphrase=passphrase,
                    profile=self._profile,
                    clock=self.clock,
                    undo_seconds=self._undo_seconds,
                )
            except Error:
                self._failures += 1
                raise
            if isinstance(opened, WaitingDesk):
                self._wait(opened)
                return
            if self._socks_given and opened.centre().socks != (self.socks or ""):
                opened.set_door(opened.centre().door_url, socks=self.socks)
            self._keep(opened)

    @property
    def delay_seconds(self) -> float:
        """How long to wait before the next try at the passphrase."""
        return min(0.5 * self._failures, _DELAY_SECONDS_MAX)

    def make(self, *, door_url: str, setup_code: str, socks: str | None) -> None:
        """Start to make a new desk from `first`; `state` tells when it is done, `problem` if it was not."""
        with self._opening:
            if self.state is not State.NEW:
                return
            self.problem = ""
            arguments = {"door_url": door_url, "setup_code": setup_code, "socks": socks}
            self._making = threading.Thread(target=self._make, kwargs=arguments, daemon=True)
            self._making.start()

    def _make(self, *, door_url: str, setup_code: str, socks: str | None) -> None:
        first = self.first
        try:
            desk = Desk.create(
                self.directory,
                passphrase=first.passphrase,
                centre=first.centre,
                member=first.member,
                door_url=door_url,
                setup_code=setup_code,
                socks=socks,
                profile=self._profile,
                clock=self.clock,
                undo_seconds=self._undo_seconds,
            )
        except Error as error:
            self.problem = error.what
            return
        self.first = FirstRun()
        self._keep(desk)

    def join(self) -> None:
        """Start to make a new desk for the invitation in `first`; `state` tells when it is done."""
        with self._opening:
            if self.state is not State.NEW:
                return
            self.problem = ""
            self._making = threading.Thread(target=self._join, daemon=True)
            self._making.start()

    def _join(self) -> None:
        found = self.first.backup
        try:
            waiting = Desk.join(
                self.directory,
                invitation=self.first.invitation,
                passphrase=self.first.passphrase,
                socks=self.socks,
                profile=self._profile,
                clock=self.clock,
                backup=None
                if found is None
                else FromBackup(folder=found.view.folder, passphrase=found.passphrase),
                undo_seconds=self._undo_seconds,
            )
        except Error as error:
            self.problem = error.what
            return
        self.first = FirstRun()
        self._wait(waiting)

    def _wait(self, waiting: WaitingDesk) -> None:
        self._failures = 0
        self._waiting = waiting
        waiting.start(JOIN_SECONDS)
        self.touch()

    @property
    def waiting(self) -> WaitingDesk:
        """The desk that waits to be admitted.

        Raises:
            Locked: There is none, or not any more.
        """
        if self._waiting is None:
            raise Locked("The desk is locked.")
        return self._waiting

    def admit(self) -> bool:
        """Go on with the whole desk if the one that waited is admitted; say whether a desk is open."""
        with self._opening:
            waiting = self._waiting
            if waiting is not None and waiting.view().step is JoiningStep.ADMITTED:
                desk = Desk.admitted(waiting)
                self._waiting = None
                self._keep(desk)
            return self._desk is not None

    def abandon(self) -> None:
        """Destroy the keys of the desk that waits: the six words were not the same."""
        with self._opening:
            waiting, self._waiting = self._waiting, None
            if waiting is not None:
                waiting.words_differ()

    def _keep(self, desk: Desk) -> None:
        self._failures = 0
        if self._door is not None:
            desk.watch_door(self._door.make, said=self._door.said)
            self.door_remembered = True
        self.previews = Previews()
        self.counting = Counting()
        desk.start_sync(self._sync_seconds)
        self._desk = desk
        self.touch()

    def take_backup(self, folder: Path, *, passphrase: str) -> None:
        """Look into a backup, and keep it in `first` to be brought over.

        Raises:
            WrongPassphrase, VaultMissing, VaultDamaged: As `look_into_backup`.
        """
        view = look_into_backup(folder, passphrase=passphrase, profile=self._profile)
        self.first.backup = FoundBackup(view=view, passphrase=passphrase)

    def finish_destroying(self) -> None:
        """Go on with a destroying that was cut off, unless who began it is still at it."""
        with contextlib.suppress(VaultInUse):
            finish_destroying(self.directory)

    def begin_anew(self) -> None:
        """Make room for a new desk where one was destroyed.

        Raises:
            VaultMissing: None was.
        """
        self.close()
        clear_revoked(self.directory)

    def leave(self) -> None:
        """Show nothing any more, from this moment on: the process is about to give way to a locked one."""
        self._leaving = True
        self.previews.close()
        self.counting.close()

    def close(self) -> None:
        """Drop the desk and its keys."""
        desk, self._desk = self._desk, None
        waiting, self._waiting = self._waiting, None
        self.share = None
        self.removals.clear()
        self._leaving = False
        self.previews.close()
        self.counting.close()
        for one in (desk, waiting):
            if one is not None:
                one.close()

    @property
    def holds_anything(self) -> bool:
        """There is something to lock: an open desk, or a passphrase that was typed for a new one."""
        if self._desk is not None or self._waiting is not None:
            return True
        typed = bool(self.first.passphrase) or self.first.backup is not None
        return typed and self.state is State.NEW

    # ---- Is anybody there ----

    def touch(self) -> None:
        """Note that somebody sits there."""
        self._last_activity = self._uptime()

    def is_forsaken(self) -> bool:
        """Nobody has done anything for as long as it takes to lock."""
        return self._uptime() - self._last_activity >= self.lock_after_seconds

    # ---- What one page leaves for the next ----

    def leave_notice(self, notice: Notice) -> None:
        """Leave a sentence for the next page."""
        self._notice = notice

    def take_notice(self) -> Notice | None:
        """Return the sentence that was left, once."""
        notice, self._notice = self._notice, None
        return notice

    def keep_fields(self, path: str, fields: Mapping[str, str]) -> None:
        """Keep what was typed on a page, so that it stands there again."""
        self._kept[path] = dict(fields)

    def take_fields(self, path: str) -> dict[str, str]:
        """Return what was kept for a page, once."""
        return self._kept.pop(path, {})

    def remember_search(self, query: str) -> str:
        """Return a random id under which a search is found again: words don't go into addresses."""
        key = secrets.token_hex(8)
        self._searches[key] = query
        while len(self._searches) > _SEARCHES_KEPT:
            del self._searches[next(iter(self._searches))]
        return key

    def search_of(self, key: str) -> str | None:
        """Return the words of a remembered search."""
        return self._searches.get(key)

    def label_key(self, label: str) -> str:
        """Return what stands for a label in addresses until the desk locks."""
        return hmac.new(self._salt, label.encode(), hashlib.sha256).hexdigest()[:12]
