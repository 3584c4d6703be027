"""The centre: who is here and what asks for somebody; its door; this laptop."""

from __future__ import annotations

from io import BytesIO

import segno
from starlette.responses import Response

from causeway.desk.web.asks import asks_of, open_invitations
from causeway.desk.web.centre_frame import in_order, show_centre, today_of
from causeway.desk.web.page import Page
from causeway.desk.web.settings import SettingRefused, checked_door, checked_socks

__all__ = ["door", "laptop", "passphrase", "qr", "renew", "set_door", "show"]


def show(page: Page) -> Response:
    """What asks for somebody, then the members with their laptops."""
    people, centre = page.desk.members.view(), page.desk.centre()
    return show_centre(
        page,
        "centre.html",
        people=people,
        members=in_order(people),
        laptops=sum(len(member.devices) for member in people.members),
        invitations=open_invitations(people),
        asks=asks_of(people, centre=centre, alarms=page.desk.sync_view().alarms, today=today_of(page)),
    )


def door(page: Page) -> Response:
    """The link to give out, how the door is reached, what it says."""
    centre = page.desk.centre()
    fields = {"door_url": centre.door_url, "socks": centre.socks, "setup_code": ""} | page.kept()
    people, watch = page.desk.members.view(), page.desk.door_watch()
    return show_centre(page, "centre_door.html", people=people, centre=centre, fields=fields, watch=watch)


def laptop(page: Page) -> Response:
    """This laptop: the words for its keys, room for files, the passphrase."""
    people = page.desk.members.view()
    mine = next((device for one in people.members for device in one.devices if device.mine), None)
    return show_centre(page, "centre_laptop.html", people=people, mine=mine, files=page.desk.files.summary())


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
    page.keep("/centre/door", typed)
    try:
        door_url, socks = checked_door(typed["door_url"]), checked_socks(typed["socks"])
    except SettingRefused as error:
        page.warn(page.sentence(error.what))
        return page.go("/centre/door")
    page.desk.set_door(door_url, socks=socks, setup_code=typed["setup_code"] or None)
    page.keep("/centre/door", {})
    page.desk.sync_now()
    page.say(page.sentence("Kept. The desk reaches for the relay there now."))
    return page.go("/centre/door")


def passphrase(page: Page) -> Response:
    """Change the passphrase."""
    new = page.form.text("new")
    if new != page.form.text("again"):
        page.warn(page.sentence("The two new ones are not the same. Nothing was changed."))
        return page.go("/centre/laptop#passphrase")
    page.desk.change_passphrase(page.form.text("old"), new=new)
    page.say(page.sentence("From now on only the new passphrase opens this desk."))
    return page.go("/centre/laptop#passphrase")


def renew(page: Page) -> Response:
    """Have the root, while it lies here, appoint this laptop for another span."""
    page.desk.renew_appointment()
    page.say(page.sentence("Renewed. The door sheet that carries it leaves with the next round."))
    return page.go("/centre")
