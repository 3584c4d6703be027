"""An unlocked desk: what its pages call. Thread-safe; one background thread syncs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Self, final

from causeway.desk.engine.backup import Backups
from causeway.desk.engine.destroying import Duress, begin_decoy, is_revoked
from causeway.desk.engine.errors import NotAdmitted
from causeway.desk.engine.files import Files
from causeway.desk.engine.joining import WaitingDesk, is_waiting, make_waiting
from causeway.desk.engine.kept_aside import aside_count
from causeway.desk.engine.making import NewCentre, make_centre
from causeway.desk.engine.members import Members
from causeway.desk.engine.noticing import notice_roster
from causeway.desk.engine.parts import Parts, assemble
from causeway.desk.engine.queries import Queries, conversation_id
from causeway.desk.engine.relaystore import RelayStore
from causeway.desk.engine.restoring import FromBackup, make_waiting_from
from causeway.desk.engine.settings import DoorAddress
from causeway.desk.engine.syncing import Syncing
from causeway.desk.engine.upkeep import keep_up
from causeway.desk.engine.watching import Watching
from causeway.desk.engine.working import Working
from causeway.desk.member_views import RecoveryPurpose
from causeway.desk.views import (
    AlarmKind,
    AnswerView,
    CentreView,
    ConversationRow,
    ConversationState,
    ConversationView,
    DoorWatchView,
    OutboxRow,
    SyncView,
)
from causeway.errors import LocalError
from causeway.sealed.passphrase import STANDARD, Profile
from causeway.sealed.words import DIGITS, encode_fingerprint
from causeway.sync.said import DoorSaid
from causeway.sync.watch import ExpectedDoor
from causeway.units import day_of
from causeway.vault import Vault
from causeway.wire.base64url import b64encode

__all__ = ["Desk"]

_KEYSLOTS: Final = "keyslots"
_WORD_LANGUAGES: Final = ("en", "ru", DIGITS)
"""As lists of words, and as the digit groups of all other pages."""


@final
class Desk:
    """An unlocked desk; every method may be called from any thread. `files` has what came with texts."""

    def __init__(self, parts: Parts) -> None:
        """Take what `create` or `open` has assembled."""
        self._parts = parts
        self.files = Files(parts)
        self.duress = Duress(parts)
        self.members = Members(parts, wake=self.sync_now)
        self.backups = Backups(parts)
        self._queries = Queries(parts, files=self.files)
        self._working = Working(parts)
        self._store = RelayStore(parts)
        self._watching = Watching(parts, publishing=self._store.publishing)
        self._syncing = Syncing(parts, store=self._store, files=self.files, watching=self._watching)

    @classmethod
    def create(
        cls,
        directory: Path,
        *,
        passphrase: str,
        centre: str,
        member: str,
        door_url: str,
        setup_code: str,
        socks: str | None,
        profile: Profile = STANDARD,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
        undo_seconds: float = 0.0,
    ) -> Self:
        """Make a centre with one member, and this laptop as its first desk. Needs no network.

        Args:
            door_url: Where the door is; "" leaves it for later.
            undo_seconds: How long a new answer stays here before it leaves, so that it can be taken back.

        Raises:
            UnfitPassphrase: Too easily guessed.
            VaultExists: Something lies in the folder.
            VaultFull: The disk has no room.
            LocalError: The door's address is none, or a name is empty.
        """
        names = centre.strip(), member.strip()
        if not all(names):
            raise LocalError("The centre and its member each need a name.")
        new = NewCentre(
            centre=names[0],
            member=names[1],
            door=DoorAddress.checked(door_url, socks=socks),
            setup_code=setup_code.strip(),
        )
        vault = make_centre(
            directory, new, passphrase=passphrase, profile=profile, today=day_of(clock()), random=random
        )
        return cls._on(vault, clock=clock, random=random, undo_seconds=undo_seconds)

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        passphrase: str,
        profile: Profile = STANDARD,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
        undo_seconds: float = 0.0,
    ) -> Self:
        """Unlock a desk. Takes about a second, nearly all of it for the passphrase.

        A duress passphrase destroys the desk first, and opens an empty one.

        Raises:
            WrongPassphrase: It opens nothing.
            VaultMissing, VaultInUse, VaultDamaged, VaultTooNew, VaultRevoked: See `Vault.open`.
            NotAdmitted: It was invited, and its centre has not let it in: see `open_any`.
        """
        opened = cls.open_any(
            directory,
            passphrase=passphrase,
            profile=profile,
            clock=clock,
            random=random,
            undo_seconds=undo_seconds,
        )
        if isinstance(opened, WaitingDesk):
            opened.close()
            raise NotAdmitted
        return opened

    @classmethod
    def open_any(
        cls,
        directory: Path,
        *,
        passphrase: str,
        profile: Profile = STANDARD,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
        undo_seconds: float = 0.0,
    ) -> Self | WaitingDesk:
        """Unlock a desk as `open` does, or one that waits to be let in."""
        begin = partial(begin_decoy, today=day_of(clock()), random=random)
        vault = Vault.open(directory, passphrase=passphrase, profile=profile, begin=begin)
        if is_waiting(vault):
            return WaitingDesk(
                vault, directory=directory, clock=clock, random=random, undo_seconds=undo_seconds
            )
        return cls._on(vault, clock=clock, random=random, undo_seconds=undo_seconds)

    @staticmethod
    def join(
        directory: Path,
        *,
        invitation: str,
        passphrase: str,
        socks: str | None,
        profile: Profile = STANDARD,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
        undo_seconds: float = 0.0,
        backup: FromBackup | None = None,
    ) -> WaitingDesk:
        """Make this laptop a desk of the centre that invited it; it waits to be let in. Needs no network.

        Args:
            invitation: The text that came from the centre.
            backup: What this laptop holds from the beginning, if there is one of the same centre.

        Raises:
            TextRefused: It is none, or has run out.
            UnfitPassphrase, VaultExists, VaultFull: As `create`.
        """
        make = make_waiting if backup is None else partial(make_waiting_from, backup)
        vault = make(
            directory=directory,
            invitation=invitation,
            passphrase=passphrase,
            socks=socks,
            profile=profile,
            today=day_of(clock()),
            random=random,
        )
        return WaitingDesk(vault, directory=directory, clock=clock, random=random, undo_seconds=undo_seconds)

    @classmethod
    def admitted(cls, waiting: WaitingDesk) -> Self:
        """Return the open desk that `waiting` has become; `waiting` is spent.

        Raises:
            LocalError: Its centre has not let it in yet.
        """
        vault = waiting.release()
        return cls._on(vault, clock=waiting.clock, random=waiting.random, undo_seconds=waiting.undo_seconds)

    @classmethod
    def _on(
        cls,
        vault: Vault,
        *,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        undo_seconds: float,
    ) -> Self:
        try:
            parts = assemble(vault, clock=clock, random=random, undo_seconds=undo_seconds)
            keep_up(parts)
            notice_roster(parts)
            return cls(parts)
        except BaseException:
            vault.close()
            raise

    @staticmethod
    def exists(directory: Path) -> bool:
        """Say whether there is a desk in this folder."""
        return (directory / _KEYSLOTS).is_file() and not is_revoked(directory)

    @staticmethod
    def was_revoked(directory: Path) -> bool:
        """Say whether a desk in this folder was destroyed because its laptop was taken out of the centre."""
        return is_revoked(directory)

    def close(self) -> None:
        """Lock: stop syncing, close the store. Every later call raises `VaultClosed`."""
        self.stop_sync()
        self._parts.vault.close()

    # ---- The centre ----

    def centre(self) -> CentreView:
        """Return the centre as its members see it."""
        parts = self._parts
        roster = parts.roster.current()
        door = parts.settings.door
        fingerprint = parts.roster.fingerprint()
        me = parts.settings.member
        return CentreView(
            name=roster.centre,
            member=next((one.name for one in roster.members if one.id == me), ""),
            door_url=door.url,
            door_link=f"{door.url}/#{b64encode(fingerprint)}" if door.url else "",
            fingerprint_words={
                language: tuple(encode_fingerprint(fingerprint, lang=language))
                for language in _WORD_LANGUAGES
            },
            socks=door.socks,
            claimed=parts.settings.setup_code is None,
            last_attendance=parts.settings.read_day,
        )

    def set_door(self, door_url: str, socks: str | None, setup_code: str | None = None) -> None:
        """Say where the door is from now on; a setup code claims the relay behind it at the next round.

        Raises:
            LocalError: The address is none.
        """
        door = DoorAddress.checked(door_url, socks=socks)
        with self._parts.vault.transaction():
            moved = door.url != self._parts.settings.door.url
            self._parts.settings.door = door
            if setup_code is not None and setup_code.strip():
                self._parts.settings.setup_code = setup_code.strip()
            if moved:
                self._store.publish_everything_again()
        self.sync_now()

    def watch_door(self, make: Callable[[DoorSaid], ExpectedDoor], *, said: DoorSaid | None) -> None:
        """Sign what a door says into the door sheet, and compare the door with it from now on.

        Args:
            make: Returns the door that says something; where it raises `LocalError`, the pages say why the
                door is not compared.
            said: What it says, to be remembered; `None` leaves it to what was said last.
        """
        self._watching.begin(make, said=said)

    def look_at_door(self) -> None:
        """Compare the door with what is signed now, in this thread.

        Raises:
            RelayUnreachable: The door gave no answer.
        """
        self._watching.look()

    def look_no_sooner(self, unix_seconds: float) -> None:
        """Have no round look at the door as a visitor before this moment.

        For a desk whose clock is another than the door's until then: it would find another day there.
        """
        self._parts.settings.next_visit = self._parts.settings.next_look = unix_seconds

    def door_watch(self) -> DoorWatchView:
        """Return what the door should say, and how the last comparison ended."""
        return self._watching.view()

    def change_passphrase(self, old: str, new: str) -> None:
        """Change the passphrase that opens this desk.

        Raises:
            WrongPassphrase: `old` opens nothing.
            UnfitPassphrase: `new` is too easily guessed.
        """
        self._parts.vault.passphrases.change(old, new=new)

    def renew_appointment(self) -> None:
        """Have the root appoint this device for another 400 days; the next door sheet carries it.

        Raises:
            LocalError: Shares of the root were handed out; they have to be typed first.
        """
        self.members.recover(RecoveryPurpose.RENEW)

    def dismiss_alarm(self, kind: AlarmKind, *, conversation: str | None = None) -> None:
        """Take an alarm away after somebody has looked at it.

        Args:
            conversation: The one that was looked at; without it all alarms of this kind go.

        Raises:
            UnknownConversation: This is no id.
        """
        about = None if conversation is None else conversation_id(conversation)
        self._parts.alarms.dismiss(kind, conversation=about)

    # ---- Reading ----

    def inbox(
        self,
        *,
        state: ConversationState | None = None,
        label: str | None = None,
        forced: bool | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[ConversationRow, ...]:
        """Return a page of the inbox: who waits longest first, then the newest.

        Args:
            forced: Only those that somebody was made to open, or only the others.
        """
        return self._queries.inbox(state=state, label=label, forced=forced, offset=offset, limit=limit)

    def forced(self, *, limit: int = 20) -> tuple[ConversationRow, ...]:
        """Return the open conversations that somebody was made to open, the newest first."""
        return self._queries.forced(limit=limit)

    def counts(self) -> dict[str, int]:
        """Return how many conversations there are in each state (by its value), `unread` and `forced`."""
        return self._queries.counts()

    def labels(self) -> tuple[str, ...]:
        """Return all labels in use, sorted."""
        return self._queries.labels()

    def conversation(self, conversation: str) -> ConversationView:
        """Return one conversation.

        Raises:
            UnknownConversation: There is none of this id.
        """
        return self._queries.conversation(conversation_id(conversation))

    def search(self, query: str, limit: int = 50) -> tuple[ConversationRow, ...]:
        """Return conversations in whose texts, code names or labels all these pieces of words stand."""
        return self._queries.search(query, limit=limit)

    def outbox(self) -> tuple[OutboxRow, ...]:
        """Return what waits to leave this laptop."""
        return self._queries.outbox()

    # ---- Working ----

    def mark_opened(self, conversation: str) -> None:
        """Note that a member has read a conversation, and so that somebody was here today.

        Raises:
            UnknownConversation: There is none of this id.
        """
        self._working.mark_opened(conversation_id(conversation))

    def answer(self, conversation: str, text: str) -> AnswerView:
        """Write an answer; it goes onto the board at the next round, unless it is held.

        Raises:
            TooLarge: It does not fit the page that the person gets; nothing is written.
            LocalError: It is empty, or the person has closed the conversation.
            UnknownConversation: There is none of this id.
        """
        about = conversation_id(conversation)
        entry_id = self._working.answer(about, text)
        self._syncing.wake(after_seconds=self._parts.undo_seconds)
        return self._queries.answer(about, entry_id=entry_id)

    def hold(self, row: str, held: bool) -> None:
        """Hold back an answer that has not left yet, or let it go.

        Args:
            row: Id of an `OutboxRow` of the kind `answer`.

        Raises:
            LocalError: It has left, or there is none of this id.
        """
        self._working.hold(conversation_id(row), held=held)
        if not held:
            self.sync_now()

    def withdraw(self, row: str) -> None:
        """Take back an answer that has not left yet.

        Args:
            row: Id of an `OutboxRow` of the kind `answer`.

        Raises:
            LocalError: It has left, or there is none of this id.
        """
        self._working.withdraw(conversation_id(row))

    def set_labels(self, conversation: str, labels: Sequence[str]) -> None:
        """Replace the labels of a conversation.

        Raises:
            LocalError: Too many, or one is too long.
            UnknownConversation: There is none of this id.
        """
        self._working.set_labels(conversation_id(conversation), labels)

    def close_conversation(self, conversation: str) -> None:
        """Close a conversation. Should the person write again, it waits like any other."""
        self._working.close_conversation(conversation_id(conversation))
        self.sync_now()

    def reopen(self, conversation: str) -> None:
        """Open a conversation that was closed here."""
        self._working.reopen(conversation_id(conversation))
        self.sync_now()

    # ---- Syncing ----

    def sync_view(self) -> SyncView:
        """Return whether the relay is reached, and what waits."""
        waiting, held = self._queries.waiting()
        progress = self._syncing.progress
        return SyncView(
            reached=progress.reached,
            last_reached=self._parts.settings.last_reached,
            problem=progress.problem,
            syncing=progress.syncing,
            waiting=waiting,
            held=held,
            aside=sum(aside_count(self._parts).values()),
            alarms=self._parts.alarms.all(),
            files_coming=self.files.summary().coming,
            files_problem=self._syncing.files_problem,
        )

    def start_sync(self, interval_seconds: float) -> None:
        """Sync in the background from now on, every so often and whenever something is to be sent."""
        self._syncing.start(interval_seconds)

    def stop_sync(self) -> None:
        """Stop syncing in the background."""
        self._syncing.stop()

    def sync_now(self) -> None:
        """Have the background thread begin a round now; returns at once."""
        self._syncing.wake()

    def fetch_files_now(self) -> None:
        """Have the background thread fetch files now; returns at once."""
        self._syncing.wake_files()

    def fetch_files(self) -> None:
        """Fetch, in this thread, what there is of the files that messages name.

        Raises:
            RelayUnreachable, RelayRefused, FormatError: As `sync.files.fetch_files`.
            VaultFull: The disk has no room; what came before it stays.
        """
        self._syncing.fetch(again=True)

    def sync_round(self, *, visit: bool = False) -> None:
        """Do one round in this thread, and wait for it.

        Args:
            visit: Look at the door as a visitor, and through all days at the relay, in any case.

        Raises:
            RelayUnreachable, RelayRefused, FormatError: As `sync_once`.
        """
        self._syncing.round(visit=visit)
