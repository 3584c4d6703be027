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
"""

from __future__ import annotations

from causeway.door.pages._attendance import Attendance, attendance_of
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
from causeway.door.pages._routes import Site, routes

__all__ = [
    "EVERY",
    "LANGUAGES",
    "LIST_LANGUAGES",
    "Attendance",
    "Edition",
    "Site",
    "attendance_of",
    "checked_languages",
    "choose_language",
    "csp",
    "edition_of",
    "own_files",
    "render",
    "routes",
]
