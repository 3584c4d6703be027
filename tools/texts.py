"""Bring the door's catalogues up to date with its templates: `python tools/texts.py`.

Writes door.pot, and adds what is new to every door.po, untranslated; a test fails until it is translated.
"""

from __future__ import annotations

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
    """Return the files of all translated languages."""
    return sorted((PAGES / "locale").glob("*/LC_MESSAGES/door.po"))


def _write(path: Path, catalogue: Catalog) -> None:
    # Neither places nor dates: a line that moved is not a change of a text.
    with path.open("wb") as target:
        write_po(target, catalogue, width=100, no_location=True, omit_header=True)


def main() -> None:
    """Write all of them."""
    found = extract()
    _write(TEMPLATE, found)
    for path in catalogues():
        with path.open("rb") as source:
            catalogue = read_po(source, locale=path.parts[-3], domain="door")
        catalogue.update(found, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _write(path, catalogue)


if __name__ == "__main__":
    main()
