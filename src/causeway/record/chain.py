"""Chains: each device's entries in one compartment, in one unbroken order."""

from __future__ import annotations

from dataclasses import dataclass

from causeway.record.entry import ZERO_HASH, SealedEntry, entry_hash
from causeway.record.errors import Fork, OutOfSequence

__all__ = ["EMPTY_CHAIN", "ChainHead", "extend_chain"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainHead:
    """How far a chain is known: entries taken, and the hash of the last."""

    length: int
    last: bytes


EMPTY_CHAIN = ChainHead(length=0, last=ZERO_HASH)


def extend_chain(head: ChainHead, entry: SealedEntry, *, known: bytes | None = None) -> ChainHead | None:
    """Return the head after `entry`; `None` where the entry was taken before.

    Args:
        head: Of the entry's device and compartment.
        known: Hash of the entry that was taken at the same place, where there is one.

    Raises:
        OutOfSequence: Entries before this one are missing.
        Fork: Another entry stands at this place, or this one does not continue what stands before it.
    """
    digest = entry_hash(entry)
    if entry.sequence > head.length:
        raise OutOfSequence("An entry came before those that it follows.", sequence=entry.sequence)
    if entry.sequence < head.length:
        if known == digest:
            return None
        raise Fork("Two entries claim one place of a chain.", sequence=entry.sequence)
    if entry.previous != head.last:
        raise Fork("An entry continues another chain than the one that is known.", sequence=entry.sequence)
    return ChainHead(length=head.length + 1, last=digest)
