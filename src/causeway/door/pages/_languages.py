"""The languages of the door: their catalogues, how they write days, and which one a browser asks for."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import DateTimePattern, match_skeleton, parse_pattern
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from causeway.units import Day, day_to_date

__all__ = ["LANGUAGES", "LOCALES", "choose_language", "day_name", "direction", "own_name", "translations"]

LOCALES: Final = Path(__file__).parent / "locale"
_SOURCE: Final = "en"

LANGUAGES: Final[tuple[str, ...]] = (
    _SOURCE,
    *sorted(folder.name for folder in LOCALES.iterdir() if (folder / "LC_MESSAGES/door.po").is_file()),
)
"""Tags of the languages there are; the first is the one that the texts are written in."""


@cache
def translations(language: str) -> NullTranslations:
    """Return the texts of a language, compiled from its catalogue here: no compiled file can go stale."""
    if language == _SOURCE:
        return NullTranslations()
    with (LOCALES / language / "LC_MESSAGES/door.po").open("rb") as source:
        catalogue = read_po(source, locale=language, domain="door", abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain="door")


def direction(language: str) -> str:
    """Return `ltr` or `rtl`."""
    return Locale.parse(language).text_direction


def own_name(language: str) -> str:
    """Return a language's name in itself, as its readers look for it."""
    name = Locale.parse(language).get_language_name(language) or language
    return name[:1].upper() + name[1:]


def day_name(day: Day, *, language: str) -> str:
    """Return "Saturday 21 November" in a language."""
    # English without a country would be that of the United States, month first.
    locale = Locale.parse("en_GB" if language == _SOURCE else language)
    return _day_pattern(locale).apply(day_to_date(day), locale)


@cache
def _day_pattern(locale: Locale) -> DateTimePattern:
    """Return the pattern of a weekday and a day without its year, all names in full.

    CLDR gives many locales only the short form; writing its fields longer is what CLDR asks of a caller
    (UTS 35, "Matching Skeletons").
    """
    skeletons = locale.datetime_skeletons
    short = skeletons[match_skeleton("MMMMEEEEd", skeletons) or "MMMEd"].pattern
    return parse_pattern(re.sub(r"([EcML])\1*", lambda field: field[1] * 4, short))


def choose_language(accept: str) -> str:
    """Return the language that a browser wants most of those there are.

    Args:
        accept: The `Accept-Language` header; anything may stand in it.
    """
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")[:32]):
        tag, _, weight = part.partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        primary = tag.strip().lower().partition("-")[0]
        if primary in LANGUAGES and quality > 0:
            wanted.append((-quality, place, primary))
    return min(wanted)[2] if wanted else _SOURCE
