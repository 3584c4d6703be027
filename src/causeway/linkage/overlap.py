"""The table of counts: all that leaves the linker."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["SMALL", "names_on", "small_cells", "table_csv"]

SMALL = 5
"""Counts below this, other than 0, may point to somebody: who knows three of four knows who the fourth is."""


def small_cells(counts: NDArray[np.int64]) -> tuple[int, ...]:
    """Return the histories whose counts are small enough to disclose something."""
    return tuple(int(cell) for cell in np.flatnonzero((counts > 0) & (counts < SMALL)))


def names_on(history: int, lists: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the lists that a history stands for; bit i is list i."""
    return tuple(name for bit, name in enumerate(lists) if history >> bit & 1)


def table_csv(counts: NDArray[np.int64], lists: Sequence[str]) -> str:
    """Return the table as CSV: a 0/1 column per list, and `count`; only histories that somebody has.

    Args:
        counts: int64, shape (2 ** lists,); cell 0 is not written.
        lists: Names of the lists, bit 0 first.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*lists, "count"))
    histories = [int(cell) for cell in np.flatnonzero(counts) if cell]
    for cell in sorted(histories, key=lambda cell: (cell.bit_count(), cell)):
        writer.writerow((*(cell >> bit & 1 for bit in range(len(lists))), int(counts[cell])))
    return out.getvalue()
