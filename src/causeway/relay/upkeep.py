"""Upkeep of the store: what expires, and the traces that the order of arrival leaves in the file.

SQLite takes pages in the order of arrival, and its write-ahead log repeats that order. `VACUUM` rewrites
every table in the order of its key, which is random; the log is emptied after it, and whenever the writer has
nothing to do. Between two rewrites the file shows in which order the slots of that day came.
"""

from __future__ import annotations

import logging
import sqlite3

from causeway.relay.retention import first_kept
from causeway.relay.store import Store
from causeway.units import Day

__all__ = ["daily", "empty_log"]

_log = logging.getLogger(__name__)


def daily(connection: sqlite3.Connection, *, today: Day) -> None:
    """Remove what is no longer kept, rewrite the file in key order and empty the log.

    A rewrite that finds no room on the disk is left for another day; the removal stands.

    Raises:
        sqlite3.Error: The removal did not work.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        Store(connection).expire(first_kept(today))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    try:
        connection.execute("VACUUM")
    except sqlite3.Error as error:
        _log.error("the store could not be rewritten: %s", type(error).__name__)
    empty_log(connection)


def empty_log(connection: sqlite3.Connection) -> bool:
    """Move the write-ahead log into the file and cut it to nothing; `False` where a reader was in the way."""
    (busy, _frames, _moved) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
