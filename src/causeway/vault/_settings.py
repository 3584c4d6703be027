"""Small values by name, as JSON."""

from __future__ import annotations

from typing import Any, final

import msgspec

from causeway.vault._database import Database

__all__ = ["Settings"]


@final
class Settings:
    """The table of settings."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, key: str, *, default: Any = None) -> Any:
        """Return a value as JSON has it (lists, dicts, text, numbers), or the default where there is none."""
        row = self._db.row("SELECT value FROM setting WHERE key = ?", (key,))
        return default if row is None else msgspec.json.decode(row[0])

    def under(self, prefix: str) -> dict[str, Any]:
        """Return all values whose names begin so, by the rest of their names."""
        rows = self._db.rows(
            "SELECT key, value FROM setting WHERE substr(key, 1, ?) = ? ORDER BY key", (len(prefix), prefix)
        )
        return {key[len(prefix) :]: msgspec.json.decode(value) for key, value in rows}

    def put(self, key: str, *, value: Any) -> None:
        """Set a value that JSON can hold."""
        self._db.run(
            "INSERT INTO setting (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, msgspec.json.encode(value)),
        )

    def remove(self, key: str) -> None:
        """Take a value away; nothing happens if there is none."""
        self._db.run("DELETE FROM setting WHERE key = ?", (key,))
