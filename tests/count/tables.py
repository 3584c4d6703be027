"""Published and simulated tables for the tests of the count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from causeway.count.read_table import read_table
from causeway.count.table import CaptureTable

DATA = Path(__file__).parent / "data"


def published(name: str) -> CaptureTable:
    return read_table((DATA / f"{name}.csv").read_bytes())


def table_of(counts: Sequence[int]) -> CaptureTable:
    """Return a table from its cells in order, the unseen one included and nought."""
    lists = (len(counts) - 1).bit_length()
    return CaptureTable(tuple("ABCDEFGHIJKLMNOP"[:lists]), np.array(counts, np.int64))


def independent(total: int, chances: Sequence[float], *, seed: int) -> CaptureTable:
    """Return a table of lists that each find anyone with a chance of its own."""
    found = np.random.default_rng(seed).random((total, len(chances))) < np.array(chances)
    counts = np.bincount(found @ (1 << np.arange(len(chances))), minlength=1 << len(chances)).astype(np.int64)
    counts[0] = 0
    return CaptureTable(tuple("ABCDEFGHIJKLMNOP"[: len(chances)]), counts)
