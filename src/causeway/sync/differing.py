"""Where two pages part, and in what: for the sentence that a member reads. Nothing is decided here.

Whether a page is altered is decided by comparing bytes, in `sync.watch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser
from typing import Final

__all__ = ["FirstDifference", "Place", "Sort", "first_difference"]

_EXCERPT: Final = 80
_BEFORE: Final = 20
_ACTIVE: Final = frozenset(("script", "iframe", "object", "embed", "base", "meta", "link", "style", "svg"))


class Sort(StrEnum):
    """What kind of thing differs first."""

    SCRIPT = "script"
    LANGUAGES = "languages"
    TEXT = "text"
    MARKUP = "markup"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line, counted from one, and what stands there: as it should, and as it was served."""

    line: int
    expected: str
    served: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstDifference:
    """Where two texts part first, and what kind of thing is there."""

    sort: Sort
    place: Place


def first_difference(served: bytes, *, expected: bytes) -> FirstDifference:
    """Say where two texts part, and in what."""
    at = next(
        (place for place, (one, other) in enumerate(zip(served, expected, strict=False)) if one != other),
        min(len(served), len(expected)),
    )
    place = Place(
        line=expected.count(b"\n", 0, at) + 1,
        expected=_excerpt(expected, at),
        served=_excerpt(served, at),
    )
    return FirstDifference(sort=_sort(served, expected), place=place)


def _excerpt(text: bytes, at: int) -> str:
    part = text[max(0, at - _BEFORE) : at + _EXCERPT].decode("utf-8", "replace")
    shown = "".join(one if one.isprintable() else " " for one in part)
    return " ".join(shown.replace("\ufffd", "").split())


def _sort(served: bytes, expected: bytes) -> Sort:
    one, other = _Parts.of(served), _Parts.of(expected)
    if one.active != other.active:
        return Sort.SCRIPT
    if one.languages != other.languages:
        return Sort.LANGUAGES
    return Sort.TEXT if one.tags == other.tags else Sort.MARKUP


class _Parts(HTMLParser):
    """What runs or loads, which languages are offered, and the tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.active: list[str] = []
        self.languages: list[str] = []
        self.tags: list[str] = []
        self._inside = ""

    @classmethod
    def of(cls, page: bytes) -> _Parts:
        parts = cls()
        parts.feed(page.decode("utf-8", "replace"))
        parts.close()
        return parts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if "data-language-link" in named:
            self.languages.append(named.get("href") or "")
            return  # its texts follow from the language
        self.tags.append(f"<{tag} {attrs}>")
        handlers = [
            (name, value) for name, value in attrs if name.startswith("on") or "javascript:" in (value or "")
        ]
        if tag in _ACTIVE or handlers:
            self.active.append(f"<{tag} {attrs}>")
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            self.active.append(data)
