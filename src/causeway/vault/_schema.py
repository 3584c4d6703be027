"""The vault's own tables, as numbered steps. A released step is never edited: a new one follows it."""

from __future__ import annotations

from typing import Final

from causeway.vault import search
from causeway.vault._database import Database
from causeway.vault.errors import VaultDamaged, VaultTooNew

__all__ = ["OWN_TABLES", "VERSION", "begin", "migrate"]

# No WITHOUT ROWID where rows are large: SQLite would give each one above 1 KB an overflow page of its own.
_FIRST: Final = (
    """
    CREATE TABLE entry (
        position INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, entry_id BLOB, compartment BLOB NOT NULL,
        device BLOB NOT NULL, sequence INTEGER NOT NULL, epoch BLOB NOT NULL, sealed BLOB NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX entry_chain ON entry (device, compartment, sequence)",
    "CREATE INDEX entry_unopened ON entry (compartment, hash) WHERE entry_id IS NULL",
    """
    CREATE TABLE aside (
        id BLOB PRIMARY KEY, reason TEXT NOT NULL, day INTEGER NOT NULL, bytes BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE outbox (
        position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, body BLOB NOT NULL,
        held INTEGER NOT NULL, created INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE seen (
        kind TEXT, id BLOB, day INTEGER NOT NULL, PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX seen_day ON seen (kind, day)",
    """
    CREATE TABLE secret (
        kind TEXT, id BLOB, value BLOB NOT NULL, from_day INTEGER NOT NULL, until_day INTEGER,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE TABLE setting (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
    """
    CREATE TABLE projection (
        name TEXT PRIMARY KEY, version INTEGER NOT NULL, tables BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    *search.SCHEMA,
)

_FILES: Final = (
    """
    CREATE TABLE piece (
        position INTEGER PRIMARY KEY, file BLOB NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX piece_file ON piece (file, number)",
)

# How far each chain counts: rows beyond it wait, or lie beyond a fork or a cut. Where something is kept
# aside that has a place in a chain, it is found by that place.
_CHAINS: Final = (
    """
    CREATE TABLE chain (
        device BLOB, compartment BLOB, next_sequence INTEGER NOT NULL, head BLOB NOT NULL, fork INTEGER,
        rest TEXT NOT NULL, PRIMARY KEY (device, compartment)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX chain_compartment ON chain (compartment)",
    """
    INSERT INTO chain SELECT device, compartment, sequence + 1, hash, NULL, '' FROM entry AS last
    WHERE NOT EXISTS (
        SELECT 1 FROM entry WHERE device = last.device AND compartment = last.compartment
        AND sequence > last.sequence
    )
    """,
    "CREATE INDEX entry_unopened_epoch ON entry (epoch) WHERE entry_id IS NULL",
    "ALTER TABLE aside ADD COLUMN device BLOB",
    "ALTER TABLE aside ADD COLUMN compartment BLOB",
    "ALTER TABLE aside ADD COLUMN sequence INTEGER",
    "ALTER TABLE aside ADD COLUMN hash BLOB",
    "CREATE INDEX aside_chain ON aside (device, compartment, sequence) WHERE device IS NOT NULL",
    "CREATE INDEX aside_hash ON aside (hash) WHERE hash IS NOT NULL",
    "CREATE INDEX aside_reason ON aside (reason, day)",
)

_STEPS: Final = (_FIRST, _FILES, _CHAINS)

VERSION: Final = len(_STEPS)
OWN_TABLES: Final = frozenset(
    {"entry", "aside", "outbox", "seen", "secret", "setting", "projection", "piece", "chain", *search.TABLES}
)


def begin(db: Database) -> None:
    """Make the tables of a new store."""
    _apply(db, since=0)


def migrate(db: Database) -> None:
    """Bring an existing store up to this version.

    Raises:
        VaultTooNew: A later version wrote it.
        VaultDamaged: It has no version: it was cut off while it was made, or is not ours.
    """
    row = db.row("PRAGMA user_version")
    found = int(row[0]) if row is not None else 0
    if found == 0:
        raise VaultDamaged("The store is empty: it was cut off while it was made.")
    if found > VERSION:
        raise VaultTooNew("A newer Causeway wrote this vault. Please bring this one up to date.", found=found)
    _apply(db, since=found)


def _apply(db: Database, *, since: int) -> None:
    for number, step in enumerate(_STEPS[since:], start=since + 1):
        with db.transaction():
            for statement in step:
                db.run(statement)
            db.run(f"PRAGMA user_version = {number}")
