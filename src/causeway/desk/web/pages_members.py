"""Members: what each reads, another role, a lost laptop, somebody who goes."""

from __future__ import annotations

import secrets
from typing import Final

from starlette.responses import Response

from causeway.desk.member_views import MemberView, RemovalView
from causeway.desk.views import ConversationRow
from causeway.desk.web.centre_frame import NotThere, device_of, in_order, member_of, show_centre
from causeway.desk.web.page import Page
from causeway.errors import LocalError

__all__ = [
    "ask_remove",
    "ask_revoke",
    "change_role",
    "end_grant",
    "gone",
    "reads",
    "remove",
    "revoke",
    "show",
]

_WARN_ROWS: Final = 50


def reads(page: Page) -> Response:
    """What each role reads, and what each person reads beyond it."""
    people = page.desk.members.view()
    return show_centre(page, "centre_reads.html", people=people, members=in_order(people))


def show(page: Page) -> Response:
    """One member."""
    people = page.desk.members.view()
    member = member_of(people, page.part("id"))
    return show_centre(page, "centre_member.html", people=people, member=member, holds=_holds(member))


def change_role(page: Page) -> Response:
    """Give a member another role."""
    id_, role = page.part("id"), page.form.line("role")
    member = member_of(page.desk.members.view(), id_)
    if not role or role == member.role:
        page.say(page.sentence("The role is the same as before."))
        return page.go(f"/centre/m/{id_}")
    removal = page.desk.members.change_role(id_, role)
    if removal is None:
        page.say(page.sentence("The role is changed. The keys for it leave with the next round."))
        return page.go(f"/centre/m/{id_}")
    return _gone(page, removal, title=page.sentence("%(name)s has another role", name=member.name))


def end_grant(page: Page) -> Response:
    """Close a case again that was opened to a member by name."""
    page.desk.members.end_grant(page.part("id"), case=page.form.text("case"))
    page.say(
        page.sentence("Closed to them: what is written from now on. What their laptop has already, it keeps.")
    )
    return page.go(f"/centre/m/{page.part('id')}")


def ask_remove(page: Page) -> Response:
    """What removing a member does and can't do, before it is done."""
    people = page.desk.members.view()
    member = member_of(people, page.part("id"))
    removal = page.desk.members.preview_removal(member.id)
    return show_centre(page, "centre_remove.html", people=people, member=member, device=None, removal=removal)


def remove(page: Page) -> Response:
    """Remove a member, whose name was typed."""
    member = member_of(page.desk.members.view(), page.part("id"))
    if page.form.line("name").casefold() != " ".join(member.name.split()).casefold():
        page.warn(page.sentence("The name that was typed is another one. Nobody was removed."))
        return page.go(f"/centre/m/{member.id}/remove")
    removal = page.desk.members.remove_member(member.id)
    return _gone(page, removal, title=page.sentence("%(name)s is removed", name=member.name))


def ask_revoke(page: Page) -> Response:
    """What lies on a lost laptop, and what taking it off does."""
    people = page.desk.members.view()
    member, device = device_of(people, page.part("id"))
    removal = page.desk.members.preview_revocation(device.id)
    return show_centre(
        page, "centre_remove.html", people=people, member=member, device=device, removal=removal
    )


def revoke(page: Page) -> Response:
    """Take one laptop off."""
    member, device = device_of(page.desk.members.view(), page.part("id"))
    removal = page.desk.members.revoke_device(device.id)
    return _gone(page, removal, title=page.sentence("A laptop of %(name)s is taken off", name=member.name))


def gone(page: Page) -> Response:
    """What was done; it can be read again until the desk locks."""
    kept = page.keeper.removals.get(page.part("id"))
    if kept is None:
        raise NotThere("This was forgotten when the desk was locked. The read log tells what was opened.")
    title, removal = kept
    rows = _rows(page, removal.people[:_WARN_ROWS])
    return show_centre(
        page, "centre_gone.html", people=page.desk.members.view(), title=title, removal=removal, rows=rows
    )


def _gone(page: Page, removal: RemovalView, *, title: str) -> Response:
    key = secrets.token_hex(16)
    page.keeper.removals[key] = (title, removal)
    return page.go(f"/centre/gone/{key}")


def _rows(page: Page, people: tuple[str, ...]) -> tuple[ConversationRow, ...]:
    found = []
    for one in people:
        try:
            found.append(page.desk.conversation(one).row)
        except LocalError:  # taken from this desk meanwhile
            continue
    return tuple(found)


def _holds(member: MemberView) -> bool:
    return any(device.coordinator for device in member.devices)
