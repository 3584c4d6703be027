"""A column of dates: those written as most are, by compiled code; the rest by `parse_date`."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causeway.linkage.normalise.dates import PartialDate, parse_date
from causeway.linkage.texts import Texts

__all__ = ["DateColumn", "date_column"]

_ZERO: Final = ord("0")
_HYPHEN: Final = np.uint8(ord("-"))
_DOT: Final = np.uint8(ord("."))
_SLASH: Final = np.uint8(ord("/"))
_NOT_PLAIN: Final = -1


class DateColumn(NamedTuple):
    """Dates of a column's distinct texts, 0 for each part that is unknown (-1 for a year).

    Args:
        year: int64, shape (values,): all digits, or the last two where no more were written.
        month: int64, shape (values,).
        day: int64, shape (values,).
        unread: bool, shape (values,): what could not be read as a date.
    """

    year: NDArray[np.int64]
    month: NDArray[np.int64]
    day: NDArray[np.int64]
    unread: NDArray[np.bool_]


def date_column(texts: Texts) -> DateColumn:
    """Return the dates of a column, each as `parse_date` reads it."""
    year, month, day = np.zeros((3, len(texts.starts)), dtype=np.int64)
    _plain_dates(np.frombuffer(texts.raw, dtype=np.uint8), texts.starts, texts.ends, year, month, day)
    unread = np.zeros(len(year), dtype=bool)
    for at in np.flatnonzero(year == _NOT_PLAIN).tolist():
        date = parse_date(texts.text(at))
        unread[at] = date is None
        known = date or PartialDate()
        year[at] = _NOT_PLAIN if known.year is None else known.year
        month[at], day[at] = known.month or 0, known.day or 0
    return DateColumn(year, month, day, unread)


@njit(cache=True, nogil=True)
def _plain_dates(raw, starts, ends, year, month, day):  # type: ignore[no-untyped-def]  # numba compiles it
    """Read 12.03.1985, 12/3/1985, 1985-03-12, 03.1985 and 1985, of 1900 to 2099; else, year is -1."""
    for row in range(len(starts)):
        year[row] = _NOT_PLAIN
        parts = (0, 0, 0)
        sizes = (0, 0, 0)
        part = value = size = 0
        dashed = True
        plain = ends[row] - starts[row] <= len("12.03.1985")
        for at in range(starts[row], ends[row] if plain else starts[row]):
            digit = int(raw[at]) - _ZERO
            if 0 <= digit <= 9:
                value = 10 * value + digit
                size += 1
            elif (raw[at] == _DOT or raw[at] == _SLASH or raw[at] == _HYPHEN) and part < 2:
                dashed &= raw[at] == _HYPHEN
                parts = (parts[1], parts[2], value)
                sizes = (sizes[1], sizes[2], size)
                part += 1
                value = size = 0
            else:
                plain = False
        if not plain:
            continue
        if part < 2:
            # 1985, or 03.1985.
            if size == 4 and 1900 <= value < 2100:
                if part == 0:
                    year[row] = value
                elif 1 <= sizes[2] <= 2 and 1 <= parts[2] <= 12:
                    year[row], month[row] = value, parts[2]
            continue
        one, two, three = parts[1], parts[2], value
        if size == 4 and 1 <= sizes[1] <= 2:
            one, three = three, one
        elif not (dashed and sizes[1] == 4 and 1 <= size <= 2):
            continue
        if 1 <= sizes[2] <= 2 and 1900 <= one < 2100 and 1 <= two <= 12 and 1 <= three <= 31:
            year[row], month[row], day[row] = one, two, three
