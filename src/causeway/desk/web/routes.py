"""Every page of the desk: its path, its code, and when it may be asked for. Nothing else exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from causeway.desk.web import (
    pages_backup,
    pages_centre,
    pages_conversation,
    pages_count,
    pages_duress,
    pages_files,
    pages_first,
    pages_help,
    pages_inbox,
    pages_inviting,
    pages_joining,
    pages_lock,
    pages_members,
    pages_outbox,
    pages_readers,
    pages_recovery,
    pages_settling,
)
from causeway.desk.web.keeper import State
from causeway.desk.web.page import Page

__all__ = ["ROUTES", "Route"]

_ANY: Final = frozenset(State) - {State.LEAVING}
_NEW: Final = frozenset({State.NEW})
_FIRST: Final = frozenset({State.NEW, State.MAKING, State.WAITING, State.OPEN})
_WAITING: Final = frozenset({State.WAITING})
_JOINING: Final = frozenset({State.WAITING, State.OPEN})
_OPEN: Final = frozenset({State.OPEN})
_REVOKED: Final = frozenset({State.REVOKED})
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
_M: Final = "/centre/m/{id:id}"
_D: Final = "/centre/d/{id:id}"
_I: Final = "/centre/i/{id:id}"
_ROOT: Final = "/centre/recovery"

ROUTES: Final = (
    Route("GET", "/", pages_lock.start, _ANY),
    Route("POST", "/unlock", pages_lock.unlock, _LOCKED),
    Route("POST", "/lock", pages_lock.lock, _NOT_MAKING),
    Route("POST", "/active", pages_lock.active, _ANY),
    Route("POST", "/language", pages_lock.language, _ANY),
    Route("GET", "/first", pages_first.show_begin, _NEW),
    Route("GET", "/first/backup", pages_backup.ask_backup, _NEW),
    Route("POST", "/first/backup", pages_backup.take_backup, _NEW, "/first/backup"),
    Route("GET", "/first/backup/found", pages_backup.show_found, _NEW),
    Route("POST", "/first/anew", pages_duress.begin_anew, _REVOKED),
    Route("GET", "/first/names", pages_first.show_names, _NEW),
    Route("POST", "/first/names", pages_first.take_names, _NEW, "/first/names"),
    Route("GET", "/first/passphrase", pages_first.show_passphrase, _NEW),
    Route("POST", "/first/passphrase", pages_first.take_passphrase, _NEW, "/first/passphrase"),
    Route("GET", "/first/door", pages_first.show_door, _NEW),
    Route("POST", "/first/door", pages_first.take_door, _NEW, "/first/door"),
    Route("GET", "/first/invited", pages_joining.ask_invitation, _NEW),
    Route("POST", "/first/invited", pages_joining.take_invitation, _NEW, "/first/invited"),
    Route("GET", "/join", pages_joining.show, _JOINING),
    Route("POST", "/join/opening", pages_joining.take_opening, _WAITING, "/join?step=2"),
    Route("POST", "/join/same", pages_joining.same, _WAITING, "/join"),
    Route("POST", "/join/differ", pages_joining.differ, _WAITING, "/join"),
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
    Route("GET", f"{_C}/readers", pages_readers.show, _OPEN),
    Route("POST", f"{_C}/readers", pages_readers.grant, _OPEN, "/c/{id}/readers"),
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
    Route("GET", "/centre/door", pages_centre.door, _OPEN),
    Route("POST", "/centre/door", pages_centre.set_door, _OPEN, "/centre/door"),
    Route("GET", "/centre/laptop", pages_centre.laptop, _OPEN),
    Route("POST", "/centre/files", pages_files.set_room, _OPEN, "/centre/laptop#files"),
    Route("POST", "/centre/passphrase", pages_centre.passphrase, _OPEN, "/centre/laptop#passphrase"),
    Route("POST", "/centre/renew", pages_centre.renew, _OPEN, "/centre"),
    Route("GET", "/centre/reads", pages_members.reads, _OPEN),
    Route("GET", "/centre/invite", pages_inviting.ask, _OPEN),
    Route("POST", "/centre/invite", pages_inviting.invite, _OPEN, "/centre/invite"),
    Route("GET", _I, pages_inviting.show, _OPEN),
    Route("POST", f"{_I}/answer", pages_inviting.take_answer, _OPEN, "/centre/i/{id}?step=2"),
    Route("POST", f"{_I}/same", pages_inviting.same, _OPEN, "/centre/i/{id}"),
    Route("POST", f"{_I}/differ", pages_inviting.differ, _OPEN, "/centre"),
    Route("POST", f"{_I}/forget", pages_inviting.forget, _OPEN, "/centre"),
    Route("GET", _M, pages_members.show, _OPEN),
    Route("POST", f"{_M}/role", pages_members.change_role, _OPEN, "/centre/m/{id}"),
    Route("POST", f"{_M}/laptop", pages_inviting.invite_laptop, _OPEN, "/centre/m/{id}"),
    Route("POST", f"{_M}/end-grant", pages_members.end_grant, _OPEN, "/centre/m/{id}"),
    Route("GET", f"{_M}/remove", pages_members.ask_remove, _OPEN),
    Route("POST", f"{_M}/remove", pages_members.remove, _OPEN, "/centre/m/{id}"),
    Route("GET", f"{_D}/lost", pages_members.ask_revoke, _OPEN),
    Route("POST", f"{_D}/lost", pages_members.revoke, _OPEN, "/centre"),
    Route("GET", "/centre/gone/{id:id}", pages_members.gone, _OPEN),
    Route("GET", "/centre/settle", pages_settling.show_conflicts, _OPEN),
    Route("POST", "/centre/settle", pages_settling.settle, _OPEN, "/centre/settle"),
    Route("GET", "/centre/aside", pages_settling.aside, _OPEN),
    Route("POST", "/centre/aside", pages_settling.take_in, _OPEN, "/centre/aside"),
    Route("GET", "/centre/readlog", pages_settling.read_log, _OPEN),
    Route("GET", "/centre/compare", pages_settling.ask_compare, _OPEN),
    Route("POST", "/centre/compare", pages_settling.compare, _OPEN, "/centre/compare"),
    Route("GET", _ROOT, pages_recovery.show, _OPEN),
    Route("POST", f"{_ROOT}/begin", pages_recovery.begin, _OPEN, _ROOT),
    Route("GET", f"{_ROOT}/share", pages_recovery.share, _OPEN),
    Route("POST", f"{_ROOT}/next", pages_recovery.following, _OPEN, f"{_ROOT}/share"),
    Route("POST", f"{_ROOT}/check", pages_recovery.check, _OPEN, f"{_ROOT}/share"),
    Route("POST", f"{_ROOT}/stop", pages_recovery.stop, _OPEN, _ROOT),
    Route("GET", f"{_ROOT}/use", pages_recovery.ask_use, _OPEN),
    Route("POST", f"{_ROOT}/share", pages_recovery.add, _OPEN, f"{_ROOT}/use"),
    Route("POST", f"{_ROOT}/clear", pages_recovery.clear, _OPEN, _ROOT),
    Route("POST", f"{_ROOT}/use", pages_recovery.use, _OPEN, f"{_ROOT}/use"),
    Route("GET", "/centre/duress", pages_duress.show, _OPEN),
    Route("POST", "/centre/duress", pages_duress.set_up, _OPEN, "/centre/duress"),
    Route("POST", "/centre/duress/away", pages_duress.take_away, _OPEN, "/centre/duress"),
    Route("GET", "/centre/backup", pages_backup.show, _OPEN),
    Route("POST", "/centre/backup", pages_backup.make, _OPEN, "/centre/backup"),
    Route("GET", "/help", pages_help.show, _OPEN),
)
