"""What came and was refused, kept with its reason: it may be early, or it may be evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from causeway.units import Day
from causeway.vault._database import Database

__all__ = ["Aside", "KeptAside"]


@dataclass(frozen=True, slots=True)
class KeptAside:
    """One refused thing: its id, why, on which day, and its bytes."""

    id: bytes
    reason: str
    day: Day
    content: bytes


@final
class Aside:
    """The table of refused things."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, item_id: bytes, *, reason: str, day: Day, content: bytes) -> None:
        """Keep something aside; under an id that is there, the newer reason counts."""
        self._db.run(
            "INSERT INTO aside (id, reason, day, bytes) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET "
            "reason = excluded.reason, day = excluded.day, bytes = excluded.bytes",
            (item_id, reason, day, content),
        )

    def all(self, *, reason: str | None = None) -> list[KeptAside]:
        """Return what is kept aside, or what is for one reason, by day and id."""
        found = self._db.rows(
            "SELECT id, reason, day, bytes FROM aside WHERE ? IS NULL OR reason = ? ORDER BY day, id",
            (reason, reason),
        )
        return [KeptAside(id=i, reason=why, day=Day(day), content=content) for i, why, day, content in found]

    def count(self) -> dict[str, int]:
        """Return how many there are for each reason."""
        return dict(self._db.rows("SELECT reason, count(*) FROM aside GROUP BY reason ORDER BY reason"))

    def remove(self, item_id: bytes) -> bool:
        """Let go of one: it was taken after all, or nobody needs it; False if it was not there."""
        return self._db.run("DELETE FROM aside WHERE id = ?", (item_id,)) == 1

    def prune(self, *, before: Day) -> int:
        """Let go of all from before a day; return how many."""
        return self._db.run("DELETE FROM aside WHERE day < ?", (before,))
