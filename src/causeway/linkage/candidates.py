"""Candidate pairs over several lists: those alike enough that they could be one person.

The floor below which pairs are not kept comes from the lists themselves: it is the score above which about as
many pairs of *different* people are expected as there are records. Lower pairs could not be told from chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from causeway.linkage.compare import ComparisonError, popcounts, sample_scores, similar_pairs

__all__ = ["MAX_LISTS", "Candidates", "find_candidates"]

MAX_LISTS = 16
_SAMPLED = 2_000_000  # pairs of which scores are drawn for the floor, over all pairs of lists
_LOWEST = 0.2  # of a floor: encodings with so little in common say nothing

Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidate pairs; records are numbered through all lists, the first list's first.

    Args:
        sizes: Number of records of each list.
        one: int64, the pair's record in the earlier list.
        other: int64, its record in the later list.
        score: float64, their Dice coefficient.
        floor: All pairs of different lists with at least this score are here, and no others.
    """

    sizes: tuple[int, ...]
    one: NDArray[np.int64]
    other: NDArray[np.int64]
    score: NDArray[np.float64]
    floor: float

    @property
    def records(self) -> int:
        """Number of records of all lists."""
        return sum(self.sizes)

    @cached_property
    def list_of(self) -> NDArray[np.int64]:
        """Shape (records,): the list each record is on."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Shape (lists + 1,): the first record of each list, and the number of records."""
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)

    @property
    def compared(self) -> int:
        """Number of pairs of records that were compared."""
        return sum(a * b for a, b in combinations(self.sizes, 2))


def find_candidates(
    lists: Sequence[NDArray[np.uint64]],
    *,
    seed: int,
    floor: float | None = None,
    threads: int = 2,
    on_pairs: Progress | None = None,
) -> Candidates:
    """Compare all records of each list with all of every other, and keep the pairs that could be true.

    Args:
        lists: Two to sixteen arrays of shape (n, 16), packed encodings.
        seed: For the sample of random pairs from which the floor comes.
        floor: A floor to use instead.
        threads: Threads that compare.
        on_pairs: Called with the number of pairs of records just compared.

    Raises:
        ComparisonError: Too few or too many lists, an empty one, or records with no bit set.
    """
    if not 2 <= len(lists) <= MAX_LISTS:
        raise ComparisonError("Linking takes from two to sixteen lists.", lists=len(lists))
    for number, bits in enumerate(lists, start=1):
        if not len(bits):
            raise ComparisonError("A list has no record.", position=number)
        if not popcounts(bits).all():
            raise ComparisonError("A list has a record with nothing in it.", position=number)
    floor = _floor(lists, seed) if floor is None else floor
    offsets = np.cumsum([0, *map(len, lists)])
    one, other, score = [], [], []
    for a, b in combinations(range(len(lists)), 2):
        told = None if on_pairs is None else _in_pairs(on_pairs, len(lists[b]))
        pairs = similar_pairs(lists[a], lists[b], threshold=floor, threads=threads, on_rows=told)
        one.append(pairs.left + offsets[a])
        other.append(pairs.right + offsets[b])
        score.append(pairs.score)
    sizes = tuple(map(len, lists))
    return Candidates(sizes, np.concatenate(one), np.concatenate(other), np.concatenate(score), floor)


def _floor(lists: Sequence[NDArray[np.uint64]], seed: int) -> float:
    compared = {(a, b): len(lists[a]) * len(lists[b]) for a, b in combinations(range(len(lists)), 2)}
    total = sum(compared.values())
    scores = [
        sample_scores(
            lists[a],
            lists[b],
            draws=max(1, min(4 * pairs, _SAMPLED * pairs // total)),
            seed=seed + a * MAX_LISTS + b,
        )
        for (a, b), pairs in compared.items()
    ]
    wanted = sum(len(lists[a]) + len(lists[b]) for a, b in compared) / 2
    share = min(0.5, wanted / total)
    return float(np.clip(np.quantile(np.concatenate(scores), 1 - share), _LOWEST, 1))


def _in_pairs(on_pairs: Progress, columns: int) -> Progress:
    return lambda rows: on_pairs(rows * columns)
