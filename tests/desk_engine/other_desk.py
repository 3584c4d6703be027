"""Another desk of the centre: a second device, made by hand, that puts slots at the real relay."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from causeway.casework.facts import MESSAGE, OPENED, fact_value, message_fact, opened_fact
from causeway.desk.engine import Desk
from causeway.desk.engine.kept_aside import aside_count
from causeway.desk.views import AlarmKind
from causeway.record.cuts import NO_CUTS, CutList, cut_list_hash, encode_cut_list
from causeway.record.entry import (
    ZERO_HASH,
    Body,
    EntryKeys,
    Operation,
    device_id,
    encode_entry,
    entry_hash,
    seal_entry,
)
from causeway.record.keys import (
    CaseKeys,
    Compartment,
    CompartmentKind,
    Epoch,
    KeyParcel,
    case_id,
    wrap_keys,
)
from causeway.record.root import pq_hash
from causeway.record.roster import Device, Member, roster_hash, sign_roster
from causeway.record.wrapping import sign_wrapping_key
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.signing import HybridSigningKey
from causeway.sealed.slots import seal_slots
from causeway.sync.client import RelayClient
from causeway.units import Day, day_of
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import BOARD_SLOTS
from tests.desk_engine.town import Person, Town

NO_CUT_LIST = CutList(cuts=())


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

    def removal(self, version: int, *, without: bytes) -> list[Item]:
        """The next version, without a device of which what is here counts."""
        cuts = self.first._parts.ledger.cuts_for([without])
        item = self.roster(version, without=without, cuts=cuts)
        return [item, Item(type=ItemType.CUT_LIST, content=encode_cut_list(cuts))]

    def roster(
        self,
        version: int = 2,
        *,
        without: bytes = b"",
        moved: bool = False,
        cuts: CutList = NO_CUT_LIST,
    ) -> Item:
        """The next version, with this device, which may have another member now, and without another one."""
        current = self.first._parts.roster.current()
        stay = [one for one in current.devices if one.id not in {self.id, without}]
        known = current.device(self.id)
        slot = min(set(range(BOARD_SLOTS)) - {one.board_slot for one in current.devices})
        device = Device(
            self.id, self.member, self.keys.public, pq_hash(self.keys.pq_public), os.urandom(32), slot
        )
        members = current.members if known else (*current.members, Member(self.member, "Jonas", "intake"))
        new = msgspec.structs.replace(
            current,
            version=version,
            previous=roster_hash(self.first._parts.roster.signed()),
            members=members,
            devices=(*stay, device if moved or known is None else known),
            cuts=cut_list_hash(encode_cut_list(cuts)) if cuts.cuts else NO_CUTS,
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

    def conversation(self, person: Person, text: str = "hello", **changes: Any) -> list[Item]:
        message = person.message(text, **changes)
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


def aside(desk: Desk) -> dict[str, int]:
    return aside_count(desk._parts)


def alarmed(desk: Desk) -> list[AlarmKind]:
    """The alarms but for those that only tell who came and went."""
    told = {AlarmKind.JOINED, AlarmKind.REMOVED}
    return [alarm.kind for alarm in desk.sync_view().alarms if alarm.kind not in told]
