"""The duress passphrase, its limits first; and what a laptop says that was taken out of the centre."""

from __future__ import annotations

from starlette.responses import Response

from causeway.desk.web.page import Page
from causeway.desk.web.pages_first import NAME_LENGTH_MAX
from causeway.errors import LocalError
from causeway.sealed.passphrase import MINIMUM_LENGTH

__all__ = ["begin_anew", "set_up", "show", "take_away"]

_PATH = "/centre/duress"


def show(page: Page) -> Response:
    """What it does, what it can't do, and whether it is set up."""
    problem, is_set = "", False
    try:
        is_set = page.desk.duress.is_set()
    except LocalError as error:
        problem = page.sentence(error.what)
    fields = {"centre": "", "member": ""} | page.kept()
    return page.show_desk(
        "centre_duress.html",
        fields=fields,
        is_set=is_set,
        problem=problem,
        minimum=MINIMUM_LENGTH,
        length_max=NAME_LENGTH_MAX,
    )


def set_up(page: Page) -> Response:
    """Set it up, or another one in its place."""
    form = page.form
    names = {name: form.line(name) for name in ("centre", "member")}
    page.keep(_PATH, names)
    if not form.text("read"):
        page.warn(page.sentence("Please read what it can't do first, and say that you have."))
        return page.go(_PATH)
    if form.text("duress") != form.text("again"):
        page.warn(page.sentence("The two new ones are not the same. Nothing was changed."))
        return page.go(_PATH)
    page.desk.duress.set_up(
        form.text("passphrase"), duress=form.text("duress"), centre=names["centre"], member=names["member"]
    )
    page.keep(_PATH, {})
    page.say(page.sentence("It is set up. Don't try it out: it destroys this desk without asking again."))
    return page.go(_PATH)


def take_away(page: Page) -> Response:
    """Have it open nothing any more."""
    page.desk.duress.take_away(page.form.text("passphrase"))
    page.say(page.sentence("It is gone: that passphrase opens nothing any more."))
    return page.go(_PATH)


def begin_anew(page: Page) -> Response:
    """Make room for a new desk, where one was destroyed."""
    page.keeper.begin_anew()
    return page.go("/")
