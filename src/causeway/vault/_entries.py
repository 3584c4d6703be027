"""Entries of the record as they travelled, in chains without a gap, one per device and compartment.

A row may lie beyond what counts of its chain: it came before those that it follows, or lies beyond a fork
or a cut. It counts as soon as its chain says so; until then only `get`, `at` and `chain` show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, final

from causeway.vault._database import Database
from causeway.vault._sqlcipher import Row
from causeway.vault.errors import ChainGap, ForkFound

__all__ = ["HASH_SIZE", "NO_HASH", "Chain", "Entries", "Head", "StoredEntry"]

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


@dataclass(frozen=True, slots=True)
class Chain:
    """How far a chain counts.

    Attributes:
        next_sequence: Entries below it count.
        head: Hash (32) of the last that counts; zeros where none does.
        fork: The lowest sequence that two entries claim, if any two do.
        rest: Why those from `next_sequence` on do not count, as a word of the desk's; "" for the usual gap.
    """

    device: bytes
    compartment: bytes
    next_sequence: int
    head: bytes
    fork: int | None = None
    rest: str = ""


_CHAIN: Final = "device, compartment, next_sequence, head, fork, rest"
_COUNTING: Final = "entry JOIN chain USING (device, compartment) WHERE sequence < next_sequence"


@final
class Entries:
    """The table of entries. Who calls has verified signature and hash; this keeps chains whole."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # ---- One more ----

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
                there = self.at(entry.device, compartment=entry.compartment, sequence=entry.sequence)
                stored = b"" if there is None else there.hash
                if stored == entry.hash:
                    return False
                raise ForkFound("One device wrote two entries at the same place of a chain.", stored=stored)
            if entry.sequence > head.next_sequence or previous != head.previous:
                raise ChainGap(
                    "An entry does not follow the last one of its chain.",
                    expected=head.next_sequence,
                    found=entry.sequence,
                )
            self.place([entry])
            self.set_chain(Chain(entry.device, entry.compartment, entry.sequence + 1, entry.hash))
            return True

    def place(self, entries: Iterable[StoredEntry]) -> None:
        """Store entries, each where no other has its place; whether they count their chains say.

        Each of their chains has to be set as well, be it that nothing of it counts.
        """
        self._db.run_many(
            f"INSERT INTO entry ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [
                (
                    entry.hash,
                    entry.entry_id,
                    entry.compartment,
                    entry.device,
                    entry.sequence,
                    entry.epoch,
                    entry.sealed,
                )
                for entry in entries
            ],
        )

    def take_out(self, entry_hash: bytes) -> None:
        """Remove an entry that does not count."""
        self._db.run("DELETE FROM entry WHERE hash = ?", (entry_hash,))

    def identify(self, entry_hash: bytes, *, entry_id: bytes | None) -> None:
        """Note the id of an entry that could only be opened later; None: it is to be opened again."""
        self._db.run("UPDATE entry SET entry_id = ? WHERE hash = ?", (entry_id, entry_hash))

    def identify_all(self, found: Iterable[tuple[bytes, bytes]]) -> None:
        """Note the ids of entries that could only be opened later: pairs of hash and id."""
        self._db.run_many(
            "UPDATE entry SET entry_id = ? WHERE hash = ?", [(entry_id, digest) for digest, entry_id in found]
        )

    # ---- Chains ----

    def set_chain(self, chain: Chain) -> None:
        """Say how far a chain counts."""
        self.set_chains([chain])

    def set_chains(self, chains: Iterable[Chain]) -> None:
        """Say how far some chains count."""
        self._db.run_many(
            f"INSERT OR REPLACE INTO chain ({_CHAIN}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
            [
                (one.device, one.compartment, one.next_sequence, one.head, one.fork, one.rest)
                for one in chains
            ],
        )

    def chain_of(self, device: bytes, *, compartment: bytes) -> Chain:
        """Return how far a chain counts."""
        row = self._db.row(
            f"SELECT {_CHAIN} FROM chain WHERE device = ? AND compartment = ?",  # noqa: S608
            (device, compartment),
        )
        return Chain(device, compartment, 0, NO_HASH) if row is None else Chain(*row)

    def chains(self, *, device: bytes | None = None, compartment: bytes | None = None) -> list[Chain]:
        """Return all chains, or those of a device or compartment, sorted by device and compartment."""
        wanted = [("device", device), ("compartment", compartment)]
        given = [(name, value) for name, value in wanted if value is not None]
        where = " AND ".join(["1", *(f"{name} = ?" for name, _ in given)])
        found = self._db.rows(
            f"SELECT {_CHAIN} FROM chain WHERE {where} ORDER BY device, compartment",  # noqa: S608
            [value for _, value in given],
        )
        return [Chain(*row) for row in found]

    def head(self, device: bytes, *, compartment: bytes) -> Head:
        """Return where this device goes on in this compartment; sequence 0 and zeros where it never wrote."""
        chain = self.chain_of(device, compartment=compartment)
        return Head(
            device=device, compartment=compartment, next_sequence=chain.next_sequence, previous=chain.head
        )

    def heads(self) -> list[Head]:
        """Return where every chain goes on, sorted by device and compartment."""
        return [
            Head(one.device, one.compartment, one.next_sequence, one.head)
            for one in self.chains()
            if one.next_sequence
        ]

    def in_chain(self, device: bytes, *, compartment: bytes, since: int = 0) -> list[StoredEntry]:
        """Return all entries of a chain from a sequence on, those that do not count included."""
        found = self._db.rows(
            f"SELECT {_COLUMNS} FROM entry WHERE device = ? AND compartment = ? AND sequence >= ? "  # noqa: S608
            "ORDER BY sequence",
            (device, compartment, since),
        )
        return [_entry(row) for row in found]

    def waiting_places(self, device: bytes, *, compartment: bytes) -> dict[int, bytes]:
        """Return the hashes of a chain's entries that do not count, by sequence."""
        return dict(
            self._db.rows(
                "SELECT sequence, hash FROM entry JOIN chain USING (device, compartment) "
                "WHERE device = ? AND compartment = ? AND sequence >= next_sequence",
                (device, compartment),
            )
        )

    def at(self, device: bytes, *, compartment: bytes, sequence: int) -> StoredEntry | None:
        """Return the entry at a place."""
        row = self._db.row(
            f"SELECT {_COLUMNS} FROM entry WHERE device = ? AND compartment = ? AND sequence = ?",  # noqa: S608
            (device, compartment, sequence),
        )
        return None if row is None else _entry(row)

    # ---- Reading ----

    def unopened(self) -> list[tuple[bytes, bytes]]:
        """Return hash and compartment of the entries that count and have no id."""
        # An index holds just these.
        return [
            (digest, compartment)
            for digest, compartment in self._db.rows(
                f"SELECT hash, compartment FROM {_COUNTING} AND entry_id IS NULL ORDER BY compartment, hash"  # noqa: S608
            )
        ]

    def unopened_in(self, compartment: bytes) -> list[StoredEntry]:
        """Return the entries of a compartment that count and have no id."""
        found = self._db.rows(
            f"SELECT {_COLUMNS} FROM {_COUNTING} AND compartment = ? AND entry_id IS NULL "  # noqa: S608
            "ORDER BY device, sequence",
            (compartment,),
        )
        return [_entry(row) for row in found]

    def unopened_under(self, epoch: bytes) -> list[StoredEntry]:
        """Return the entries of an epoch that count and have no id."""
        found = self._db.rows(
            f"SELECT {_COLUMNS} FROM {_COUNTING} AND epoch = ? AND entry_id IS NULL "  # noqa: S608
            "ORDER BY device, compartment, sequence",
            (epoch,),
        )
        return [_entry(row) for row in found]

    def unopened_by_device(self) -> list[tuple[bytes, int]]:
        """Return how many entries count and have no id, by device."""
        return [
            (device, count)
            for device, count in self._db.rows(
                f"SELECT device, count(*) FROM {_COUNTING} AND entry_id IS NULL GROUP BY device"  # noqa: S608
            )
        ]

    def waiting(self) -> dict[str, int]:
        """Return how many entries do not count, by why."""
        return dict(
            self._db.rows(
                "SELECT rest, count(*) FROM entry JOIN chain USING (device, compartment) "
                "WHERE sequence >= next_sequence GROUP BY rest"
            )
        )

    def waiting_chains(self) -> list[tuple[bytes, bytes]]:
        """Return device and compartment of the chains that have entries which do not count."""
        return [
            (device, compartment)
            for device, compartment in self._db.rows(
                "SELECT device, compartment FROM chain WHERE EXISTS (SELECT 1 FROM entry "
                "WHERE entry.device = chain.device AND entry.compartment = chain.compartment "
                "AND sequence >= next_sequence)"
            )
        ]

    def not_counting(self) -> list[tuple[str, StoredEntry]]:
        """Return the entries that do not count, each with why."""
        found = self._db.rows(
            f"SELECT rest, {_COLUMNS} FROM entry JOIN chain USING (device, compartment) "  # noqa: S608
            "WHERE sequence >= next_sequence ORDER BY device, compartment, sequence"
        )
        return [(row[0], _entry(row[1:])) for row in found]

    def get(self, entry_hash: bytes) -> StoredEntry | None:
        """Return one entry by its hash (32), whether it counts or not."""
        row = self._db.row(f"SELECT {_COLUMNS} FROM entry WHERE hash = ?", (entry_hash,))  # noqa: S608
        return None if row is None else _entry(row)

    def count(self) -> int:
        """Return how many entries count."""
        row = self._db.row("SELECT coalesce(sum(next_sequence), 0) FROM chain")
        return 0 if row is None else int(row[0])

    def each(self, *, compartment: bytes | None = None) -> Iterator[StoredEntry]:
        """Go through all entries that count, or one compartment's, by device, compartment and sequence.

        The order does not depend on when they arrived. No query stays open between two entries, so that
        others may write meanwhile; what they append to a chain already passed is not met.
        """
        if compartment is not None:
            for chain in self.chains(compartment=compartment):
                for entry in self.in_chain(chain.device, compartment=compartment):
                    if entry.sequence < chain.next_sequence:
                        yield entry
            return
        device, passed, sequence = b"", b"", -1
        while True:
            page = self._db.rows(
                f"SELECT {_COLUMNS} FROM {_COUNTING} AND (device, compartment, sequence) > (?, ?, ?) "  # noqa: S608
                "ORDER BY device, compartment, sequence LIMIT ?",
                (device, passed, sequence, _PAGE),
            )
            yield from map(_entry, page)
            if len(page) < _PAGE:
                return
            passed, device, sequence = page[-1][2], page[-1][3], page[-1][4]


def _entry(row: Row) -> StoredEntry:
    return StoredEntry(*row)
