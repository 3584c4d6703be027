"""Days of the Solar Hijri calendar, which Persian pages name; CLDR's Python side has no other calendar.

Leap years by the cycle of 33 years that ICU uses, `(25 year + 11) mod 33 < 8` (persncal.cpp), so that a
browser and the server name the same day.
"""

from __future__ import annotations

import datetime
from typing import Final

__all__ = ["persian_day"]

_MONTHS: Final = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند".split()
_EPOCH: Final = datetime.date(622, 3, 21).toordinal()
"""1 Farvardin of the year 1 by this cycle (Julian day 1948320), in the proleptic Gregorian calendar."""

_LONG_MONTHS: Final = 6
_LONG_DAYS: Final = 31
_SHORT_DAYS: Final = 30


def _first_day(year: int) -> int:
    """Return the ordinal of the first day of a year: 365 days each, and the leap days of the cycle."""
    return _EPOCH + 365 * (year - 1) + (8 * year + 21) // 33


def persian_day(date: datetime.date) -> str:
    """Return the day and the month's name, "1 آذر", in European digits."""
    ordinal = date.toordinal()
    year = date.year - 621
    if _first_day(year) > ordinal:
        year -= 1
    since = ordinal - _first_day(year)
    long = _LONG_MONTHS * _LONG_DAYS
    if since < long:
        month, day = divmod(since, _LONG_DAYS)
    else:
        month, day = divmod(since - long, _SHORT_DAYS)
        month += _LONG_MONTHS
    return f"{day + 1} {_MONTHS[month]}"
