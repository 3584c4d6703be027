"""The centre: its door, its fingerprint, how the relay is reached, the passphrase."""

from __future__ import annotations

from io import BytesIO

import segno
from starlette.responses import Response

from causeway.desk.web.page import Page
from causeway.desk.web.settings import SettingRefused, checked_door, checked_socks

__all__ = ["passphrase", "qr", "set_door", "show"]


def show(page: Page) -> Response:
    """The centre as its members see it."""
    centre = page.desk.centre()
    fields = {"door_url": centre.door_url, "socks": centre.socks, "setup_code": ""} | page.kept()
    return page.show_desk("centre.html", centre=centre, fields=fields, files=page.desk.files.summary())


def qr(page: Page) -> Response:
    """The door's link as a picture that a camera reads."""
    link = page.desk.centre().door_link
    if not link:
        return Response(status_code=404)
    picture = BytesIO()
    # Dark on light whatever the theme: some cameras don't read the inverse. Level Q survives a bad print.
    segno.make(link, error="q", micro=False).save(
        picture, kind="svg", scale=8, border=4, dark="#000", light="#fff", xmldecl=False
    )
    return Response(picture.getvalue(), media_type="image/svg+xml")


def set_door(page: Page) -> Response:
    """Change where the door is, how it is reached, or show the relay its setup code."""
    typed = {name: page.form.line(name) for name in ("door_url", "socks", "setup_code")}
    page.keep("/centre", typed)
    try:
        door_url, socks = checked_door(typed["door_url"]), checked_socks(typed["socks"])
    except SettingRefused as error:
        page.warn(page.sentence(error.what))
        return page.go("/centre")
    page.desk.set_door(door_url, socks=socks, setup_code=typed["setup_code"] or None)
    page.keep("/centre", {})
    page.desk.sync_now()
    page.say(page.sentence("Kept. The desk reaches for the relay there now."))
    return page.go("/centre")


def passphrase(page: Page) -> Response:
    """Change the passphrase."""
    new = page.form.text("new")
    if new != page.form.text("again"):
        page.warn(page.sentence("The two new ones are not the same. Nothing was changed."))
        return page.go("/centre#passphrase")
    page.desk.change_passphrase(page.form.text("old"), new=new)
    page.say(page.sentence("From now on only the new passphrase opens this desk."))
    return page.go("/centre#passphrase")
