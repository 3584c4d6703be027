"""The languages of the door: how they are written, and which one a browser asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import DateTimePattern, match_skeleton, parse_pattern

from causeway.door.pages._persian import persian_day
from causeway.units import Day, day_to_date

__all__ = [
    "CATALOGUED",
    "LIST_LANGUAGES",
    "LOCALES",
    "SOURCE",
    "choose_language",
    "day_name",
    "direction",
    "own_name",
]

LOCALES: Final = Path(__file__).parent / "locale"
SOURCE: Final = "en"
"""The language that the texts are written in."""

CATALOGUED: Final[tuple[str, ...]] = (
    SOURCE,
    *sorted(folder.name for folder in LOCALES.iterdir() if (folder / "LC_MESSAGES/door.po").is_file()),
)
"""Tags of the languages that have a catalogue, whether or not anything stands in it; the source first."""

_STATIC: Final = Path(__file__).parents[1] / "static"

LIST_LANGUAGES: Final = tuple(
    sorted(path.stem.removeprefix("words-") for path in _STATIC.glob("words-*.txt"))
)
"""Those with a list of words. A visitor of any other language is given groups of digits."""

_ZEROS: Final = {"arab": 0x0660, "arabext": 0x06F0}


def direction(language: str) -> str:
    """Return `ltr` or `rtl`."""
    return Locale.parse(language).text_direction


def own_name(language: str) -> str:
    """Return a language's name in itself, as its readers look for it."""
    name = Locale.parse(language).get_language_name(language) or language
    return name[:1].upper() + name[1:]


def day_name(day: Day, *, language: str) -> str:
    """Return "Saturday 21 November" in a language; in Persian by the calendar that is kept there."""
    # English without a country would be that of the United States, month first.
    locale = Locale.parse("en_GB" if language == SOURCE else language)
    date = day_to_date(day)
    if language == "fa":
        text = f"{locale.days['format']['wide'][date.weekday()]} {persian_day(date)}"
    else:
        text = _day_pattern(locale).apply(date, locale)
    zero = _ZEROS.get(locale.default_numbering_system)
    return re.sub(r"[0-9]", lambda digit: chr(zero + int(digit[0])), text) if zero else text


@cache
def _day_pattern(locale: Locale) -> DateTimePattern:
    """Return the pattern of a weekday and a day without its year, all names in full.

    CLDR gives many locales only the short form; writing its fields longer is what CLDR asks of a caller
    (UTS 35, "Matching Skeletons").
    """
    skeletons = locale.datetime_skeletons
    short = skeletons[match_skeleton("MMMMEEEEd", skeletons) or "MMMEd"].pattern
    return parse_pattern(re.sub(r"([EcML])\1*", lambda field: field[1] * 4, short))


def choose_language(accept: str, *, languages: Sequence[str]) -> str:
    """Return the language that a browser wants most of those there are; the first where it wants none.

    Args:
        accept: The `Accept-Language` header; anything may stand in it.
        languages: What this door offers.
    """
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")[:32]):
        tag, _, weight = part.partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        primary = tag.strip().lower().partition("-")[0]
        if primary in languages and quality > 0:
            wanted.append((-quality, place, primary))
    return min(wanted)[2] if wanted else languages[0]
