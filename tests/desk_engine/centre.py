"""A centre of several: desks that were invited and let in through a real relay, as people do it."""

from __future__ import annotations

from causeway.desk.engine import Desk
from causeway.desk.engine.joining import WaitingDesk
from causeway.desk.member_views import InvitationView, MemberView
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from tests.desk_engine.town import PASSPHRASE, Town


def begin(place: Town, invitation: str, *, name: str) -> WaitingDesk:
    """A laptop whose owner has pasted the invitation."""
    return Desk.join(
        place.folder / name,
        invitation=invitation,
        passphrase=PASSPHRASE,
        socks=None,
        profile=CHEAP_FOR_TESTS,
        clock=place.clock,
    )


def compare(coordinator: Desk, waiting: WaitingDesk) -> InvitationView:
    """The second and the third text go their ways."""
    view = coordinator.members.take_answer(waiting.view().answer)
    waiting.take_opening(view.text)
    return view


def let_in(place: Town, coordinator: Desk, invited: InvitationView, *, name: str) -> Desk:
    """All of the way in, from an invitation on; the new desk has synced once."""
    waiting = begin(place, invited.text, name=name)
    view = compare(coordinator, waiting)
    assert waiting.view().words == view.words
    waiting.words_same()
    coordinator.members.words_same(view.id)
    coordinator.sync_round()
    assert waiting.look()
    desk = Desk.admitted(waiting)
    desk.sync_round()
    return desk


def join(place: Town, coordinator: Desk, name: str, *, role: str) -> Desk:
    """A new member with a laptop."""
    return let_in(place, coordinator, coordinator.members.invite(name, role=role), name=name)


def second_laptop(place: Town, coordinator: Desk, name: str) -> Desk:
    """Another laptop of a member."""
    invited = coordinator.members.invite_device(member(coordinator, name).id)
    return let_in(place, coordinator, invited, name=f"{name}-second")


def member(desk: Desk, name: str) -> MemberView:
    """A member by name."""
    return next(one for one in desk.members.view().members if one.name == name)


def meet(*desks: Desk, rounds: int = 2) -> None:
    """Let desks sync until each has what the others wrote."""
    for _ in range(rounds):
        for desk in desks:
            desk.sync_round(visit=True)
