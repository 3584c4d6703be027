"""What can't be read today lies aside whole, and is read once it can be."""

from __future__ import annotations

import os

import pytest

from causeway.casework.facts import OPENED, fact_value, opened_fact
from causeway.desk.engine import Desk, receiving, second_look
from causeway.desk.views import AlarmKind
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.sealed.intake import seal_intake
from causeway.sealed.parcel import GivenAccess, RelayAccess
from causeway.sealed.slots import seal_slots
from causeway.sync.client import RelayClient
from causeway.units import Week, day_of
from causeway.wire.items import Item
from causeway.wire.sizes import SLOT_BYTES
from tests.desk_engine.other_desk import OtherDesk
from tests.desk_engine.town import Person, Town


def aside(desk: Desk) -> dict[str, int]:
    return desk._parts.vault.aside.count()


def reopened(place: Town, desk: Desk) -> Desk:
    desk.close()
    return place.open_desk()


def test_a_message_is_taken_when_its_key_comes_late(place: Town, desk: Desk) -> None:
    secret, person = HybridSecret.generate(), Person(place)
    message = person.message("hello")
    recipient = HybridPublic(bytes(secret.public))
    person.put(message.message, seal_intake(message, signing=person.keys.signing, recipient=recipient))
    desk.sync_round()
    assert aside(desk) == {"does-not-open": 1}
    parts = desk._parts
    parts.keys.add_intake(Week(min(parts.keys.intake()) - 1), secret=secret, today=parts.today)
    desk.sync_round(visit=True)
    assert [row.id for row in desk.inbox()] == [person.id]
    assert aside(desk) == {}


def test_what_does_not_open_is_not_tried_again_while_nothing_has_changed(
    place: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    Person(place).put(os.urandom(16), os.urandom(SLOT_BYTES))
    desk.sync_round()
    tried: list[bytes] = []
    monkeypatch.setattr(second_look.SecondLook, "_try", lambda _self, aside_id, kind: tried.append(aside_id))
    desk.sync_round(visit=True)
    again = reopened(place, desk)
    assert tried == []
    monkeypatch.setattr(second_look, "version", lambda _name: "99")
    reopened(place, again).close()
    assert len(tried) == 1


def test_an_item_of_a_newer_type_is_taken_after_an_upgrade(
    place: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, person = OtherDesk(place, desk), Person(place)
    unknown = Item(type=77, content=b"from the future")
    other.put(other.roster(), other.parcel(), unknown, *other.conversation(person))
    desk.sync_round()
    assert aside(desk) == {"unknown-type": 1}
    taken: list[bytes] = []
    take = receiving.Receiving._take

    def newer(self: receiving.Receiving, item: Item) -> bool:
        if item.type != 77:
            return take(self, item)
        taken.append(item.content)
        return True

    monkeypatch.setattr(receiving.Receiving, "_take", newer)
    monkeypatch.setattr(second_look, "version", lambda _name: "99")
    again = reopened(place, desk)
    assert taken == [b"from the future"]
    assert aside(again) == {}
    again.close()


def test_a_record_slot_is_taken_when_its_transport_key_comes_late(place: Town, desk: Desk) -> None:
    other, person = OtherDesk(place, desk), Person(place)
    items = [other.roster(), other.parcel(), *other.conversation(person)]
    access = desk._store.access()
    newer = RelayAccess(access.capability, os.urandom(32))
    with RelayClient(place.url, socks=None, capability=access.capability) as client:
        for slot_id, slot in seal_slots(items, transport_key=newer.transport_key):
            client.put_record(slot_id, slot=slot)
    desk.sync_round()
    assert aside(desk) == {"does-not-open": 1}
    desk._store.renew_access(GivenAccess(number=1, access=newer, earlier=()))
    desk.sync_round(visit=True)
    assert [row.id for row in desk.inbox()] == [person.id]
    assert aside(desk) == {}


def test_a_flood_of_junk_empties_nothing_that_desks_wrote(
    place: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_ASIDE_WITH_BYTES_MAX", 2)
    today = day_of(place.clock())
    for reason in ("broken", "forged"):
        for _ in range(4):
            desk._store.refuse("intake", slot_id=os.urandom(16), slot=b"junk", reason=reason, day=today)
    again = reopened(place, desk)
    again._store.refuse("intake", slot_id=os.urandom(16), slot=b"junk", reason="forged", day=today)
    again._store.refuse("record", slot_id=os.urandom(16), slot=b"desk", reason="does-not-open", day=today)
    other, person = OtherDesk(place, again), Person(place)
    other.put(
        other.entry(OPENED, fact_value(opened_fact(person.message("hello")))),
        Item(type=77, content=b"from the future"),
    )
    again.sync_round()
    junk = {"broken", "forged"}
    kept = again._parts.vault.aside.all()
    assert sorted(one.content for one in kept if one.reason in junk) == [b""] * 5 + [b"junk"] * 4
    assert all(one.content for one in kept if one.reason not in junk)
    assert {one.reason for one in kept} - junk == {"does-not-open", "unknown-type", "unknown-device"}
    assert {alarm.kind for alarm in again.sync_view().alarms} == {AlarmKind.SLOT_REFUSED}
    again.close()
