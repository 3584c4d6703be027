"""Entries of the record as they travelled, in chains without a gap, one per device and compartment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

from causeway.vault._database import Database
from causeway.vault._sqlcipher import Row
from causeway.vault.errors import ChainGap, ForkFound

__all__ = ["HASH_SIZE", "NO_HASH", "Entries", "Head", "StoredEntry"]

HASH_SIZE: Final = 32
NO_HASH: Final = bytes(HASH_SIZE)
"""What stands as the previous hash in the first entry of a chain."""

_COLUMNS: Final = "hash, entry_id, compartment, device, sequence, epoch, sealed"
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry: what its header says in the open, and all its bytes.

    `entry_id` is None where this desk could not open it. `sealed` is the whole entry as it travels, with
    its signature, so that it can be handed on.
    """

    hash: bytes
    entry_id: bytes | None
    compartment: bytes
    device: bytes
    sequence: int
    epoch: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain goes on: the next sequence number, and the hash (32) that it must name."""

    device: bytes
    compartment: bytes
    next_sequence: int
    previous: bytes


@final
class Entries:
    """The table of entries. Who calls has verified signature and hash; this keeps chains whole."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def append(self, entry: StoredEntry, *, previous: bytes) -> bool:
        """Store an entry at the end of its chain; False if it was there already.

        Args:
            entry: The entry; its signature has been verified.
            previous: The hash (32) that it names as the one before.

        Raises:
            ForkFound: Another entry stands at this place of the chain. Nothing is stored.
            ChainGap: Entries before it are missing, or it names another one as the one before.
        """
        with self._db.transaction():
            head = self.head(entry.device, compartment=entry.compartment)
            if entry.sequence < head.next_sequence:
                stored = self._hash_at(entry)
                if stored == entry.hash:
                    return False
                raise ForkFound("One device wrote two entries at the same place of a chain.", stored=stored)
            if entry.sequence > head.next_sequence or previous != head.previous:
                raise ChainGap(
                    "An entry does not follow the last one of its chain.",
                    expected=head.next_sequence,
                    found=entry.sequence,
                )
            self._db.run(
                f"INSERT INTO entry ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                (
                    entry.hash,
                    entry.entry_id,
                    entry.compartment,
                    entry.device,
                    entry.sequence,
                    entry.epoch,
                    entry.sealed,
                ),
            )
            return True

    def head(self, device: bytes, *, compartment: bytes) -> Head:
        """Return where this device goes on in this compartment; sequence 0 and zeros where it never wrote."""
        row = self._db.row(
            "SELECT sequence, hash FROM entry WHERE device = ? AND compartment = ? "
            "ORDER BY sequence DESC LIMIT 1",
            (device, compartment),
        )
        if row is None:
            return Head(device=device, compartment=compartment, next_sequence=0, previous=NO_HASH)
        return Head(device=device, compartment=compartment, next_sequence=row[0] + 1, previous=row[1])

    def heads(self) -> list[Head]:
        """Return where every chain goes on, sorted by device and compartment."""
        # The inner query reads the index alone.
        found = self._db.rows(
            "SELECT device, compartment, sequence, hash FROM entry JOIN ("
            "SELECT device AS d, compartment AS c, max(sequence) AS s FROM entry GROUP BY device, compartment"
            ") ON device = d AND compartment = c AND sequence = s ORDER BY device, compartment"
        )
        return [Head(device=d, compartment=c, next_sequence=s + 1, previous=h) for d, c, s, h in found]

    def identify(self, entry_hash: bytes, *, entry_id: bytes) -> None:
        """Note the id of an entry that could only be opened later."""
        self._db.run("UPDATE entry SET entry_id = ? WHERE hash = ?", (entry_id, entry_hash))

    def unopened(self) -> list[tuple[bytes, bytes]]:
        """Return hash and compartment of the entries that have no id."""
        # An index holds just these.
        return [
            (digest, compartment)
            for digest, compartment in self._db.rows(
                "SELECT hash, compartment FROM entry WHERE entry_id IS NULL ORDER BY compartment, hash"
            )
        ]

    def get(self, entry_hash: bytes) -> StoredEntry | None:
        """Return one entry by its hash (32)."""
        row = self._db.row(f"SELECT {_COLUMNS} FROM entry WHERE hash = ?", (entry_hash,))  # noqa: S608
        return None if row is None else _entry(row)

    def count(self) -> int:
        """Return how many entries there are."""
        row = self._db.row("SELECT count(*) FROM entry")
        return 0 if row is None else int(row[0])

    def each(self, *, compartment: bytes | None = None) -> Iterator[StoredEntry]:
        """Go through all entries, or one compartment's, by device, compartment and sequence.

        The order does not depend on when they arrived. No query stays open between two entries, so that
        others may write meanwhile; what they append to a chain already passed is not met.
        """
        device, passed, sequence = b"", b"", -1
        only = "" if compartment is None else "AND compartment = ?"
        while True:
            page = self._db.rows(
                f"SELECT {_COLUMNS} FROM entry WHERE (device, compartment, sequence) > (?, ?, ?) {only} "  # noqa: S608
                "ORDER BY device, compartment, sequence LIMIT ?",
                (device, passed, sequence, *([] if compartment is None else [compartment]), _PAGE),
            )
            yield from map(_entry, page)
            if len(page) < _PAGE:
                return
            passed, device, sequence = page[-1][2], page[-1][3], page[-1][4]

    def _hash_at(self, entry: StoredEntry) -> bytes:
        row = self._db.row(
            "SELECT hash FROM entry WHERE device = ? AND compartment = ? AND sequence = ?",
            (entry.device, entry.compartment, entry.sequence),
        )
        return b"" if row is None else bytes(row[0])


def _entry(row: Row) -> StoredEntry:
    return StoredEntry(*row)
