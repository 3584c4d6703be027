"""A desk that was invited: pasting the invitation at first run, then waiting until it is let in."""

from __future__ import annotations

from starlette.responses import Response

from causeway.desk.web.keeper import FirstRun, State
from causeway.desk.web.page import Page
from causeway.desk.web.pages_inviting import wrong_text
from causeway.desk.web.settings import SettingRefused, checked_socks
from causeway.errors import LocalError
from causeway.record.invitation import Pasted, read_invitation, read_text
from causeway.units import day_of

__all__ = ["ask_invitation", "differ", "same", "show", "take_invitation", "take_opening"]

_INVITED = "/first/invited"


def ask_invitation(page: Page) -> Response:
    """(1) The text that was sent."""
    fields = {"invitation": page.keeper.first.invitation, "socks": page.keeper.socks or ""} | page.kept()
    if page.keeper.problem:
        page.warn(page.sentence(page.keeper.problem))
        page.keeper.problem = ""
    return page.show("first_invited.html", fields=fields)


def take_invitation(page: Page) -> Response:
    """Look whether it is one, before a passphrase is thought of."""
    text, socks = page.form.text("invitation").strip(), page.form.line("socks")
    page.keep(_INVITED, {"invitation": text, "socks": socks})
    problem, reached = wrong_text(page, text, wanted=Pasted.INVITATION), None
    try:
        reached = checked_socks(socks)
        if not problem:
            content = read_text(text, kind=Pasted.INVITATION)
            read_invitation(content, today=day_of(page.keeper.clock()))
    except (SettingRefused, LocalError) as error:
        problem = page.sentence(error.what)
    if problem:
        page.warn(problem)
        return page.go(_INVITED)
    page.keep(_INVITED, {})
    page.keeper.socks = reached
    page.keeper.first = FirstRun(invitation=text)
    return page.go("/first/passphrase")


def show(page: Page) -> Response:
    """The step that is its turn; once admitted, the desk."""
    if page.keeper.admit():
        page.say(page.sentence("You are in. What the others have comes in with the next rounds."))
        return page.go("/now")
    if page.keeper.state is not State.WAITING:
        return page.go("/")
    view = page.keeper.waiting.view()
    if page.fragment:
        return page.show_part("join_part.html", view=view)
    return page.show("join.html", view=view, later=page.asked("step") == "2")


def take_opening(page: Page) -> Response:
    """Take their second text."""
    text = page.form.text("text")
    problem = wrong_text(page, text, wanted=Pasted.OPENING)
    if not problem:
        try:
            page.keeper.waiting.take_opening(text)
        except LocalError as error:
            problem = page.sentence(error.what)
    if problem:
        page.warn(problem)
        return page.go("/join?step=2")
    return page.go("/join")


def same(page: Page) -> Response:
    """Trust that centre, and wait to be let in."""
    page.keeper.waiting.words_same()
    return page.go("/join")


def differ(page: Page) -> Response:
    """Destroy the keys of this desk and begin anew."""
    page.keeper.abandon()
    page.warn(
        page.sentence(
            "The keys of this desk are destroyed, and nothing was joined. Tell whoever invited you on the "
            "same call, and begin again by another messenger."
        )
    )
    return page.go("/first")
