"""Bring the door's catalogues up to date with its templates: `python tools/texts.py`.

Writes door.pot, and adds what is new to every door.po, untranslated; a test fails until it is translated. The
head of a catalogue, with the comments of its translators, stays as it is. Then writes texts.json, which is
all that a door reads: run it again whenever a translation has changed.
"""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import DateTimePattern, match_skeleton, parse_pattern
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PAGES = Path(__file__).parents[1] / "src/causeway/door/pages"
TEMPLATE = PAGES / "locale/door.pot"
SHIPPED = PAGES / "locale/texts.json"
SOURCE = "en"
_GAPS = {"E": "{weekday}", "c": "{weekday}", "d": "{day}", "M": "{month}", "L": "{month}"}
_ZEROS = {"arab": "\u0660", "arabext": "\u06f0"}
_OPTIONS = {"extensions": "jinja2.ext.i18n", "silent": "false"}


def extract() -> Catalog:
    """Return every text of the templates, in the order in which they are found."""
    catalogue = Catalog(domain="door", project="Causeway", version="1", charset="utf-8")
    found = extract_from_dir(
        PAGES / "templates",
        method_map=[("**.html", "jinja2")],
        options_map={"**.html": _OPTIONS},
    )
    for _, _, text, comments, context in found:
        catalogue.add(text, auto_comments=comments, context=context)
    return catalogue


def catalogues() -> list[Path]:
    """Return the files of all languages but English, whether or not anything stands in them."""
    return sorted((PAGES / "locale").glob("*/LC_MESSAGES/door.po"))


def head_of(text: str) -> str:
    """Return a catalogue's head, up to the first empty line: comments and the entry of its header."""
    return text.partition("\n\n")[0]


def written(catalogue: Catalog, *, head: str) -> bytes:
    """Return a catalogue's file. Neither places nor dates: a line that moved is not a change of a text."""
    body = io.BytesIO()
    write_po(body, catalogue, width=100, no_location=True, omit_header=True)
    return head.encode() + b"\n\n" + body.getvalue()


def texts_of(path: Path) -> dict[str, str]:
    """Return what a catalogue translates."""
    with path.open("rb") as source:
        catalogue = read_po(source, locale=path.parts[-3], domain="door", abort_invalid=True)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


def day_pattern(locale: Locale) -> DateTimePattern:
    """Return the pattern of a weekday and a day without its year, all names in full.

    CLDR gives many locales only the short form; writing its fields longer is what CLDR asks of a caller
    (UTS 35, "Matching Skeletons").
    """
    skeletons = locale.datetime_skeletons
    short = skeletons[match_skeleton("MMMMEEEEd", skeletons) or "MMMEd"].pattern
    return parse_pattern(re.sub(r"([EcML])\1*", lambda field: field[1] * 4, short))


def locale_of(language: str) -> Locale:
    """Return CLDR's locale; English without a country would be that of the United States, month first."""
    return Locale.parse("en_GB" if language == SOURCE else language)


def speech_of(language: str) -> dict[str, Any]:
    """Return how a language is written, see `causeway.door.pages._languages.Speech`."""
    locale = locale_of(language)
    plain = Locale.parse(language)
    name = plain.get_language_name(language) or language
    pattern = str(day_pattern(locale).format)
    weekdays = locale.days["stand-alone" if "cccc" in pattern else "format"]["wide"]
    months = locale.months["stand-alone" if "LLLL" in pattern else "format"]["wide"]
    date = re.sub(r"%\((.)\1*\)s", lambda field: _GAPS[field[1]], pattern)
    return {
        "direction": plain.text_direction,
        "name": name[:1].upper() + name[1:],
        "weekdays": [weekdays[day] for day in range(7)],
        "months": [months[month] for month in range(1, 13)],
        "date": date,
        "zero": _ZEROS.get(locale.default_numbering_system, "0"),
    }


def shipped() -> bytes:
    """Return texts.json."""
    with TEMPLATE.open("rb") as source:
        known = [str(message.id) for message in read_po(source) if message.id]
    languages = {path.parts[-3]: texts_of(path) for path in catalogues()}
    whole = {
        "known": known,
        "texts": languages,
        "speech": {language: speech_of(language) for language in (SOURCE, *languages)},
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"


def main() -> None:
    """Write all of them."""
    found = extract()
    TEMPLATE.write_bytes(written(found, head=head_of(TEMPLATE.read_text("utf-8"))))
    for path in catalogues():
        before = path.read_text("utf-8")
        catalogue = read_po(io.StringIO(before), locale=path.parts[-3], domain="door")
        catalogue.update(found, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path.write_bytes(written(catalogue, head=head_of(before)))
    SHIPPED.write_bytes(shipped())


if __name__ == "__main__":
    main()
