"""Reading for pages: rows of the tables as the frozen values of `desk.views`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, final

from causeway.casework.conversation import Conversation, TakenMessage, WrittenAnswer
from causeway.desk.engine.errors import UnknownConversation
from causeway.desk.engine.files import Files
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.projector import load_conversation
from causeway.desk.engine.tables import PUBLISHED, QUEUED
from causeway.desk.views import (
    AnswerView,
    ConversationRow,
    ConversationState,
    ConversationView,
    Delivery,
    MessageView,
    OutboxRow,
)
from causeway.record.clock import clock_millis
from causeway.record.keys import CompartmentKind
from causeway.record.readers import may_read
from causeway.units import DAY_SECONDS, Day
from causeway.vault import search
from causeway.wire.errors import FormatError
from causeway.wire.ids import id_from_hex
from causeway.wire.sizes import ID_BYTES

__all__ = ["Queries", "conversation_id"]

_ROW: Final = (
    "SELECT conversation.id, code_name, language, standing, waiting_since, last_activity, excerpt, "
    "coalesce(clock, 0) < last_message, forced, conflict, (SELECT count(DISTINCT named_file.id) FROM case_of "
    "JOIN named_file USING (case_id) WHERE case_of.conversation = conversation.id) FROM conversation "
    "LEFT JOIN desk_opened ON desk_opened.conversation = conversation.id"
)
_ORDER: Final = "ORDER BY waiting_since IS NULL, waiting_since, last_activity DESC"
_INBOX: Final = (
    f"{_ROW} WHERE (?1 IS NULL OR standing = ?1) AND (?5 IS NULL OR forced = ?5) AND (?2 IS NULL OR EXISTS "  # noqa: S608
    "(SELECT 1 FROM label WHERE label.conversation = conversation.id AND label = ?2)) "
    f"{_ORDER} LIMIT ?3 OFFSET ?4"
)
_FORCED: Final = (
    f"{_ROW} WHERE forced = 1 AND standing NOT IN ('closed', 'closed-by-person') "
    "ORDER BY last_activity DESC LIMIT ?"
)
_TEXTS_PER_CONVERSATION: Final = 8
"""Texts that a search looks at for each conversation that it returns."""


def conversation_id(text: str) -> bytes:
    """Return the id that a page's address names.

    Raises:
        UnknownConversation: It is no id.
    """
    try:
        return id_from_hex(text)
    except FormatError:
        raise UnknownConversation("There is no such conversation here.") from None


def _seconds(clock: int) -> float:
    return clock_millis(clock) / 1000


@final
class Queries:
    """What pages read."""

    def __init__(self, parts: Parts, *, files: Files) -> None:
        self._parts = parts
        self._files = files

    # ---- Lists ----

    def inbox(
        self,
        *,
        state: ConversationState | None,
        label: str | None,
        forced: bool | None,
        offset: int,
        limit: int,
    ) -> tuple[ConversationRow, ...]:
        """Return a page of the inbox."""
        return self._rows(_INBOX, (state, label, limit, offset, forced))

    def forced(self, *, limit: int) -> tuple[ConversationRow, ...]:
        """Return the open conversations that somebody was made to open, the newest first."""
        return self._rows(_FORCED, (limit,))

    def counts(self) -> dict[str, int]:
        """Return how many conversations there are in each state, unread and forced."""
        counts = {state.value: 0 for state in ConversationState}
        counts |= dict(self._parts.db.rows("SELECT standing, count(*) FROM conversation GROUP BY standing"))
        unread = self._parts.db.row(
            "SELECT count(*) FILTER (WHERE coalesce(clock, 0) < last_message), "
            "count(*) FILTER (WHERE forced AND standing NOT IN ('closed', 'closed-by-person')) "
            "FROM conversation LEFT JOIN desk_opened ON desk_opened.conversation = conversation.id"
        )
        counts["unread"], counts["forced"] = unread or (0, 0)
        return counts

    def labels(self) -> tuple[str, ...]:
        """Return all labels in use, sorted."""
        return tuple(row[0] for row in self._parts.db.rows("SELECT DISTINCT label FROM label ORDER BY label"))

    def search(self, query: str, *, limit: int) -> tuple[ConversationRow, ...]:
        """Return conversations in one of whose texts, or in whose names, all words stand; newest first."""
        found = search.find(self._parts.db, query, limit=limit * _TEXTS_PER_CONVERSATION)
        ids: dict[bytes, None] = {}
        for doc in found:
            # A text stands under its case and entry, the names under their conversation.
            row = self._parts.db.row(
                "SELECT coalesce((SELECT conversation FROM case_of WHERE case_id = ?1), "
                "(SELECT id FROM conversation WHERE id = ?1))",
                (doc[:ID_BYTES],),
            )
            if row is not None and row[0] is not None:
                ids[row[0]] = None
        rows = [row for one in ids for row in self._rows(f"{_ROW} WHERE conversation.id = ?", (one,))]
        return tuple(sorted(rows, key=lambda row: row.last_activity, reverse=True)[:limit])

    def _rows(self, sql: str, parameters: Sequence[Any]) -> tuple[ConversationRow, ...]:
        with self._parts.vault.transaction():
            found = self._parts.db.rows(sql, parameters)
            return tuple(self._row(one) for one in found)

    def _row(self, found: tuple[Any, ...]) -> ConversationRow:
        about, name, language, standing, waiting, activity, excerpt, unread, forced, conflict, files = found
        labels = self._parts.db.rows(
            "SELECT label FROM label WHERE conversation = ? ORDER BY label", (about,)
        )
        return ConversationRow(
            id=bytes(about).hex(),
            code_name=name,
            language=language,
            state=ConversationState(standing),
            waiting_since=None if waiting is None else _seconds(waiting),
            last_activity=_seconds(activity),
            excerpt=excerpt,
            labels=tuple(row[0] for row in labels),
            unread=bool(unread),
            forced=bool(forced),
            conflict=bool(conflict),
            files=files,
        )

    # ---- One conversation ----

    def conversation(self, about: bytes) -> ConversationView:
        """Return one conversation.

        Raises:
            UnknownConversation: There is none of this id.
        """
        parts = self._parts
        with parts.vault.transaction():
            rows = self._rows(f"{_ROW} WHERE conversation.id = ?", (about,))
            if not rows:
                raise UnknownConversation("There is no such conversation here.")
            folded = load_conversation(parts.db, about)
            roster = parts.roster.current()
            (case,) = parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (about,)) or (b"",)
            return ConversationView(
                row=rows[0],
                messages=tuple(map(self._message, folded.messages)),
                answers=tuple(self._answer(one, folded=folded) for one in folded.answers),
                readers=tuple(
                    member.name
                    for member in roster.members
                    if may_read(
                        roster,
                        member.id,
                        kind=CompartmentKind.CONVERSATION,
                        case=bytes(case),
                        today=parts.today,
                    )
                ),
            )

    def _message(self, taken: TakenMessage) -> MessageView:
        fact = taken.fact
        return MessageView(
            id=fact.message.hex(),
            received=_seconds(taken.clock),
            sent_day=Day(fact.day),
            text=fact.text,
            action=fact.action,
            path=fact.path,
            language=fact.language,
            files=tuple(map(self._files.view, fact.files)),
        )

    def answer(self, about: bytes, *, entry_id: bytes) -> AnswerView:
        """Return one answer, and how far it has come.

        Raises:
            UnknownConversation: It is not there, or was withdrawn.
        """
        with self._parts.vault.transaction():
            folded = load_conversation(self._parts.db, about)
            for written in folded.answers:
                if written.entry_id == entry_id:
                    return self._answer(written, folded=folded)
        raise UnknownConversation("There is no such answer here.")

    def _answer(self, written: WrittenAnswer, *, folded: Conversation) -> AnswerView:
        # Of all versions: who has left still wrote what they wrote.
        members = {one.id: one.name for roster in self._parts.roster.chain() for one in roster.members}
        return AnswerView(
            n=written.n,
            written=_seconds(written.clock),
            author=members.get(written.member, ""),
            text=written.fact.text,
            delivery=self._delivery(written, folded=folded),
        )

    def _delivery(self, written: WrittenAnswer, *, folded: Conversation) -> Delivery:
        if folded.is_read(written):
            return Delivery.READ
        held, state = self._parts.db.row(
            "SELECT held, state FROM desk_answer WHERE entry_id = ?", (written.entry_id,)
        ) or (0, QUEUED)
        if state == PUBLISHED:
            return Delivery.ON_BOARD
        return Delivery.HELD if held else Delivery.QUEUED

    # ---- The outbox ----

    def outbox(self) -> tuple[OutboxRow, ...]:
        """Return what waits to leave this laptop: answers one by one, the rest by kind."""
        with self._parts.vault.transaction():
            rows = self._parts.db.rows(
                "SELECT answer.entry_id, answer.conversation, code_name, answer.clock, "
                "coalesce(held, 0), text_bytes FROM answer "
                "JOIN conversation ON conversation.id = answer.conversation "
                "LEFT JOIN desk_answer ON desk_answer.entry_id = answer.entry_id "
                "WHERE is_open = 1 AND coalesce(state, 0) < ? ORDER BY answer.clock",
                (PUBLISHED,),
            )
            answers = tuple(
                OutboxRow(
                    id=bytes(entry_id).hex(),
                    kind="answer",
                    conversation=bytes(about).hex(),
                    code_name=name,
                    since=_seconds(clock),
                    held=bool(held),
                    bytes=size,
                )
                for entry_id, about, name, clock, held, size in rows
            )
            return answers + self._other_rows()

    def waiting(self) -> tuple[int, int]:
        """Return how many rows of the outbox wait to be sent, and how many are held."""
        parts = self._parts
        with parts.vault.transaction():
            answers, held, record = parts.db.row(
                "SELECT count(*), coalesce(sum(coalesce(held, 0)), 0), EXISTS (SELECT 1 FROM outbox) "
                "FROM answer LEFT JOIN desk_answer USING (entry_id) "
                "WHERE is_open = 1 AND coalesce(state, 0) < ?",
                (PUBLISHED,),
            ) or (0, 0, 0)
            signed = (parts.settings.sheet, parts.settings.attendance)
            unsent = sum(one is not None and not one.sent for one in signed)
            return answers - held + record + unsent + (parts.settings.setup_code is not None), held

    def _other_rows(self) -> tuple[OutboxRow, ...]:
        parts = self._parts
        settings = parts.settings
        rows = []
        if settings.setup_code is not None:
            rows.append(self._row_of("claim", since=parts.today, size=0))
        # Straight from the vault's table: to tell a sum, a page must not load every slot that waits.
        record = parts.db.row("SELECT min(created), sum(length(body)) FROM outbox")
        if record is not None and record[0] is not None:
            rows.append(self._row_of("record", since=Day(record[0]), size=record[1]))
        for kind, signed in (("sheet", settings.sheet), ("attendance", settings.attendance)):
            if signed is not None and not signed.sent:
                rows.append(self._row_of(kind, since=signed.day, size=len(signed.signed)))
        return tuple(rows)

    @staticmethod
    def _row_of(kind: str, *, since: Day, size: int) -> OutboxRow:
        return OutboxRow(
            id=kind,
            kind=kind,
            conversation=None,
            code_name=None,
            since=float(since * DAY_SECONDS),
            held=False,
            bytes=size,
        )
