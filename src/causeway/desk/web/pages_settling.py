"""What two members set apart, what was refused, who opened what, and whether two desks have the same."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from starlette.responses import Response

from causeway.desk.member_views import ReadView
from causeway.desk.web.centre_frame import show_centre
from causeway.desk.web.page import Page

__all__ = ["aside", "ask_compare", "compare", "read_log", "settle", "show_conflicts", "take_in"]

_CONFLICTS: Final = 50
_LINES: Final = 500
_COMPARE: Final = "/centre/compare"


def show_conflicts(page: Page) -> Response:
    """Both values, with who and when."""
    people = page.desk.members.view()
    shown = people.conflicts[:_CONFLICTS]
    more = len(people.conflicts) - len(shown)
    return show_centre(page, "centre_settle.html", people=people, conflicts=shown, more=more)


def settle(page: Page) -> Response:
    """Keep one of the values."""
    form = page.form
    page.desk.members.settle_conflict(
        form.text("conversation"), name=form.text("register"), entry=form.text("entry")
    )
    page.say(page.sentence("Settled: this value stands on every desk, once it has synced."))
    return page.go("/centre/settle")


def aside(page: Page) -> Response:
    """What was refused, with its reason; what can be taken in first."""
    people = page.desk.members.view()
    listed = sorted(people.aside, key=lambda one: (not one.can_take_in, -one.first_day))
    return show_centre(page, "centre_aside.html", people=people, aside=listed)


def take_in(page: Page) -> Response:
    """Issue again what somebody who is gone wrote beyond the cut."""
    taken = page.desk.members.take_in(page.form.text("aside"))
    texts = page.language.texts
    page.say(
        texts.ngettext("%(num)s entry is taken in.", "%(num)s entries are taken in.", taken) % {"num": taken}
    )
    return page.go("/centre/aside")


def read_log(page: Page) -> Response:
    """Who opened which case, day by day, of all cases or of one."""
    conversation = page.asked("c")
    about = page.desk.conversation(conversation).row.code_name if conversation else ""
    found = page.desk.members.read_log(conversation=conversation or None, limit=_LINES)
    days = [(day, _by_name(list(lines))) for day, lines in groupby(found, key=lambda one: one.day)]
    return show_centre(
        page,
        "centre_readlog.html",
        people=page.desk.members.view(),
        days=days,
        about=about,
        full=len(found) == _LINES,
        most=_LINES,
    )


def _by_name(lines: list[ReadView]) -> list[tuple[str, list[ReadView]]]:
    lines.sort(key=lambda one: (one.member.casefold(), one.code_name.casefold()))
    return [(name, list(cases)) for name, cases in groupby(lines, key=lambda one: one.member)]


def ask_compare(page: Page) -> Response:
    """The two words of a salt, and six words for all that is here."""
    kept = page.kept()
    heads = page.desk.members.compare_heads(kept["salt"]) if kept else None
    return show_centre(
        page,
        "centre_compare.html",
        people=page.desk.members.view(),
        heads=heads,
        begun=bool(kept.get("begun")),
    )


def compare(page: Page) -> Response:
    """Begin with two words of our own, or with those that were heard."""
    begun = page.form.text("begin")
    heads = page.desk.members.compare_heads("" if begun else page.form.line("salt"))
    # The words are said aloud and still go into no address.
    page.keep(_COMPARE, {"salt": " ".join(next(iter(heads.salt.values()))), "begun": begun})
    return page.go(_COMPARE)
