"""One connection for all threads of a desk: statements, nested transactions, errors of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Final, final

from causeway.vault import _sqlcipher
from causeway.vault._sqlcipher import Connection, Cursor, Row, Value
from causeway.vault.errors import VaultClosed, VaultError

__all__ = ["Database", "quoted"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


def quoted(name: str) -> str:
    """Return a table's name, fit to stand in SQL.

    Raises:
        ValueError: Other than lower-case ASCII letters, digits and underscores.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("a table's name has lower-case letters, digits and underscores only")
    return f'"{name}"'


@final
class Database:
    """What projectors and pages read and write through. A thread in a transaction keeps the others out."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection
        self._lock = RLock()
        self._depth = 0
        self._truncate = False
        self.undone = 0
        """How often something was undone: who remembers what it read or wrote must forget it then."""

    @classmethod
    def open(cls, path: Path, *, key: bytes) -> Database:
        """Open a store; see `_sqlcipher.connect` for the errors."""
        return cls(_sqlcipher.connect(path, key=key))

    def run(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Run one statement; return the number of rows that it changed."""
        with self._lock:
            cursor = self._execute(sql, parameters)
            changed = cursor.rowcount
            cursor.close()
            return changed

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run one statement for each row: in the transaction that is under way, else in one of their own.

        In one that is under way, what was done before an error stays done until that block ends, which it
        should.
        """
        with self._lock:
            if not self._depth:
                with self.transaction():
                    return self.run_many(sql, rows)
            connection = self._usable()
            try:
                connection.executemany(sql, rows).close()
            except _sqlcipher.DriverError as error:
                raise _sqlcipher.translated(error) from error

    @property
    def in_transaction(self) -> bool:
        """Whether this thread has a transaction under way; another's keeps the caller waiting."""
        with self._lock:
            return self._depth > 0

    def rows(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """Return all rows of a query."""
        with self._lock:
            try:
                return self._execute(sql, parameters).fetchall()
            except _sqlcipher.DriverError as error:
                raise _sqlcipher.translated(error) from error

    def row(self, sql: str, parameters: Sequence[Value] = ()) -> Row | None:
        """Return the first row of a query, or None."""
        with self._lock:
            cursor = self._execute(sql, parameters)
            try:
                return cursor.fetchone()
            except _sqlcipher.DriverError as error:
                raise _sqlcipher.translated(error) from error
            finally:
                cursor.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done inside, or nothing. When the outermost block ends, it is on the disk.

        An inner block that raises is undone by itself: who catches its error may go on in the outer one.

        Raises:
            VaultFull: No room; nothing of it was kept.
        """
        with self._lock:
            depth = self._depth
            self.run("BEGIN IMMEDIATE" if depth == 0 else f"SAVEPOINT level{depth}")
            self._depth += 1
            try:
                yield
                self.run("COMMIT" if depth == 0 else f"RELEASE level{depth}")
            except BaseException:
                self._undo(depth)
                raise
            finally:
                self._depth = depth
            if depth == 0 and self._truncate:
                self._empty_wal()

    def empty_wal_after_commit(self) -> None:
        """Have the WAL copied back and cut to nothing after this transaction, or now if there is none.

        What was destroyed must not stay readable, with the key, in an older copy of its page.
        """
        with self._lock:
            self._truncate = True
            if self._depth == 0:
                self._empty_wal()

    def close(self) -> None:
        """Close; every later call raises `VaultClosed`. Waits for a transaction of another thread to end."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _empty_wal(self) -> None:
        self._truncate = False
        busy, _, _ = self.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]
        if busy:
            raise VaultError(
                "What was destroyed may still lie in the store's journal: close the vault, open it."
            )

    def _undo(self, depth: int) -> None:
        self.undone += 1
        # On a full disk SQLite may have given up the whole transaction by itself.
        if self._connection is None or not self._connection.in_transaction:
            return
        if depth == 0:
            self.run("ROLLBACK")
        else:
            self.run(f"ROLLBACK TO level{depth}")
            self.run(f"RELEASE level{depth}")

    def _usable(self) -> Connection:
        if self._connection is None:
            raise VaultClosed("The vault is locked.")
        if self._depth and not self._connection.in_transaction:
            # What follows an abandoned transaction must not be kept on its own.
            raise VaultError("The store has given up this transaction; nothing of it was kept.")
        return self._connection

    def _execute(self, sql: str, parameters: Sequence[Value]) -> Cursor:
        try:
            return self._usable().execute(sql, parameters)
        except _sqlcipher.DriverError as error:
            raise _sqlcipher.translated(error) from error
