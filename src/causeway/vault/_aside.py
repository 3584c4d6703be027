"""What came and was refused, kept with its reason: it may be early, or it may be evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from causeway.units import Day
from causeway.vault._database import Database

__all__ = ["Aside", "KeptAside", "Place"]

_COLUMNS: Final = "id, reason, day, bytes, device, compartment, sequence, hash"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry says that it stands: device, compartment, sequence."""

    device: bytes
    compartment: bytes
    sequence: int


@dataclass(frozen=True, slots=True)
class KeptAside:
    """One refused thing: its id, why, on which day, and its bytes; of an entry also its place in a chain.

    `hash` is the entry's; None where its signature was not verified.
    """

    id: bytes
    reason: str
    day: Day
    content: bytes
    place: Place | None = None
    hash: bytes | None = None


@final
class Aside:
    """The table of refused things."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(
        self,
        item_id: bytes,
        *,
        reason: str,
        day: Day,
        content: bytes,
        place: Place | None = None,
        hash: bytes | None = None,
    ) -> None:
        """Keep something aside; under an id that is there, the newer reason counts."""
        where = (None, None, None) if place is None else (place.device, place.compartment, place.sequence)
        self._db.run(
            f"INSERT INTO aside ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "  # noqa: S608
            "reason = excluded.reason, day = excluded.day, bytes = excluded.bytes, "
            "device = excluded.device, compartment = excluded.compartment, sequence = excluded.sequence, "
            "hash = excluded.hash",
            (item_id, reason, day, content, *where, hash),
        )

    def get(self, item_id: bytes) -> KeptAside | None:
        """Return one."""
        return next(iter(self._rows("id = ?", item_id)), None)

    def all(self, *, reason: str | None = None) -> list[KeptAside]:
        """Return what is kept aside, or what is for one reason, by day and id."""
        return (
            self._rows("? IS NULL OR reason = ?", reason, reason)
            if reason is None
            else self._rows("reason = ?", reason)
        )

    def of_device(self, device: bytes) -> list[KeptAside]:
        """Return the entries of one device that are kept aside."""
        return self._rows("device = ?", device)

    def of_chain(self, device: bytes, *, compartment: bytes) -> list[KeptAside]:
        """Return the entries of one chain that are kept aside."""
        return self._rows("device = ? AND compartment = ?", device, compartment)

    def entry(self, entry_hash: bytes) -> KeptAside | None:
        """Return a verified entry by its hash."""
        return next(iter(self._rows("hash = ?", entry_hash)), None)

    def say_why(self, device: bytes, *, compartment: bytes, reason: str) -> None:
        """Give all verified entries of one chain that are kept aside this reason."""
        self._db.run(
            "UPDATE aside SET reason = ? WHERE device = ? AND compartment = ? AND hash IS NOT NULL",
            (reason, device, compartment),
        )

    def verified(self) -> list[KeptAside]:
        """Return the entries whose signatures were verified."""
        return self._rows("hash IS NOT NULL")

    def _rows(self, where: str, *parameters: str | bytes | None) -> list[KeptAside]:
        found = self._db.rows(
            f"SELECT {_COLUMNS} FROM aside WHERE {where} ORDER BY day, id",  # noqa: S608
            parameters,
        )
        return [
            KeptAside(
                id=item_id,
                reason=why,
                day=Day(day),
                content=content,
                place=None if device is None else Place(device, compartment, sequence),
                hash=digest,
            )
            for item_id, why, day, content, device, compartment, sequence, digest in found
        ]

    def count(self) -> dict[str, int]:
        """Return how many there are for each reason."""
        return dict(self._db.rows("SELECT reason, count(*) FROM aside GROUP BY reason ORDER BY reason"))

    def remove(self, item_id: bytes) -> bool:
        """Let go of one: it was taken after all, or nobody needs it; False if it was not there."""
        return self._db.run("DELETE FROM aside WHERE id = ?", (item_id,)) == 1

    def prune(self, *, before: Day) -> int:
        """Let go of all from before a day but verified entries, which may count yet; return how many."""
        return self._db.run("DELETE FROM aside WHERE day < ? AND hash IS NULL", (before,))
