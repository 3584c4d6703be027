"""Files that people sent, in the pieces in which they travel, so that one that broke off goes on later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from causeway.vault._database import Database

__all__ = ["Pieces"]


@final
class Pieces:
    """The table of pieces. What is removed is overwritten, in the store and in its journal."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, file: bytes, *, number: int, content: bytes) -> bool:
        """Keep one piece of a file, counted from 0; False if it is there already, which stays."""
        added = self._db.run(
            "INSERT INTO piece (file, number, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (file, number, content),
        )
        return added == 1

    def numbers(self, file: bytes) -> list[int]:
        """Return which pieces of a file are here, sorted."""
        rows = self._db.rows("SELECT number FROM piece WHERE file = ? ORDER BY number", (file,))
        return [int(row[0]) for row in rows]

    def count(self, file: bytes) -> int:
        """Return how many pieces of a file are here."""
        row = self._db.row("SELECT count(*) FROM piece WHERE file = ?", (file,))
        return 0 if row is None else int(row[0])

    def head(self, file: bytes, *, length: int) -> bytes:
        """Return the first bytes of a file's first piece; nothing where that is not here."""
        row = self._db.row(
            "SELECT substr(bytes, 1, ?) FROM piece WHERE file = ? AND number = 0", (length, file)
        )
        return b"" if row is None else bytes(row[0])

    def each(self, file: bytes) -> Iterator[bytes]:
        """Go through the pieces of a file that are here, in order.

        No query stays open between two, so that a reader who stops half-way holds nothing.
        """
        for number in self.numbers(file):
            row = self._db.row("SELECT bytes FROM piece WHERE file = ? AND number = ?", (file, number))
            if row is not None:
                yield bytes(row[0])

    def files(self) -> list[bytes]:
        """Return the files of which anything is here."""
        return [bytes(row[0]) for row in self._db.rows("SELECT DISTINCT file FROM piece ORDER BY file")]

    def total_bytes(self) -> int:
        """Return how many bytes all pieces have."""
        row = self._db.row("SELECT coalesce(sum(length(bytes)), 0) FROM piece")
        return 0 if row is None else int(row[0])

    def remove(self, file: bytes) -> int:
        """Remove all pieces of a file; return how many."""
        removed = self._db.run("DELETE FROM piece WHERE file = ?", (file,))
        if removed:
            self._db.empty_wal_after_commit()
        return removed
