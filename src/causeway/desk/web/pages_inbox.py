"""Now, the inbox, and what is found in it."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from causeway.desk.views import AlarmKind, ConversationState
from causeway.desk.web.listing import Where, listing_of
from causeway.desk.web.page import Page

__all__ = ["dismiss", "inbox", "next_waiting", "now", "search", "status", "sync"]

_NOW_ROWS: Final = 20
_PALETTE_ROWS: Final = 8


def now(page: Page) -> Response:
    """Alarms, who waits, what waits to leave, and whether the relay is reached."""
    found = page.desk.inbox(state=ConversationState.WAITING, forced=False, limit=_NOW_ROWS + 1)
    values = {
        "sync": page.desk.sync_view(),
        "forced": page.desk.forced(limit=_NOW_ROWS),
        "rows": found[:_NOW_ROWS],
        "more": len(found) > _NOW_ROWS,
        "counts": page.desk.counts(),
        "outbox": page.desk.outbox(),
        "centre": page.desk.centre(),
        "watch": page.desk.door_watch(),
    }
    if page.fragment:
        return page.show_part("now_part.html", **values)
    # Not in the part that asks again every few seconds: this is worked out from all conversations.
    conflicts = len(page.desk.members.view().conflicts)
    return page.show_desk("now.html", conflicts=conflicts, **values)


def status(page: Page) -> Response:
    """The numbers beside the places, and one line about the relay."""
    return page.show_part("status_part.html", **page.beside()) if page.fragment else page.go("/now")


def inbox(page: Page) -> Response:
    """The list, with nothing opened beside it."""
    listing = listing_of(page)
    if page.fragment:
        return page.show_part("list_part.html", listing=listing, current=page.asked("current")[:32])
    return page.show_desk("inbox.html", listing=listing, current="")


def next_waiting(page: Page) -> Response:
    """Open who has waited longest, other than the conversation that is open."""
    rows = page.desk.inbox(state=ConversationState.WAITING, limit=2)
    other = next((row for row in rows if row.id != page.asked("but")), None)
    return page.go(f"/c/{other.id}" if other else "/now")


def search(page: Page) -> Response:
    """Search for words; they come by POST and go into no address."""
    query = page.form.line("q")[:200]
    if page.fragment:
        rows = page.desk.search(query, limit=_PALETTE_ROWS) if query else ()
        return page.show_part("palette_part.html", rows=rows, query=query)
    if not query:
        return page.go("/inbox")
    return page.go("/inbox" + Where(found=page.keeper.remember_search(query)).suffix())


def sync(page: Page) -> Response:
    """Reach for the relay now."""
    page.desk.sync_now()
    page.say(page.sentence("Reaching for the relay. What waits goes out as soon as it answers."))
    return page.go("/outbox" if page.form.text("back") == "/outbox" else "/now")


def dismiss(page: Page) -> Response:
    """Take an alarm away after somebody has looked at it: the one that was on the page, and no later one."""
    page.desk.dismiss_alarm(AlarmKind(page.part("kind")), conversation=page.form.text("conversation") or None)
    return page.go("/now")
