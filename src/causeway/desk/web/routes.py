"""Every page of the desk: its path, its code, and when it may be asked for. Nothing else exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from causeway.desk.web import (
    pages_centre,
    pages_conversation,
    pages_count,
    pages_files,
    pages_first,
    pages_help,
    pages_inbox,
    pages_lock,
    pages_outbox,
)
from causeway.desk.web.keeper import State
from causeway.desk.web.page import Page

__all__ = ["ROUTES", "Route"]

_ANY: Final = frozenset(State) - {State.LEAVING}
_NEW: Final = frozenset({State.NEW})
_FIRST: Final = frozenset({State.NEW, State.MAKING, State.OPEN})
_OPEN: Final = frozenset({State.OPEN})
_LOCKED: Final = frozenset({State.LOCKED, State.OPEN})
_NOT_MAKING: Final = _ANY - {State.MAKING}


@dataclass(frozen=True, slots=True)
class Route:
    """One page.

    Attributes:
        states: Where the desk must stand; anywhere else the answer is the way to `/`.
        back: Where to go, with the sentence, when the desk refuses what a form asked for.
    """

    method: str
    path: str
    view: Callable[[Page], Response]
    states: frozenset[State]
    back: str = "/"


_C: Final = "/c/{id:id}"
_F: Final = f"{_C}/f/{{file:id}}"
_OUT: Final = "/outbox/{id:id}"

ROUTES: Final = (
    Route("GET", "/", pages_lock.start, _ANY),
    Route("POST", "/unlock", pages_lock.unlock, _LOCKED),
    Route("POST", "/lock", pages_lock.lock, _NOT_MAKING),
    Route("POST", "/active", pages_lock.active, _ANY),
    Route("POST", "/language", pages_lock.language, _ANY),
    Route("GET", "/first", pages_first.show_begin, _NEW),
    Route("GET", "/first/names", pages_first.show_names, _NEW),
    Route("POST", "/first/names", pages_first.take_names, _NEW, "/first/names"),
    Route("GET", "/first/passphrase", pages_first.show_passphrase, _NEW),
    Route("POST", "/first/passphrase", pages_first.take_passphrase, _NEW, "/first/passphrase"),
    Route("GET", "/first/door", pages_first.show_door, _NEW),
    Route("POST", "/first/door", pages_first.take_door, _NEW, "/first/door"),
    Route("GET", "/first/making", pages_first.show_making, _FIRST),
    Route("GET", "/now", pages_inbox.now, _OPEN),
    Route("GET", "/status", pages_inbox.status, _OPEN),
    Route("POST", "/sync", pages_inbox.sync, _OPEN, "/now"),
    Route("POST", "/alarms/{kind:kind}/dismiss", pages_inbox.dismiss, _OPEN, "/now"),
    Route("GET", "/inbox", pages_inbox.inbox, _OPEN),
    Route("GET", "/next", pages_inbox.next_waiting, _OPEN),
    Route("POST", "/search", pages_inbox.search, _OPEN, "/inbox"),
    Route("GET", _C, pages_conversation.show, _OPEN),
    Route("POST", f"{_C}/answer", pages_conversation.answer, _OPEN, "/c/{id}"),
    Route("POST", f"{_C}/insert", pages_conversation.insert, _OPEN, "/c/{id}"),
    Route("POST", f"{_C}/label", pages_conversation.label, _OPEN, "/c/{id}"),
    Route("POST", f"{_C}/close", pages_conversation.close, _OPEN, "/c/{id}"),
    Route("POST", f"{_C}/reopen", pages_conversation.reopen, _OPEN, "/c/{id}"),
    Route("GET", _F, pages_files.show, _OPEN),
    Route("GET", f"{_F}/page/{{number:int}}", pages_files.page_of, _OPEN),
    Route("GET", f"{_F}/sound", pages_files.sound, _OPEN),
    Route("GET", f"{_F}/save", pages_files.ask_save, _OPEN),
    Route("POST", f"{_F}/save", pages_files.save, _OPEN, "/c/{id}"),
    Route("POST", f"{_F}/away", pages_files.take_away, _OPEN, "/c/{id}"),
    Route("POST", f"{_F}/again", pages_files.fetch_again, _OPEN, "/c/{id}"),
    Route("GET", "/outbox", pages_outbox.show, _OPEN),
    Route("POST", f"{_OUT}/hold", pages_outbox.hold, _OPEN, "/outbox"),
    Route("POST", f"{_OUT}/release", pages_outbox.release, _OPEN, "/outbox"),
    Route("POST", f"{_OUT}/withdraw", pages_outbox.withdraw, _OPEN, "/outbox"),
    Route("GET", "/count", pages_count.show, _OPEN),
    Route("POST", "/count", pages_count.start, _OPEN, "/count"),
    Route("POST", "/count/stop", pages_count.stop, _OPEN, "/count"),
    Route("POST", "/count/clear", pages_count.clear, _OPEN, "/count"),
    Route("GET", "/count/report.html", pages_count.whole, _OPEN),
    Route("GET", "/count/report.pdf", pages_count.paper, _OPEN),
    Route("GET", "/count/draws.csv", pages_count.draws, _OPEN),
    Route("GET", "/count/report.css", pages_count.style, _OPEN),
    Route("GET", "/centre", pages_centre.show, _OPEN),
    Route("GET", "/centre/qr.svg", pages_centre.qr, _OPEN),
    Route("POST", "/centre/door", pages_centre.set_door, _OPEN, "/centre"),
    Route("POST", "/centre/files", pages_files.set_room, _OPEN, "/centre#files"),
    Route("POST", "/centre/passphrase", pages_centre.passphrase, _OPEN, "/centre"),
    Route("GET", "/help", pages_help.show, _OPEN),
)
