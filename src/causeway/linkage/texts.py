"""A column's texts, each distinct one kept once: what is normalised costs by distinct text, not by row.

They stay bytes until somebody asks for them as text; dates, for one, are mostly read as bytes
(`normalise.date_columns`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final, overload

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["CODEC", "Texts", "numbered"]

# Bytes of a text typed by hand; a lone surrogate, which only a program leaves, must not stop anything.
CODEC: Final = ("utf-8", "surrogatepass")
_EMPTY_SLOT: Final = -1
_FIRST_SLOTS: Final = 1024
# FNV-1a, 64 bits: Fowler, Noll & Vo, RFC 9923, section 5.
_BASIS: Final = np.uint64(0xCBF29CE484222325)
_PRIME: Final = np.uint64(0x100000001B3)


@dataclass(frozen=True, eq=False, repr=False)
class Texts(Sequence[str]):
    """A column: one text per person.

    Args:
        raw: Bytes among which the texts stand in UTF-8.
        starts: int64, shape (values,): where each distinct text starts in `raw`.
        ends: int64, shape (values,): where it ends.
        which: intp, shape (n,): for each person, which text is theirs.
    """

    raw: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    which: NDArray[np.intp]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """Return a column of texts."""
        number_of = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        which = np.fromiter(map(number_of.__getitem__, texts), dtype=np.intp, count=len(texts))
        pieces = [text.encode(*CODEC) for text in number_of]
        edges = np.array([0, *accumulate(map(len, pieces))], dtype=np.int64)
        return cls(b"".join(pieces), edges[:-1], edges[1:], which)

    @classmethod
    def cut(cls, raw: bytes, *, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Texts:
        """Return a column whose texts stand in a file, a start and an end for each person."""
        which, first = numbered(np.frombuffer(raw, dtype=np.uint8), starts=starts, ends=ends)
        return cls(raw, starts[first], ends[first], which)

    @cached_property
    def distinct(self) -> list[str]:
        """Each text once, in the order in which they first come."""
        edges = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        cells = [self.raw[start:end] for start, end in edges]
        # One long text is decoded sooner than thousands of short ones.
        texts = b"\n".join(cells).decode(*CODEC).split("\n")
        return texts if len(texts) == len(cells) else [cell.decode(*CODEC) for cell in cells]

    def text(self, value: int) -> str:
        """Return one of the distinct texts."""
        return self.raw[self.starts[value] : self.ends[value]].decode(*CODEC)

    def __len__(self) -> int:
        return len(self.which)

    def __iter__(self) -> Iterator[str]:
        return map(self.distinct.__getitem__, self.which.tolist())

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self.distinct[value] for value in self.which[at].tolist()]
        return self.distinct[int(self.which[at])]


def numbered(
    raw: NDArray[np.uint8], *, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number runs of bytes, equal ones with the same number, in the order in which they first come.

    Returns:
        The number of each run, shape (n,), and for each number the first run that has it.
    """
    which = np.empty(len(starts), dtype=np.intp)
    first = np.empty(len(starts), dtype=np.intp)
    count = _number(raw, starts, ends, which, first)
    return which, first[:count].copy()


@njit(cache=True, nogil=True)
def _number(raw, starts, ends, which, first):  # type: ignore[no-untyped-def]  # numba compiles it
    """Fill in `which` and `first` by a hash table with open addressing; return how many numbers there are."""
    hashes = np.empty(len(starts), dtype=np.uint64)
    slots = np.full(_FIRST_SLOTS, _EMPTY_SLOT, dtype=np.int64)
    mask = np.uint64(len(slots) - 1)
    count = 0
    for row in range(len(starts)):
        start = starts[row]
        size = ends[row] - start
        said = _BASIS
        at = start
        while at + 4 <= start + size:
            four = np.uint32(raw[at]) | np.uint32(raw[at + 1]) << np.uint32(8)
            four |= np.uint32(raw[at + 2]) << np.uint32(16) | np.uint32(raw[at + 3]) << np.uint32(24)
            said = (said ^ np.uint64(four)) * _PRIME
            at += 4
        while at < start + size:
            said = (said ^ np.uint64(raw[at])) * _PRIME
            at += 1
        slot = (said ^ (said >> np.uint64(32))) & mask
        while True:
            known = slots[slot]
            if known == _EMPTY_SLOT:
                slots[slot] = count
                which[row] = count
                first[count] = row
                hashes[count] = said
                count += 1
                break
            if hashes[known] == said:
                other = starts[first[known]]
                same = ends[first[known]] - other == size
                for at in range(size):
                    if not same:
                        break
                    same = raw[start + at] == raw[other + at]
                if same:
                    which[row] = known
                    break
            slot = (slot + np.uint64(1)) & mask
        if 2 * count > len(slots):
            slots = np.full(4 * len(slots), _EMPTY_SLOT, dtype=np.int64)
            mask = np.uint64(len(slots) - 1)
            for number in range(count):
                slot = (hashes[number] ^ (hashes[number] >> np.uint64(32))) & mask
                while slots[slot] != _EMPTY_SLOT:
                    slot = (slot + np.uint64(1)) & mask
                slots[slot] = number
    return count
