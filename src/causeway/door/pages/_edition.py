"""What one door says: the languages that it offers, with the texts that its centre put in place of ours.

A catalogue says in its header whether somebody who grew up with the language has checked it:
`X-Causeway-Checked: no`, or `yes` and the year. A door offers what is checked, what its operator signs for,
and English, in which the texts are written.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from causeway.door.pages._languages import CATALOGUED, LOCALES, SOURCE, shipped
from causeway.errors import LocalError

__all__ = ["EVERY", "LANGUAGES", "Edition", "checked_languages", "edition_of", "own_files"]

_DOMAIN: Final = "door"
_CHECKED: Final = re.compile(r'^"X-Causeway-Checked: (no|yes (?:19|20)[0-9]{2})\\n"$', re.MULTILINE)
_GAP: Final = re.compile(r"%(?:%|\((\w+)\)s|)")
_FILE_BYTES_MAX: Final = 1 << 20


@dataclass(frozen=True, eq=False, slots=True)
class Edition:
    """The texts of one door. Made by `edition_of`; the same for as long as the door runs.

    Attributes:
        languages: Tags of what is offered, English first.
        own: The centre's own texts: by language, by the text of ours that each takes the place of.
    """

    languages: tuple[str, ...]
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def texts(self, language: str) -> Mapping[str, str]:
        """Return what each text of ours is in a language; what is missing stays as it is."""
        return {**_shipped(language), **self.own.get(language, {})}


def _catalogue_path(language: str) -> Path:
    return LOCALES / language / f"LC_MESSAGES/{_DOMAIN}.po"


@cache
def _known() -> frozenset[str]:
    """Return all texts of ours."""
    return frozenset(shipped()["known"])


def _shipped(language: str) -> Mapping[str, str]:
    return shipped()["texts"].get(language, {})


def _missing(language: str, own: Mapping[str, str]) -> int:
    return 0 if language == SOURCE else len(_known() - _shipped(language).keys() - own.keys())


LANGUAGES: Final[tuple[str, ...]] = tuple(tag for tag in CATALOGUED if not _missing(tag, {}))
"""Tags of the languages that every text is translated into, English first."""

EVERY: Final = Edition(LANGUAGES)
"""All of them, for a demonstration, drills and tests."""


def checked_languages() -> tuple[str, ...]:
    """Return the tags of what somebody who grew up with the language has checked, English first."""
    checked = [SOURCE]
    for language in LANGUAGES[1:]:
        found = _CHECKED.search(_catalogue_path(language).read_text("utf-8"))
        if found and found[1] != "no":
            checked.append(language)
    return tuple(checked)


def own_files(folder: Path) -> dict[str, bytes]:
    """Read a centre's own catalogues, `<tag>.po`, from its folder.

    Raises:
        LocalError: The folder or a file can't be read, or a name is no catalogue's.
    """
    try:
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix == ".po"}
    except OSError as error:
        raise LocalError("The folder of texts can't be read.", reason=error.strerror or "?") from None
    if not files:
        raise LocalError("The folder of texts has no file whose name is a language and .po, such as ru.po.")
    return files


def edition_of(offered: Iterable[str], own: Mapping[str, bytes] | None = None) -> Edition:
    """Return what a door says.

    Args:
        offered: Tags of languages besides those that are checked; somebody answers for each of them.
        own: The centre's own catalogues by file name, see `own_files`.

    Raises:
        LocalError: A language that there is none of, one that lacks texts, or a file that is not as it should
            be; its name, line and fault are in the error.
    """
    texts = {tag: dict(_read_own(tag, name, content)) for tag, name, content in _by_language(own or {})}
    asked = {*checked_languages(), *offered}
    for tag in sorted(asked):
        if tag not in CATALOGUED:
            raise LocalError("There is no catalogue of this language.", there_are=" ".join(CATALOGUED))
        if missing := _missing(tag, texts.get(tag, {})):
            raise LocalError(
                "A language lacks texts, so the door can't offer it.", language=tag, missing=missing
            )
    unused = sorted(texts.keys() - asked)
    if unused:
        raise LocalError("There are texts for a language that the door does not offer.", language=unused[0])
    return Edition((SOURCE, *sorted(asked - {SOURCE})), texts)


def _by_language(own: Mapping[str, bytes]) -> Iterator[tuple[str, str, bytes]]:
    for name, content in sorted(own.items()):
        tag = name.removesuffix(".po")
        if tag not in CATALOGUED:
            raise LocalError("There is no catalogue of this language.", file=name)
        yield tag, name, content


def _read_own(tag: str, name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Read a centre's catalogue: texts of ours, and what to say in their place; without it, ours stays."""
    # Here, since a door without texts of its own has no use for so large a library.
    from babel.messages.pofile import PoFileError, read_po

    if len(content) > _FILE_BYTES_MAX:
        raise LocalError("A file of texts is too large.", file=name, limit=_FILE_BYTES_MAX)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LocalError("A file of texts is not in UTF-8.", file=name, line=line) from None
    try:
        catalogue = read_po(io.StringIO(text), locale=tag, domain=_DOMAIN, abort_invalid=True)
    except PoFileError as error:
        raise LocalError("A file of texts is no catalogue.", file=name, line=error.lineno + 1) from None
    except ValueError:
        raise LocalError("A file of texts has a head that can't be read.", file=name) from None
    for message in catalogue:
        line = message.lineno or 0
        if not message.id or not message.string:
            continue
        if not isinstance(message.id, str) or message.context or message.id not in _known():
            raise LocalError("A text of this file is none of the door's.", file=name, line=line)
        if message.fuzzy:
            raise LocalError("A text is marked as fuzzy: as not finished.", file=name, line=line)
        theirs = str(message.string)
        if _gaps(theirs) != _gaps(message.id):
            raise LocalError(
                "A text has other gaps than the one that it replaces. A per cent sign is written %%.",
                file=name,
                line=line,
            )
        yield message.id, theirs


def _gaps(text: str) -> Sequence[str]:
    """Return the names of gaps such as `%(day)s`, in order of names; a lone % is an empty one."""
    return sorted(found[1] or "" for found in _GAP.finditer(text) if found[0] != "%%")
