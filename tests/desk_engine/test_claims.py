"""What a device may claim, what later versions write, and what is forgotten."""

from __future__ import annotations

import os

import msgspec

from causeway.casework.facts import ANSWER
from causeway.desk.engine import Desk
from causeway.record.entry import (
    ZERO_HASH,
    decode_entry,
)
from causeway.record.forgetting import FORGET, FORGOTTEN, sign_about_case
from causeway.record.keys import (
    Compartment,
    CompartmentKind,
    Epoch,
    open_parcel_item,
)
from causeway.record.parts import split_item
from causeway.record.roster import Member, roster_hash, sign_roster
from causeway.sealed.age import seal as age_seal
from causeway.sealed.signing import HybridSigningKey
from causeway.units import Day, day_of
from causeway.wire.items import Item, ItemType
from tests.desk_engine.other_desk import OtherDesk, alarmed, aside
from tests.desk_engine.town import Person, Town


def here(place: Town, desk: Desk, other: OtherDesk, person: Person) -> None:
    """Have the other desk's roster, keys and conversation here."""
    other.put(other.roster(), other.named(), other.parcel(), *other.conversation(person))
    desk.sync_round()
    assert [row.id for row in desk.inbox()] == [person.id]
    assert aside(desk) == {}


def test_keys_that_no_device_of_the_roster_signed_are_not_taken(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    before = desk._parts.keys.epochs()
    other.put(other.roster(), other.parcel(signer=HybridSigningKey.generate()))
    desk.sync_round()
    assert aside(desk) == {"unknown-device": 1}
    assert desk._parts.keys.epochs() == before
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
    assert desk._parts.keys.find_epoch(other.epoch.id) == other.epoch


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
    assert alarmed(desk) == []


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
    mine = desk._parts.keys.device_id
    (stored,) = [
        one for one in desk._parts.vault.entries.each(compartment=other.compartment.id) if one.device == mine
    ]
    said = desk._parts.ledger.reader.open(decode_entry(stored.sealed))
    assert said is not None
    fields = {name: getattr(said.body, name) for name in ("entry_id", "clock", "member")}
    value = {"n": 1, "day": day_of(place.clock()), "text": "mine"}
    other.put(other.entry(ANSWER, value, origin=stored.hash, **fields))
    desk.sync_round()
    assert aside(desk) == {}
    assert [one.text for one in desk.conversation(person.id).answers] == ["mine"]
    other.put(other.entry(ANSWER, value | {"text": "other"}, origin=stored.hash, **fields))
    desk.sync_round()
    assert aside(desk) == {"re-signed": 1}
    nowhere = os.urandom(32)
    other.put(other.entry(ANSWER, value | {"text": "invented"}, origin=nowhere, **fields))
    desk.sync_round()
    assert aside(desk) == {"re-signed": 1}
    assert len(desk._parts.vault.entries.unopened()) == 1
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
    other.put(*third.removal(version=4, without=other.id))
    desk.sync_round()
    value = {"n": 1, "day": 1, "text": "written before he left"}
    late = other.entry(ANSWER, value)
    other.put(late)
    desk.sync_round()
    assert aside(desk) == {"beyond-cut": 1}
    assert desk.conversation(person.id).answers == ()
    said = {name: getattr(other.body, name) for name in ("entry_id", "clock", "member")}
    again = third.entry(ANSWER, value, origin=other.previous, **said)
    other.put(again)
    desk.sync_round()
    for _ in range(2):
        (answer,) = desk.conversation(person.id).answers
        assert (answer.author, answer.text) == ("Jonas", "written before he left")
        desk._parts.ledger.fold_again()
    assert alarmed(desk) == []


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
    assert desk._parts.vault.entries.unopened() == []
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
    assert alarmed(desk) == []


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
