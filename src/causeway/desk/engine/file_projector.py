"""Which files the record names: the list that fetching works through."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, final

from causeway.casework.facts import MessageFact, read_fact
from causeway.desk.engine.reader import Opened
from causeway.record.keys import CompartmentKind
from causeway.vault import Database
from causeway.wire.attachments import chunk_count
from causeway.wire.sizes import ID_BYTES

__all__ = ["FileProjector", "file_id"]

_ID_INFO: Final = b"causeway/desk-file/1\x00"


def file_id(key: bytes, *, size: int) -> bytes:
    """Return this desk's name (16) for a file: one for its key, so that nobody can name another's."""
    return hashlib.sha256(_ID_INFO + key + size.to_bytes(4, "big")).digest()[:ID_BYTES]


@final
class FileProjector:
    """Keeps one row for each file and case whose messages name it. Rows only come, in any order."""

    name = "files"
    version = 2
    tables: Sequence[str] = ("named_file",)

    def create(self, db: Database) -> None:
        """Make the table, empty."""
        db.run(
            "CREATE TABLE named_file (id BLOB, case_id BLOB, key BLOB NOT NULL, size INTEGER NOT NULL, "
            "chunks INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (id, case_id)) STRICT, WITHOUT ROWID"
        )
        db.run("CREATE INDEX named_file_size ON named_file (size, id)")
        db.run("CREATE INDEX named_file_case ON named_file (case_id, id)")

    def apply_all(self, db: Database, events: Sequence[Opened]) -> None:
        """Take entries."""
        named = [
            (event.body.case, file, fact.day)
            for event in events
            if event.kind == CompartmentKind.CONVERSATION
            and isinstance(fact := read_fact(event.body), MessageFact)
            for file in fact.files
        ]
        if not named:
            return
        db.run_many(
            "INSERT INTO named_file VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id, case_id) "
            "DO UPDATE SET day = max(day, excluded.day)",
            [
                (
                    file_id(file.key, size=file.size),
                    case,
                    file.key,
                    file.size,
                    chunk_count(file.size),
                    day,
                )
                for case, file, day in named
            ],
        )

    def drop_case(self, db: Database, case: bytes) -> None:
        """Remove what a case's messages named; the files themselves are `Files.drop_unnamed`'s."""
        db.run("DELETE FROM named_file WHERE case_id = ?", (case,))
