from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from causeway.desk.engine import Desk
from causeway.desk.member_views import DeviceHealth
from causeway.desk.views import AlarmKind
from causeway.errors import LocalError, RemoteError
from causeway.record.cuts import decode_cut_list
from causeway.record.entry import EntryKeys, decode_entry, open_body
from causeway.record.keys import open_parcel_item
from causeway.record.roster import Roster
from causeway.sealed.intake import open_intake
from causeway.sealed.parcel import capability_hash
from causeway.sealed.slots import open_slot
from causeway.sync.access import admitted
from causeway.sync.client import RelayClient
from causeway.sync.core import parse_days, parse_ids, parse_slots
from causeway.sync.errors import LaptopTakenOff, RelayRefused
from causeway.sync.store import Kind
from causeway.units import Day, day_of
from causeway.wire.items import ItemType
from tests.desk_engine.centre import join, meet, member, second_laptop
from tests.desk_engine.other_desk import aside
from tests.desk_engine.town import Person, Town


def kinds(desk: Desk) -> set[AlarmKind]:
    return {alarm.kind for alarm in desk.sync_view().alarms}


def everything(place: Town, desk: Desk, kind: Kind) -> dict[bytes, bytes]:
    """The relay's whole disk, as far as slots go."""
    access = desk._store.access()
    found: dict[bytes, bytes] = {}
    with RelayClient(place.url, socks=None, capability=access.capability) as client:
        for day in parse_days(client.days(kind)):
            ids = parse_ids(client.ids(kind, day=day))
            for at in range(0, len(ids), 64):
                asked = ids[at : at + 64]
                found |= dict(parse_slots(client.slots(kind, ids=asked), asked=asked))
    return found


class Loot:
    """All keys that lay on a laptop, in the hands of somebody who knows what to do with them."""

    def __init__(self, desk: Desk) -> None:
        keys, db = desk._parts.keys, desk._parts.db
        self.transport = keys.transport_keys()
        self.wrapping = [secret for _, secret in keys.wrapping()]
        self.intake = [secret for _, secret in keys.intake_secrets()]
        self.epochs = {one.id: one.seed for one in keys.epochs().values()}
        rows = db.rows("SELECT id, case_id FROM desk_compartment")
        self.compartments = {
            bytes(one): (keys.case_secret(bytes(case)), keys.compartment_secret(bytes(one)))
            for one, case in rows
        }

    def opens(self, slots: dict[bytes, bytes], *, transport: list[bytes]) -> list[bytes]:
        """Return what opens of record slots: the ids of entries, and parcels of keys."""
        opened = []
        for slot_id, slot in slots.items():
            for key in transport:
                try:
                    items = open_slot(slot, slot_id=slot_id, transport_key=key)
                except RemoteError:
                    continue
                opened += [one for item in items if (one := self._inside(item.type, item.content))]
        return opened

    def _inside(self, kind: int, content: bytes) -> bytes | None:
        try:
            if kind == ItemType.KEY_PARCEL:
                return open_parcel_item(content, wrapping=self.wrapping)
            if kind != ItemType.ENTRY:
                return None
            entry = decode_entry(content)
            seed = self.epochs.get(entry.epoch)
            case_secret, secret = self.compartments.get(entry.compartment, (None, None))
            if seed is None or case_secret is None or secret is None:
                return None
            keys = EntryKeys(seed=seed, case_secret=case_secret, compartment_secret=secret)
            return open_body(entry, keys=keys).entry_id
        except RemoteError:
            return None

    def reads(self, slots: dict[bytes, bytes]) -> int:
        """Return how many intake slots open."""
        count = 0
        for slot_id, slot in slots.items():
            try:
                open_intake(slot, slot_id=slot_id, secrets=self.intake)
                count += 1
            except RemoteError:
                continue
        return count


@pytest.fixture
def jonas(place: Town, desk: Desk) -> Iterator[Desk]:
    made = join(place, desk, "Jonas", role="caseworker")
    yield made
    made.close()


@pytest.fixture
def nur(place: Town, desk: Desk, jonas: Desk) -> Iterator[Desk]:
    made = join(place, desk, "Nur", role="intake")
    meet(jonas, made)
    yield made
    made.close()


# ---- Going ----


@pytest.mark.slow
def test_nothing_that_is_written_after_a_removal_opens_with_the_keys_of_who_went(
    place: Town, desk: Desk, jonas: Desk, nur: Desk
) -> None:
    known, later = Person(place), Person(place)
    known.send("hello")
    meet(desk, nur, jonas)
    loot = Loot(jonas)
    before = everything(place, desk, "record"), everything(place, desk, "intake")
    # The search finds what there was to find.
    assert loot.opens(before[0], transport=loot.transport)
    assert loot.reads(before[1]) == 1

    place.clock.seconds += 60
    nur.set_labels(known.id, ["written in the old epoch, and offline"])
    said = desk.members.remove_member(member(desk, "Jonas").id)
    assert (said.name, said.could_read, said.devices) == ("Jonas", 1, 1)
    assert said.people == (known.id,)
    desk.sync_round()
    place.clock.seconds += 60
    later.send("are you there")
    known.send("it is me again")
    meet(desk, nur)
    nur.answer(later.id, "yes")
    desk.set_labels(known.id, ["safe"])
    meet(nur, desk, nur)
    assert {row.labels for row in nur.inbox()} == {("safe",), ()}

    after = everything(place, desk, "record"), everything(place, desk, "intake")
    new_slots = {one: slot for one, slot in after[0].items() if one not in before[0]}
    new_messages = {one: slot for one, slot in after[1].items() if one not in before[1]}
    assert len(new_messages) == 2
    assert loot.opens(new_slots, transport=loot.transport) == []
    assert loot.reads(new_messages) == 0
    # Nor would the new transport key help, but for what was written offline in the old epoch.
    leaked = desk._parts.keys.transport_keys()
    offline = loot.opens(new_slots, transport=leaked[:1])
    assert len(offline) == 1
    with place.visitor() as visitor:
        parcel = visitor.parcel()
    assert parcel is not None
    assert aside(desk) == aside(nur) == {}
    assert AlarmKind.REMOVED in kinds(nur)
    assert [one.name for one in nur.members.view().members] == ["Mira", "Nur"]


def test_a_laptop_that_was_taken_off_learns_it_and_destroys_what_it_holds(
    place: Town, desk: Desk, jonas: Desk
) -> None:
    Person(place).send("hello")
    meet(desk, jonas)
    (device,) = member(desk, "Jonas").devices
    view = desk.members.revoke_device(device.id)
    assert view.devices == 1
    assert desk.members.view().rotation_waits
    desk.sync_round()
    assert not desk.members.view().rotation_waits
    # It slept through another rotation: the notice is in every parcel from then on.
    join(place, desk, "Nur", role="intake").close()
    with pytest.raises(LaptopTakenOff):
        jonas.sync_round()
    assert Desk.was_revoked(place.folder / "Jonas")
    assert not Desk.exists(place.folder / "Jonas")
    with pytest.raises(LocalError):
        jonas.inbox()
    assert [one.name for one in desk.members.view().members] == ["Mira", "Jonas", "Nur"]
    assert member(desk, "Jonas").devices == ()


def test_a_second_laptop_goes_and_the_first_stays(place: Town, desk: Desk, jonas: Desk) -> None:
    second = second_laptop(place, desk, "Jonas")
    meet(jonas, second)
    lost = next(one for one in member(jonas, "Jonas").devices if not one.mine)
    desk.members.revoke_device(lost.id)
    desk.sync_round()
    meet(jonas, desk)
    assert jonas._store.access() == desk._store.access()
    with pytest.raises(LaptopTakenOff):
        second.sync_round()
    assert [one.id for one in member(desk, "Jonas").devices] != [lost.id]


def test_what_a_removal_says_beforehand_changes_nothing(place: Town, desk: Desk, jonas: Desk) -> None:
    person = Person(place)
    person.send("hello")
    meet(desk, jonas)
    jonas.mark_opened(person.id)
    meet(jonas, desk)
    about = member(desk, "Jonas")
    seen = desk.members.preview_removal(about.id)
    lost = desk.members.preview_revocation(about.devices[0].id)
    assert (seen.could_read, seen.opened, seen.people) == (1, 1, (person.id,))
    assert seen.bytes_queued == 0
    assert "can't be taken back" in str(seen.said[0])
    assert all(str(one).endswith(".") for one in (*seen.said, *lost.said))
    assert [one.name for one in desk.members.view().members] == ["Mira", "Jonas"]
    assert not desk.members.view().rotation_waits
    done = desk.members.remove_member(about.id)
    assert done.said == seen.said
    assert done.bytes_queued > 131_072


def test_the_cut_list_names_what_counts_of_who_went(place: Town, desk: Desk, jonas: Desk) -> None:
    person = Person(place)
    person.send("hello")
    meet(desk, jonas)
    place.clock.seconds += 60
    jonas.set_labels(person.id, ["his"])
    meet(jonas, desk)
    gone = jonas._parts.keys.device_id
    desk.members.remove_member(member(desk, "Jonas").id)
    roster, cuts = desk._parts.roster.current(), desk._parts.roster.cut_list()
    assert cuts is not None
    assert {cut.device for cut in cuts.cuts} == {gone}
    encoded = desk._parts.roster.every_cut_list()[-1]
    assert decode_cut_list(encoded, named=roster.cuts) == cuts
    assert desk.inbox()[0].labels == ("his",)


def test_the_intake_keys_and_the_board_key_of_who_went_leave_the_sheet(
    place: Town, desk: Desk, jonas: Desk
) -> None:
    board = jonas._parts.keys.board.public
    held = {bytes(secret.public) for _, secret in jonas._parts.keys.intake_secrets()}
    desk.sync_round()
    assert board in desk._parts.settings.boards
    desk.members.remove_member(member(desk, "Jonas").id)
    desk.sync_round()
    assert board not in desk._parts.settings.boards
    person = Person(place)
    message = person.send("hello")
    ((_, slot),) = everything(place, desk, "intake").items()
    with pytest.raises(RemoteError):
        open_intake(slot, slot_id=message.message, secrets=[s for _, s in jonas._parts.keys.intake_secrets()])
    assert not {bytes(secret.public) for secret in desk._parts.keys.intake().values()} & held
    desk.sync_round()
    assert len(desk.inbox()) == 1


def test_who_signs_is_not_taken_off_and_nobody_else_takes_anybody_off(
    place: Town, desk: Desk, jonas: Desk
) -> None:
    mira = member(desk, "Mira")
    with pytest.raises(LocalError):
        desk.members.remove_member(mira.id)
    with pytest.raises(LocalError):
        desk.members.revoke_device(mira.devices[0].id)
    with pytest.raises(LocalError):
        jonas.members.remove_member(mira.id)
    for wrong in ("", "zz", "00" * 16):
        with pytest.raises(LocalError):
            desk.members.remove_member(wrong)
        with pytest.raises(LocalError):
            desk.members.revoke_device(wrong)


# ---- Cut off in between ----


def test_a_rotation_whose_answer_was_lost_is_not_made_twice(place: Town, desk: Desk, jonas: Desk) -> None:
    desk.members.revoke_device(member(desk, "Jonas").devices[0].id)
    waiting = desk._store.rotation()
    assert waiting is not None
    with RelayClient(place.url, socks=None, capability=desk._store.access().capability) as client:
        client.put_capability(capability_hash(waiting.access.capability), parcel=waiting.parcel)
    desk.sync_round()
    assert desk._store.access() == waiting.access
    assert desk._store.rotation() is None


def test_a_rotation_that_was_overtaken_before_its_answer_came(place: Town, desk: Desk, jonas: Desk) -> None:
    """The first parcel arrived, its answer did not, and another removal was made meanwhile."""
    nur = join(place, desk, "Nur", role="intake")
    meet(jonas, nur)
    desk.members.revoke_device(member(desk, "Jonas").devices[0].id)
    first = desk._store.rotation()
    assert first is not None
    with RelayClient(place.url, socks=None, capability=desk._store.access().capability) as client:
        client.put_capability(capability_hash(first.access.capability), parcel=first.parcel)
    desk.members.remove_member(member(desk, "Nur").id)
    second = desk._store.rotation()
    assert second is not None
    assert second.unconfirmed == (first.access,)
    desk.sync_round()
    assert desk._store.access() == second.access
    for gone in (jonas, nur):
        with pytest.raises(LaptopTakenOff):
            gone.sync_round()


# ---- Roles and grants ----


@pytest.mark.slow
def test_another_role_reads_other_things_from_then_on(
    place: Town, desk: Desk, nur: Desk, jonas: Desk
) -> None:
    person = Person(place)
    person.send("hello")
    meet(desk, nur, jonas)
    said = desk.members.change_role(member(desk, "Jonas").id, "logistics")
    assert said is not None
    assert said.could_read == 1
    meet(desk, jonas, nur)
    place.clock.seconds += 60
    desk.set_labels(person.id, ["after"])
    later = Person(place)
    later.send("new")
    meet(desk, nur, jonas)
    assert nur.inbox()[0].labels == ("after",) or nur.inbox()[1].labels == ("after",)
    assert all("after" not in row.labels for row in jonas.inbox())
    assert later.id not in {row.id for row in jonas.inbox()}
    assert jonas._parts.board_slot is None
    # And back: all of it opens again.
    desk.members.change_role(member(desk, "Jonas").id, "caseworker")
    meet(desk, jonas)
    assert later.id in {row.id for row in jonas.inbox()}
    assert jonas._parts.board_slot is not None


def test_a_role_that_reads_no_less_leaves_nothing_to_say(place: Town, desk: Desk) -> None:
    partner = join(place, desk, "Pia", role="partner")
    assert desk.members.change_role(member(desk, "Pia").id, "documenter") is None
    said = desk.members.change_role(member(desk, "Pia").id, "analyst")
    assert said is not None
    assert all(str(one).endswith(".") for one in said.said)
    partner.close()


@pytest.mark.slow
def test_a_grant_opens_one_case_until_its_day(place: Town, desk: Desk) -> None:
    granted, other = Person(place), Person(place)
    granted.send("hello")
    other.send("not this one")
    desk.sync_round()
    partner = join(place, desk, "Pia", role="partner")
    assert partner.inbox() == ()
    today = day_of(place.clock())
    desk.members.grant(member(desk, "Pia").id, conversation=granted.id, last_day=Day(today + 2))
    meet(desk, partner)
    assert [row.id for row in partner.inbox()] == [granted.id]
    (grant,) = member(desk, "Pia").grants
    assert grant.last_day == today + 2
    assert grant.code_name
    place.clock.seconds += 4 * 86_400
    meet(desk, partner)
    desk.set_labels(granted.id, ["later"])
    meet(desk, partner)
    assert member(desk, "Pia").grants == ()
    assert all("later" not in row.labels for row in partner.inbox())
    with pytest.raises(LocalError):
        desk.members.end_grant(member(desk, "Pia").id, case=grant.case)
    partner.close()


# ---- Looking ----


def test_the_page_shows_how_each_laptop_stands(place: Town, desk: Desk, jonas: Desk) -> None:
    meet(desk, jonas)
    view = desk.members.view()
    assert view.coordinator
    assert (view.my_role, view.version, view.forks, view.root_uses) == ("coordinator", 2, (), ())
    here, there = (one.devices[0] for one in view.members)
    assert (here.health, there.health) == (DeviceHealth.HERE, DeviceHealth.WELL)
    assert (here.coordinator, there.coordinator) == (True, False)
    assert there.last_seen == day_of(place.clock())
    assert there.words != here.words
    assert {one.role: one.members for one in view.roles if one.members} == {"coordinator": 1, "caseworker": 1}
    assert "identity" not in view.members[0].reads
    assert "identity" in view.members[1].reads
    place.clock.seconds += 16 * 86_400
    assert desk.members.view().members[1].devices[0].health is DeviceHealth.SILENT


def test_two_desks_that_know_the_same_read_the_same_six_words(place: Town, desk: Desk, jonas: Desk) -> None:
    person = Person(place)
    person.send("hello")
    meet(desk, jonas)
    here = desk.members.compare_heads()
    assert {len(words) for words in here.salt.values()} == {2}
    for language, salt in here.salt.items():
        assert jonas.members.compare_heads(" ".join(salt)).words == here.words, language
    assert desk.members.compare_heads().words != here.words
    place.clock.seconds += 60
    desk.set_labels(person.id, ["one entry more"])
    assert desk.members.compare_heads(" ".join(here.salt["en"])).words != here.words
    with pytest.raises(LocalError):
        desk.members.compare_heads("these are three")


# ---- Rolling back ----


def test_an_old_roster_is_not_taken_for_the_newest(place: Town, desk: Desk, jonas: Desk) -> None:
    old = desk._parts.roster.every_signed()
    desk.members.remove_member(member(desk, "Jonas").id)
    version = desk._parts.roster.current().version
    for signed in old:
        assert not desk._parts.roster.take(signed, today=desk._parts.today)
    roster: Roster = desk._parts.roster.current()
    assert roster.version == version
    assert len(roster.members) == 1


def test_an_old_parcel_is_not_taken_again(place: Town, desk: Desk, jonas: Desk) -> None:
    """A relay that serves the parcel of an earlier rotation gives nobody an old key back."""
    with place.visitor() as visitor:
        old = visitor.parcel()
    assert old is not None
    nur = join(place, desk, "Nur", role="intake")
    newest = nur._store.access()

    class Replaying:
        def __getattr__(self, name: str) -> Any:
            raise AttributeError(name)

        def parcel(self) -> bytes | None:
            return old

        def visitor(self) -> Any:
            return place.visitor()

        def status(self) -> bytes:
            raise RelayRefused("no", status=401)

    with pytest.raises(RelayRefused):
        admitted(nur._store, Replaying())
    assert nur._store.access() == newest
    assert AlarmKind.CAPABILITY_REFUSED in kinds(nur)
    nur.close()
