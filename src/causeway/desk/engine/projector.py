"""The tables that pages read: made from the record, and made again from it whenever their version changes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, final

import msgspec

from causeway.casework.conversation import Conversation
from causeway.casework.facts import AnswerFact, MessageFact, OpenedFact, read_fact
from causeway.desk.engine.reader import Opened
from causeway.record.entry import Body, read_operation
from causeway.record.keys import CompartmentKind
from causeway.vault import Database, search

__all__ = ["EXCERPT_LENGTH", "ConversationProjector", "load_conversation", "newest_clock"]

EXCERPT_LENGTH: Final = 160

_TABLES: Final = {
    # `mark` tells apart what two entries say under one id: nobody can change silently what stands there.
    "fact": (
        "case_id BLOB, entry_id BLOB, mark BLOB, clock INTEGER NOT NULL, body BLOB NOT NULL, "
        "PRIMARY KEY (case_id, entry_id, mark)"
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
    # Cases whose conversations are still to be folded anew: thousands of slots touch one again and again.
    "stale_case": "case_id BLOB PRIMARY KEY",
}
_INDEXES: Final = (
    "CREATE INDEX fact_clock ON fact (clock)",
    "CREATE INDEX case_of_conversation ON case_of (conversation)",
    "CREATE INDEX conversation_order ON conversation "
    "(waiting_since IS NULL, waiting_since, last_activity DESC)",
    "CREATE INDEX conversation_case ON conversation (case_id)",
    "CREATE INDEX conversation_conflict ON conversation (conflict) WHERE conflict",
    "CREATE INDEX answer_conversation ON answer (conversation)",
    "CREATE INDEX answer_open ON answer (is_open, day)",
    "CREATE INDEX label_name ON label (label)",
)
_Value: TypeAlias = bytes | str | int | None

_NAMES_DOC: Final = b"names"
_AT_ONCE_MAX: Final = 64
"""Conversations that are folded anew with the entries that touch them; of more, `refresh` does it."""


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


@dataclass(kw_only=True, slots=True)
class _Texts:
    """What the search index is to lose and to get: all at once, since that is much cheaper."""

    gone: set[bytes] = field(default_factory=set)
    new: dict[bytes, str] = field(default_factory=dict)

    def write(self, db: Database) -> None:
        if self.gone or self.new:
            search.replace(db, gone=sorted(self.gone), new=self.new.items())


@dataclass(kw_only=True, slots=True)
class _Refreshed:
    """The rows of conversations that were folded anew: written all at once, likewise."""

    conversations: list[tuple[_Value, ...]] = field(default_factory=list)
    answers_of: list[tuple[bytes]] = field(default_factory=list)
    answers: list[tuple[_Value, ...]] = field(default_factory=list)
    labels_of: list[tuple[bytes]] = field(default_factory=list)
    labels: list[tuple[bytes, str]] = field(default_factory=list)

    def write(self, db: Database) -> None:
        db.run_many(
            "INSERT OR REPLACE INTO conversation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.conversations,
        )
        db.run_many("DELETE FROM answer WHERE conversation = ?", self.answers_of)
        db.run_many("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sorted(self.answers))
        db.run_many("DELETE FROM label WHERE conversation = ?", self.labels_of)
        db.run_many("INSERT INTO label VALUES (?, ?)", self.labels)


def load_conversation(db: Database, conversation: bytes) -> Conversation:
    """Fold a conversation from its entries."""
    rows = db.rows(
        "SELECT body FROM case_of JOIN fact USING (case_id) WHERE conversation = ?", (conversation,)
    )
    return Conversation.fold(_decode(row[0]) for row in rows)


def newest_clock(db: Database, *, before: int) -> int:
    """Return the highest clock value of any entry that is less than `before`; 0 where there is none."""
    row = db.row("SELECT max(clock) FROM fact WHERE clock < ?", (before,))
    return 0 if row is None or row[0] is None else int(row[0])


@final
class ConversationProjector:
    """Keeps facts, one row per conversation, its open answers and labels, and the search index.

    The domain's rules stay in `casework.conversation`: after entries came, each conversation that they
    touch is folded anew, once, and the rows are what the fold says. A conversation has a few dozen entries.
    """

    name = "conversations"
    version = 3
    tables: Sequence[str] = tuple(_TABLES)

    def create(self, db: Database) -> None:
        """Make the tables, empty."""
        for name, columns in _TABLES.items():
            db.run(f"CREATE TABLE {name} ({columns}) STRICT, WITHOUT ROWID")
        for index in _INDEXES:
            db.run(index)

    def apply_all(self, db: Database, events: Sequence[Opened]) -> None:
        """Take entries; the same one twice is the same one. Where they are many, `refresh` has to follow."""
        facts: list[tuple[bytes, bytes, bytes, int, bytes]] = []
        opened: list[tuple[bytes, bytes]] = []
        texts = _Texts()
        cases: set[bytes] = set()
        for event in events:
            if event.kind != CompartmentKind.CONVERSATION:
                continue
            said = event.body
            body = _encoder.encode(said.said)
            mark = hashlib.sha256(body).digest()
            facts.append((said.case, said.entry_id, mark, said.clock, body))
            cases.add(said.case)
            match read_fact(said):
                case OpenedFact(conversation=conversation):
                    opened.append((said.case, conversation))
                case MessageFact(text=text) | AnswerFact(text=text) if text:
                    texts.new[said.case + mark] = text
                case _:
                    pass
        if not facts:
            return
        db.run_many("INSERT INTO fact VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", sorted(facts))
        self._refresh_all(db, self._open(db, opened), texts=texts)
        if len(cases) > _AT_ONCE_MAX:
            db.run_many("INSERT INTO stale_case VALUES (?) ON CONFLICT DO NOTHING", [(one,) for one in cases])
        else:
            self._refresh_cases(db, cases, texts=texts)
        texts.write(db)

    @staticmethod
    def _open(db: Database, opened: Sequence[tuple[bytes, bytes]]) -> set[bytes]:
        """Note whose conversation each case is; return conversations that a case has left.

        A case is one conversation's. Where its entries name two, the lowest id counts, on every desk.
        """
        left: set[bytes] = set()
        for case, conversation in opened:
            row = db.row("SELECT conversation FROM case_of WHERE case_id = ?", (case,))
            if row is not None and bytes(row[0]) > conversation:
                left.add(bytes(row[0]))
            db.run(
                "INSERT INTO case_of VALUES (?, ?) ON CONFLICT (case_id) "
                "DO UPDATE SET conversation = min(conversation, excluded.conversation)",
                (case, conversation),
            )
        return left

    def refresh(self, db: Database, *, at_most: int | None = None) -> None:
        """Fold anew what is still to be folded; nothing where that is more than `at_most`."""
        stale = [bytes(row[0]) for row in db.rows("SELECT case_id FROM stale_case")]
        if stale and (at_most is None or len(stale) <= at_most):
            with db.transaction():
                texts = _Texts()
                self._refresh_cases(db, stale, texts=texts)
                texts.write(db)
                db.run("DELETE FROM stale_case")

    def drop_case(self, db: Database, case: bytes) -> None:
        """Remove all that a case's entries said, and fold its conversation anew without them."""
        row = db.row("SELECT conversation FROM case_of WHERE case_id = ?", (case,))
        texts = _Texts()
        texts.gone |= {case + mark for (mark,) in db.rows("SELECT mark FROM fact WHERE case_id = ?", (case,))}
        db.run("DELETE FROM fact WHERE case_id = ?", (case,))
        db.run("DELETE FROM case_of WHERE case_id = ?", (case,))
        db.run("DELETE FROM stale_case WHERE case_id = ?", (case,))
        if row is not None:
            self._refresh_all(db, {bytes(row[0])}, texts=texts)
        texts.write(db)

    def _refresh_cases(self, db: Database, cases: Iterable[bytes], *, texts: _Texts) -> None:
        conversations: set[bytes] = set()
        for case in cases:
            row = db.row("SELECT conversation FROM case_of WHERE case_id = ?", (case,))
            if row is not None:
                conversations.add(bytes(row[0]))
        self._refresh_all(db, conversations, texts=texts)

    def _refresh_all(self, db: Database, conversations: Collection[bytes], *, texts: _Texts) -> None:
        rows = _Refreshed()
        for conversation in sorted(conversations):
            self._refresh(db, conversation, rows=rows, texts=texts)
        rows.write(db)

    def _refresh(self, db: Database, conversation: bytes, *, rows: _Refreshed, texts: _Texts) -> None:
        case = db.row("SELECT min(case_id) FROM case_of WHERE conversation = ?", (conversation,))
        before = db.row("SELECT code_name FROM conversation WHERE id = ?", (conversation,))
        if case is None or case[0] is None:
            db.run("DELETE FROM conversation WHERE id = ?", (conversation,))
            rows.answers_of.append((conversation,))
            rows.labels_of.append((conversation,))
            texts.gone.add(conversation + _NAMES_DOC)
            return
        folded = load_conversation(db, conversation)
        rows.conversations.append(
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
        new = before is None
        self._refresh_answers(db, conversation, new=new, folded=folded, rows=rows, texts=texts)
        changed = self._refresh_labels(db, conversation, new=new, folded=folded, rows=rows)
        if changed or before is None or before[0] != folded.code_name:
            # One text of names per conversation, beside those of its messages.
            names = conversation + _NAMES_DOC
            if not new:
                texts.gone.add(names)
            texts.new[names] = " ".join([folded.code_name, *folded.labels])

    @staticmethod
    def _refresh_answers(
        db: Database,
        conversation: bytes,
        *,
        new: bool,
        folded: Conversation,
        rows: _Refreshed,
        texts: _Texts,
    ) -> None:
        closed = folded.closed_by_person
        answers = [
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
        ]
        there = [] if new else db.rows("SELECT * FROM answer WHERE conversation = ?", (conversation,))
        if sorted(there) != sorted(answers):
            if there:
                rows.answers_of.append((conversation,))
            rows.answers += answers
        for entry_id in folded.withdrawn:
            marks = db.rows(
                "SELECT case_id, mark FROM fact JOIN case_of USING (case_id) "
                "WHERE conversation = ? AND entry_id = ?",
                (conversation, entry_id),
            )
            for case_id, mark in marks:
                texts.gone.add(case_id + mark)
                texts.new.pop(case_id + mark, None)

    @staticmethod
    def _refresh_labels(
        db: Database, conversation: bytes, *, new: bool, folded: Conversation, rows: _Refreshed
    ) -> bool:
        """Return whether they are others than before."""
        there = (
            []
            if new
            else db.rows("SELECT label FROM label WHERE conversation = ? ORDER BY label", (conversation,))
        )
        if [row[0] for row in there] == list(folded.labels):
            return False
        if there:
            rows.labels_of.append((conversation,))
        rows.labels += [(conversation, label) for label in folded.labels]
        return True
