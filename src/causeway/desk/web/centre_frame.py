"""What every page of *Centre* shows besides its own: the parts of the centre, with their numbers."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from causeway.desk.member_views import DeviceView, MembersView, MemberView
from causeway.desk.web.page import Page
from causeway.errors import LocalError
from causeway.record.keys import CompartmentKind
from causeway.units import Day, day_of

__all__ = ["NotThere", "device_of", "in_order", "member_of", "show_centre", "today_of"]


class NotThere(LocalError):
    """The address names somebody or something that is not there, or not any more."""


def today_of(page: Page) -> Day:
    """Return the day by this laptop's clock."""
    return day_of(page.keeper.clock())


def in_order(view: MembersView) -> tuple[MemberView, ...]:
    """Return the members as they are listed: oneself, then by name."""
    return tuple(sorted(view.members, key=lambda one: (not one.mine, one.name.casefold(), one.id)))


def member_of(view: MembersView, id_: str) -> MemberView:
    """Return a member.

    Raises:
        NotThere: There is none of this id.
    """
    for member in view.members:
        if member.id == id_:
            return member
    raise NotThere("There is no such member here, or not any more.")


def device_of(view: MembersView, id_: str) -> tuple[MemberView, DeviceView]:
    """Return a laptop, and whose it is.

    Raises:
        NotThere: There is none of this id.
    """
    for member in view.members:
        for device in member.devices:
            if device.id == id_:
                return member, device
    raise NotThere("There is no such laptop here, or not any more.")


def show_centre(page: Page, template: str, *, people: MembersView, **values: Any) -> Response:
    """Answer with a page that has the parts of the centre above it."""
    kinds = tuple(kind.value for kind in CompartmentKind)
    return page.show_desk(template, people=people, kinds=kinds, today=today_of(page), **values)
