"""Syncing of an open desk: rounds, one at a time, in the background or in the caller's thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import final

from causeway.desk.engine.destroying import destroy_everything
from causeway.desk.engine.files import Files
from causeway.desk.engine.noticing import notice_roster
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.relaystore import RelayStore
from causeway.desk.engine.upkeep import keep_up
from causeway.desk.engine.watching import Watching
from causeway.errors import Error
from causeway.sealed.parcel import RelayAccess
from causeway.sync.background import Background
from causeway.sync.client import RelayClient
from causeway.sync.errors import LaptopTakenOff
from causeway.sync.files import fetch_files
from causeway.sync.runner import Relay, sync_once

__all__ = ["Progress", "Syncing"]

_NO_DOOR = "This desk does not know yet where the door is. Say it on the page Centre."
_AGAIN_SECONDS = 3_600.0
"""How often to look for parts of files that the relay did not have."""

_UNFORESEEN = "Something went wrong while this desk was syncing. It will try again."


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Whether a round goes on, whether the last one came through, and the sentence if it did not."""

    syncing: bool = False
    reached: bool = False
    problem: str = ""


@final
class Syncing:
    """Runs rounds."""

    def __init__(self, parts: Parts, *, store: RelayStore, files: Files, watching: Watching) -> None:
        self._parts = parts
        self._store = store
        self._files = files
        self._watch = watching
        self._background: Background | None = None
        self._fetching: Background | None = None
        self._looking: Background | None = None
        self._one_at_a_time = threading.Lock()
        self._one_fetch_at_a_time = threading.Lock()
        self._asked_again: float | None = None
        self.files_problem = ""
        self.progress = Progress()

    def start(self, interval_seconds: float) -> None:
        """Sync in the background from now on."""
        if self._background is None:
            self._background = Background(self._quietly, interval_seconds=interval_seconds)
            self._fetching = Background(self._fetch_quietly, interval_seconds=_AGAIN_SECONDS)
            self._looking = Background(self._look_quietly, interval_seconds=interval_seconds)

    def stop(self) -> None:
        """Stop syncing in the background."""
        running = self._background, self._fetching, self._looking
        self._background = self._fetching = self._looking = None
        for background in running:
            if background is not None:
                background.stop()

    def wake(self, *, after_seconds: float = 0.0) -> None:
        """Have the background thread begin a round then; returns at once."""
        background = self._background
        if background is not None:
            background.wake(after_seconds=after_seconds)

    def wake_files(self) -> None:
        """Have files be fetched now; returns at once."""
        fetching = self._fetching
        if fetching is not None:
            fetching.wake()

    def fetch(self, *, again: bool) -> None:
        """Fetch files in this thread; see `fetch_files`.

        It has a thread and a connection of its own: a film must not keep a text waiting.
        """
        with self._one_fetch_at_a_time:
            if not self._parts.settings.door.url:
                return
            problem = _UNFORESEEN
            try:
                fetch_files(self._files, connect=self._connect, again=again)
                problem = ""
            except Error as error:
                problem = error.what
                raise
            finally:
                self.files_problem = problem

    def round(self, *, visit: bool) -> None:
        """Do one round in this thread; see `sync_once`."""
        with self._one_at_a_time:
            if not self._parts.settings.door.url:
                self.progress = Progress(problem=_NO_DOOR)
                return
            self.progress = Progress(
                syncing=True, reached=self.progress.reached, problem=self.progress.problem
            )
            ended = Progress(problem=_UNFORESEEN)
            try:
                keep_up(self._parts)
                sync_once(self._store, connect=self._connect, visit=visit)
                self._parts.settings.last_reached = self._parts.clock()
                ended = Progress(reached=True)
                notice_roster(self._parts)
            except LaptopTakenOff as error:
                ended = Progress(problem=error.what)
                destroy_everything(self._parts)
                raise
            except Error as error:
                ended = Progress(problem=error.what)
                raise
            finally:
                self.progress = ended

    def _connect(self, access: RelayAccess) -> Relay:
        door = self._parts.settings.door
        return RelayClient(door.url, socks=door.socks or None, capability=access.capability)

    def _quietly(self) -> bool:
        try:
            self.round(visit=False)
        except Exception:  # whatever it was, `progress` says so, and the thread must go on trying
            return False
        self.wake_files()
        looking = self._looking
        if looking is not None and self._watch.is_due:
            looking.wake()
        return True

    def _look_quietly(self) -> bool:
        """Look at the door, if it is time; a thread of its own, since a look through Tor takes a minute."""
        try:
            if self._watch.is_due:
                self._watch.look()
        except Exception:  # whatever it was, `problem` says so, and the thread must go on trying
            return False
        return True

    def _fetch_quietly(self) -> bool:
        if not self.progress.reached:
            return True  # texts first: the round that reaches the relay wakes this thread
        now = self._parts.clock()
        again = self._asked_again is None or not 0 <= now - self._asked_again < _AGAIN_SECONDS
        try:
            self.fetch(again=again)
        except Exception:  # whatever it was, `files_problem` says so, and the thread must go on trying
            return False
        if again:
            self._asked_again = now
        return True
