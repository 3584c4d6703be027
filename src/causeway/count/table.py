"""The table of capture histories: how many cases stand on which lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.errors import RemoteError

__all__ = ["MAX_COUNT", "MAX_LISTS", "MIN_LISTS", "CaptureTable", "TableError"]

MIN_LISTS = 2
MAX_LISTS = 16
# Far above any population; a billion in one cell is a slip of a finger or a unit.
MAX_COUNT = 100_000_000


class TableError(RemoteError):
    """A table that can't be counts of capture histories."""


@dataclass(frozen=True, eq=False)
class CaptureTable:
    """Counts of cases by capture history.

    Args:
        lists: Names of the lists, each once.
        counts: int64, shape (2 ** len(lists),). Cell `h` counts the cases whose history has bit `i` set
            exactly when list `i` names them; cell 0, those on no list, is unknown and stands at 0.

    Raises:
        TableError: Too few or too many lists, a repeated name, a wrong shape, a negative or huge count.
    """

    lists: tuple[str, ...]
    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        if not MIN_LISTS <= len(self.lists) <= MAX_LISTS:
            raise TableError(
                "A table needs from two to sixteen lists; with one list nothing overlaps.",
                lists=len(self.lists),
            )
        if len(set(self.lists)) != len(self.lists):
            raise TableError("Two lists of the table have the same name.")
        if self.counts.shape != (2 ** len(self.lists),) or self.counts.dtype != np.int64:
            raise TableError("The counts are not one whole number for each combination of lists.")
        if self.counts[0] != 0:
            raise TableError("The cell of cases on no list is what is unknown; leave it out.")
        if (self.counts < 0).any():
            raise TableError("A count is negative.")
        if (self.counts > MAX_COUNT).any():
            raise TableError("A count is larger than any population.", limit=MAX_COUNT)
        self.counts.flags.writeable = False

    @property
    def documented(self) -> int:
        """Cases on at least one list."""
        return int(self.counts.sum())

    @property
    def histories(self) -> NDArray[np.bool_]:
        """Shape (2 ** lists, lists): which lists each cell stands for."""
        cells = np.arange(self.counts.size)[:, None]
        return (cells >> np.arange(len(self.lists)) & 1).astype(bool)

    def without(self, name: str) -> CaptureTable:
        """Return the table as if one list had never been kept: cases only on it are gone."""
        drop = self._index(name)
        keep = [i for i in range(len(self.lists)) if i != drop]
        return self._regrouped([[i] for i in keep], tuple(self.lists[i] for i in keep))

    def merged(self, one: str, other: str) -> CaptureTable:
        """Return the table with two lists made one: a case is on it when it was on either."""
        first, second = sorted((self._index(one), self._index(other)))
        groups = [[i] for i in range(len(self.lists)) if i != second]
        groups[first] = [first, second]
        names = [name for i, name in enumerate(self.lists) if i != second]
        names[first] = f"{self.lists[first]} + {self.lists[second]}"
        return self._regrouped(groups, tuple(names))

    def _index(self, name: str) -> int:
        try:
            return self.lists.index(name)
        except ValueError:
            raise TableError("The table has no list of that name.") from None

    def _regrouped(self, groups: Sequence[Sequence[int]], names: tuple[str, ...]) -> CaptureTable:
        histories = self.histories
        cells = np.zeros(self.counts.size, dtype=np.int64)
        for bit, group in enumerate(groups):
            cells |= histories[:, list(group)].any(axis=1).astype(np.int64) << bit
        counts = np.zeros(2 ** len(groups), dtype=np.int64)
        np.add.at(counts, cells, self.counts)
        counts[0] = 0
        return CaptureTable(names, counts)
