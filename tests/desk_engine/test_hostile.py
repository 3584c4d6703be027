"""A relay, or a door, that serves other bytes than it was given; the relay itself is real."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from causeway.desk.engine import Desk
from causeway.desk.views import Alarm, AlarmKind
from causeway.sealed.hybrid import HybridPublic
from causeway.sealed.intake import seal_intake
from causeway.sync.client import RelayClient
from causeway.sync.errors import RelayUnreachable
from causeway.sync.runner import sync_once
from causeway.wire.board import join_indexes, split_indexes
from causeway.wire.errors import FormatError
from causeway.wire.sizes import ID_BYTES, SLOT_BYTES
from tests.desk_engine.town import Person, Town

Tamper = dict[str, Callable[..., Any]]


class Between:
    """A client whose answers somebody has changed: `tamper[method](answer, *arguments)`."""

    def __init__(self, client: RelayClient, tamper: Tamper) -> None:
        self._client = client
        self._tamper = tamper

    def visitor(self) -> Between:
        return type(self)(self._client.visitor(), self._tamper)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        change = self._tamper.get(name)
        if change is None:
            return method

        def changed(*arguments: Any, **named: Any) -> Any:
            return change(method(*arguments, **named), *arguments, *named.values())

        return changed


def round_(desk: Desk, place: Town, *, visit: bool = True, **tamper: Any) -> None:
    sync_once(
        desk._store,
        connect=lambda access: Between(
            RelayClient(place.url, socks=None, capability=access.capability), tamper
        ),
        visit=visit,
    )


def alarms(desk: Desk) -> dict[AlarmKind, int]:
    return {alarm.kind: alarm.count for alarm in desk.sync_view().alarms}


def flip(answer: bytes, *_: Any) -> bytes:
    return answer[:-1] + bytes([answer[-1] ^ 1])


@pytest.fixture
def spoken(place: Town, desk: Desk) -> Person:
    """Somebody who wrote, was read and answered; all of it is published."""
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    place.clock.seconds += 1
    desk.mark_opened(person.id)
    desk.answer(person.id, "here")
    desk.sync_round(visit=True)
    assert alarms(desk) == {}
    return person


# ---- What visitors are served ----


@pytest.mark.parametrize(
    ("method", "change", "kind"),
    [
        ("sheet", flip, AlarmKind.SHEET_ALTERED),
        ("sheet", lambda answer: answer[:-1], AlarmKind.SHEET_ALTERED),
        ("sheet", lambda _answer: b"", AlarmKind.SHEET_ALTERED),
        ("attendance", lambda answer: bytes(len(answer)), AlarmKind.ATTENDANCE_ALTERED),
        ("attendance", lambda answer: answer[:-70], AlarmKind.ATTENDANCE_ALTERED),
        ("board", lambda _answer: join_indexes({}), AlarmKind.BOARD_ALTERED),
        ("board", lambda answer: answer[:-1], AlarmKind.BOARD_ALTERED),
        ("bucket", flip, AlarmKind.BOARD_ALTERED),
        ("bucket", lambda answer, _digest: answer[::-1], AlarmKind.BOARD_ALTERED),
        ("bucket", lambda _answer, _digest: None, AlarmKind.BOARD_ALTERED),
    ],
)
def test_what_visitors_are_served_altered_is_an_alarm_and_published_again(
    place: Town, desk: Desk, spoken: Person, method: str, change: Callable[..., Any], kind: AlarmKind
) -> None:
    altered: dict[str, Any] = {method: change}
    round_(desk, place, **altered)
    assert alarms(desk) == {kind: 1}
    puts: list[str] = []
    name = {"sheet": "put_sheet", "attendance": "put_attendance"}.get(method, "put_board")
    noted: dict[str, Any] = {name: lambda answer, *_: puts.append(name)}
    round_(desk, place, **noted)
    assert puts == [name]
    assert alarms(desk) == {kind: 1}
    assert spoken.texts() == ["here"]


def test_an_index_altered_in_its_own_place_is_told_from_an_older_one(
    place: Town, desk: Desk, spoken: Person
) -> None:
    slot = desk._store.published().slot
    assert slot is not None

    def flip_index(answer: bytes) -> bytes:
        indexes = {number: signed for number, signed in enumerate(split_indexes(answer)) if signed}
        indexes[slot] = flip(indexes[slot])
        return join_indexes(indexes)

    round_(desk, place, board=flip_index)
    assert alarms(desk) == {AlarmKind.BOARD_ALTERED: 1}


def test_an_older_complete_index_is_noticed_by_the_desk_that_published_it(
    place: Town, desk: Desk, spoken: Person
) -> None:
    with place.visitor() as visitor:
        older = visitor.board()
    place.clock.seconds += 1
    desk.answer(spoken.id, "and this")
    round_(desk, place, board=lambda _answer: older)
    assert alarms(desk) == {AlarmKind.BOARD_OLDER: 1}
    place.clock.pass_days(40)
    round_(desk, place, board=lambda _answer: older)
    assert alarms(desk)[AlarmKind.BOARD_OLDER] == 2


def test_an_older_sheet_is_noticed(place: Town, desk: Desk) -> None:
    with place.visitor() as visitor:
        older = visitor.sheet()
    place.clock.pass_days(7)
    desk.sync_round()
    round_(desk, place, sheet=lambda _answer: older)
    assert alarms(desk) == {AlarmKind.SHEET_ALTERED: 1}


# ---- What desks are served ----


def slots_of(answer: bytes) -> list[tuple[bytes, bytes]]:
    size = ID_BYTES + SLOT_BYTES
    return [
        (answer[at : at + ID_BYTES], answer[at + ID_BYTES : at + size]) for at in range(0, len(answer), size)
    ]


def test_swapped_altered_and_junk_slots_are_kept_aside_and_acknowledged(place: Town, desk: Desk) -> None:
    people = [Person(place) for _ in range(3)]
    for person in people:
        person.send("hello")
    junk = os.urandom(16)
    people[0].put(junk, os.urandom(SLOT_BYTES))

    def swap(answer: bytes, kind: str, _ids: list[bytes]) -> bytes:
        if kind != "intake":
            return answer
        bodies = dict(slots_of(answer))
        first, second, third = (person.sent[0] for person in people)
        bodies[first], bodies[second] = bodies[second], bodies[first]
        bodies[third] = flip(bodies[third])
        return b"".join(slot_id + slot for slot_id, slot in bodies.items())

    acknowledged: list[bytes] = []
    round_(desk, place, visit=False, slots=swap, acknowledge=lambda _answer, ids: acknowledged.extend(ids))
    assert desk.inbox() == ()
    assert desk._parts.vault.aside.count() == {"broken": 4}
    assert alarms(desk) == {AlarmKind.SLOT_REFUSED: 4}
    assert sorted(acknowledged) == sorted([junk, *(person.sent[0] for person in people)])
    desk.sync_round()
    assert alarms(desk) == {AlarmKind.SLOT_REFUSED: 4}


@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("days", lambda answer, kind: answer + b"x"),
        ("ids", lambda answer, kind, day: answer[:-1]),
        ("slots", lambda answer, kind, ids: answer[:-1]),
        ("slots", lambda answer, kind, ids: answer + answer),
        ("slots", lambda answer, kind, ids: os.urandom(ID_BYTES) + answer[ID_BYTES:]),
    ],
)
def test_a_broken_listing_takes_nothing_and_loses_nothing(
    place: Town, desk: Desk, method: str, change: Callable[..., Any]
) -> None:
    person = Person(place)
    person.send("hello")
    broken: dict[str, Any] = {method: change}
    with pytest.raises(FormatError):
        round_(desk, place, **broken)
    assert desk.inbox() == ()
    desk.sync_round()
    assert [row.id for row in desk.inbox()] == [person.id]


def test_replayed_and_doubled_listings_take_a_message_once(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    for _ in range(2):
        round_(
            desk,
            place,
            ids=lambda answer, kind, day: answer + answer,
            days=lambda answer, kind: answer + answer,
        )
    assert len(desk.conversation(person.id).messages) == 1
    entries = desk._parts.vault.entries.count()
    forgotten = person.sent[0]
    desk._parts.db.run("DELETE FROM seen WHERE kind = 'intake' AND id = ?", (forgotten,))
    desk.sync_round()
    assert len(desk.conversation(person.id).messages) == 1
    assert desk._parts.vault.entries.count() == entries


def test_a_message_under_other_keys_than_its_conversation_began_with_is_kept_aside(
    place: Town, desk: Desk
) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    stranger = Person(place)
    person.send("is it me?", tag_key=stranger.keys.tag_key)
    person.send("is it me?", answer_key=bytes(stranger.keys.answer.public))
    desk.sync_round()
    assert len(desk.conversation(person.id).messages) == 1
    assert desk._parts.vault.aside.count() == {"other-keys": 2}


def test_a_message_signed_by_a_stranger_is_kept_aside(place: Town, desk: Desk) -> None:
    person, stranger = Person(place), Person(place)
    person.send("hello")
    desk.sync_round()
    message = stranger.message(
        "I am the other one", conversation=person.keys.conversation, verify_key=person.keys.signing.public
    )
    recipient = HybridPublic(desk._store.intake_secrets()[-1].public.__bytes__())
    stranger.put(message.message, seal_intake(message, signing=stranger.keys.signing, recipient=recipient))
    desk.sync_round()
    assert len(desk.conversation(person.id).messages) == 1
    assert desk._parts.vault.aside.count() == {"forged": 1}


def test_a_record_slot_of_noise_is_kept_aside(place: Town, desk: Desk) -> None:
    with RelayClient(place.url, socks=None, capability=desk._store.access().capability) as other:
        other.put_record(os.urandom(16), slot=os.urandom(SLOT_BYTES))
    desk.sync_round()
    assert desk._parts.vault.aside.count() == {"does-not-open": 1}
    desk.sync_round()
    assert alarms(desk) == {AlarmKind.SLOT_REFUSED: 1}


def test_nothing_is_acknowledged_before_what_was_in_it_is_at_the_relay_again(place: Town, desk: Desk) -> None:
    Person(place).send("hello")
    calls: list[str] = []
    round_(
        desk,
        place,
        visit=False,
        put_record=lambda _answer, *_: calls.append("record"),
        acknowledge=lambda _answer, *_: calls.append("acknowledge"),
    )
    assert calls[-1] == "acknowledge"
    assert "record" in calls[:-1]


# ---- Cut off in between ----


class Cut(Exception):
    pass


READING = ("status", "days", "ids", "slots", "sheet", "bucket")
WRITING = ("claim", "acknowledge", "put_record", "put_sheet", "put_board", "put_attendance")


@pytest.mark.parametrize("call", [*READING, *WRITING])
@pytest.mark.parametrize("before", [True, False])
def test_a_round_cut_off_at_any_call_loses_nothing_and_does_nothing_twice(
    place: Town, call: str, before: bool
) -> None:
    desk = place.new_desk()
    person = Person(place)
    if call != "claim":
        desk.sync_round()
        person.send("hello")
        desk.sync_round()
        desk.mark_opened(person.id)
        place.clock.pass_days(7)  # the sheet and the board are due
        desk.answer(person.id, "here")
        person.send("more")

    def cut(*_: Any, **__: Any) -> None:
        raise Cut

    class CutOff(Between):
        def __getattr__(self, name: str) -> Any:
            return cut if name == call and before else super().__getattr__(name)

    tamper: Tamper = {} if before else {call: cut}
    with pytest.raises(Cut):
        sync_once(
            desk._store,
            connect=lambda access: CutOff(
                RelayClient(place.url, socks=None, capability=access.capability), tamper
            ),
            visit=True,
        )
    desk.close()
    again = place.open_desk()
    again.sync_round(visit=True)
    assert again.centre().claimed
    if call != "claim":
        view = again.conversation(person.id)
        assert [message.text for message in view.messages] == ["hello", "more"]
        assert person.texts() == ["here"]
        assert again.outbox() == ()
        assert again._store.to_acknowledge() == []
    assert alarms(again) == {}
    again.close()


def test_an_answer_longer_than_it_may_be_is_cut_off(place: Town, desk: Desk) -> None:
    client = RelayClient(place.url, socks=None, capability=desk._store.access().capability)
    with client, pytest.raises(RelayUnreachable, match="more than it may"):
        client._get("board", limit=10)


def test_alarms_name_no_bytes(desk: Desk) -> None:
    desk._parts.alarms.raise_(AlarmKind.BOARD_OLDER)
    (alarm,) = desk.sync_view().alarms
    assert alarm == Alarm(kind=AlarmKind.BOARD_OLDER, since=alarm.since, count=1)
