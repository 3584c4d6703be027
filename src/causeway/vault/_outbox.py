"""What waits to be sent. It leaves this table only when the relay has it, so that a crash can't lose it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from causeway.units import Day
from causeway.vault._database import Database
from causeway.vault.errors import Conflict

__all__ = ["Outbox", "Outgoing"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing that waits; `kind` and `body` are the desk's own."""

    id: bytes
    kind: str
    body: bytes
    held: bool
    created: Day


@final
class Outbox:
    """The queue, oldest first."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def queue(self, item_id: bytes, *, kind: str, body: bytes, day: Day, held: bool = False) -> None:
        """Have something wait; the same thing twice is the same thing.

        Raises:
            Conflict: Something else waits under this id.
        """
        with self._db.transaction():
            row = self._db.row("SELECT kind, body FROM outbox WHERE id = ?", (item_id,))
            if row is not None:
                if tuple(row) != (kind, body):
                    raise Conflict("Something else waits to be sent under this id.")
                return
            self._db.run(
                "INSERT INTO outbox (id, kind, body, held, created) VALUES (?, ?, ?, ?, ?)",
                (item_id, kind, body, int(held), day),
            )

    def waiting(self, *, kind: str | None = None, with_held: bool = False) -> list[Outgoing]:
        """Return what may leave now, oldest first; with what a member holds back if asked for."""
        found = self._db.rows(
            "SELECT id, kind, body, held, created FROM outbox "
            "WHERE (? OR NOT held) AND (? IS NULL OR kind = ?) ORDER BY position",
            (int(with_held), kind, kind),
        )
        return [
            Outgoing(id=item_id, kind=name, body=body, held=bool(held), created=Day(created))
            for item_id, name, body, held, created in found
        ]

    def sent(self, item_id: bytes) -> bool:
        """Take out what the relay has, or what a member withdrew; False if it was not there."""
        return self._db.run("DELETE FROM outbox WHERE id = ?", (item_id,)) == 1

    def hold(self, item_id: bytes, *, held: bool) -> bool:
        """Hold something back, or let it go; False if it has already left."""
        return self._db.run("UPDATE outbox SET held = ? WHERE id = ?", (int(held), item_id)) == 1
