"""An unlocked desk: what its pages call. Thread-safe; one background thread syncs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self, final

from causeway.casework.conversation import Conversation, Standing
from causeway.casework.facts import ANSWER, LABELS, STANDING, WITHDRAWN, AnswerFact, WithdrawnFact
from causeway.casework.publishing import check_fits
from causeway.desk.engine.errors import UnknownConversation
from causeway.desk.engine.making import NewCentre, make_centre
from causeway.desk.engine.parts import Parts, assemble
from causeway.desk.engine.projector import load_conversation
from causeway.desk.engine.queries import Queries, conversation_id
from causeway.desk.engine.relaystore import RelayStore
from causeway.desk.engine.settings import DoorAddress
from causeway.desk.engine.tables import QUEUED
from causeway.desk.engine.upkeep import keep_up
from causeway.desk.views import (
    AlarmKind,
    AnswerView,
    CentreView,
    ConversationRow,
    ConversationState,
    ConversationView,
    OutboxRow,
    SyncView,
)
from causeway.errors import Error, LocalError
from causeway.sealed.parcel import RelayAccess
from causeway.sealed.passphrase import STANDARD, Profile
from causeway.sealed.words import encode_fingerprint
from causeway.sync.background import Background
from causeway.sync.client import RelayClient
from causeway.sync.runner import Relay, sync_once
from causeway.units import day_of
from causeway.vault import Vault
from causeway.wire.base64url import b64encode
from causeway.wire.text import clean_text

__all__ = ["Desk"]

_KEYSLOTS: Final = "keyslots"
_WORD_LANGUAGES: Final = ("en", "ru")
_LABEL_LENGTH_MAX: Final = 40
_LABELS_MAX: Final = 20


@final
class Desk:
    """An unlocked desk; every method may be called from any thread."""

    def __init__(self, parts: Parts) -> None:
        """Take what `create` or `open` has assembled."""
        self._parts = parts
        self._queries = Queries(parts)
        self._store = RelayStore(parts)
        self._background: Background | None = None
        self._round = threading.Lock()
        self._state = threading.Lock()
        self._syncing = False
        self._reached = False
        self._problem = ""

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
    ) -> Self:
        """Make a centre with one member, and this laptop as its first desk. Needs no network.

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
        return cls._on(vault, clock=clock, random=random)

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        passphrase: str,
        profile: Profile = STANDARD,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
    ) -> Self:
        """Unlock a desk. Takes about a second, nearly all of it for the passphrase.

        Raises:
            WrongPassphrase: It opens nothing.
            VaultMissing, VaultInUse, VaultDamaged, VaultTooNew: See `Vault.open`.
        """
        vault = Vault.open(directory, passphrase=passphrase, profile=profile)
        return cls._on(vault, clock=clock, random=random)

    @classmethod
    def _on(cls, vault: Vault, *, clock: Callable[[], float], random: Callable[[int], bytes]) -> Self:
        try:
            parts = assemble(vault, clock=clock, random=random)
            keep_up(parts)
            return cls(parts)
        except BaseException:
            vault.close()
            raise

    @staticmethod
    def exists(directory: Path) -> bool:
        """Say whether there is a desk in this folder."""
        return (directory / _KEYSLOTS).is_file()

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
            door_link=f"{door.url}/#{b64encode(fingerprint)}",
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

    def set_door_hashes(self, *, bundle: bytes, texts: bytes) -> None:
        """Have the next door sheet name these hashes (docs/FORMAT.md, section 12)."""
        with self._parts.vault.transaction():
            if self._parts.settings.door_hashes != (bundle, texts):
                self._parts.settings.door_hashes = (bundle, texts)
                self._parts.settings.sheet = None

    def change_passphrase(self, old: str, new: str) -> None:
        """Change the passphrase that opens this desk.

        Raises:
            WrongPassphrase: `old` opens nothing.
            UnfitPassphrase: `new` is too easily guessed.
        """
        self._parts.vault.change_passphrase(old, new=new)

    def dismiss_alarm(self, kind: AlarmKind) -> None:
        """Take an alarm away after somebody has looked at it."""
        self._parts.alarms.dismiss(kind)

    # ---- Reading ----

    def inbox(
        self,
        *,
        state: ConversationState | None = None,
        label: str | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[ConversationRow, ...]:
        """Return a page of the inbox: who waits longest first, then the newest."""
        return self._queries.inbox(state=state, label=label, offset=offset, limit=limit)

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
        about = conversation_id(conversation)
        with self._parts.vault.transaction():
            folded, _ = self._load(about)
            self._parts.db.run(
                "INSERT INTO desk_opened (conversation, clock) VALUES (?, ?) ON CONFLICT (conversation) "
                "DO UPDATE SET clock = max(clock, excluded.clock)",
                (about, folded.last_message),
            )
            self._parts.settings.read_day = self._parts.today

    def answer(self, conversation: str, text: str) -> AnswerView:
        """Write an answer; it goes onto the board at the next round, unless it is held.

        Raises:
            TooLarge: It does not fit the page that the person gets; nothing is written.
            LocalError: It is empty, or the person has closed the conversation.
            UnknownConversation: There is none of this id.
        """
        about = conversation_id(conversation)
        cleaned = clean_text(text).strip()
        if not cleaned:
            raise LocalError("There is nothing written yet.")
        with self._parts.vault.transaction():
            folded, case = self._load(about)
            if folded.closed_by_person:
                raise LocalError("This person has closed the conversation. No answer would be found.")
            fact = AnswerFact(n=folded.next_number, day=self._parts.today, text=cleaned)
            check_fits(cleaned, conversation=about, n=fact.n, day=self._parts.today)
            body = self._parts.ledger.add(fact, case=case, name=ANSWER)
            folded.apply(body)
            written = next(one for one in folded.answers if one.entry_id == body.entry_id)
            view = self._queries.answer(written, folded=folded)
        self.sync_now()
        return view

    def hold(self, row: str, held: bool) -> None:
        """Hold back an answer that has not left yet, or let it go.

        Raises:
            LocalError: It has left, or there is none of this id.
        """
        entry_id = conversation_id(row)
        with self._parts.vault.transaction():
            self._still_here(entry_id)
            self._parts.db.run(
                "INSERT INTO desk_answer (entry_id, held, state) VALUES (?, ?, 0) ON CONFLICT (entry_id) "
                "DO UPDATE SET held = excluded.held",
                (entry_id, int(held)),
            )
        if not held:
            self.sync_now()

    def withdraw(self, row: str) -> None:
        """Take back an answer that has not left yet.

        Raises:
            LocalError: It has left, or there is none of this id.
        """
        entry_id = conversation_id(row)
        with self._parts.vault.transaction():
            _, case = self._load(self._still_here(entry_id))
            self._parts.ledger.add(WithdrawnFact(answer=entry_id), case=case, name=WITHDRAWN)
            self._parts.db.run("DELETE FROM desk_answer WHERE entry_id = ?", (entry_id,))

    def _still_here(self, entry_id: bytes) -> bytes:
        """Return the conversation of an answer that has not left yet."""
        found = self._parts.db.row(
            "SELECT conversation, coalesce(state, 0) FROM answer LEFT JOIN desk_answer USING (entry_id) "
            "WHERE entry_id = ?",
            (entry_id,),
        )
        if found is None:
            raise UnknownConversation("There is no such answer here.")
        if found[1] != QUEUED:
            raise LocalError("This answer has left already. Write another one if it was wrong.")
        return bytes(found[0])

    def set_labels(self, conversation: str, labels: Sequence[str]) -> None:
        """Replace the labels of a conversation.

        Raises:
            LocalError: Too many, or one is too long.
            UnknownConversation: There is none of this id.
        """
        tidy = sorted({" ".join(clean_text(label).split()) for label in labels} - {""})
        if len(tidy) > _LABELS_MAX or any(len(label) > _LABEL_LENGTH_MAX for label in tidy):
            raise LocalError("A conversation has at most 20 labels of 40 letters each.", labels=len(tidy))
        self._set(conversation, LABELS, value=tidy)

    def close_conversation(self, conversation: str) -> None:
        """Close a conversation. Should the person write again, it waits like any other."""
        self._set(conversation, STANDING, value=Standing.CLOSED.value)
        self.sync_now()

    def reopen(self, conversation: str) -> None:
        """Open a conversation that was closed here."""
        self._set(conversation, STANDING, value="open")
        self.sync_now()

    def _set(self, conversation: str, register: str, *, value: object) -> None:
        with self._parts.vault.transaction():
            folded, case = self._load(conversation_id(conversation))
            self._parts.ledger.set(register, value, case=case, heads=folded.heads(register))

    def _load(self, about: bytes) -> tuple[Conversation, bytes]:
        row = self._parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (about,))
        if row is None:
            raise UnknownConversation("There is no such conversation here.")
        return load_conversation(self._parts.db, about), bytes(row[0])

    # ---- Syncing ----

    def sync_view(self) -> SyncView:
        """Return whether the relay is reached, and what waits."""
        rows = self.outbox()
        with self._state:
            reached, problem, syncing = self._reached, self._problem, self._syncing
        return SyncView(
            reached=reached,
            last_reached=self._parts.settings.last_reached,
            problem=problem,
            syncing=syncing,
            waiting=sum(not row.held for row in rows),
            held=sum(row.held for row in rows),
            aside=sum(self._parts.vault.aside.count().values()),
            alarms=self._parts.alarms.all(),
        )

    def start_sync(self, interval_seconds: float) -> None:
        """Sync in the background from now on, every so often and whenever something is to be sent."""
        if self._background is None:
            self._background = Background(self._sync_quietly, interval_seconds=interval_seconds)

    def stop_sync(self) -> None:
        """Stop syncing in the background."""
        background, self._background = self._background, None
        if background is not None:
            background.stop()

    def sync_now(self) -> None:
        """Have the background thread begin a round now; returns at once."""
        background = self._background
        if background is not None:
            background.wake()

    def sync_round(self, *, visit: bool = False) -> None:
        """Do one round in this thread, and wait for it.

        Args:
            visit: Look at the door as a visitor in any case.

        Raises:
            RelayUnreachable, RelayRefused, FormatError: As `sync_once`.
        """
        with self._round:
            self._note(syncing=True)
            try:
                keep_up(self._parts)
                sync_once(self._store, connect=self._connect, visit=visit)
                self._parts.settings.last_reached = self._parts.clock()
            except Error as error:
                self._note(syncing=False, reached=False, problem=error.what)
                raise
            except BaseException:
                self._note(syncing=False, reached=False)
                raise
            self._note(syncing=False, reached=True)

    def _connect(self, access: RelayAccess) -> Relay:
        door = self._parts.settings.door
        return RelayClient(door.url, socks=door.socks or None, capability=access.capability)

    def _sync_quietly(self) -> bool:
        try:
            self.sync_round()
        except Error:  # `sync_view` says which; the background thread goes on trying
            return False
        return True

    def _note(self, *, syncing: bool, reached: bool | None = None, problem: str = "") -> None:
        with self._state:
            self._syncing = syncing
            if reached is not None:
                self._reached, self._problem = reached, problem
