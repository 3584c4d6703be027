"""Cells of a CSV file as most are written, found in its bytes without making an object of each.

Whatever is not plain is left to Python's `csv`: a quote within quotes, a line end within quotes, a line that
ends in a carriage return alone, a row of another width. Its answers are the same, and so are its errors.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numba import njit

from causeway.linkage.encoded_list import MAX_ROWS
from causeway.linkage.texts import Texts

__all__ = ["cut_cells"]

_QUOTE: Final = np.uint8(ord('"'))
_NEW_LINE: Final = np.uint8(ord("\n"))
_RETURN: Final = np.uint8(ord("\r"))
# Of a cell, in bytes; `csv.field_size_limit()` is as many characters.
_LONGEST: Final = 131_072
_THREADS: Final = 2


def cut_cells(
    raw: bytes, *, start: int, delimiter: str, width: int, wanted: Sequence[int]
) -> tuple[list[Texts], Sequence[int]] | None:
    """Return some columns of a file's rows, and the line on which each row ends; None for what is not plain.

    Rows without anything in them are left out.

    Args:
        raw: The file, in UTF-8.
        start: Where its second line starts.
        delimiter: One ASCII character.
        width: How many cells a row has.
        wanted: Which columns.
    """
    most = raw.count(b"\n", start) + 1
    if most > MAX_ROWS + 1:
        return None
    starts = np.empty((len(wanted), most), dtype=np.int64)
    ends = np.empty((len(wanted), most), dtype=np.int64)
    # For each cell of a row, where it is kept; -1 where it is not.
    kept = np.full(width, -1, dtype=np.int64)
    kept[list(wanted)] = np.arange(len(wanted))
    lines = np.empty(most, dtype=np.int64)
    found = np.frombuffer(raw, dtype=np.uint8)
    rows = _find_cells(found, start, np.uint8(ord(delimiter)), kept, starts, ends, lines)
    if rows < 0:
        return None
    with ThreadPoolExecutor(_THREADS) as pool:
        columns = pool.map(
            lambda at: Texts.cut(raw, starts=starts[at, :rows], ends=ends[at, :rows]), range(len(wanted))
        )
    return list(columns), array("q", lines[:rows].tobytes())


@njit(cache=True, nogil=True)
def _find_cells(raw, at, delimiter, kept, starts, ends, lines):  # type: ignore[no-untyped-def]  # numba
    """Fill in where cells start and end; return the number of rows, or -1 where something is not plain."""
    width, size = len(kept), len(raw)
    row, line = 0, 2
    while at < size:
        cells = 0
        filled = False
        while True:
            begin = at
            if at < size and raw[at] == _QUOTE:
                begin = at = at + 1
                while at < size and raw[at] != _QUOTE and raw[at] != _NEW_LINE and raw[at] != _RETURN:
                    at += 1
                if at == size or raw[at] != _QUOTE:
                    return -1
                end = at
                at += 1
                if at < size and raw[at] != delimiter and raw[at] != _NEW_LINE and raw[at] != _RETURN:
                    return -1
            else:
                while at < size and raw[at] != delimiter and raw[at] != _NEW_LINE and raw[at] != _RETURN:
                    at += 1
                end = at
            if end - begin > _LONGEST:
                return -1
            if cells < width and kept[cells] >= 0:
                starts[kept[cells], row] = begin
                ends[kept[cells], row] = end
            cells += 1
            filled |= end > begin
            if at == size or raw[at] != delimiter:
                break
            at += 1
        if at < size and raw[at] == _RETURN:
            at += 1
            if at == size or raw[at] != _NEW_LINE:
                return -1
        at += 1
        if filled:
            if cells != width:
                return -1
            lines[row] = line
            row += 1
        line += 1
    return row
