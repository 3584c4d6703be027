"""Dates of which parts may be missing, as people and spreadsheets write them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["PartialDate", "parse_date"]


class PartialDate(NamedTuple):
    """A date, None for each part that is unknown.

    Args:
        year: All digits, or the last two where no more were written.
        month: 1 to 12.
        day: 1 to 31.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None


_MONTHS: Final = {
    prefix: number
    for number, prefixes in enumerate(
        (
            "янв jan",
            "фев feb",
            "мар mar",
            "апр apr",
            "май мая may mai",
            "июн jun",
            "июл jul",
            "авг aug",
            "сен sep",
            "окт oct okt",
            "ноя nov",
            "дек dec dez",
        ),
        start=1,
    )
    for prefix in prefixes.split()
}
# How most whole dates are written, read at once for speed.
_DAY: Final = r"(0?[1-9]|[12][0-9]|3[01])"
_MONTH: Final = r"(0?[1-9]|1[0-2])"
_YEAR: Final = r"((?:19|20)[0-9]{2})"
_EUROPEAN: Final = re.compile(rf"{_DAY}[./-]{_MONTH}[./-]{_YEAR}")
_ISO: Final = re.compile(rf"{_YEAR}-{_MONTH}-{_DAY}")
_TIME: Final = re.compile(r"[T\s]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?$")
_PIECE: Final = re.compile(r"[0-9]+|[?xXхХ_*]+|-{2,}|[^\W\d_]+")
_UNKNOWN: Final = re.compile(r"(?:[?xхXХ_*]+|-{2,}|0+)$")
# Words that say nothing of the date: about, year, born.
_FILLERS: Final = frozenset(
    "г гг гр р год года году рождения ок около примерно прибл число circa ca c about"
    " approx of th st nd rd born um"
    " dne".split()
)
_DIGITS: Final = "0123456789"
_EARLIEST: Final = 1850
_LATEST: Final = 2100
_MOST_DAYS: Final = 31
_MOST_MONTHS: Final = 12


def parse_date(text: str) -> PartialDate | None:
    """Return the date that `text` says, with unknown parts left open, or None where it can't be read.

    Reads 1985-03-12, 12.03.1985, 12/3/85, 12.03, 3.1985, 1985, 12 марта 1985 г., March 12, 1985, ??.03.1985,
    00.00.1985, 1985-03-12 00:00:00. Of two numbers that could both be a month, the day comes first, as in
    Europe.
    An empty text is a date of which nothing is known.
    """
    usual = _EUROPEAN.fullmatch(text)
    if usual:
        day, month, year = usual.groups()
        return PartialDate(int(year), int(month), int(day))
    usual = _ISO.fullmatch(text)
    if usual:
        year, month, day = usual.groups()
        return PartialDate(int(year), int(month), int(day))
    pieces = [piece for piece in _PIECE.findall(_TIME.sub("", text.strip())) if piece.lower() not in _FILLERS]
    if not pieces:
        return PartialDate() if not text.strip() or not text.strip("-?. ") else None
    words = [at for at, piece in enumerate(pieces) if piece[0] not in _DIGITS and not _UNKNOWN.match(piece)]
    if len(words) > 1 or len(pieces) > 3:
        return None
    if words:
        return _with_month_name(pieces, words[0])
    return _of_numbers([None if _UNKNOWN.match(piece) else piece for piece in pieces])


def _with_month_name(pieces: list[str], at: int) -> PartialDate | None:
    month = _MONTHS.get(pieces[at][:3].lower())
    rest = [None if _UNKNOWN.match(piece) else piece for piece in pieces[:at] + pieces[at + 1 :]]
    if month is None:
        return None
    if len(rest) == 1:
        year = rest[0]
        return _checked(year, month, None) if year is None or len(year) > 2 else _checked(None, month, year)
    if len(rest) == 2:
        year_first = rest[0] is not None and len(rest[0]) > 2
        day, year = (rest[1], rest[0]) if year_first else (rest[0], rest[1])
        return _checked(year, month, day)
    return PartialDate(month=month)


def _of_numbers(pieces: list[str | None]) -> PartialDate | None:
    year_first = pieces[0] is not None and len(pieces[0]) == 4
    if len(pieces) == 1:
        return _compact(pieces[0])
    if len(pieces) == 2:
        if all(piece is None or len(piece) <= 2 for piece in pieces):
            return _checked(None, None if pieces[1] is None else _number(pieces[1]), pieces[0])
        year, month = (pieces[0], pieces[1]) if year_first else (pieces[1], pieces[0])
        return _checked(year, None if month is None else _number(month), None)
    if year_first:
        year, month, day = pieces
    else:
        day, month, year = pieces
    # Only an American date has the day in the middle.
    if month is not None and day is not None and _number(month) > _MOST_MONTHS >= _number(day):
        month, day = day, month
    return _checked(year, None if month is None else _number(month), day)


def _compact(piece: str | None) -> PartialDate | None:
    """Return a date written as one number: 1985, 85, 19850312."""
    if piece is None:
        return PartialDate()
    if len(piece) == 8:
        return _of_numbers([piece[:4], piece[4:6], piece[6:]])
    return _checked(piece, None, None)


def _number(piece: str) -> int:
    # A number of many digits is no part of a date; int() of it would be slow.
    return int(piece) if len(piece) <= 4 else _LATEST


def _checked(year: str | None, month: int | None, day: str | None) -> PartialDate | None:
    years = None if year is None else _number(year)
    days = None if day is None else _number(day)
    if years is not None and len(year or "") != 2 and not _EARLIEST <= years < _LATEST:
        return None
    if not 0 <= (month or 0) <= _MOST_MONTHS or not 0 <= (days or 0) <= _MOST_DAYS:
        return None
    return PartialDate(year=years, month=month or None, day=days or None)
