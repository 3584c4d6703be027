"""Who reads one conversation, and opening it to one more for a while."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from causeway.desk.web.centre_frame import in_order, today_of
from causeway.desk.web.page import Page
from causeway.units import Day

__all__ = ["grant", "show"]

_SPANS: Final = (7, 14, 30, 90)


def show(page: Page) -> Response:
    """The readers, and a form for one more."""
    view, people, today = page.desk.conversation(page.part("id")), page.desk.members.view(), today_of(page)
    known = {member.name: member for member in people.members}
    return page.show_desk(
        "readers.html",
        row=view.row,
        people=people,
        readers=[(name, known.get(name)) for name in view.readers],
        others=[one for one in in_order(people) if one.name not in view.readers],
        spans=[(days, Day(today + days)) for days in _SPANS],
    )


def grant(page: Page) -> Response:
    """Open it to one more member."""
    id_, member, days = page.part("id"), page.form.text("member"), page.form.text("days")
    chosen = next((span for span in _SPANS if str(span) == days), _SPANS[0])
    if not member:
        page.warn(page.sentence("Please choose to whom."))
        return page.go(f"/c/{id_}/readers")
    page.desk.members.grant(member, conversation=id_, last_day=Day(today_of(page) + chosen))
    page.say(page.sentence("It is open to them. The keys leave with the next round."))
    return page.go(f"/c/{id_}/readers")
