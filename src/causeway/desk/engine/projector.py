"""The tables that pages read: made from the record, and made again from it whenever their version changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final, final

import msgspec

from causeway.casework.conversation import Conversation
from causeway.casework.facts import (
    REGISTERS,
    AnswerFact,
    MessageFact,
    OpenedFact,
    WithdrawnFact,
    read_fact,
)
from causeway.record.entry import Body, read_operation
from causeway.vault import Database, search

__all__ = ["EXCERPT_LENGTH", "ConversationProjector", "load_conversation", "newest_clock"]

EXCERPT_LENGTH: Final = 160

_TABLES: Final = {
    # `mark` tells apart what two entries say under one id: nobody can change silently what stands there.
    "fact": (
        "entry_id BLOB, mark BLOB, case_id BLOB NOT NULL, clock INTEGER NOT NULL, body BLOB NOT NULL, "
        "PRIMARY KEY (entry_id, mark)"
    ),
    "case_of": "case_id BLOB PRIMARY KEY, conversation BLOB NOT NULL",
    "conversation": (
        "id BLOB PRIMARY KEY, case_id BLOB NOT NULL, standing TEXT NOT NULL, waiting_since INTEGER, "
        "last_activity INTEGER NOT NULL, last_message INTEGER NOT NULL, language TEXT NOT NULL, "
        "excerpt TEXT NOT NULL, code_name TEXT NOT NULL, forced INTEGER NOT NULL, conflict INTEGER NOT NULL"
    ),
    "answer": (
        "entry_id BLOB, twin INTEGER, conversation BLOB NOT NULL, n INTEGER NOT NULL, day INTEGER NOT NULL, "
        "clock INTEGER NOT NULL, text_bytes INTEGER NOT NULL, is_open INTEGER NOT NULL, "
        "PRIMARY KEY (entry_id, twin)"
    ),
    "label": "conversation BLOB, label TEXT, PRIMARY KEY (conversation, label)",
}
_INDEXES: Final = (
    "CREATE INDEX fact_case ON fact (case_id)",
    "CREATE INDEX fact_clock ON fact (clock)",
    "CREATE INDEX case_of_conversation ON case_of (conversation)",
    "CREATE INDEX conversation_order ON conversation "
    "(waiting_since IS NULL, waiting_since, last_activity DESC)",
    "CREATE INDEX conversation_case ON conversation (case_id)",
    "CREATE INDEX answer_conversation ON answer (conversation)",
    "CREATE INDEX answer_open ON answer (is_open, day)",
    "CREATE INDEX label_name ON label (label)",
)
_NAMES_DOC: Final = b"names"


class _StoredBody(msgspec.Struct, array_like=True, frozen=True):
    entry_id: bytes
    case: bytes
    operation: str
    name: str
    value: Any
    heads: tuple[bytes, ...]
    clock: int
    member: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_StoredBody)


def _encode(body: Body) -> bytes:
    return _encoder.encode(
        _StoredBody(
            body.entry_id,
            body.case,
            body.operation,
            body.name,
            body.value,
            body.heads,
            body.clock,
            body.member,
        )
    )


def _decode(encoded: bytes) -> Body:
    stored = _decoder.decode(encoded)
    return Body(
        entry_id=stored.entry_id,
        case=stored.case,
        operation=read_operation(stored.operation),
        name=stored.name,
        value=stored.value,
        heads=stored.heads,
        clock=stored.clock,
        member=stored.member,
    )


def load_conversation(db: Database, conversation: bytes) -> Conversation:
    """Fold a conversation from its entries."""
    rows = db.rows(
        "SELECT body FROM fact JOIN case_of USING (case_id) WHERE conversation = ?", (conversation,)
    )
    return Conversation.fold(_decode(row[0]) for row in rows)


def newest_clock(db: Database, *, before: int) -> int:
    """Return the highest clock value of any entry that is less than `before`; 0 where there is none."""
    row = db.row("SELECT max(clock) FROM fact WHERE clock < ?", (before,))
    return 0 if row is None or row[0] is None else int(row[0])


@final
class ConversationProjector:
    """Keeps facts, one row per conversation, its open answers and labels, and the search index.

    The domain's rules stay in `casework.conversation`: after every entry its conversation is folded anew and
    the rows are what the fold says. A conversation has a few dozen entries.
    """

    name = "conversations"
    version = 2
    tables: Sequence[str] = tuple(_TABLES)

    def create(self, db: Database) -> None:
        """Make the tables, empty."""
        for name, columns in _TABLES.items():
            db.run(f"CREATE TABLE {name} ({columns}) STRICT, WITHOUT ROWID")
        for index in _INDEXES:
            db.run(index)

    def apply(self, db: Database, event: Body) -> None:
        """Take one entry; the same one twice is the same one."""
        body = _encode(event)
        mark = hashlib.sha256(body).digest()
        added = db.run(
            "INSERT INTO fact (entry_id, mark, case_id, clock, body) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (event.entry_id, mark, event.case, event.clock, body),
        )
        if not added:
            return
        fact = read_fact(event)
        if isinstance(fact, OpenedFact):
            db.run(
                "INSERT INTO case_of (case_id, conversation) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (event.case, fact.conversation),
            )
        self._find_text(db, event, mark=mark)
        row = db.row("SELECT conversation FROM case_of WHERE case_id = ?", (event.case,))
        if row is not None:
            self._refresh(db, row[0], event=event)

    def _find_text(self, db: Database, event: Body, *, mark: bytes) -> None:
        match read_fact(event):
            case MessageFact(text=text) | AnswerFact(text=text) if text:
                search.index(db, event.case + mark, text)
            case _:
                pass

    def _refresh(self, db: Database, conversation: bytes, *, event: Body) -> None:
        folded = load_conversation(db, conversation)
        case = db.row("SELECT min(case_id) FROM case_of WHERE conversation = ?", (conversation,))
        assert case is not None  # noqa: S101 (an aggregate always has a row)
        db.run(
            "INSERT OR REPLACE INTO conversation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                conversation,
                case[0],
                folded.standing,
                folded.waiting_since,
                folded.last_activity,
                folded.last_message,
                folded.language,
                " ".join(folded.newest_text[: 4 * EXCERPT_LENGTH].split())[:EXCERPT_LENGTH],
                folded.code_name,
                int(folded.forced),
                int(folded.conflict),
            ),
        )
        if isinstance(read_fact(event), WithdrawnFact | AnswerFact | MessageFact | OpenedFact):
            self._write_answers(db, conversation, folded=folded)
        if event.name in REGISTERS or isinstance(read_fact(event), OpenedFact):
            self._write_names(db, conversation, folded=folded)

    def _write_answers(self, db: Database, conversation: bytes, *, folded: Conversation) -> None:
        kept = {one.entry_id for one in folded.answers}
        for (entry_id,) in db.rows("SELECT entry_id FROM answer WHERE conversation = ?", (conversation,)):
            if entry_id not in kept:
                marks = db.rows("SELECT case_id, mark FROM fact WHERE entry_id = ?", (entry_id,))
                for case_id, mark in marks:
                    search.remove(db, case_id + mark)
        db.run("DELETE FROM answer WHERE conversation = ?", (conversation,))
        closed = folded.closed_by_person
        db.run_many(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    one.entry_id,
                    twin,
                    conversation,
                    one.n,
                    one.day,
                    one.clock,
                    len(one.fact.text.encode()),
                    int(not closed and not folded.is_read(one)),
                )
                for twin, one in enumerate(folded.answers)
            ],
        )

    def _write_names(self, db: Database, conversation: bytes, *, folded: Conversation) -> None:
        db.run("DELETE FROM label WHERE conversation = ?", (conversation,))
        db.run_many("INSERT INTO label VALUES (?, ?)", [(conversation, label) for label in folded.labels])
        # One text of names per conversation, beside those of its messages.
        search.index(db, conversation + _NAMES_DOC, " ".join([folded.code_name, *folded.labels]))
