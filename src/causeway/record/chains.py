"""Chains: which entries of a device in a compartment count, whatever order they came in.

A pure function of all signed entries that are known and of the cut, so that desks that know the same hold the
same for valid. The desk's engine takes the common case (one more entry at the end) without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["NOTHING", "ChainCut", "Link", "Verdict", "Whence", "judge"]

_FIRST: Final = bytes(32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A verified entry's place: its hash (32), its sequence and the hash that it names as the one before."""

    hash: bytes
    sequence: int
    previous: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainCut:
    """The last entry of a removed device that counts; a sequence of -1: none does."""

    sequence: int
    hash: bytes


NOTHING: Final = ChainCut(sequence=-1, hash=_FIRST)


class Whence(StrEnum):
    """Why the entries after those that count do not."""

    OUT_OF_SEQUENCE = "out-of-sequence"
    FORKED = "forked"
    BEYOND_CUT = "beyond-cut"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The entries that count, in order, and why those after them do not.

    Attributes:
        counting: Hashes, from sequence 0 on, without a gap.
        fork: The lowest sequence that two entries claim; `None` where none do.
        rest: What the others are: `FORKED` only where no cut settles it.
    """

    counting: tuple[bytes, ...]
    fork: int | None
    rest: Whence


def _fork(links: Iterable[Link]) -> int | None:
    """Return the lowest sequence of which two hashes are known, by an entry there or one that follows."""
    claims: dict[int, bytes] = {-1: _FIRST}
    forked: int | None = None
    for link in links:
        for sequence, digest in ((link.sequence, link.hash), (link.sequence - 1, link.previous)):
            if claims.setdefault(sequence, digest) != digest:
                # An entry that claims something else for before the first one contradicts itself.
                at = max(sequence, 0)
                forked = at if forked is None else min(forked, at)
    return forked


def _path_to(cut: ChainCut, by_hash: dict[bytes, Link]) -> tuple[bytes, ...] | None:
    """Return the entries up to the cut; `None` where one of them is not known."""
    path: list[bytes] = []
    digest, sequence = cut.hash, cut.sequence
    while sequence >= 0:
        link = by_hash.get(digest)
        if link is None or link.sequence != sequence:
            return None
        path.append(digest)
        digest, sequence = link.previous, sequence - 1
    return tuple(reversed(path)) if digest == _FIRST else None


def judge(links: Iterable[Link], *, cut: ChainCut | None = None) -> Verdict:
    """Return which entries of one chain count.

    Without a cut: those from the first on, without a gap, before the lowest sequence that two entries
    claim. With
    one: the entry that the cut names, and those before it, whatever else claims their places. Who seized
    a laptop could otherwise undo its whole past by signing another beginning. While some of those have not
    come, what is beyond doubt counts.

    Args:
        links: All verified entries of the chain that are known, in any order.
        cut: For a device that was removed.
    """
    known = {link.hash: link for link in links}
    forked = _fork(known.values())
    rest = Whence.OUT_OF_SEQUENCE if forked is None else Whence.FORKED
    if cut is not None:
        rest = Whence.BEYOND_CUT
        path = _path_to(cut, known)
        if path is not None:
            return Verdict(counting=path, fork=forked, rest=rest)
    follows = {(link.sequence, link.previous): link for link in known.values()}
    counting: list[bytes] = []
    previous = _FIRST
    while True:
        sequence = len(counting)
        link = follows.get((sequence, previous))
        beyond = (forked is not None and sequence >= forked) or (cut is not None and sequence > cut.sequence)
        if link is None or beyond:
            return Verdict(counting=tuple(counting), fork=forked, rest=rest)
        counting.append(link.hash)
        previous = link.hash
