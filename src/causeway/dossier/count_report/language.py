"""Languages of the report: its own catalogue, and how numbers are written."""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from causeway.sentences import Sentence

__all__ = ["FOLDER", "LANGUAGES", "Language", "language"]

FOLDER: Final = Path(__file__).parent / "locale"
LANGUAGES: Final = ("en", "ru")
"""English is the language of the source; every other one has a catalogue, in which nothing may be missing."""

_LOCALES: Final = {"en": "en_GB", "ru": "ru_RU"}
_NO_NUMBER: Final = "–"


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its tag, its texts, its rules for numbers and dates."""

    tag: str
    texts: gettext.NullTranslations
    locale: Locale

    def tell(self, sentence: Sentence) -> str:
        """Return a sentence with its numbers as this language writes them."""
        values = {
            name: value if isinstance(value, str) else self.number(value, digits=3)
            for name, value in sentence.values.items()
        }
        return Sentence(sentence.text, values).in_language(self.texts.gettext)

    def number(self, number: float | None, *, digits: int = 0) -> str:
        """Return a number with at most so many decimals; a dash for one that is not known."""
        if number is None or number != number or number in (float("inf"), -float("inf")):
            return _NO_NUMBER
        return str(format_decimal(round(number, digits), format="#,##0.###", locale=self.locale))

    def span(self, low: float | None, high: float | None) -> str:
        """Return two ends that no line breaks apart; a dash where one is not known."""
        if low is None or high is None:
            return _NO_NUMBER
        return f"{self.number(low)}\u00a0–\u00a0{self.number(high)}"

    def day(self, day: date) -> str:
        """Return a date in words."""
        return str(format_date(day, "long", locale=self.locale))

    def joined(self, names: Sequence[str]) -> str:
        """Return names in a row, the last joined by this language's "and"."""
        return str(format_list(list(names), locale=self.locale))


@cache
def language(tag: str) -> Language:
    """Return one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    return Language(tag, _texts(tag), Locale.parse(_LOCALES[tag]))


def _texts(tag: str) -> gettext.NullTranslations:
    path = FOLDER / f"{tag}.po"
    if not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=tag, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
