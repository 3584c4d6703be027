"""What asks for somebody on the page *Centre*: what is alarming, what is to be done, what to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from causeway.desk.member_views import DeviceHealth, InvitationStep, InvitationView, MembersView
from causeway.desk.views import Alarm, AlarmKind, CentreView
from causeway.units import Day

__all__ = ["Ask", "asks_of", "open_invitations"]

_GRAVE_ALARMS: Final = (
    AlarmKind.ROOT_USED,
    AlarmKind.WORDS_DIFFER,
    AlarmKind.HEADS_DIFFER,
    AlarmKind.CHAIN_FORKED,
    AlarmKind.CAPABILITY_REFUSED,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """One line; the template has a sentence for each `kind`.

    Attributes:
        grave: Somebody may be doing harm: shown first, and framed.
        href: Where to go, where the kind alone does not tell.
    """

    kind: str
    grave: bool = False
    count: int = 0
    name: str = ""
    href: str = ""
    root_here: bool = False


def open_invitations(view: MembersView) -> tuple[InvitationView, ...]:
    """Return the invitations that are still on the way."""
    return tuple(one for one in view.invitations if one.step is not InvitationStep.ENDED and not one.seen)


def asks_of(
    view: MembersView, *, centre: CentreView, alarms: tuple[Alarm, ...], today: Day
) -> tuple[Ask, ...]:
    """Return what asks for somebody, the gravest first."""
    raised = {alarm.kind for alarm in alarms}
    return (*_grave(view, raised), *_to_do(view, raised, centre=centre, today=today), *_to_know(view))


def _grave(view: MembersView, raised: set[AlarmKind]) -> list[Ask]:
    found = []
    if AlarmKind.REVOKED in raised:
        found.append(Ask(kind=AlarmKind.REVOKED, grave=True))
    if view.forks or AlarmKind.ROSTER_FORKED in raised:
        found.append(Ask(kind=AlarmKind.ROSTER_FORKED, grave=True))
    return found + [Ask(kind=kind, grave=True) for kind in _GRAVE_ALARMS if kind in raised]


def _to_do(view: MembersView, raised: set[AlarmKind], *, centre: CentreView, today: Day) -> list[Ask]:
    found = []
    if AlarmKind.APPOINTMENT_ENDS in raised:
        found.append(Ask(kind=AlarmKind.APPOINTMENT_ENDS, root_here=view.shares.root_here))
    if view.rotation_waits:
        found.append(Ask(kind="rotation"))
    for one in view.invitations:
        if one.step is InvitationStep.COMPARING:
            found.append(Ask(kind="compare-words", name=one.name, href=f"/centre/i/{one.id}"))
        elif one.step is InvitationStep.SENT and one.last_day >= today:
            found.append(Ask(kind="answer-awaited", name=one.name, href=f"/centre/i/{one.id}?step=2"))
    if view.conflicts:
        found.append(Ask(kind="conflicts", count=len(view.conflicts)))
    waiting = sum(one.count for one in view.aside if one.can_take_in)
    if waiting:
        found.append(Ask(kind="take-in", count=waiting))
    if not centre.door_url:
        found.append(Ask(kind="no-door"))
    return found


def _to_know(view: MembersView) -> list[Ask]:
    found = []
    silent = [
        member.name
        for member in view.members
        for device in member.devices
        if device.health is DeviceHealth.SILENT
    ]
    if silent:
        found.append(Ask(kind="silent", count=len(silent), name=", ".join(dict.fromkeys(silent))))
    refused = sum(one.count for one in view.aside if not one.can_take_in)
    if refused:
        found.append(Ask(kind="aside", count=refused))
    if view.shares.under_way:
        found.append(Ask(kind="shares-under-way"))
    elif view.shares.root_here and view.shares.made is None:
        found.append(Ask(kind="root-here"))
    return found
