"""Prepared answers in the languages of the door: put into the field to be edited, never sent as they are."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from causeway.desk.web.language import DEFAULT
from causeway.sealed.board import CELL_ROOM

__all__ = ["ANSWER_BYTES_MAX", "FOLDER", "Prepared", "text_of", "words_for"]

FOLDER: Final = Path(__file__).parent.parent / "prepared"

_JSON_AROUND: Final = 160
"""Bytes that the form of `wire.answer` puts round one answer, rounded up."""
ANSWER_BYTES_MAX: Final = CELL_ROOM - _JSON_AROUND
"""Bytes of JSON that one answer may have, so that a cell of the board holds it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One prepared answer: its key (`en/read`), what it is called on its button, its words."""

    key: str
    language: str
    title: str
    text: str


@cache
def _all() -> dict[str, tuple[Prepared, ...]]:
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}


def _read(path: Path) -> tuple[Prepared, ...]:
    tag = path.stem
    listed = tomllib.loads(path.read_text("utf-8"))["answers"]
    return tuple(Prepared(f"{tag}/{one['key']}", tag, one["title"], one["text"].strip()) for one in listed)


def words_for(language: str, *, fallback: str) -> tuple[Prepared, ...]:
    """Return the prepared answers in a person's language (BCP 47); else in `fallback`, else in English."""
    every = _all()
    for tag in (language, language.split("-")[0], fallback):
        if tag in every:
            return every[tag]
    return every[DEFAULT]


def text_of(key: str) -> str:
    """Return the words of a prepared answer; nothing where there is none of this key."""
    return next((one.text for listed in _all().values() for one in listed if one.key == key), "")
