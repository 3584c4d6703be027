"""More than a desk was made for: junk by the thousand, one person who never stops, a relay without room."""

from __future__ import annotations

import os
from typing import Any

import pytest

from causeway.casework.facts import OPENED, fact_value, opened_fact
from causeway.desk.engine import Desk, receiving
from causeway.desk.views import AlarmKind
from causeway.sync.client import RelayClient
from causeway.sync.errors import RelayRefused
from causeway.sync.runner import sync_once
from causeway.units import day_of
from causeway.wire.intake import Action
from causeway.wire.sizes import SLOT_BYTES
from tests.desk_engine.other_desk import OtherDesk
from tests.desk_engine.town import Person, Town


def junk(desk: Desk, place: Town, *, slots: int) -> None:
    today = day_of(place.clock())
    for _ in range(slots):
        slot_id = os.urandom(16)
        desk._store.refuse("intake", slot_id=slot_id, slot=bytes(SLOT_BYTES), reason="broken", day=today)


def test_junk_costs_bytes_only_up_to_a_limit_and_honest_people_get_through(
    place: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_ASIDE_WITH_BYTES_MAX", 5)
    junk(desk, place, slots=8)
    kept = desk._parts.vault.aside.all()
    assert sorted(len(one.content) for one in kept) == [0, 0, 0, *[SLOT_BYTES] * 5]
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    assert [row.id for row in desk.inbox()] == [person.id]


def test_junk_takes_nothing_from_what_another_desk_wrote_too_early(
    place: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_ASIDE_WITH_BYTES_MAX", 5)
    junk(desk, place, slots=8)
    other, person = OtherDesk(place, desk), Person(place)
    other.put(other.entry(OPENED, fact_value(opened_fact(person.message("hello")))))
    desk.sync_round()
    assert desk.inbox() == ()
    other.put(other.roster(), other.parcel())
    desk.sync_round()
    assert [row.id for row in desk.inbox()] == [person.id]


def test_one_conversation_can_not_grow_until_the_desk_stands_still(
    place: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_FACTS_MAX", 6)
    endless, person = Person(place), Person(place)
    for number in range(8):
        endless.send(f"once more {number}")
    desk.sync_round()
    person.send("hello")
    desk.sync_round()
    assert {row.id for row in desk.inbox()} == {endless.id, person.id}
    taken = len(desk.conversation(endless.id).messages)
    assert 0 < taken < 8
    assert desk._parts.vault.aside.count() == {"too-many": 8 - taken}
    assert desk._store.to_acknowledge() == []
    alarms = {alarm.kind: alarm.count for alarm in desk.sync_view().alarms}
    assert alarms == {AlarmKind.SLOT_REFUSED: 8 - taken}


def test_closing_and_forced_are_taken_however_long_a_conversation_is(
    place: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_FACTS_MAX", 2)
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    person.send(action=Action.FORCED)
    person.send(action=Action.CLOSE)
    desk.sync_round()
    messages = desk.conversation(person.id).messages
    assert {message.action for message in messages} == {"write", "forced", "close"}
    for action in (Action.FORCED, Action.CLOSE):
        person.send(action=action)
    desk.sync_round()
    assert desk._parts.vault.aside.count() == {"too-many": 2}


def test_looking_at_one_forced_conversation_leaves_the_alarm_of_another(place: Town, desk: Desk) -> None:
    people = [Person(place) for _ in range(2)]
    for person in people:
        person.send(action=Action.FORCED)
    desk.sync_round()
    desk.dismiss_alarm(AlarmKind.FORCED, conversation=people[0].id)
    assert [alarm.conversation for alarm in desk.sync_view().alarms] == [people[1].id]
    desk.dismiss_alarm(AlarmKind.FORCED)
    assert desk.sync_view().alarms == ()


def test_answers_are_published_although_the_relay_has_no_room_for_the_record(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    place.clock.seconds += 1
    desk.mark_opened(person.id)
    desk.answer(person.id, "here")

    class Full:
        def __init__(self, client: RelayClient) -> None:
            self._client = client

        def __getattr__(self, name: str) -> Any:
            return getattr(self._client, name)

        def put_record(self, slot_id: bytes, *, slot: bytes) -> None:
            raise RelayRefused("no room", status=507)

    with pytest.raises(RelayRefused):
        sync_once(
            desk._store,
            connect=lambda access: Full(RelayClient(place.url, socks=None, capability=access.capability)),
        )
    assert person.texts() == ["here"]
    desk.sync_round()
    assert desk.outbox() == ()
