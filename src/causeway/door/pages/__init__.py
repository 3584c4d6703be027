"""What a visitor is shown: pages rendered from words and state. Holds no key and opens nothing.

The views, and what each is rendered with besides `exit_label` and `addresses`:

    welcome  attendance
    return   problem_key, word
    write    words, ticket, text, problem_key
    sent     -
    answers  answers (each with day and text), closed, more, ticket, text, problem_key
    done     -
    gone     -
    problem  problem_key

What serves them by address is loaded when it is first asked for: it needs a framework for servers, which the
processes that take forms have no use for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causeway.door.pages._attendance import Attendance, attendance_of, attendance_on
from causeway.door.pages._edition import (
    EVERY,
    LANGUAGES,
    Edition,
    checked_languages,
    edition_of,
    own_files,
)
from causeway.door.pages._languages import LIST_LANGUAGES, choose_language
from causeway.door.pages._render import csp, render

if TYPE_CHECKING:
    from causeway.door.pages._routes import Site, routes, static_files

__all__ = [
    "EVERY",
    "LANGUAGES",
    "LIST_LANGUAGES",
    "Attendance",
    "Edition",
    "Site",
    "attendance_of",
    "attendance_on",
    "checked_languages",
    "choose_language",
    "csp",
    "edition_of",
    "own_files",
    "render",
    "routes",
    "static_files",
]

_BY_ADDRESS = ("Site", "routes", "static_files")


def __getattr__(name: str) -> object:
    if name in _BY_ADDRESS:
        from causeway.door.pages import _routes

        return getattr(_routes, name)
    raise AttributeError(name)
