"""What other desks of the centre write: a second device, made by hand, puts slots at the real relay."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from causeway.casework.facts import ANSWER, LABELS, MESSAGE, fact_value, message_fact
from causeway.desk.engine import Desk
from causeway.desk.views import AlarmKind, ConversationState
from causeway.sealed.aead import SealBroken
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.parcel import RelayAccess, capability_hash, sign_parcel
from causeway.sealed.slots import open_slot
from causeway.sync.client import RelayClient
from causeway.sync.core import parse_days, parse_ids, parse_slots
from causeway.sync.errors import RelayRefused
from causeway.units import day_of
from causeway.wire.items import Item, ItemType
from tests.desk_engine.other_desk import OtherDesk, alarmed, aside
from tests.desk_engine.town import Person, Town


def test_what_another_desk_took_and_answered_is_here(place: Town, desk: Desk, other: OtherDesk) -> None:
    person = Person(place)
    other.put(other.roster(), other.parcel(), *other.conversation(person, "from the other desk"))
    desk.sync_round()
    (row,) = desk.inbox()
    assert (row.id, row.excerpt, row.state) == (person.id, "from the other desk", ConversationState.WAITING)
    assert desk.conversation(person.id).readers == ("Mira", "Jonas")
    today = day_of(place.clock())
    other.put(other.entry(ANSWER, {"n": 1, "day": today, "text": "ours"}))
    desk.sync_round()
    (answer,) = desk.conversation(person.id).answers
    assert (answer.author, answer.text) == ("Jonas", "ours")
    assert aside(desk) == {}
    mine = desk.answer(person.id, "mine")
    assert mine.n == 2
    desk.close()
    again = place.open_desk()
    assert [one.text for one in again.conversation(person.id).answers] == ["ours", "mine"]
    again._parts.ledger.fold_again()
    assert [one.text for one in again.conversation(person.id).answers] == ["ours", "mine"]
    again.close()


def test_what_comes_too_early_waits_aside_until_it_can_be_taken(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    first, second = other.conversation(person)
    third = other.entry(ANSWER, {"n": 1, "day": 1, "text": "ours"})
    other.put(third)
    desk.sync_round()
    assert aside(desk) == {"unknown-device": 1}
    other.put(other.roster())
    desk.sync_round()
    other.put(second)
    desk.sync_round()
    assert set(aside(desk)) <= {"unknown-device", "out-of-sequence"}
    other.put(other.parcel())
    desk.sync_round()
    assert set(aside(desk)) <= {"unknown-device", "out-of-sequence"}
    assert desk.inbox() == ()
    other.put(first)
    desk.sync_round()
    assert aside(desk) == {}
    assert [one.text for one in desk.conversation(person.id).answers] == ["ours"]
    assert alarmed(desk) == []


def test_a_fork_is_kept_aside_and_alarmed(place: Town, desk: Desk, other: OtherDesk) -> None:
    person = Person(place)
    other.put(other.roster(), other.parcel(), *other.conversation(person, "one"))
    desk.sync_round()
    message = person.message("other")
    other.put(other.entry(MESSAGE, fact_value(message_fact(message, day=day_of(place.clock()))), again=True))
    desk.sync_round()
    assert aside(desk) == {"forked": 2}
    assert alarmed(desk) == [AlarmKind.CHAIN_FORKED]
    assert len(desk.conversation(person.id).messages) == 0


def test_forged_broken_and_unknown_items_are_kept_aside_and_the_others_are_taken(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    good = other.conversation(person)
    forged = Item(type=ItemType.ENTRY, content=good[0].content[:-1] + bytes([good[0].content[-1] ^ 1]))
    other.put(
        other.roster(),
        other.parcel(),
        forged,
        Item(type=ItemType.ENTRY, content=b"nonsense"),
        Item(type=ItemType.KEY_PARCEL, content=b"nonsense"),
        Item(type=ItemType.ROSTER, content=b"nonsense"),
        Item(type=ItemType.WRAPPING_KEY, content=b"nonsense"),
        Item(type=77, content=b"from the future"),
        *good,
    )
    desk.sync_round()
    assert [row.id for row in desk.inbox()] == [person.id]
    assert aside(desk) == {"broken": 5, "unknown-type": 1}
    assert alarmed(desk) == [AlarmKind.SLOT_REFUSED]


def test_new_keys_are_wrapped_for_every_device_under_its_newest_wrapping_key(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    newer = HybridSecret.generate()
    other.put(other.roster(), other.named(day_of(place.clock()) - 7))
    desk.sync_round()
    other.wrapping, older = newer, other.wrapping
    other.put(other.named())
    desk.sync_round()
    other.wrapping = older
    recipients = [bytes(key) for _, key in desk._parts.roster.wrapping_keys()]
    assert bytes(newer.public) in recipients
    assert bytes(other.wrapping.public) not in recipients
    assert len(recipients) == 2


def test_a_label_set_apart_is_a_conflict_until_somebody_settles_it(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    other.put(other.roster(), other.parcel(), *other.conversation(person))
    desk.sync_round()
    desk.set_labels(person.id, ["here"])
    other.put(other.entry(LABELS, ["there"], heads=()))
    desk.sync_round()
    (row,) = desk.inbox()
    assert (row.labels, row.conflict) == (("here", "there"), True)
    desk.set_labels(person.id, ["there"])
    (row,) = desk.inbox()
    assert (row.labels, row.conflict) == (("there",), False)


def test_everything_that_this_desk_wrote_can_be_read_by_a_desk_with_its_keys(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    access = desk._store.access()
    types: list[int] = []
    with RelayClient(place.url, socks=None, capability=access.capability) as client:
        for day in parse_days(client.days("record")):
            for slot_id in parse_ids(client.ids("record", day=day)):
                ((_, slot),) = parse_slots(client.slots("record", ids=[slot_id]), asked=[slot_id])
                types += [
                    item.type for item in open_slot(slot, slot_id=slot_id, transport_key=access.transport_key)
                ]
    # Roster and wrapping key; entries: keys, name and text of the conversation. There is nobody to give
    # keys to.
    assert sorted(types) == [1, 1, 1, 3, 4]


# ---- Rotation of the capability ----


def rotated(place: Town, desk: Desk, recipients: list[Any], *, number: int = 1) -> RelayAccess:
    new = RelayAccess.generate()
    parcel = sign_parcel(new, number=number, recipients=recipients, device=desk._parts.keys.device.classical)
    old = desk._store.access()
    with RelayClient(place.url, socks=None, capability=old.capability) as client:
        client._call("PUT", "capability", body=capability_hash(new.capability) + parcel)
    return new


def test_a_refused_desk_takes_the_parcel_and_packs_anew_what_was_waiting(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    desk.sync_round()
    place.clock.seconds += 1
    desk.answer(person.id, "here")
    waiting = desk._store.slots_to_send()
    assert len(waiting) == 1
    new = rotated(place, desk, [desk._parts.keys.wrapping()[0][1].public])
    desk.sync_round()
    assert desk._store.access() == new
    assert desk.outbox() == ()
    assert person.texts() == ["here"]
    with RelayClient(place.url, socks=None, capability=new.capability) as client:
        today = day_of(place.clock())
        ids = parse_ids(client.ids("record", day=today))
        slots = parse_slots(client.slots("record", ids=ids), asked=ids)
    assert waiting[0][0] not in ids
    opened = []
    for slot_id, slot in slots:
        with contextlib.suppress(SealBroken):  # those from before
            opened.append(open_slot(slot, slot_id=slot_id, transport_key=new.transport_key))
    assert len(opened) == 1


def test_a_desk_that_is_not_meant_raises_an_alarm(place: Town, desk: Desk) -> None:
    rotated(place, desk, [HybridSecret.generate().public])
    with pytest.raises(RelayRefused):
        desk.sync_round()
    assert alarmed(desk) == [AlarmKind.CAPABILITY_REFUSED]
    assert desk.sync_view().problem
