"""A new answer stays on the laptop for a while, so that it can be taken back."""

from __future__ import annotations

from causeway.desk.views import Delivery
from tests.desk_engine.town import Person, Town

UNDO = 20.0


def test_an_answer_leaves_once_it_can_no_longer_be_taken_back(place: Town) -> None:
    with_undo = place.new_desk(undo_seconds=UNDO)
    with_undo.sync_round()
    person = Person(place)
    person.send("Здравствуйте")
    with_undo.sync_round()
    written = with_undo.answer(person.id, "Мы здесь.")
    with_undo.sync_round()
    assert person.texts() == []
    assert written.delivery is Delivery.QUEUED

    place.clock.seconds += UNDO - 1
    with_undo.sync_round()
    assert person.texts() == []
    (waiting,) = [row for row in with_undo.outbox() if row.conversation == person.id]
    with_undo.withdraw(waiting.id)

    with_undo.answer(person.id, "Мы всё ещё здесь.")
    place.clock.seconds += UNDO + 1
    with_undo.sync_round()
    assert person.texts() == ["Мы всё ещё здесь."]
    with_undo.close()


def test_a_clock_that_was_set_back_keeps_no_answer_here(place: Town) -> None:
    desk = place.new_desk(undo_seconds=UNDO)
    desk.sync_round()
    person = Person(place)
    person.send("Здравствуйте")
    desk.sync_round()
    place.clock.seconds += 3_600
    desk.answer(person.id, "Мы здесь.")
    place.clock.seconds -= 3_600
    desk.sync_round()
    assert person.texts() == ["Мы здесь."]
    desk.close()


def test_a_desk_without_a_door_waits_and_says_so(place: Town) -> None:
    desk = place.new_desk(door_url="")
    desk.sync_round()
    assert desk.centre().door_link == ""
    assert not desk.sync_view().reached
    assert "Centre" in desk.sync_view().problem
    desk.set_door(place.url, socks=None, setup_code=place.codes[0])
    desk.sync_round()
    assert desk.sync_view().reached
    assert desk.centre().door_link.startswith(place.url)
    desk.close()
