"""Who read which case on which day: the table that the read log's pages show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from causeway.casework.facts import read_of
from causeway.desk.engine.reader import Opened
from causeway.record.keys import CompartmentKind
from causeway.vault import Database

__all__ = ["ReadProjector"]


@final
class ReadProjector:
    """Keeps one row for each member, case and day. Rows only come, in any order."""

    name = "reads"
    version = 1
    tables: Sequence[str] = ("case_read",)

    def create(self, db: Database) -> None:
        """Make the table, empty."""
        db.run(
            "CREATE TABLE case_read (case_id BLOB, day INTEGER, member BLOB, "
            "PRIMARY KEY (case_id, day, member)) STRICT, WITHOUT ROWID"
        )
        db.run("CREATE INDEX case_read_day ON case_read (day)")

    def apply_all(self, db: Database, events: Sequence[Opened]) -> None:
        """Take entries."""
        reads = [
            (event.body.case, fact.day, event.body.member)
            for event in events
            if event.kind == CompartmentKind.READLOG and (fact := read_of(event.body)) is not None
        ]
        if reads:
            db.run_many("INSERT INTO case_read VALUES (?, ?, ?) ON CONFLICT DO NOTHING", reads)

    def drop_case(self, db: Database, case: bytes) -> None:
        """Remove a case's rows."""
        db.run("DELETE FROM case_read WHERE case_id = ?", (case,))
