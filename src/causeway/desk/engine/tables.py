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
    # Whether this desk made it, and whether a device of the roster in force answers for it: others are
    # read, and written in only for want of one.
    "desk_compartment": (
        "id BLOB PRIMARY KEY, case_id BLOB NOT NULL, kind TEXT NOT NULL, readers BLOB NOT NULL, "
        "last_day INTEGER, vouched INTEGER NOT NULL DEFAULT 1, made INTEGER NOT NULL DEFAULT 0"
    ),
    # Of an epoch: what only this desk knows about writing in it; see `record.epochs.restriction`.
    "desk_epoch": "id BLOB PRIMARY KEY, mark BLOB NOT NULL, vouched INTEGER NOT NULL",
    "desk_choice": "hash BLOB PRIMARY KEY, version INTEGER NOT NULL, signed BLOB NOT NULL",
    # An entry that issues another again, and waits for that one: both by their hashes.
    "desk_waiting": "origin BLOB, entry BLOB, PRIMARY KEY (origin, entry)",
    # What another device's checkpoint says that this desk does not have, since when; and how often a device
    # asked.
    "desk_missing": (
        "device BLOB, compartment BLOB, sequence INTEGER NOT NULL, day INTEGER NOT NULL, "
        "PRIMARY KEY (device, compartment)"
    ),
    "desk_checkpoint": "device BLOB PRIMARY KEY, day INTEGER NOT NULL, behind INTEGER NOT NULL",
    "desk_asked": "device BLOB PRIMARY KEY, day INTEGER NOT NULL, times INTEGER NOT NULL",
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


_LARGE: Final = {
    "desk_roster": (
        "hash BLOB PRIMARY KEY, version INTEGER NOT NULL, signed BLOB NOT NULL, late INTEGER NOT NULL"
    ),
    "desk_cut_list": "hash BLOB PRIMARY KEY, encoded BLOB NOT NULL",
}
"""Tables with rows above 1 KB, which would each get an overflow page of their own without a row number."""


def make_tables(db: Database) -> None:
    """Make those that are not there yet."""
    with db.transaction():
        for name, columns in _TABLES.items():
            db.run(f"CREATE TABLE IF NOT EXISTS {name} ({columns}) STRICT, WITHOUT ROWID")
        for name, columns in _LARGE.items():
            db.run(f"CREATE TABLE IF NOT EXISTS {name} ({columns}) STRICT")
        db.run("CREATE INDEX IF NOT EXISTS desk_compartment_case ON desk_compartment (case_id, kind, id)")
