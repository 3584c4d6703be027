"""What of a person goes into an encoding, and how much each piece weighs.

A piece is a short string of one kind: a pair of letters of the family name's skeleton, a year of birth. Its
weight is the number of positions that it sets of 2,048, which is how a record-level filter is weighted
(Durham et al. 2014, IEEE TKDE 26(12), 2956-2968). Weights were chosen on lists of `bench/count/people.py`
made with other seeds than those that figures are given for. About 27 % of the 2,048 bits are set then, which
is the chance that folding hides a bit of one piece under a bit of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "RAW_WEIGHT",
    "RESOLUTION",
    "WEIGHTS",
    "Piece",
    "Weights",
    "day_pieces",
    "month_pieces",
    "year_pieces",
]

# Kind, text, weight.
Piece = tuple[str, str, int]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Positions set by one piece of each kind.

    Args:
        family: A pair of letters of the family name's stem.
        family_sound: A pair of its consonants.
        given: A pair of letters of the given name.
        given_sound: A pair of its consonants.
        father: A pair of letters of the father's given name.
        father_sound: A pair of its consonants.
        year: The year of birth's last two digits.
        year_near: Each of the year and its neighbours; dates one year apart share two.
        month: The month.
        day: The day.
        day_or_month: A day or a month, whichever column it was typed in.
        place: A pair of letters of a place's word.
    """

    family: int = 18
    family_sound: int = 12
    given: int = 20
    given_sound: int = 12
    father: int = 12
    father_sound: int = 8
    year: int = 36
    year_near: int = 20
    month: int = 40
    day: int = 40
    day_or_month: int = 20
    place: int = 8


WEIGHTS: Final = Weights()
# Weights count positions in filters of so many bits.
RESOLUTION: Final = 2048
# For lists encoded as they were typed: one weight for each pair of letters or digits.
RAW_WEIGHT: Final = 16


def year_pieces(year: int, *, weights: Weights = WEIGHTS) -> list[Piece]:
    """Return the pieces of a year from 0 to 99; the century does not count."""
    near = (f"{other % 100}" for other in (year - 1, year, year + 1))
    return [("year", f"{year}", weights.year), *(("year_near", one, weights.year_near) for one in near)]


def month_pieces(month: int, *, weights: Weights = WEIGHTS) -> list[Piece]:
    """Return the pieces of a month from 1 to 12."""
    return [("month", f"{month}", weights.month), ("day_or_month", f"{month}", weights.day_or_month)]


def day_pieces(day: int, *, weights: Weights = WEIGHTS) -> list[Piece]:
    """Return the pieces of a day from 1 to 31."""
    return [("day", f"{day}", weights.day), ("day_or_month", f"{day}", weights.day_or_month)]
