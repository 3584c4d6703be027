from __future__ import annotations

import pytest

from causeway.desk.engine import Desk
from causeway.desk.engine.errors import UnknownConversation
from causeway.desk.views import AlarmKind, ConversationState, Delivery
from causeway.errors import LocalError
from causeway.sealed.attendance import last_attendance
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sealed.sheet import verify_sheet
from causeway.sync.errors import RelayRefused, RelayUnreachable
from causeway.units import day_of
from causeway.vault import VaultClosed, WrongPassphrase
from causeway.wire.base64url import b64decode
from causeway.wire.errors import TooLarge
from causeway.wire.intake import Action
from tests.desk_engine.town import PASSPHRASE, Person, Town, eventually
from tests.relay.running import Clock


def only(desk: Desk) -> str:
    (row,) = desk.inbox()
    return row.id


def delivery(desk: Desk, conversation: str) -> list[Delivery]:
    return [answer.delivery for answer in desk.conversation(conversation).answers]


def test_a_centre_is_made_without_a_network_and_its_relay_is_claimed_at_the_first_round(place: Town) -> None:
    desk = place.new_desk()
    assert not desk.centre().claimed
    assert {row.kind for row in desk.outbox()} == {"claim", "record"}
    desk.sync_round()
    centre = desk.centre()
    assert centre.claimed
    assert desk.outbox() == ()
    assert desk.sync_view().reached
    with place.visitor() as visitor:
        sheet = visitor.sheet()
    url, _, fragment = centre.door_link.partition("#")
    assert url.startswith(place.url)
    fingerprint = b64decode(fragment, size=16)
    assert verify_sheet(sheet, fingerprint=fingerprint, today=day_of(place.clock())).serial == 1
    assert {len(words) for words in centre.fingerprint_words.values()} == {11}
    desk.close()


def test_a_wrong_setup_code_is_said_and_can_be_mended(place: Town) -> None:
    desk = place.new_desk(setup_code="not the code")
    with pytest.raises(RelayRefused):
        desk.sync_round()
    assert not desk.centre().claimed
    assert desk.sync_view().problem
    desk.set_door(place.url, socks=None, setup_code=place.codes[0])
    desk.sync_round()
    assert desk.centre().claimed
    assert desk.sync_view().problem == ""
    desk.close()


def test_message_answer_read_and_close(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("Меня ищут. Что делать?")
    desk.sync_round()
    (row,) = desk.inbox()
    assert row.id == person.id
    assert (row.state, row.unread, row.language) == (ConversationState.WAITING, True, "ru")
    assert row.excerpt == "Меня ищут. Что делать?"
    assert len(row.code_name.split()) == 2
    assert person.look() is None

    place.clock.seconds += 60
    written = desk.answer(row.id, "We read you. Stay where you are.")
    assert (written.n, written.author, written.delivery) == (1, "Mira", Delivery.QUEUED)
    desk.sync_round()
    assert delivery(desk, row.id) == [Delivery.ON_BOARD]
    assert person.texts() == ["We read you. Stay where you are."]
    assert desk.inbox()[0].state is ConversationState.ANSWERED

    place.clock.seconds += 60
    desk.answer(row.id, "Second.")
    desk.sync_round()
    assert person.texts() == ["We read you. Stay where you are.", "Second."]

    place.clock.seconds += 60
    person.send(action=Action.READ, last_answer=1)
    desk.sync_round()
    assert delivery(desk, row.id) == [Delivery.READ, Delivery.ON_BOARD]
    assert person.texts() == ["Second."]

    place.clock.seconds += 60
    person.send("Спасибо", last_answer=2)
    desk.sync_round()
    assert person.texts() == []
    assert desk.inbox()[0].state is ConversationState.WAITING

    desk.answer(row.id, "Third.")
    desk.sync_round()
    person.send(action=Action.CLOSE)
    desk.sync_round()
    assert person.texts() == []
    assert desk.inbox()[0].state is ConversationState.CLOSED_BY_PERSON
    with pytest.raises(LocalError, match="closed"):
        desk.answer(row.id, "Fourth.")


def test_a_number_sent_in_advance_keeps_no_later_answer_away(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello", last_answer=2**31 - 1)
    desk.sync_round()
    place.clock.seconds += 1
    desk.answer(person.id, "still here")
    desk.sync_round()
    assert person.texts() == ["still here"]


def test_forced_is_flagged_and_alarmed(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("x")
    person.send(action=Action.FORCED)
    desk.sync_round()
    assert desk.inbox()[0].forced
    assert desk.counts()["forced"] == 1
    (alarm,) = desk.sync_view().alarms
    assert (alarm.kind, alarm.count, alarm.conversation) == (AlarmKind.FORCED, 1, person.id)
    desk.dismiss_alarm(AlarmKind.FORCED)
    assert desk.sync_view().alarms == ()
    assert desk.inbox()[0].forced


def test_what_is_held_stays_here_and_what_left_can_not_be_held(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    place.clock.seconds += 1
    desk.answer(person.id, "held back")
    (row,) = [row for row in desk.outbox() if row.kind == "answer"]
    desk.hold(row.id, True)
    desk.sync_round()
    assert person.texts() == []
    assert delivery(desk, person.id) == [Delivery.HELD]
    assert (desk.sync_view().held, desk.sync_view().waiting) == (1, 0)
    desk.hold(row.id, False)
    desk.sync_round()
    assert person.texts() == ["held back"]
    with pytest.raises(LocalError, match="left"):
        desk.hold(row.id, True)
    with pytest.raises(LocalError, match="left"):
        desk.withdraw(row.id)


def test_a_withdrawn_answer_is_never_published_nor_found(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    place.clock.seconds += 1
    desk.answer(person.id, "unfortunate wording")
    assert desk.search("unfortunate")
    (row,) = [row for row in desk.outbox() if row.kind == "answer"]
    desk.withdraw(row.id)
    assert not desk.search("unfortunate")
    assert desk.conversation(person.id).answers == ()
    assert desk.inbox()[0].state is ConversationState.WAITING
    desk.answer(person.id, "better")
    desk.sync_round()
    sheet = person.look()
    assert sheet is not None
    assert [(answer.n, answer.text) for answer in sheet.answers] == [(2, "better")]


def test_an_answer_that_fits_no_cell_is_refused_before_it_is_written(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    with pytest.raises(TooLarge):
        desk.answer(person.id, "я" * 4_000)
    assert desk.conversation(person.id).answers == ()
    with pytest.raises(LocalError):
        desk.answer(person.id, "  \n ")


def test_several_answers_keep_the_newest_where_not_all_fit(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    for number in range(3):
        place.clock.seconds += 1
        desk.answer(person.id, f"{number}" + "x" * 2_800)
    desk.sync_round()
    sheet = person.look()
    assert sheet is not None
    assert [answer.n for answer in sheet.answers] == [2, 3]
    assert sheet.more


def test_close_by_us_and_a_later_message_waits_again(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    place.clock.seconds += 1
    desk.answer(person.id, "goodbye")
    place.clock.seconds += 1
    desk.close_conversation(person.id)
    assert desk.inbox()[0].state is ConversationState.CLOSED
    desk.sync_round()
    sheet = person.look()
    assert sheet is not None
    assert sheet.closed
    desk.reopen(person.id)
    assert desk.inbox()[0].state is ConversationState.ANSWERED
    desk.close_conversation(person.id)
    place.clock.seconds += 1
    person.send("one more thing")
    desk.sync_round()
    assert desk.inbox()[0].state is ConversationState.WAITING


def test_labels_search_and_lists(place: Town, desk: Desk) -> None:
    people = [Person(place) for _ in range(3)]
    for person, text in zip(people, ["Река и мост", "Нужен паспорт", "bridge over the river"], strict=True):
        person.send(text)
        desk.sync_round()
        place.clock.seconds += 60
    assert [row.id for row in desk.inbox()] == [person.id for person in people]  # longest waiting first
    desk.set_labels(people[1].id, ["urgent", " two  words ", "urgent"])
    assert desk.labels() == ("two words", "urgent")
    assert [row.id for row in desk.inbox(label="urgent")] == [people[1].id]
    assert desk.conversation(people[1].id).row.labels == ("two words", "urgent")
    assert [row.id for row in desk.search("аспорт")] == [people[1].id]
    assert [row.id for row in desk.search("river")] == [people[2].id]
    assert [row.id for row in desk.search("urgent")] == [people[1].id]
    assert [row.id for row in desk.search(desk.inbox()[0].code_name)] == [people[0].id]
    assert desk.search("nothing of this") == ()
    desk.answer(people[0].id, "ok")
    desk.answer(people[1].id, "ok")
    assert [row.id for row in desk.inbox()] == [people[2].id, people[1].id, people[0].id]
    assert [row.id for row in desk.inbox(state=ConversationState.ANSWERED, limit=1, offset=1)] == [
        people[0].id
    ]
    assert desk.counts() == {
        "waiting": 1, "answered": 2, "closed": 0, "closed-by-person": 0, "unread": 3, "forced": 0,
    }  # fmt: skip


def test_attendance_says_the_day_on_which_somebody_read_and_nothing_else(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")

    def seen_by_visitors() -> int | None:
        with place.visitor() as visitor:
            today = day_of(place.clock())
            boards = verify_sheet(visitor.sheet(), fingerprint=None, today=today).boards
            return last_attendance(visitor.attendance(), boards=boards, today=today)

    desk.sync_round()
    assert seen_by_visitors() is None
    desk.mark_opened(person.id)
    assert not desk.inbox()[0].unread
    assert {row.kind for row in desk.outbox()} == {"record"}  # the read log's
    desk.sync_round()
    first = day_of(place.clock())
    assert seen_by_visitors() == first
    place.clock.pass_days(2)
    desk.sync_round()
    assert seen_by_visitors() == first
    desk.mark_opened(person.id)
    desk.sync_round()
    assert seen_by_visitors() == first + 2
    assert desk.centre().last_attendance == first + 2


def test_answers_are_published_anew_each_day_until_read(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    place.clock.seconds += 1
    desk.answer(person.id, "here")
    desk.sync_round()
    for _ in range(3):
        place.clock.pass_days(13)
        desk.sync_round()
        assert person.texts() == ["here"]
    place.clock.pass_days(150)
    desk.sync_round()
    assert person.texts() == []


def test_the_sheet_is_signed_anew_every_week_and_old_intake_keys_go(place: Town, desk: Desk) -> None:
    def sheet() -> tuple[int, list[int]]:
        with place.visitor() as visitor:
            served = verify_sheet(visitor.sheet(), fingerprint=None, today=day_of(place.clock()))
        return served.serial, [key.week for key in served.intake]

    serial, weeks = sheet()
    desk.sync_round()
    assert sheet() == (serial, weeks)
    place.clock.pass_days(7)
    desk.sync_round()
    assert sheet() == (serial + 1, [week + 1 for week in weeks])
    held = desk._parts.keys.intake()
    assert sorted(held) == [weeks[0] + ahead for ahead in range(4)]
    place.clock.pass_days(60)
    desk.sync_round()
    assert weeks[0] not in desk._parts.keys.intake()
    assert len(desk._parts.keys.wrapping()) == 2


def test_a_clock_that_jumps_destroys_no_intake_key(place: Town, desk: Desk) -> None:
    held = set(desk._parts.keys.intake())
    desk.close()
    jumped = Clock(day_of(place.clock()) + 2_000)
    astray = Desk.open(place.folder / "desk", passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS, clock=jumped)
    assert held <= set(astray._parts.keys.intake())
    astray.sync_round()
    assert held <= set(astray._parts.keys.intake())
    astray.close()


def test_intake_keys_wait_for_the_relays_day_before_they_are_destroyed(place: Town, desk: Desk) -> None:
    held = set(desk._parts.keys.intake())
    place.clock.pass_days(100)
    desk.close()
    again = place.open_desk()
    assert held <= set(again._parts.keys.intake())
    again.sync_round()
    assert not held & set(again._parts.keys.intake())
    again.close()


def test_an_appointment_that_ends_soon_is_an_alarm(place: Town, desk: Desk) -> None:
    place.clock.pass_days(369)
    desk.sync_round()
    assert AlarmKind.APPOINTMENT_ENDS not in {alarm.kind for alarm in desk.sync_view().alarms}
    place.clock.pass_days(3)
    desk.sync_round()
    assert AlarmKind.APPOINTMENT_ENDS in {alarm.kind for alarm in desk.sync_view().alarms}


def test_everything_is_there_after_locking_and_the_passphrase_can_be_changed(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    desk.answer(person.id, "here")
    before = desk.conversation(person.id), desk.centre(), desk.outbox()
    desk.change_passphrase(PASSPHRASE, new="another long passphrase")
    desk.close()
    with pytest.raises(VaultClosed):
        desk.inbox()
    with pytest.raises(WrongPassphrase):
        place.open_desk()
    again = Desk.open(
        place.folder / "desk",
        passphrase="another long passphrase",
        profile=CHEAP_FOR_TESTS,
        clock=place.clock,
    )
    assert (again.conversation(person.id), again.centre(), again.outbox()) == before
    again.sync_round()
    assert person.texts() == ["here"]
    again.close()
    assert Desk.exists(place.folder / "desk")
    assert not Desk.exists(place.folder / "other")


def test_unknown_ids_are_our_error(desk: Desk) -> None:
    for bad in ("", "zz", "0" * 32, "0" * 31 + "G"):
        with pytest.raises(UnknownConversation):
            desk.conversation(bad)
        with pytest.raises(UnknownConversation):
            desk.withdraw(bad)


def test_an_unreachable_relay_is_said_and_the_background_thread_catches_up(place: Town) -> None:
    desk = place.new_desk(door_url="http://127.0.0.1:1")
    with pytest.raises(RelayUnreachable):
        desk.sync_round()
    view = desk.sync_view()
    assert (view.reached, view.last_reached) == (False, None)
    assert view.problem
    assert view.waiting == 2
    desk.set_door(place.url, socks=None)
    desk.start_sync(3600)
    person = Person(place)
    eventually(lambda: desk.sync_view().reached)
    person.send("hello")
    desk.sync_now()
    eventually(lambda: bool(desk.inbox()))
    assert only(desk) == person.id
    desk.close()


def test_the_appointment_can_be_renewed_before_it_ends(place: Town, desk: Desk) -> None:
    place.clock.pass_days(390)
    desk.sync_round()
    assert AlarmKind.APPOINTMENT_ENDS in {alarm.kind for alarm in desk.sync_view().alarms}
    desk.renew_appointment()
    desk.sync_round(visit=True)
    assert [alarm.kind for alarm in desk.sync_view().alarms] == [AlarmKind.ROOT_USED]
    desk.dismiss_alarm(AlarmKind.ROOT_USED)
    place.clock.pass_days(20)
    desk.sync_round(visit=True)
    assert desk.sync_view().alarms == ()
    with place.visitor() as visitor:
        verify_sheet(visitor.sheet(), fingerprint=None, today=day_of(place.clock()))


def test_old_days_are_looked_through_at_visits_only(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("early")
    place.clock.pass_days(5)
    Person(place).send("late")
    desk._parts.settings.next_visit = place.clock() + 60
    desk.sync_round()
    assert [row.excerpt for row in desk.inbox()] == ["late"]
    place.clock.seconds += 60
    desk.sync_round()
    assert len(desk.inbox()) == 2


def test_a_fault_of_our_own_is_said_and_does_not_end_syncing(
    place: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(desk._store, "published", broken)
    desk.start_sync(3600)
    eventually(lambda: bool(desk.sync_view().problem))
    monkeypatch.undo()
    desk.sync_now()
    eventually(lambda: desk.sync_view().reached)
