"""What other desks of the centre write: a second device, made by hand, puts slots at the real relay."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest

from causeway.casework.facts import ANSWER, LABELS, MESSAGE, OPENED, fact_value, message_fact, opened_fact
from causeway.desk.engine import Desk
from causeway.desk.views import AlarmKind, ConversationState
from causeway.record.entry import ZERO_HASH, Body, Operation, device_id, encode_entry, entry_hash, seal_entry
from causeway.record.keys import CaseKeys, Compartment, CompartmentKind, Epoch, KeyParcel, wrap_keys
from causeway.record.roster import Device, Member, Roster, roster_hash, sign_roster
from causeway.record.wrapping import sign_wrapping_key
from causeway.sealed.aead import SealBroken
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.parcel import RelayAccess, capability_hash, sign_parcel
from causeway.sealed.signing import HybridSigningKey
from causeway.sealed.slots import open_slot, seal_slots
from causeway.sync.client import RelayClient
from causeway.sync.core import parse_days, parse_ids, parse_slots
from causeway.sync.errors import RelayRefused
from causeway.units import day_of
from causeway.wire.items import Item, ItemType
from tests.desk_engine.town import Person, Town


class OtherDesk:
    """A second member's laptop, as far as its writing goes."""

    def __init__(self, place: Town, first: Desk) -> None:
        self.place = place
        self.first = first
        self.keys = HybridSigningKey.generate()
        self.id = device_id(self.keys.public)
        self.member = os.urandom(16)
        self.wrapping = HybridSecret.generate()
        self.epoch = Epoch(os.urandom(16), os.urandom(32))
        self.case, self.case_secret, self.compartment = os.urandom(16), os.urandom(32), os.urandom(16)
        self.before = ZERO_HASH
        self.sequence, self.previous, self.clock = 0, ZERO_HASH, int(place.clock() * 1000) << 16

    def roster(self, version: int = 2) -> Item:
        current = self.first._parts.roster.current()
        new = Roster(
            version=version,
            previous=roster_hash(self.first._parts.roster.signed()),
            day=current.day,
            centre=current.centre,
            root=current.root,
            root_pq=current.root_pq,
            appointment=current.appointment,
            members=(*current.members, Member(self.member, "Jonas", "intake")),
            devices=(
                *current.devices,
                Device(
                    self.id,
                    self.member,
                    self.keys.public,
                    self.keys.pq_public,
                    bytes(self.wrapping.public),
                    15,
                ),
            ),
            cuts=(),
        )
        return Item(type=ItemType.ROSTER, content=sign_roster(new, device=self.first._parts.keys.device))

    def parcel(self) -> Item:
        compartments = (Compartment(self.compartment, CompartmentKind.CONVERSATION),)
        keys = KeyParcel(epochs=(self.epoch,), cases=(CaseKeys(self.case, self.case_secret, compartments),))
        (recipient, *_) = self.first._parts.roster.wrapping_keys()
        return Item(type=ItemType.KEY_PARCEL, content=wrap_keys(keys, recipient=recipient))

    def entry(
        self, name: str, value: Any, *, heads: tuple[bytes, ...] | None = None, again: bool = False
    ) -> Item:
        if again:
            self.sequence, self.previous = self.sequence - 1, self.before
        self.clock += 1
        body = Body(
            entry_id=os.urandom(16),
            case=self.case,
            operation=Operation.ADD if heads is None else Operation.SET,
            name=name,
            value=value,
            heads=heads or (),
            clock=self.clock,
            member=self.member,
        )
        entry = seal_entry(
            body,
            compartment=self.compartment,
            epoch=self.epoch.id,
            seed=self.epoch.seed,
            case_secret=self.case_secret,
            device=self.keys.classical,
            sequence=self.sequence,
            previous=self.previous,
        )
        self.before = self.previous
        self.sequence, self.previous = self.sequence + 1, entry_hash(entry)
        return Item(type=ItemType.ENTRY, content=encode_entry(entry))

    def conversation(self, person: Person, text: str = "hello") -> list[Item]:
        message = person.message(text)
        today = day_of(self.place.clock())
        return [
            self.entry(OPENED, fact_value(opened_fact(message))),
            self.entry(MESSAGE, fact_value(message_fact(message, day=today))),
        ]

    def put(self, *items: Item) -> None:
        access = self.first._store.access()
        with RelayClient(self.place.url, socks=None, capability=access.capability) as client:
            for slot_id, slot in seal_slots(items, transport_key=access.transport_key):
                client.put_record(slot_id, slot=slot)


@pytest.fixture
def other(place: Town, desk: Desk) -> OtherDesk:
    return OtherDesk(place, desk)


def aside(desk: Desk) -> dict[str, int]:
    return desk._parts.vault.aside.count()


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
    again._parts.ledger._projections.bring_up(again=True)
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
    assert set(aside(desk)) <= {"unknown-device", "not-readable"}
    other.put(other.parcel())
    desk.sync_round()
    assert aside(desk) in (
        {"not-readable": 2},
        {"out-of-sequence": 2},
        {"unknown-device": 1, "not-readable": 1},
    )
    assert desk.inbox() == ()
    other.put(first)
    desk.sync_round()
    assert aside(desk) == {}
    assert [one.text for one in desk.conversation(person.id).answers] == ["ours"]
    assert desk.sync_view().alarms == ()


def test_a_fork_is_kept_aside_and_alarmed(place: Town, desk: Desk, other: OtherDesk) -> None:
    person = Person(place)
    other.put(other.roster(), other.parcel(), *other.conversation(person, "one"))
    desk.sync_round()
    message = person.message("other")
    other.put(other.entry(MESSAGE, fact_value(message_fact(message, day=day_of(place.clock()))), again=True))
    desk.sync_round()
    assert aside(desk) == {"fork": 1}
    assert [alarm.kind for alarm in desk.sync_view().alarms] == [AlarmKind.CHAIN_FORKED]
    assert len(desk.conversation(person.id).messages) == 1


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
    assert [alarm.kind for alarm in desk.sync_view().alarms] == [AlarmKind.SLOT_REFUSED]


def test_new_keys_are_wrapped_for_every_device_under_its_newest_wrapping_key(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    newer = HybridSecret.generate()
    named = sign_wrapping_key(newer.public, day=day_of(place.clock()), device=other.keys.classical)
    other.put(other.roster(), Item(type=ItemType.WRAPPING_KEY, content=named))
    desk.sync_round()
    recipients = [bytes(key) for key in desk._parts.roster.wrapping_keys()]
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
    # Roster, wrapping key; keys: epoch, intake, case; entries: keys, name and text of the conversation.
    assert sorted(types) == [1, 1, 1, 2, 2, 2, 3, 4]


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
    assert [alarm.kind for alarm in desk.sync_view().alarms] == [AlarmKind.CAPABILITY_REFUSED]
    assert desk.sync_view().problem
