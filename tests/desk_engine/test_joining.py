from __future__ import annotations

from contextlib import ExitStack

import pytest

from causeway.desk.engine import Desk
from causeway.desk.engine.errors import NotAdmitted
from causeway.desk.engine.joining import WaitingDesk
from causeway.desk.member_views import InvitationStep, JoiningStep
from causeway.desk.views import AlarmKind
from causeway.errors import LocalError
from causeway.record.invitation import TextRefused
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from tests.desk_engine.centre import begin, compare, join, meet, member, second_laptop
from tests.desk_engine.other_desk import aside
from tests.desk_engine.town import PASSPHRASE, Person, Town, eventually


def kinds(desk: Desk) -> set[AlarmKind]:
    return {alarm.kind for alarm in desk.sync_view().alarms}


def texts(desk: Desk) -> set[str]:
    return {one.text for row in desk.inbox() for one in desk.conversation(row.id).messages}


@pytest.mark.slow
def test_a_second_member_joins_reads_what_came_before_and_answers(place: Town, desk: Desk) -> None:
    person, later = Person(place), Person(place)
    person.send("hello")
    desk.sync_round()
    with ExitStack() as closing:
        second = join(place, desk, "Jonas", role="caseworker")
        closing.callback(second.close)
        assert texts(second) == {"hello"}
        later.send("good evening")
        meet(desk, second)
        assert texts(second) == texts(desk) == {"hello", "good evening"}
        place.clock.seconds += 60
        second.answer(later.id, "we are here")
        meet(second, desk)
        assert later.texts() == ["we are here"]
        assert [one.author for one in desk.conversation(later.id).answers] == ["Jonas"]
        assert aside(desk) == aside(second) == {}
        assert kinds(second) == set()
        assert kinds(desk) == {AlarmKind.JOINED}
        view = second.members.view()
        assert [(one.name, one.role) for one in view.members] == [
            ("Mira", "coordinator"),
            ("Jonas", "caseworker"),
        ]
        assert not view.coordinator
        assert second.centre().name == "Lantern House"
        (invited,) = desk.members.view().invitations
        assert invited.step is InvitationStep.ADMITTED
        assert invited.text == ""


def test_both_sides_see_the_same_six_words_and_nothing_before_them(place: Town, desk: Desk) -> None:
    invited = desk.members.invite("Jonas", role="intake")
    assert invited.step is InvitationStep.SENT
    assert invited.words == {}
    waiting = begin(place, invited.text, name="Jonas")
    assert waiting.view().step is JoiningStep.ANSWERED
    assert waiting.view().words == {}
    with pytest.raises(LocalError):
        waiting.words_same()
    view = compare(desk, waiting)
    there = waiting.view()
    assert view.step is InvitationStep.COMPARING
    assert there.step is JoiningStep.COMPARING
    assert there.words == view.words
    assert {len(six) for six in view.words.values()} == {6}
    assert (there.centre, there.inviter, there.member, there.role) == (
        "Lantern House",
        "Mira",
        "Jonas",
        "intake",
    )
    with pytest.raises(LocalError):
        waiting.look()
    # Nobody is in before both have confirmed.
    assert [one.name for one in desk.members.view().members] == ["Mira"]
    waiting.close()


def test_no_text_names_anybody(place: Town, desk: Desk) -> None:
    invited = desk.members.invite("Jonas", role="documenter")
    waiting = begin(place, invited.text, name="Jonas")
    opening = desk.members.take_answer(waiting.view().answer).text
    for text in (invited.text, waiting.view().answer, opening):
        assert not any(name in text for name in ("Jonas", "Mira", "Lantern", "documenter"))
        assert len(text) < 4_096  # what the strictest messenger takes in one message
    waiting.close()


def test_a_desk_that_waits_locks_and_opens_again_at_each_step(place: Town, desk: Desk) -> None:
    def again(waiting: WaitingDesk) -> WaitingDesk:
        waiting.close()
        with pytest.raises(NotAdmitted):
            Desk.open(
                place.folder / "Jonas", passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS, clock=place.clock
            )
        opened = Desk.open_any(
            place.folder / "Jonas", passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS, clock=place.clock
        )
        assert isinstance(opened, WaitingDesk)
        return opened

    invited = desk.members.invite("Jonas", role="intake")
    waiting = again(begin(place, invited.text, name="Jonas"))
    view = compare(desk, waiting)
    waiting = again(waiting)
    assert waiting.view().words == view.words
    waiting.words_same()
    waiting = again(waiting)
    assert waiting.view().step is JoiningStep.WAITING
    assert not waiting.look()
    desk.members.words_same(view.id)
    assert not waiting.look()  # the relay has not heard of it
    with pytest.raises(LocalError):
        Desk.admitted(waiting)
    desk.sync_round()
    assert waiting.look()
    assert waiting.look()
    assert waiting.view().step is JoiningStep.ADMITTED
    waiting.close()
    opened = place.open_desk("Jonas")  # locked in between: the vault is a desk's by now
    opened.sync_round()
    assert opened.centre().member == "Jonas"
    opened.close()


def test_a_desk_that_waits_comes_in_by_itself(place: Town, desk: Desk) -> None:
    waiting = begin(place, desk.members.invite("Jonas", role="intake").text, name="Jonas")
    view = compare(desk, waiting)
    waiting.words_same()
    desk.members.words_same(view.id)
    desk.sync_round()
    waiting.start(0.05)
    eventually(lambda: waiting.view().step is JoiningStep.ADMITTED)
    Desk.admitted(waiting).close()


# ---- A wrong word ----


def test_a_wrong_word_leaves_nothing_on_either_side(place: Town, desk: Desk) -> None:
    waiting = begin(place, desk.members.invite("Jonas", role="intake").text, name="Jonas")
    view = compare(desk, waiting)
    waiting.words_differ()
    desk.members.words_differ(view.id)
    assert list((place.folder / "Jonas").iterdir()) == []
    assert desk.members.view().invitations == ()
    assert [one.name for one in desk.members.view().members] == ["Mira"]
    assert kinds(desk) == {AlarmKind.WORDS_DIFFER}
    with pytest.raises(LocalError):
        desk.members.words_same(view.id)
    desk.sync_round()
    with place.visitor() as visitor:
        assert visitor.parcel() is None


def test_somebody_in_between_makes_the_words_differ(place: Town, desk: Desk) -> None:
    """They answer the centre with keys of their own, and let Jonas join a centre that is theirs."""
    theirs = place.new_desk("between", setup_code="none")
    theirs._parts.settings.setup_code = None  # theirs is claimed elsewhere
    invited = desk.members.invite("Jonas", role="intake")
    puppet = begin(place, invited.text, name="puppet")
    jonas = begin(place, theirs.members.invite("Jonas", role="intake").text, name="Jonas")
    at_centre = compare(desk, puppet)
    compare(theirs, jonas)
    assert at_centre.words["en"] != jonas.view().words["en"]
    # Nor does what the centre opened fit the invitation that Jonas has.
    honest = begin(place, invited.text, name="honest")
    with pytest.raises(TextRefused):
        honest.take_opening(at_centre.text)
    for one in (puppet, jonas, honest):
        one.close()
    theirs.close()


def test_altered_texts_are_refused_or_change_the_words(place: Town, desk: Desk) -> None:
    invited = desk.members.invite("Jonas", role="intake")
    waiting, other = begin(place, invited.text, name="Jonas"), begin(place, invited.text, name="other")
    view = desk.members.take_answer(waiting.view().answer)
    # A second answer to one invitation is nobody's to choose from.
    with pytest.raises(LocalError):
        desk.members.take_answer(other.view().answer)
    with pytest.raises(TextRefused):
        other.take_opening(view.text)
    with pytest.raises(TextRefused):
        waiting.take_opening(view.text[:100] + "AAAA" + view.text[104:])
    # The same again is the same.
    assert desk.members.take_answer(waiting.view().answer) == view
    waiting.close()
    other.close()


# ---- Who may invite, and until when ----


def test_only_the_coordinators_laptop_invites(place: Town, desk: Desk) -> None:
    second = join(place, desk, "Jonas", role="coordinator")
    with pytest.raises(LocalError):
        second.members.invite("Nur", role="intake")
    second.close()


@pytest.mark.parametrize(("name", "role"), [("", "intake"), ("Jonas", "king"), ("Mira", "intake")])
def test_who_can_not_be_invited(desk: Desk, name: str, role: str) -> None:
    with pytest.raises(LocalError):
        desk.members.invite(name, role=role)


def test_an_invitation_ends_after_a_week(place: Town, desk: Desk) -> None:
    invited = desk.members.invite("Jonas", role="intake")
    waiting = begin(place, invited.text, name="Jonas")
    place.clock.seconds += 8 * 86_400
    assert desk.members.view().invitations[0].step is InvitationStep.ENDED
    with pytest.raises(LocalError):
        desk.members.take_answer(waiting.view().answer)
    with pytest.raises(TextRefused):
        begin(place, invited.text, name="late")
    assert not (place.folder / "late").exists()
    place.clock.seconds += 20 * 86_400
    assert desk.members.view().invitations == ()
    waiting.close()


def test_a_desk_without_a_door_or_a_relay_invites_nobody(place: Town) -> None:
    alone = place.new_desk("alone", door_url="")
    with pytest.raises(LocalError):
        alone.members.invite("Jonas", role="intake")
    alone.set_door(place.url, socks=None)
    with pytest.raises(LocalError):
        alone.members.invite("Jonas", role="intake")
    alone.close()


# ---- A second laptop ----


def test_a_second_laptop_of_a_member_reads_and_writes_as_that_member(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    second = second_laptop(place, desk, "Mira")
    assert texts(second) == {"hello"}
    assert second.centre().member == "Mira"
    assert len(member(desk, "Mira").devices) == 2
    place.clock.seconds += 60
    second.set_labels(person.id, ["urgent"])
    meet(second, desk)
    assert desk.inbox()[0].labels == ("urgent",)
    assert aside(desk) == {}
    second.close()


@pytest.mark.slow
def test_three_desks_after_each_other_and_one_that_was_away(place: Town, desk: Desk) -> None:
    """Jonas is away while two more come: he finds the access, the roster and what was written meanwhile."""
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    with ExitStack() as closing:
        jonas = join(place, desk, "Jonas", role="intake")
        closing.callback(jonas.close)
        for name in ("Nur", "Sara"):
            closing.callback(join(place, desk, name, role="caseworker").close)
            place.clock.seconds += 60
            desk.set_labels(person.id, [name])
            desk.sync_round()
        meet(jonas, desk)
        assert [one.name for one in jonas.members.view().members] == ["Mira", "Jonas", "Nur", "Sara"]
        assert jonas.inbox()[0].labels == ("Sara",)
        assert aside(jonas) == {}


@pytest.mark.slow
def test_what_is_read_by_each_role(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    expected = {
        "coordinator": 1,
        "intake": 1,
        "caseworker": 1,
        "logistics": 0,
        "documenter": 0,
        "partner": 0,
        "analyst": 0,
    }
    with ExitStack() as closing:
        for role, count in expected.items():
            made = join(place, desk, f"A {role}", role=role)
            closing.callback(made.close)
            assert len(made.inbox()) == count, role
            assert bool(made._parts.keys.intake_secrets()) == bool(count), role
            assert kinds(made) == set(), role
            device = made._parts.roster.current().device(made._parts.keys.device_id)
            assert device is not None
            assert (device.board_slot is not None) == bool(count), role


def test_the_door_sheet_names_the_board_of_each_desk_that_answers(place: Town, desk: Desk) -> None:
    before = desk._parts.settings.boards
    second = join(place, desk, "Jonas", role="intake")
    slot = second._parts.board_slot
    assert slot is not None
    after = desk._parts.settings.boards
    assert [place for place in range(16) if before[place] != after[place]] == [slot]
    assert after[slot] == second._parts.keys.board.public
    second.close()
