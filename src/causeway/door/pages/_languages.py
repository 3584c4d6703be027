"""The languages of the door: how they are written, and which one a browser asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypedDict

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
    "shipped",
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


class Speech(TypedDict):
    """How one language is written (CLDR, out of Babel by `tools/texts.py`).

    Attributes:
        direction: `ltr` or `rtl`.
        name: Of the language in itself.
        weekdays: Monday first, as they stand in a date.
        months: January first, as they stand in a date.
        date: How the gaps `{weekday}`, `{day}` and `{month}` make a date.
        zero: The digit nought.
    """

    direction: str
    name: str
    weekdays: list[str]
    months: list[str]
    date: str
    zero: str


class Shipped(TypedDict):
    """What `tools/texts.py` makes of the catalogues: plain data, since Babel takes 11 MB of every process.

    Attributes:
        known: All texts of ours.
        texts: By language, what each is translated to.
        speech: By language.
    """

    known: list[str]
    texts: dict[str, dict[str, str]]
    speech: dict[str, Speech]


@cache
def shipped() -> Shipped:
    """Return all languages' texts."""
    read: Shipped = json.loads((LOCALES / "texts.json").read_text("utf-8"))
    return read


def direction(language: str) -> str:
    """Return `ltr` or `rtl`."""
    return shipped()["speech"][language]["direction"]


def own_name(language: str) -> str:
    """Return a language's name in itself, as its readers look for it."""
    return shipped()["speech"][language]["name"]


def day_name(day: Day, *, language: str) -> str:
    """Return "Saturday 21 November" in a language; in Persian by the calendar that is kept there."""
    speech = shipped()["speech"][language]
    date = day_to_date(day)
    weekday = speech["weekdays"][date.weekday()]
    if language == "fa":
        text = f"{weekday} {persian_day(date)}"
    else:
        text = speech["date"].format(weekday=weekday, day=date.day, month=speech["months"][date.month - 1])
    zero = ord(speech["zero"])
    return text if zero == ord("0") else re.sub(r"[0-9]", lambda digit: chr(zero + int(digit[0])), text)


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
