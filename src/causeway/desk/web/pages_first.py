"""The first run: one thing a page, on the way to a new desk."""

from __future__ import annotations

from starlette.responses import Response

from causeway.desk.web.keeper import State
from causeway.desk.web.page import Page
from causeway.desk.web.settings import SettingRefused, checked_door, checked_socks
from causeway.errors import LocalError
from causeway.sealed.passphrase import MINIMUM_LENGTH, check_passphrase

__all__ = [
    "NAME_LENGTH_MAX",
    "show_begin",
    "show_door",
    "show_making",
    "show_names",
    "show_passphrase",
    "take_door",
    "take_names",
    "take_passphrase",
]

NAME_LENGTH_MAX = 60


def show_begin(page: Page) -> Response:
    """(1) What this is, and what a seized laptop gives away."""
    return page.show("first_begin.html")


def show_names(page: Page) -> Response:
    """(2) The centre's name, and one's own."""
    first = page.keeper.first
    fields = {"centre": first.centre, "member": first.member} | page.kept()
    return page.show("first_names.html", fields=fields, length_max=NAME_LENGTH_MAX)


def take_names(page: Page) -> Response:
    """Keep both names for the last step."""
    centre, member = page.form.line("centre"), page.form.line("member")
    if not centre or not member or max(len(centre), len(member)) > NAME_LENGTH_MAX:
        page.keep("/first/names", {"centre": centre, "member": member})
        page.warn(page.sentence("Please write both: a name for the centre, and what others shall call you."))
        return page.go("/first/names")
    first = page.keeper.first
    first.centre, first.member, first.invitation = centre, member, ""
    return page.go("/first/passphrase")


def show_passphrase(page: Page) -> Response:
    """(3) The passphrase, twice."""
    first = page.keeper.first
    if not first.member and not first.invitation:
        return page.go("/first/names")
    return page.show("first_passphrase.html", minimum=MINIMUM_LENGTH, invited=bool(first.invitation))


def take_passphrase(page: Page) -> Response:
    """Keep the passphrase for the last step; it is in memory alone."""
    passphrase = page.form.text("passphrase")
    try:
        check_passphrase(passphrase)
    except LocalError as error:
        page.warn(page.sentence(error.what))
        return page.go("/first/passphrase")
    if passphrase != page.form.text("again"):
        page.warn(page.sentence("The two are not the same. Please type both again."))
        return page.go("/first/passphrase")
    page.keeper.first.passphrase = passphrase
    if page.keeper.first.invitation:
        page.keeper.join()
        return page.go("/first/making")
    return page.go("/first/door")


def show_door(page: Page) -> Response:
    """(4) Where the door is; can be left for later."""
    if not page.keeper.first.passphrase:
        return page.go("/first/passphrase")
    fields = {"door_url": "", "setup_code": "", "socks": page.keeper.socks or ""} | page.kept()
    return page.show("first_door.html", fields=fields, problem=page.keeper.problem)


def take_door(page: Page) -> Response:
    """Start to make the desk."""
    if not page.keeper.first.passphrase:
        return page.go("/first/passphrase")
    typed = {name: page.form.line(name) for name in ("door_url", "setup_code", "socks")}
    if page.form.text("later"):
        page.keeper.make(door_url="", setup_code="", socks=page.keeper.socks)
        return page.go("/first/making")
    try:
        door_url, socks = checked_door(typed["door_url"]), checked_socks(typed["socks"])
    except SettingRefused as error:
        page.keep("/first/door", typed)
        page.warn(page.sentence(error.what))
        return page.go("/first/door")
    page.keeper.make(door_url=door_url, setup_code=typed["setup_code"], socks=socks)
    return page.go("/first/making")


def show_making(page: Page) -> Response:
    """Wait until the desk is made; the page loads itself again every second, with or without script."""
    match page.keeper.state:
        case State.MAKING:
            return page.show("first_making.html")
        case State.OPEN:
            page.say(
                page.sentence(
                    "The desk is made. Write the passphrase nowhere that is searched with this laptop."
                )
            )
            return page.go("/centre")
        case State.WAITING:
            return page.go("/join")
        case _ if page.keeper.first.invitation:
            return page.go("/first/invited")
        case _:
            if page.keeper.problem:
                page.warn(page.sentence(page.keeper.problem))
            return page.go("/first/door")
