"""What only this laptop knows: what was opened here, what is held, what was published, what alarms.

Unlike the projections these tables can't be made again from the record.
"""

from __future__ import annotations

from typing import Final

from causeway.vault import Database

__all__ = ["LEAVING", "PUBLISHED", "QUEUED", "make_tables"]

QUEUED: Final = 0
LEAVING: Final = 1
"""From the moment a publication with it is built: it may be on the board, so it can't be held back."""
PUBLISHED: Final = 2

_TABLES: Final = {
    "desk_compartment": (
        "id BLOB PRIMARY KEY, case_id BLOB NOT NULL, kind TEXT NOT NULL, readers BLOB NOT NULL, "
        "last_day INTEGER"
    ),
    "desk_confirmed": "case_id BLOB, device BLOB, day INTEGER NOT NULL, PRIMARY KEY (case_id, device)",
    "desk_opened": "conversation BLOB PRIMARY KEY, clock INTEGER NOT NULL",
    "desk_answer": "entry_id BLOB PRIMARY KEY, held INTEGER NOT NULL, state INTEGER NOT NULL",
    "desk_alarm": (
        "kind TEXT, conversation BLOB, since REAL NOT NULL, count INTEGER NOT NULL, "
        "PRIMARY KEY (kind, conversation)"
    ),
    "desk_unacknowledged": "id BLOB PRIMARY KEY",
    # Of a file, by `files.file_id`: chunks that are here; those that the relay did not have, or had altered,
    # when it was last asked; whether a member took it away.
    "desk_file": (
        "id BLOB PRIMARY KEY, here INTEGER NOT NULL DEFAULT 0, absent INTEGER NOT NULL DEFAULT 0, "
        "broken INTEGER NOT NULL DEFAULT 0, unwanted INTEGER NOT NULL DEFAULT 0"
    ),
}


def make_tables(db: Database) -> None:
    """Make those that are not there yet."""
    with db.transaction():
        for name, columns in _TABLES.items():
            db.run(f"CREATE TABLE IF NOT EXISTS {name} ({columns}) STRICT, WITHOUT ROWID")
        db.run("CREATE INDEX IF NOT EXISTS desk_compartment_case ON desk_compartment (case_id, kind, id)")
