"""Which slots were taken already.

The relay keeps no order, so a desk lists a day's ids and takes what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from causeway.units import Day
from causeway.vault._database import Database

__all__ = ["Seen"]


@final
class Seen:
    """Ids by kind, each with the day under which the relay listed it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, kind: str, *, ids: Iterable[bytes], day: Day) -> None:
        """Note that these were taken; an id that is there keeps its day."""
        self._db.run_many(
            "INSERT INTO seen (kind, id, day) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(kind, item_id, day) for item_id in ids],
        )

    def lacking(self, kind: str, *, ids: Iterable[bytes]) -> list[bytes]:
        """Return those that were never taken, in the order given."""
        with self._db.transaction():
            return [
                item_id
                for item_id in ids
                if self._db.row("SELECT 1 FROM seen WHERE kind = ? AND id = ?", (kind, item_id)) is None
            ]

    def prune(self, kind: str, *, before: Day) -> int:
        """Forget those listed before a day, which the relay no longer has; return how many."""
        return self._db.run("DELETE FROM seen WHERE kind = ? AND day < ?", (kind, before))
