"""The door's pages as a program reads them: words, tickets and answers."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import final

__all__ = ["DoorPage", "read_page"]


@dataclass(frozen=True, slots=True)
class DoorPage:
    """What stands on one page of the door.

    Attributes:
        words: The eight words, where they are shown.
        tickets: The ticket of each form, by the last part of the form's address.
        answers: The answers, oldest first.
    """

    words: tuple[str, ...]
    tickets: dict[str, str]
    answers: tuple[str, ...]


@final
class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tickets: dict[str, str] = {}
        self.answers: list[str] = []
        self._form = ""
        self._in_words = False
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "form":
            self._form = (named.get("action") or "").rpartition("/")[2]
        elif tag == "input" and named.get("name") == "ticket" and named.get("value"):
            self.tickets[self._form] = named["value"] or ""
        elif tag == "ol":
            self._in_words = "data-words" in named
        elif tag == "li" and self._in_words:
            self._open(self.words)
        elif tag == "p" and named.get("class") == "answer":
            self._open(self.answers)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("li", "p"):
            self._into = None
        elif tag == "ol":
            self._in_words = False

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data

    def _open(self, into: list[str]) -> None:
        into.append("")
        self._into = into


def read_page(page: str) -> DoorPage:
    """Read one page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return DoorPage(tuple(reader.words), reader.tickets, tuple(reader.answers))
