"""Which files the record names: the list that fetching works through."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, final

from causeway.casework.facts import MessageFact, read_fact
from causeway.record.entry import Body
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
    version = 1
    tables: Sequence[str] = ("named_file",)

    def create(self, db: Database) -> None:
        """Make the table, empty."""
        db.run(
            "CREATE TABLE named_file (id BLOB, case_id BLOB, key BLOB NOT NULL, size INTEGER NOT NULL, "
            "chunks INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (id, case_id)) STRICT, WITHOUT ROWID"
        )
        db.run("CREATE INDEX named_file_size ON named_file (size, id)")
        db.run("CREATE INDEX named_file_case ON named_file (case_id, id)")

    def apply(self, db: Database, event: Body) -> None:
        """Take one entry."""
        fact = read_fact(event)
        if not isinstance(fact, MessageFact):
            return
        db.run_many(
            "INSERT INTO named_file VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id, case_id) "
            "DO UPDATE SET day = max(day, excluded.day)",
            [
                (
                    file_id(file.key, size=file.size),
                    event.case,
                    file.key,
                    file.size,
                    chunk_count(file.size),
                    fact.day,
                )
                for file in fact.files
            ],
        )
