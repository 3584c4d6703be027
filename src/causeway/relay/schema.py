"""The store's tables as numbered migrations, and how its file is opened.

Every table is keyed by what is random or public (`WITHOUT ROWID`: a rowid would count arrivals). No column
holds a time finer than a day, and none a lane: lanes have one count each.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from causeway.errors import LocalError

__all__ = ["STORE_NAME", "connect_reader", "connect_writer", "migrate"]

STORE_NAME = "relay.sqlite"

_BUSY_MILLISECONDS = 5_000
_CACHE_KIB = 8 * 1024
_LOG_PAGES = 4_000
"""Pages in the write-ahead log before SQLite moves them into the file under load: 5 % over its default."""

_FIRST = (
    """CREATE TABLE intake (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        day INTEGER NOT NULL,
        acknowledged INTEGER,
        body BLOB NOT NULL CHECK (length(body) = 32768)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX intake_days ON intake (day, acknowledged)",
    """CREATE TABLE record (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        day INTEGER NOT NULL,
        body BLOB NOT NULL CHECK (length(body) = 32768)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX record_days ON record (day)",
    """CREATE TABLE lane (
        name TEXT PRIMARY KEY,
        used INTEGER NOT NULL CHECK (used >= 0)
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO lane VALUES ('onion', 0), ('clear', 0), ('plain', 0), ('desk', 0)",
    """CREATE TABLE attendance (
        slot INTEGER PRIMARY KEY,
        day INTEGER NOT NULL,
        line BLOB NOT NULL CHECK (length(line) = 70)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE board (
        slot INTEGER PRIMARY KEY,
        day INTEGER NOT NULL,
        signed_index BLOB NOT NULL
    ) STRICT, WITHOUT ROWID""",
    # A bucket may stand in two slots, or in one slot's last two publications: hence the key of two columns.
    """CREATE TABLE bucket (
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        slot INTEGER NOT NULL,
        day INTEGER NOT NULL,
        previous INTEGER NOT NULL,
        body BLOB NOT NULL CHECK (length(body) = 131072),
        PRIMARY KEY (hash, slot)
    ) STRICT, WITHOUT ROWID""",
    # capability and setup (SHA-256 each), sheet, parcel
    "CREATE TABLE kept (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
)

# A full lane looks for the longest acknowledged slots at every put.
_SECOND = ("CREATE INDEX intake_acknowledged ON intake (acknowledged) WHERE acknowledged IS NOT NULL",)

# Pieces of attachments: counted apart from text, so that they can never take its room.
_THIRD = (
    """CREATE TABLE chunk (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        day INTEGER NOT NULL,
        acknowledged INTEGER,
        body BLOB NOT NULL CHECK (length(body) = 262144)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX chunk_days ON chunk (day, acknowledged)",
    "ALTER TABLE lane ADD COLUMN chunks INTEGER NOT NULL DEFAULT 0 CHECK (chunks >= 0)",
)

_MIGRATIONS = (_FIRST, _SECOND, _THIRD)


def connect_writer(data: Path, *, disk_bytes: int, page_bytes: int) -> sqlite3.Connection:
    """Open the store for its one writer; transactions are begun by hand.

    `page_bytes` counts for a new file only.
    """
    connection = sqlite3.connect(data / STORE_NAME, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    connection.execute(f"PRAGMA page_size = {page_bytes:d}")
    connection.execute("PRAGMA auto_vacuum = NONE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    connection.execute("PRAGMA trusted_schema = OFF")
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    connection.execute(f"PRAGMA max_page_count = {disk_bytes // page:d}")
    return connection


def connect_reader(data: Path) -> sqlite3.Connection:
    """Open the store for reading, each statement a transaction of its own."""
    connection = sqlite3.connect(data / STORE_NAME, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to the newest version, one transaction for each step.

    Raises:
        LocalError: The store was written by a newer relay.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(_MIGRATIONS):
        raise LocalError("this store was written by a newer relay", version=version, known=len(_MIGRATIONS))
    for number, statements in enumerate(_MIGRATIONS[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number:d}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
