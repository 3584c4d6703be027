from __future__ import annotations

from collections.abc import Iterator

import pytest

from causeway.desk.engine import Desk
from causeway.desk.member_views import RecoveryPurpose
from causeway.desk.views import AlarmKind
from causeway.errors import LocalError
from causeway.record.roster import sign_roster
from causeway.record.roster_changes import give_grant, next_version
from causeway.sealed.shares import ShareRefused
from causeway.sync.errors import LaptopTakenOff
from causeway.units import DAY_SECONDS, day_of
from causeway.wire.sheet import parse_sheet
from tests.desk_engine.centre import join, meet, member
from tests.desk_engine.other_desk import aside
from tests.desk_engine.town import Person, Town


def kinds(desk: Desk) -> set[AlarmKind]:
    return {alarm.kind for alarm in desk.sync_view().alarms}


def hand_out(desk: Desk, *, k: int = 2, n: int = 3) -> list[str]:
    """Write all shares on paper, and type the one that is asked back."""
    share = desk.members.begin_shares(k=k, n=n)
    papers = [" ".join(share.words)]
    while (following := desk.members.next_share()) is not None:
        papers.append(" ".join(following.words))
    desk.members.check_share(papers[desk.members.view().shares.ask_back - 1])
    return papers


@pytest.fixture
def jonas(place: Town, desk: Desk) -> Iterator[Desk]:
    made = join(place, desk, "Jonas", role="caseworker")
    yield made
    made.close()


@pytest.fixture
def nur(place: Town, desk: Desk, jonas: Desk) -> Iterator[Desk]:
    made = join(place, desk, "Nur", role="intake")
    meet(jonas, desk)
    yield made
    made.close()


# ---- Handing out ----


def test_the_root_leaves_once_the_shares_are_written_and_one_was_typed(desk: Desk) -> None:
    before = desk.members.view().shares
    assert (before.root_here, before.made, before.under_way) == (True, None, False)
    first = desk.members.begin_shares(k=2, n=3)
    assert (first.number, first.n, first.k, len(first.words)) == (1, 3, 2, 33)
    with pytest.raises(LocalError):
        desk.members.check_share(" ".join(first.words))  # the others are not written yet
    second, third = desk.members.next_share(), desk.members.next_share()
    assert second is not None
    assert third is not None
    assert desk.members.view().shares.ask_back == 0
    assert desk.members.next_share() is None
    assert desk.members.next_share() is None
    papers = [" ".join(one.words) for one in (first, second, third)]
    number = desk.members.view().shares.ask_back
    for wrong in ("", papers[number % 3], papers[number - 1][:-3]):
        with pytest.raises(ShareRefused):
            desk.members.check_share(wrong)
    assert desk.members.view().shares.root_here
    desk.members.check_share(papers[number - 1])
    after = desk.members.view().shares
    assert (after.root_here, after.k, after.n, after.under_way) == (False, 2, 3, False)
    assert after.made is not None
    assert desk._parts.keys.root() is None
    with pytest.raises(LocalError):
        desk.renew_appointment()
    with pytest.raises(LocalError):
        desk.members.begin_shares(k=2, n=3)


def test_shares_that_were_not_finished_leave_the_root_where_it_is(place: Town, desk: Desk) -> None:
    desk.members.begin_shares(k=2, n=2)
    desk.members.stop_shares()
    with pytest.raises(LocalError):
        desk.members.next_share()
    assert desk.members.view().shares.root_here
    assert not desk.members.view().shares.under_way
    with pytest.raises(LocalError):
        desk.members.begin_shares(k=1, n=2)


def test_an_appointment_is_renewed_with_shares(place: Town, desk: Desk) -> None:
    papers = hand_out(desk)
    before = desk._parts.roster.current().appointment
    assert (desk.members.add_share(papers[2]).typed, desk.members.add_share(papers[2]).needed) == (1, 2)
    with pytest.raises(ShareRefused):
        desk.members.recover(RecoveryPurpose.RENEW)
    desk.members.add_share(papers[0])
    place.clock.seconds += DAY_SECONDS
    desk.members.recover(RecoveryPurpose.RENEW)
    assert desk._parts.roster.current().appointment > before
    assert desk._parts.keys.root() is None  # rebuilt in memory only
    assert desk.members.view().recovery.typed == 0
    with pytest.raises(LocalError):
        desk.members.recover(RecoveryPurpose.RENEW)
    desk.sync_round()
    assert kinds(desk) == {AlarmKind.ROOT_USED}
    (use,) = desk.members.view().root_uses
    assert (use.purpose, use.member) == (RecoveryPurpose.RENEW, "Mira")


def test_shares_of_another_centre_or_another_set_are_refused(place: Town, desk: Desk) -> None:
    other = place.new_desk("other", setup_code="none")
    theirs, ours = hand_out(other), hand_out(desk)
    desk.members.add_share(ours[0])
    with pytest.raises(ShareRefused):
        desk.members.add_share(theirs[1])
    desk.members.clear_shares()
    for paper in theirs[:2]:
        desk.members.add_share(paper)
    with pytest.raises(ShareRefused):
        desk.members.recover(RecoveryPurpose.RENEW)
    # And once more in shares, from those that there are: a paper was lost.
    desk.members.clear_shares()
    for paper in ours[:2]:
        desk.members.add_share(paper)
    assert desk.members.begin_shares(k=3, n=5).n == 5
    other.close()


# ---- The coordinator is gone ----


@pytest.mark.slow
def test_another_laptop_becomes_the_coordinators_and_takes_the_lost_one_off(
    place: Town, desk: Desk, jonas: Desk, nur: Desk
) -> None:
    """Nur is away through all of it; her desk finds the new access by the sheet that the root vouches for."""
    person = Person(place)
    person.send("hello")
    meet(desk, nur, jonas)
    papers = hand_out(desk)
    serial = parse_sheet(desk._parts.settings.sheet.signed[64:]).serial  # type: ignore[union-attr]
    # Mira is arrested. Two of those who hold shares come to Jonas.
    for paper in papers[1:]:
        jonas.members.add_share(paper)
    jonas.members.recover(RecoveryPurpose.APPOINT)
    assert jonas.members.view().coordinator
    assert member(jonas, "Jonas").role == "coordinator"
    jonas.members.remove_member(member(jonas, "Mira").id)
    jonas.sync_round()
    old_sheet = desk._parts.settings.sheet.signed  # type: ignore[union-attr]
    with place.visitor() as visitor:
        new_sheet = visitor.sheet()
    sheet = parse_sheet(new_sheet[64:])
    assert nur._store.signer_of(new_sheet) == sheet.device
    assert sheet.device == jonas._parts.keys.device.public
    assert sheet.serial > serial

    with pytest.raises(LaptopTakenOff):
        desk.sync_round()
    later = Person(place)
    later.send("is anybody there")
    meet(nur, jonas, nur)
    assert [one.name for one in nur.members.view().members] == ["Jonas", "Nur"]
    assert {row.id for row in nur.inbox()} == {row.id for row in jonas.inbox()} == {person.id, later.id}
    for one in (nur, jonas):
        assert AlarmKind.ROOT_USED in kinds(one)
        (use,) = one.members.view().root_uses
        assert (use.purpose, use.member) == (RecoveryPurpose.APPOINT, "Jonas")
        assert aside(one) == {}
    nur.answer(later.id, "yes")
    meet(nur, jonas)
    assert later.texts() == ["yes"]
    # The appointment of Mira's laptop still runs. A relay that serves its sheet convinces nobody any more.
    assert nur._store.signer_of(old_sheet) is None
    assert jonas._store.signer_of(old_sheet) is None


# ---- Two lists of members ----


@pytest.mark.slow
def test_the_root_settles_which_of_two_lists_counts(place: Town, desk: Desk, jonas: Desk, nur: Desk) -> None:
    papers = hand_out(desk)
    current, signed = desk._parts.roster.current(), desk._parts.roster.signed()
    # Whoever holds Mira's laptop signs two successors of one version, and gives each half of the desks one.
    following = next_version(current, signed=signed, day=day_of(place.clock()))
    other = give_grant(following, member=current.members[2].id, case=b"c" * 16, last_day=None)
    with jonas._parts.vault.transaction():
        jonas._parts.ledger.issue_roster(sign_roster(other, device=desk._parts.keys.device))
    desk.members.remove_member(member(desk, "Nur").id)
    chosen = desk._parts.roster.signed()
    with jonas._parts.vault.transaction():
        jonas._parts.ledger.issue_roster(chosen)
    assert len(jonas.members.view().forks) == 2
    assert {one.signer for one in jonas.members.view().forks} == {"Mira"}
    said = {str(one) for fork in jonas.members.view().forks for one in fork.difference}
    assert said == {"Nur goes."}
    # Nothing after the last version that both share is in force.
    assert jonas.members.view().version == current.version
    for paper in papers[:2]:
        jonas.members.add_share(paper)
    with pytest.raises(LocalError):
        jonas.members.recover(RecoveryPurpose.APPOINT)
    with pytest.raises(LocalError):
        jonas.members.recover(RecoveryPurpose.CHOOSE, choose="00")
    fork = next(one for one in jonas.members.view().forks if one.difference == ())
    jonas.members.recover(RecoveryPurpose.CHOOSE, choose=fork.hash)
    assert jonas.members.view().forks == ()
    assert [one.name for one in jonas.members.view().members] == ["Mira", "Jonas", "Nur"]
    assert [one.purpose for one in jonas.members.view().root_uses] == [RecoveryPurpose.CHOOSE]
