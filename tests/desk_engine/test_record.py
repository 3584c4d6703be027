"""What other desks of the centre write: a second device, made by hand, puts slots at the real relay."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import msgspec
import pytest

from causeway.casework.facts import ANSWER, LABELS, MESSAGE, OPENED, fact_value, message_fact, opened_fact
from causeway.desk.engine import Desk
from causeway.desk.views import AlarmKind, ConversationState
from causeway.record.entry import (
    ZERO_HASH,
    Body,
    EntryKeys,
    Operation,
    decode_entry,
    device_id,
    encode_entry,
    entry_hash,
    seal_entry,
)
from causeway.record.forgetting import FORGET, FORGOTTEN, sign_about_case
from causeway.record.keys import (
    CaseKeys,
    Compartment,
    CompartmentKind,
    Epoch,
    KeyParcel,
    case_id,
    open_parcel_item,
    wrap_keys,
)
from causeway.record.parts import split_item
from causeway.record.root import pq_hash
from causeway.record.roster import Device, Member, roster_hash, sign_roster
from causeway.record.wrapping import sign_wrapping_key
from causeway.sealed.aead import SealBroken
from causeway.sealed.age import seal as age_seal
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.parcel import RelayAccess, capability_hash, sign_parcel
from causeway.sealed.signing import HybridSigningKey
from causeway.sealed.slots import open_slot, seal_slots
from causeway.sync.client import RelayClient
from causeway.sync.core import parse_days, parse_ids, parse_slots
from causeway.sync.errors import RelayRefused
from causeway.units import Day, day_of
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import BOARD_SLOTS
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
        self.epoch = Epoch.begin(os.urandom(32), roster_version=2, device=self.id)
        self.case_secret = os.urandom(32)
        self.case = case_id(self.case_secret)
        self.compartment = Compartment.begin(
            CompartmentKind.CONVERSATION, case=self.case, secret=os.urandom(32)
        )
        self.before = ZERO_HASH
        self.sequence, self.previous, self.clock = 0, ZERO_HASH, int(place.clock() * 1000) << 16

    def roster(self, version: int = 2, *, without: bytes = b"", moved: bool = False) -> Item:
        """The next version, with this device, which may have another member now, and without another one."""
        current = self.first._parts.roster.current()
        stay = [one for one in current.devices if one.id not in {self.id, without}]
        known = current.device(self.id)
        slot = min(set(range(BOARD_SLOTS)) - {one.board_slot for one in current.devices})
        device = Device(self.id, self.member, self.keys.public, pq_hash(self.keys.pq_public), slot)
        members = current.members if known else (*current.members, Member(self.member, "Jonas", "intake"))
        new = msgspec.structs.replace(
            current,
            version=version,
            previous=roster_hash(self.first._parts.roster.signed()),
            members=members,
            devices=(*stay, device if moved or known is None else known),
        )
        return Item(type=ItemType.ROSTER, content=sign_roster(new, device=self.first._parts.keys.device))

    def named(self, day: int | None = None) -> Item:
        signed = sign_wrapping_key(
            self.wrapping.public,
            day=Day(day_of(self.place.clock()) if day is None else day),
            device=self.keys.classical,
        )
        return Item(type=ItemType.WRAPPING_KEY, content=signed)

    def parcel(self, keys: KeyParcel | None = None, *, signer: HybridSigningKey | None = None) -> Item:
        case = CaseKeys(self.case, self.case_secret, (self.compartment,))
        ((recipient, wrapping), *_) = self.first._parts.roster.wrapping_keys()
        wrapped = wrap_keys(
            keys or KeyParcel(epochs=(self.epoch,), cases=(case,)),
            device=(signer or self.keys).classical,
            recipient=recipient,
            wrapping=wrapping,
            day=day_of(self.place.clock()),
        )
        return Item(type=ItemType.KEY_PARCEL, content=wrapped)

    def entry(
        self,
        name: str,
        value: Any,
        *,
        heads: tuple[bytes, ...] | None = None,
        again: bool = False,
        **changes: Any,
    ) -> Item:
        if again:
            self.sequence, self.previous = self.sequence - 1, self.before
        self.clock += 1
        fields: dict[str, Any] = {
            "entry_id": os.urandom(16),
            "case": self.case,
            "operation": Operation.ADD if heads is None else Operation.SET,
            "name": name,
            "value": value,
            "heads": heads or (),
            "clock": self.clock,
            "member": self.member,
        }
        self.body = Body(**(fields | changes))
        entry = seal_entry(
            self.body,
            compartment=self.compartment.id,
            epoch=self.epoch.id,
            keys=EntryKeys(
                seed=self.epoch.seed,
                case_secret=self.case_secret,
                compartment_secret=self.compartment.secret,
            ),
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
    assert set(aside(desk)) <= {"unknown-device", "out-of-sequence"}
    other.put(other.parcel())
    desk.sync_round()
    assert set(aside(desk)) <= {"unknown-device", "out-of-sequence"}
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


# ---- What a device may claim ----


def here(place: Town, desk: Desk, other: OtherDesk, person: Person) -> None:
    """Have the other desk's roster, keys and conversation here."""
    other.put(other.roster(), other.named(), other.parcel(), *other.conversation(person))
    desk.sync_round()
    assert [row.id for row in desk.inbox()] == [person.id]
    assert aside(desk) == {}


def test_keys_that_no_device_of_the_roster_signed_are_not_taken(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    before = desk._parts.keys.epoch()
    other.put(other.roster(), other.parcel(signer=HybridSigningKey.generate()))
    desk.sync_round()
    assert aside(desk) == {"unknown-device": 1}
    assert desk._parts.keys.epoch() == before
    assert desk._parts.keys.case_secret(other.case) is None
    (_, wrapping), *_ = desk._parts.roster.wrapping_keys()
    whole = other.parcel()
    (secret,) = [one for _, one in desk._parts.keys.wrapping()]
    signed = open_parcel_item(whole.content, wrapping=[secret])
    forged = age_seal(signed[:-1] + bytes([signed[-1] ^ 1]), recipient=wrapping)
    other.put(Item(type=ItemType.KEY_PARCEL, content=forged))
    desk.sync_round()
    assert aside(desk) == {"unknown-device": 1, "broken": 1}
    assert desk._parts.keys.case_secret(other.case) is None


def test_an_epoch_waits_for_the_roster_under_which_it_was_begun(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    other.epoch = Epoch.begin(os.urandom(32), roster_version=3, device=other.id)
    other.put(other.roster(), other.parcel())
    desk.sync_round()
    assert aside(desk) == {"out-of-sequence": 1}
    assert desk._parts.keys.find_epoch(other.epoch.id) is None
    other.put(other.roster(version=3))
    desk.sync_round()
    assert aside(desk) == {}
    assert desk._parts.keys.epoch() == other.epoch


def test_chains_advance_for_entries_that_can_not_be_read_and_they_are_folded_once_keys_come(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    other.put(other.roster(), other.named(), *other.conversation(person))
    desk.sync_round()
    assert aside(desk) == {}
    assert desk.inbox() == ()
    head = desk._parts.vault.entries.head(other.id, compartment=other.compartment.id)
    assert (head.next_sequence, head.previous) == (2, other.previous)
    other.put(other.parcel())
    desk.sync_round()
    assert [row.id for row in desk.inbox()] == [person.id]
    desk._parts.ledger.fold_again()
    assert [row.id for row in desk.inbox()] == [person.id]
    assert desk.sync_view().alarms == ()


def test_an_entry_in_another_members_name_is_chained_and_not_shown(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    here(place, desk, other, person)
    mine = desk._parts.settings.member
    other.put(other.entry(ANSWER, {"n": 1, "day": 1, "text": "not hers"}, member=mine))
    desk.sync_round()
    assert aside(desk) == {"broken": 1}
    assert desk.conversation(person.id).answers == ()
    desk._parts.ledger.fold_again()
    assert desk.conversation(person.id).answers == ()
    other.put(other.entry(ANSWER, {"n": 1, "day": 1, "text": "his"}))
    desk.sync_round()
    assert [one.text for one in desk.conversation(person.id).answers] == ["his"]


def test_an_entry_issued_again_is_the_same_one_and_only_with_its_original(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    here(place, desk, other, person)
    desk.mark_opened(person.id)
    desk.answer(person.id, "mine")
    (stored,) = [one for one in desk._parts.vault.entries.each() if one.device == desk._parts.keys.device_id]
    said = desk._parts.ledger._reader.open(decode_entry(stored.sealed))
    assert said is not None
    fields = {name: getattr(said.body, name) for name in ("entry_id", "clock", "member")}
    value = {"n": 1, "day": day_of(place.clock()), "text": "mine"}
    other.put(other.entry(ANSWER, value, origin=stored.hash, **fields))
    desk.sync_round()
    assert aside(desk) == {}
    assert [one.text for one in desk.conversation(person.id).answers] == ["mine"]
    other.put(other.entry(ANSWER, value | {"text": "other"}, origin=stored.hash, **fields))
    desk.sync_round()
    assert aside(desk) == {"broken": 1}
    nowhere = os.urandom(32)
    other.put(other.entry(ANSWER, value | {"text": "invented"}, origin=nowhere, **fields))
    desk.sync_round()
    assert aside(desk) == {"broken": 1}
    assert len(desk._parts.ledger.unread()) == 1
    assert [one.text for one in desk.conversation(person.id).answers] == ["mine"]


def test_what_a_removed_device_wrote_counts_once_another_issues_it_again(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    here(place, desk, other, person)
    third = OtherDesk(place, desk)
    third.epoch, third.case, third.case_secret = other.epoch, other.case, other.case_secret
    third.compartment = other.compartment
    other.put(third.roster(version=3))
    desk.sync_round()
    other.put(third.roster(version=4, without=other.id))
    desk.sync_round()
    value = {"n": 1, "day": 1, "text": "written before he left"}
    late = other.entry(ANSWER, value)
    other.put(late)
    desk.sync_round()
    assert aside(desk) == {"unknown-device": 1}
    assert desk.conversation(person.id).answers == ()
    said = {name: getattr(other.body, name) for name in ("entry_id", "clock", "member")}
    again = third.entry(ANSWER, value, origin=other.previous, **said)
    other.put(again)
    desk.sync_round()
    for _ in range(2):
        (answer,) = desk.conversation(person.id).answers
        assert (answer.author, answer.text) == ("Jonas", "written before he left")
        desk._parts.ledger.fold_again()
    assert desk.sync_view().alarms == ()


def test_a_device_never_changes_its_member(place: Town, desk: Desk, other: OtherDesk) -> None:
    other.put(other.roster())
    desk.sync_round()
    other.member = desk._parts.settings.member
    other.put(other.roster(version=3, moved=True))
    desk.sync_round()
    assert aside(desk) == {"broken": 1}
    assert desk._parts.roster.current().version == 2


def test_a_clock_far_ahead_does_not_use_up_the_numbers_of_all(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    here(place, desk, other, person)
    today = day_of(place.clock())
    other.put(other.entry(ANSWER, {"n": 1, "day": today, "text": "ahead"}, clock=2**63 - 1))
    desk.sync_round()
    assert aside(desk) == {}
    assert desk.answer(person.id, "now").text == "now"
    desk.close()
    again = place.open_desk()
    assert again.answer(person.id, "then").text == "then"
    again.close()


def test_other_content_under_a_taken_id_is_one_more_value_whatever_comes_first(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    here(place, desk, other, person)
    today = day_of(place.clock())
    one = other.entry(ANSWER, {"n": 1, "day": today, "text": "quince"})
    twin = other.entry(ANSWER, {"n": 2, "day": today, "text": "medlar"}, entry_id=other.body.entry_id)
    other.put(one, twin)
    desk.sync_round()
    for _ in range(2):
        assert [answer.text for answer in desk.conversation(person.id).answers] == ["quince", "medlar"]
        (row,) = desk.inbox()
        assert row.conflict
        assert [len(desk.search(word)) for word in ("quince", "medlar")] == [1, 1]
        desk._parts.ledger.fold_again()
    assert person.texts() == ["quince", "medlar"]


# ---- What later versions write ----


def test_a_kind_and_an_operation_of_later_versions_are_kept_and_not_shown(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    here(place, desk, other, person)
    other.put(other.entry(ANSWER, {"n": 1, "day": 1, "text": "later"}, operation="count"))
    other.compartment = Compartment.begin("ledger", case=other.case, secret=os.urandom(32))
    other.sequence, other.previous = 0, ZERO_HASH
    kept = other.entry(ANSWER, {"n": 1, "day": 1, "text": "elsewhere"})
    other.put(other.parcel(), kept)
    desk.sync_round()
    assert aside(desk) == {}
    assert desk._parts.ledger.unread() == []
    assert desk.conversation(person.id).answers == ()
    desk._parts.ledger.fold_again()
    assert desk.conversation(person.id).answers == ()
    other.put(other.entry(ANSWER, {"n": 1, "day": 1, "text": "elsewhere"}))
    desk.sync_round()
    assert aside(desk) == {}


def test_a_roster_larger_than_a_slot_travels_in_parts(place: Town, desk: Desk, other: OtherDesk) -> None:
    current = desk._parts.roster.current()
    crowd = tuple(Member(os.urandom(16), "Mira " * 40, "intake") for _ in range(300))
    signed = sign_roster(
        msgspec.structs.replace(
            current,
            version=2,
            previous=roster_hash(desk._parts.roster.signed()),
            members=(*current.members, *crowd),
        ),
        device=desk._parts.keys.device,
    )
    parts = split_item(Item(type=ItemType.ROSTER, content=signed))
    assert len(parts) > 2
    for one in parts[::-1]:
        assert desk._parts.roster.current().version == 1
        other.put(one)
        desk.sync_round()
    assert desk._parts.roster.signed() == signed
    assert aside(desk) == {}
    desk._parts.ledger.queue(ItemType.ROSTER, signed)
    desk.sync_round()
    assert desk.sync_view().alarms == ()


# ---- Forgetting, and running out ----


def test_an_old_parcel_does_not_bring_back_what_was_forgotten(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    here(place, desk, other, person)
    today = day_of(place.clock())
    asked = sign_about_case(other.case, day=today, device=other.keys.classical, domain=FORGET)
    done = sign_about_case(other.case, day=today, device=other.keys.classical, domain=FORGOTTEN)
    other.put(Item(type=ItemType.FORGET, content=asked), Item(type=ItemType.FORGOTTEN, content=done))
    desk.sync_round()
    keys = desk._parts.keys
    assert keys.tombstone(other.case) == today
    assert keys.case_secret(other.case) is not None  # destroying is somebody's act
    keys.forget(other.case, compartments=[other.compartment.id], day=today)
    desk._parts.ledger.fold_again()
    assert desk.inbox() == ()
    other.put(other.parcel())
    desk.sync_round()
    assert keys.case_secret(other.case) is None
    assert keys.compartment_secret(other.compartment.id) is None
    assert keys.find_epoch(other.epoch.id) is not None
    assert desk.inbox() == ()
    assert desk._parts.db.rows("SELECT case_id, device, day FROM desk_confirmed") == [
        (other.case, other.id, today)
    ]
    assert aside(desk) == {}


def test_a_compartments_secret_ends_with_its_last_day(place: Town, desk: Desk, other: OtherDesk) -> None:
    today = day_of(place.clock())
    other.compartment = Compartment.begin(
        CompartmentKind.CONVERSATION, case=other.case, secret=os.urandom(32), last_day=Day(today + 3)
    )
    person = Person(place)
    here(place, desk, other, person)
    place.clock.pass_days(3)
    desk.sync_round()
    assert [row.id for row in desk.inbox()] == [person.id]
    place.clock.pass_days(1)
    desk.sync_round()
    assert desk.inbox() == ()
    assert desk._parts.keys.compartment_secret(other.compartment.id) is None
    other.put(other.parcel())
    desk.sync_round()
    assert desk._parts.keys.compartment_secret(other.compartment.id) is None


def test_a_wrapping_key_from_a_day_to_come_does_not_keep_later_ones_out(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    today = day_of(place.clock())
    other.put(other.roster(), other.named(today + 2))
    desk.sync_round()
    assert aside(desk) == {"broken": 1}
    other.put(other.named(today))
    desk.sync_round()
    assert other.id in dict(desk._parts.roster.wrapping_keys())
