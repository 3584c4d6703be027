"""The one place that touches `sqlcipher3`: opening a connection, and turning its errors into ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, cast
from urllib.parse import quote

from sqlcipher3 import dbapi2 as _dbapi

from causeway.vault.errors import Conflict, VaultDamaged, VaultError, VaultFull, VaultInUse

__all__ = ["KEY_SIZE", "Connection", "Cursor", "DriverError", "Row", "Value", "connect", "translated"]

KEY_SIZE: Final = 32

Value = bytes | str | int | float | None
Row = tuple[Any, ...]

# Primary result codes: sqlite.org/rescode.html
_BUSY: Final = 5
_LOCKED: Final = 6
_READ_ONLY: Final = 8
_IO_ERROR: Final = 10
_CORRUPT: Final = 11
_FULL: Final = 13
_CANT_OPEN: Final = 14
_CONSTRAINT: Final = 19
_NOT_A_DATABASE: Final = 26

DriverError = cast(type[Exception], _dbapi.Error)


class Cursor(Protocol):
    """The part of a DB-API cursor that we use."""

    @property
    def rowcount(self) -> int:
        """Rows changed."""

    def fetchall(self) -> list[Row]:
        """Return what is left of the result."""

    def fetchone(self) -> Row | None:
        """Return one row."""

    def close(self) -> None:
        """Let go of the statement."""


class Connection(Protocol):
    """The part of a DB-API connection that we use."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is under way."""

    def execute(self, sql: str, parameters: Sequence[Value] = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Value]], /) -> Cursor:
        """Run one statement for each of many rows."""

    def close(self) -> None:
        """End."""


# Everything that a later SQLCipher might choose otherwise is said. `locking_mode` EXCLUSIVE, before the first
# access in WAL mode, also keeps the index of the WAL in memory: no `store-shm` is written.
_SETTINGS: Final = (
    "cipher_page_size = 4096",
    "kdf_iter = 256000",
    "cipher_hmac_algorithm = HMAC_SHA512",
    "cipher_kdf_algorithm = PBKDF2_HMAC_SHA512",
    "cipher_use_hmac = ON",
    "cipher_plaintext_header_size = 0",
    "locking_mode = EXCLUSIVE",
    "temp_store = MEMORY",
    "secure_delete = ON",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "cache_size = -16384",
)


def connect(path: Path, *, key: bytes) -> Connection:
    """Open an existing file under a raw key of 32 bytes; an empty one becomes a new store.

    Raises:
        VaultDamaged: The key does not fit, or the file is no store.
        VaultError: It can't be read or written.
    """
    if len(key) != KEY_SIZE:
        raise ValueError("a raw key has 32 bytes")
    opened: Connection | None = None
    try:
        opened = cast(
            Connection,
            _dbapi.connect(
                f"file:{quote(str(path.absolute()))}?mode=rw",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            ),
        )
        # Before the key: SQLCipher would write to stderr what we raise ourselves. Memory security stays off:
        # it locks and wipes at every allocation, 2.6 times the cost of writing, while Python keeps the same
        # texts unwiped until the desk's lock ends the process.
        opened.execute("PRAGMA cipher_log_level = NONE")
        opened.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for setting in _SETTINGS:
            opened.execute(f"PRAGMA {setting}")
        opened.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        opened.execute("PRAGMA journal_mode = WAL").fetchall()
        opened.execute("PRAGMA synchronous = FULL")
    except _dbapi.Error as error:
        if opened is not None:
            opened.close()
        raise translated(error) from error
    return opened


def translated(error: Exception) -> Exception:
    """Return the error of ours for one of SQLite's; one that only a mistake in our SQL can cause stays."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case code if code in {_CORRUPT, _NOT_A_DATABASE}:
            return VaultDamaged(
                "The store is damaged, or not the one that these key slots belong to. Take it from a backup."
            )
        case code if code == _FULL:
            return VaultFull(
                "The disk has no room left. Nothing of this was kept: make room, then do it again."
            )
        case code if code == _IO_ERROR:
            return VaultFull("The disk refused to read or write. Nothing of this was kept.", code=code)
        case code if code in {_BUSY, _LOCKED}:
            return VaultInUse("This vault is already open, in another window or program.")
        case code if code in {_READ_ONLY, _CANT_OPEN}:
            return VaultError("The store can't be opened for writing.", code=code)
        case code if code == _CONSTRAINT:
            return Conflict("This row is there already, or breaks a rule of its table.")
        case _:
            return error
