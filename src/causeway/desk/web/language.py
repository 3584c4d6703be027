"""Languages of the desk: catalogues read at start, and which one a request is answered in."""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.core import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = ["DEFAULT", "LANGUAGES", "Language", "choose", "load"]

FOLDER: Final = Path(__file__).parent.parent / "locale"
LANGUAGES: Final = {"en": "English", "ru": "Русский"}
"""Tag to name, each in its own language. English is the language of the source."""
DEFAULT: Final = "en"

_DATES: Final = {"en": "en_GB", "ru": "ru_RU"}
"""Whose dates and clocks go with a language: the day before the month, 24 hours."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its tag, its texts, its rules for dates and numbers."""

    tag: str
    texts: gettext.NullTranslations
    locale: Locale

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.locale.text_direction


def load() -> dict[str, Language]:
    """Read the catalogues of all languages from their .po files."""
    return {tag: Language(tag, _texts(tag), Locale.parse(_DATES[tag])) for tag in LANGUAGES}


def choose(*, cookie: str | None, preferred: str | None, accept: str) -> str:
    """Return the tag to answer in: chosen on the page, at the start, or by the browser's settings."""
    for tag in (cookie, preferred):
        if tag in LANGUAGES:
            return tag
    wanted = [part.split(";")[0].strip().replace("-", "_") for part in accept.split(",")]
    return negotiate_locale([tag for tag in wanted if tag], list(LANGUAGES)) or DEFAULT


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
