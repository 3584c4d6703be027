"""Keys that a desk holds: intake weeks, epoch seeds, case secrets, device keys.

Destroying one is what forgetting means.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from causeway.units import Day
from causeway.vault._database import Database

__all__ = ["Secret", "Secrets"]


@dataclass(frozen=True, slots=True)
class Secret:
    """One key and the days on which it is of use; `until_day` None: until it is destroyed."""

    kind: str
    id: bytes
    value: bytes = field(repr=False)
    from_day: Day
    until_day: Day | None


@final
class Secrets:
    """The table of keys. What is destroyed is overwritten, in the store and in its journal."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(
        self, kind: str, *, secret_id: bytes, value: bytes, from_day: Day, until_day: Day | None = None
    ) -> None:
        """Keep a key; the same one twice is the same one.

        Raises:
            Conflict: Another key has this kind and id. A key is never replaced: destroy it first.
        """
        stored = self.get(kind, secret_id=secret_id)
        if stored == Secret(kind=kind, id=secret_id, value=value, from_day=from_day, until_day=until_day):
            return
        self._db.run(
            "INSERT INTO secret (kind, id, value, from_day, until_day) VALUES (?, ?, ?, ?, ?)",
            (kind, secret_id, value, from_day, until_day),
        )

    def get(self, kind: str, *, secret_id: bytes) -> Secret | None:
        """Return one key, or None where it never was or was destroyed."""
        row = self._db.row(
            "SELECT value, from_day, until_day FROM secret WHERE kind = ? AND id = ?", (kind, secret_id)
        )
        if row is None:
            return None
        value, from_day, until_day = row
        return Secret(kind=kind, id=secret_id, value=value, from_day=from_day, until_day=until_day)

    def all(self, kind: str) -> list[Secret]:
        """Return all keys of a kind, the earliest first."""
        found = self._db.rows(
            "SELECT id, value, from_day, until_day FROM secret WHERE kind = ? ORDER BY from_day, id", (kind,)
        )
        return [
            Secret(kind=kind, id=secret_id, value=value, from_day=first, until_day=last)
            for secret_id, value, first, last in found
        ]

    def destroy(self, kind: str, *, secret_id: bytes) -> bool:
        """Overwrite and delete a key; False if it was not there.

        Inside a transaction the journal is emptied after the outermost commit. What a drive keeps of blocks
        that it has replaced is out of reach, and is ciphertext under the vault's data key.
        """
        destroyed = self._db.run("DELETE FROM secret WHERE kind = ? AND id = ?", (kind, secret_id))
        self._db.empty_wal_after_commit()
        return destroyed == 1

    def destroy_expired(self, today: Day) -> int:
        """Destroy every key whose last day is before today; return how many."""
        destroyed = self._db.run("DELETE FROM secret WHERE until_day < ?", (today,))
        if destroyed:
            self._db.empty_wal_after_commit()
        return destroyed
