"""What members do: every act is an entry, its tables and its place in the outbox, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final

from causeway.casework.conversation import Conversation, Standing
from causeway.casework.facts import ANSWER, LABELS, STANDING, WITHDRAWN, AnswerFact, WithdrawnFact
from causeway.casework.publishing import check_fits
from causeway.desk.engine.conflicts import set_register
from causeway.desk.engine.errors import UnknownConversation
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.projector import load_conversation
from causeway.desk.engine.read_log import ReadLog
from causeway.desk.engine.tables import QUEUED
from causeway.errors import LocalError
from causeway.wire.text import clean_text

__all__ = ["Working"]

_LABEL_LENGTH_MAX: Final = 40
_LABELS_MAX: Final = 20
_OPEN: Final = "open"


@final
class Working:
    """Acts on conversations, by their ids (16 bytes); `Desk` says what each raises."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def mark_opened(self, about: bytes) -> None:
        """Note that a member has read a conversation, and so that somebody was here today."""
        with self._parts.vault.transaction():
            folded, case = self._load(about)
            ReadLog(self._parts).note(case)
            self._parts.db.run(
                "INSERT INTO desk_opened (conversation, clock) VALUES (?, ?) ON CONFLICT (conversation) "
                "DO UPDATE SET clock = max(clock, excluded.clock)",
                (about, folded.last_message),
            )
            self._parts.settings.read_day = self._parts.today

    def answer(self, about: bytes, text: str) -> bytes:
        """Write an answer; return the id of its entry."""
        cleaned = clean_text(text).strip()
        if not cleaned:
            raise LocalError("There is nothing written yet.")
        with self._parts.vault.transaction():
            folded, case = self._load(about)
            if folded.closed_by_person:
                raise LocalError("This person has closed the conversation. No answer would be found.")
            fact = AnswerFact(n=folded.next_number, day=self._parts.today, text=cleaned)
            check_fits(cleaned, conversation=about, n=fact.n, day=self._parts.today)
            return self._parts.ledger.add(fact, case=case, name=ANSWER).entry_id

    def hold(self, entry_id: bytes, *, held: bool) -> None:
        """Hold back an answer that has not left yet, or let it go."""
        with self._parts.vault.transaction():
            self._still_here(entry_id)
            self._parts.db.run(
                "INSERT INTO desk_answer (entry_id, held, state) VALUES (?, ?, ?) ON CONFLICT (entry_id) "
                "DO UPDATE SET held = excluded.held",
                (entry_id, int(held), QUEUED),
            )

    def withdraw(self, entry_id: bytes) -> None:
        """Take back an answer that has not left yet."""
        with self._parts.vault.transaction():
            _, case = self._load(self._still_here(entry_id))
            self._parts.ledger.add(WithdrawnFact(answer=entry_id), case=case, name=WITHDRAWN)
            self._parts.db.run("DELETE FROM desk_answer WHERE entry_id = ?", (entry_id,))

    def set_labels(self, about: bytes, labels: Sequence[str]) -> None:
        """Replace the labels of a conversation."""
        tidy = sorted({" ".join(clean_text(label).split()) for label in labels} - {""})
        if len(tidy) > _LABELS_MAX or any(len(label) > _LABEL_LENGTH_MAX for label in tidy):
            raise LocalError("A conversation has at most 20 labels of 40 letters each.", labels=len(tidy))
        self._set(about, LABELS, value=tidy)

    def close_conversation(self, about: bytes) -> None:
        """Close a conversation."""
        self._set(about, STANDING, value=Standing.CLOSED.value)

    def reopen(self, about: bytes) -> None:
        """Open a conversation that was closed here."""
        self._set(about, STANDING, value=_OPEN)

    def _set(self, about: bytes, register: str, *, value: object) -> None:
        with self._parts.vault.transaction():
            folded, case = self._load(about)
            set_register(self._parts, folded, register, value=value, case=case)

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

    def _load(self, about: bytes) -> tuple[Conversation, bytes]:
        row = self._parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (about,))
        if row is None:
            raise UnknownConversation("There is no such conversation here.")
        return load_conversation(self._parts.db, about), bytes(row[0])
