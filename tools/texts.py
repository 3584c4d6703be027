"""Bring the door's catalogues up to date with its templates: `python tools/texts.py`.

Writes door.pot, and adds what is new to every door.po, untranslated; a test fails until it is translated. The
head of a catalogue, with the comments of its translators, stays as it is.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PAGES = Path(__file__).parents[1] / "src/causeway/door/pages"
TEMPLATE = PAGES / "locale/door.pot"
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


if __name__ == "__main__":
    main()
