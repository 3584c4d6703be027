"""All pairs of two encoded lists whose Dice coefficient reaches a threshold.

Every record of one list meets every record of the other, without blocking, so that nothing is lost before it
was looked at. What makes this quick:

1. Records are sorted by their number of set bits. Dice is at most 2 min(p, q) / (p + q), so for a row only a
   range of columns can reach the threshold (Vatsalan and Christen 2012, "length filter").
2. Columns lie in tiles, word by word: the same word of 256 records side by side. One row's sixteen words stay
   in registers while the processor's vector units take several columns at once.
3. The count of common bits is LLVM's own `ctpop`: one instruction for eight words where the processor has it
   (AVX-512 VPOPCNTDQ), shuffles or single-word popcounts where it has not. The result is the same.
4. Kernels hold no interpreter lock; threads take blocks of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from causeway.errors import LocalError

__all__ = ["WORDS", "ComparisonError", "Pairs", "popcounts", "sample_scores", "similar_pairs"]

WORDS = 16
"""64-bit words of one encoding: 1,024 bits."""

_TILE = 256  # columns: 16 words x 256 x 8 bytes = 32 KiB, which stays in the first-level cache
_ROWS = 1024  # rows of one task
# Scores are compared as whole numbers with this many fractional bits. Two different Dice coefficients of
# 1,024-bit filters differ by more than 2 ** -22, so no pair is on the wrong side of a threshold.
_FRACTION = 32
_NEVER = np.int64(1) << np.int64(62)

Progress = Callable[[int], None]


class ComparisonError(LocalError):
    """Encodings of a shape that can't be compared."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of records that are alike enough.

    Args:
        left: int64, row of the first list.
        right: int64, row of the second list.
        score: float64, their Dice coefficient, 0 to 1.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.score)


def popcounts(bits: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return how many bits are set in each record, shape (records,)."""
    counts: NDArray[np.int64] = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return counts


def similar_pairs(
    left: NDArray[np.uint64],
    right: NDArray[np.uint64] | None = None,
    *,
    threshold: float,
    threads: int = 2,
    on_rows: Progress | None = None,
) -> Pairs:
    """Return all pairs whose Dice coefficient is at least a threshold, in the order of rows, then columns.

    Args:
        left: (n, 16) packed encodings.
        right: (m, 16) packed encodings, or None to compare `left` with itself, each pair once.
        threshold: Above 0, at most 1.
        threads: How many threads share the rows.
        on_rows: Called with the number of rows just done, from the calling thread; what it raises ends the
            comparison.

    A record with no bit set is like nothing: it is in no pair.

    Raises:
        ComparisonError: Another shape or type, or a threshold outside its range.

    Source: Dice (1945), Ecology 26: 2 |A and B| / (|A| + |B|).
    """
    if not 0 < threshold <= 1:
        raise ComparisonError("The threshold has to be above 0 and at most 1.")
    columns = left if right is None else right
    _check(left)
    _check(columns)
    rows_pop, columns_pop = popcounts(left), popcounts(columns)
    row_order = _by_popcount(rows_pop)
    column_order = _by_popcount(columns_pop)
    fixed = np.int64(int(threshold * 2**_FRACTION))
    tiles, tile_need = _tiles(columns[column_order], columns_pop[column_order], fixed)
    rows = np.ascontiguousarray(left[row_order])
    needs = fixed * rows_pop[row_order]
    spans = _spans(rows_pop[row_order], columns_pop[column_order], threshold)

    def one_block(start: int) -> tuple[int, NDArray[np.int64]]:
        stop = min(start + _ROWS, len(rows))
        first, last = int(spans[start, 0]), int(spans[stop - 1, 1])
        if last <= first:
            return stop - start, np.empty((0, 3), dtype=np.int64)
        found = _block(rows, needs, tiles, tile_need, start, stop, first // _TILE, -(-last // _TILE))
        return stop - start, found

    found = list(_in_threads(one_block, range(0, len(rows), _ROWS), threads, on_rows))
    hits = np.concatenate([np.empty((0, 3), dtype=np.int64), *found])
    i, j = row_order[hits[:, 0]], column_order[hits[:, 1]]
    if right is None:
        once = i < j
        i, j, hits = i[once], j[once], hits[once]
    order = np.lexsort((j, i))
    i, j = i[order], j[order]
    score = 2.0 * hits[order, 2] / (rows_pop[i] + columns_pop[j])
    return Pairs(i, j, score)


def sample_scores(
    left: NDArray[np.uint64], right: NDArray[np.uint64], *, draws: int, seed: int
) -> NDArray[np.float64]:
    """Return the Dice coefficients of pairs drawn at random, with repetition; nearly none is a true pair."""
    _check(left)
    _check(right)
    if not len(left) or not len(right):
        return np.empty(0)
    rng = np.random.default_rng(seed)
    left_pop, right_pop = popcounts(left), popcounts(right)
    scores = []
    for start in range(0, draws, 1 << 16):
        size = min(1 << 16, draws - start)
        i, j = rng.integers(len(left), size=size), rng.integers(len(right), size=size)
        common = np.bitwise_count(left[i] & right[j]).sum(axis=1, dtype=np.int64)
        scores.append(2.0 * common / np.maximum(1, left_pop[i] + right_pop[j]))
    return np.concatenate(scores)


def _check(bits: NDArray[np.uint64]) -> None:
    if bits.ndim != 2 or bits.shape[1] != WORDS or bits.dtype != np.uint64:
        raise ComparisonError("Encodings to compare have 1,024 bits each, as sixteen 64-bit words.")


def _by_popcount(pop: NDArray[np.int64]) -> NDArray[np.int64]:
    order = np.argsort(pop, kind="stable")
    return order[pop[order] > 0]


def _tiles(
    columns: NDArray[np.uint64], pop: NDArray[np.int64], fixed: np.int64
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    count = -(-len(columns) // _TILE)
    padded = np.zeros((count * _TILE, WORDS), dtype=np.uint64)
    padded[: len(columns)] = columns
    need = np.full(count * _TILE, _NEVER, dtype=np.int64)
    need[: len(columns)] = fixed * pop
    tiles = np.ascontiguousarray(padded.reshape(count, _TILE, WORDS).transpose(0, 2, 1))
    return tiles, need.reshape(count, _TILE)


def _spans(rows: NDArray[np.int64], columns: NDArray[np.int64], threshold: float) -> NDArray[np.int64]:
    """Return, for each row, the range of columns that its number of bits leaves possible."""
    slack = 1e-9  # widens the range by less than one bit: the kernel compares exactly
    ratio = threshold / (2 - threshold)
    low = np.searchsorted(columns, rows * ratio - slack, side="left")
    high = np.searchsorted(columns, rows / ratio + slack, side="right")
    return np.stack([low, high], axis=1).astype(np.int64)


def _block(
    rows: NDArray[np.uint64],
    needs: NDArray[np.int64],
    tiles: NDArray[np.uint64],
    tile_need: NDArray[np.int64],
    start: int,
    stop: int,
    tile: int,
    end: int,
) -> NDArray[np.int64]:
    full: list[NDArray[np.int64]] = []
    size, row = 1 << 12, start
    while True:
        out = np.empty((size, 3), dtype=np.int64)
        filled, tile, row = _compare_block(rows, needs, tiles, tile_need, start, stop, tile, row, end, out)
        full.append(out[:filled].copy() if filled < size // 2 else out[:filled])
        if tile >= end:
            return np.concatenate(full)
        size = min(4 * size, 1 << 20)


def _in_threads(
    work: Callable[[int], tuple[int, NDArray[np.int64]]],
    starts: range,
    threads: int,
    on_rows: Progress | None,
) -> Iterator[NDArray[np.int64]]:
    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        try:
            for done, found in pool.map(work, starts):
                if on_rows is not None:
                    on_rows(done)
                yield found
        finally:
            pool.shutdown(cancel_futures=True)


def _count_bits(typingctx: Any, word: Any) -> Any:
    """Count the set bits of a 64-bit word by LLVM's own instruction, which vectorises."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), codegen


_ctpop: Any = intrinsic(_count_bits)


@njit(cache=True, nogil=True)
def _compare_block(
    rows: NDArray[np.uint64],
    needs: NDArray[np.int64],
    tiles: NDArray[np.uint64],
    tile_need: NDArray[np.int64],
    start: int,
    stop: int,
    tile: int,
    row: int,
    end: int,
    out: NDArray[np.int64],
) -> tuple[int, int, int]:
    """Fill `out` with (row, column, common bits), from a tile and row on; return where it stopped."""
    width = tiles.shape[2]
    common = np.empty(width, dtype=np.int64)
    filled = 0
    while tile < end:
        words = tiles[tile]
        need = tile_need[tile]
        while row < stop:
            if out.shape[0] - filled < width:
                return filled, tile, row
            a0, a1, a2, a3 = rows[row, 0], rows[row, 1], rows[row, 2], rows[row, 3]
            a4, a5, a6, a7 = rows[row, 4], rows[row, 5], rows[row, 6], rows[row, 7]
            a8, a9, a10, a11 = rows[row, 8], rows[row, 9], rows[row, 10], rows[row, 11]
            a12, a13, a14, a15 = rows[row, 12], rows[row, 13], rows[row, 14], rows[row, 15]
            row_need = needs[row]
            hits = 0
            for j in range(width):
                # Written out: a loop over words here would be vectorised instead of the one over columns.
                both = (
                    _ctpop(a0 & words[0, j])
                    + _ctpop(a1 & words[1, j])
                    + _ctpop(a2 & words[2, j])
                    + _ctpop(a3 & words[3, j])
                    + _ctpop(a4 & words[4, j])
                    + _ctpop(a5 & words[5, j])
                    + _ctpop(a6 & words[6, j])
                    + _ctpop(a7 & words[7, j])
                    + _ctpop(a8 & words[8, j])
                    + _ctpop(a9 & words[9, j])
                    + _ctpop(a10 & words[10, j])
                    + _ctpop(a11 & words[11, j])
                    + _ctpop(a12 & words[12, j])
                    + _ctpop(a13 & words[13, j])
                    + _ctpop(a14 & words[14, j])
                    + _ctpop(a15 & words[15, j])
                )
                count = np.int64(both)
                common[j] = count
                hits += (count << (_FRACTION + 1)) >= row_need + need[j]
            if hits:
                for j in range(width):
                    if (common[j] << (_FRACTION + 1)) >= row_need + need[j]:
                        out[filled, 0] = row
                        out[filled, 1] = tile * width + j
                        out[filled, 2] = common[j]
                        filled += 1
            row += 1
        row = start
        tile += 1
    return filled, tile, row
