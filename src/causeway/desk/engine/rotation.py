"""Rotating the access to the relay: a new capability and a new transport key, for the devices that remain."""

from __future__ import annotations

from typing import Final, final

from causeway.desk.engine.parts import Parts
from causeway.errors import RemoteError
from causeway.record.cuts import encode_cut_list
from causeway.record.entry import device_id
from causeway.record.parts import split_item
from causeway.sealed.hybrid import HybridPublic
from causeway.sealed.parcel import GivenAccess, RelayAccess, roster_slot_ids, sign_parcel
from causeway.sealed.sheet import verify_sheet
from causeway.sealed.slots import open_slot, seal_slots
from causeway.sync.store import Rotation
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import TAKE_IDS_MAX

__all__ = ["FIRST_SLOT", "SLOT", "Rotations"]

SLOT: Final = "slot"
"""Kind of what waits in the outbox under the id that it will have at the relay."""

FIRST_SLOT: Final = "first-slot"
"""Likewise, and goes before all else: the roster of a rotation."""


@final
class Rotations:
    """Makes, sends and takes new accesses."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # ---- At the coordinator's desk ----

    def begin(self) -> int:
        """Make a new access for the devices of the roster in force; return the parcel's bytes.

        The relay gets it at the next round. One that still waits is replaced, and remembered until then: it
        may have arrived.
        """
        parts = self._parts
        keys, today = parts.keys, parts.today
        accesses, waiting = keys.accesses(), keys.rotations()
        number = max(number for number, _ in [*accesses, *waiting]) + 1
        access = RelayAccess.generate(random=parts.random)
        unconfirmed = [one.transport_key for _, one in waiting]
        parcel = sign_parcel(
            access,
            number=number,
            recipients=[key for _, key in parts.roster.wrapping_keys()],
            device=keys.device.classical,
            earlier=list(dict.fromkeys([*unconfirmed, *keys.transport_keys()])),
            removed=[HybridPublic(one) for one in parts.settings.taken_off],
        )
        with parts.vault.transaction():
            keys.add_rotation(number, access=access, today=today)
            parts.settings.rotation = number, parcel
        return len(parcel)

    def waiting(self) -> Rotation | None:
        """Return the rotation that the relay does not have."""
        newest = self._parts.settings.rotation
        if newest is None:
            return None
        number, parcel = newest
        held = dict(self._parts.keys.rotations())
        access = held.pop(number)
        return Rotation(number=number, access=access, parcel=parcel, unconfirmed=tuple(held.values()))

    def done(self, number: int) -> None:
        """Put a rotation in force that the relay has, and pack the roster under it."""
        parts = self._parts
        with parts.vault.transaction():
            rotations = parts.keys.rotations()
            access = dict(rotations)[number]
            self._unpack_all()
            parts.keys.add_transport_keys(
                [one.transport_key for other, one in rotations if other != number], today=parts.today
            )
            parts.keys.add_access(number, access=access, today=parts.today)
            parts.keys.drop_rotations()
            parts.settings.rotation = None
            self._pack_first(access)

    def first_bytes(self) -> int:
        """Return the bytes of the slots in which the roster goes out that is in force."""
        key = bytes(32)
        return sum(len(slot) for _, slot in seal_slots(self._first_items(), transport_key=key))

    def _first_items(self) -> list[Item]:
        roster = self._parts.roster
        items = split_item(Item(type=ItemType.ROSTER, content=roster.signed()))
        cuts = roster.cut_list()
        if cuts is not None and cuts.cuts:
            items += split_item(Item(type=ItemType.CUT_LIST, content=encode_cut_list(cuts)))
        return items

    def _pack_first(self, access: RelayAccess) -> None:
        parts = self._parts
        outbox = parts.vault.outbox
        for stale in outbox.waiting(kind=FIRST_SLOT):
            outbox.sent(stale.id)
        packed = seal_slots(
            self._first_items(),
            transport_key=access.transport_key,
            ids=roster_slot_ids(access.transport_key, count=TAKE_IDS_MAX),
            random=parts.random,
        )
        for slot_id, slot in packed:
            outbox.queue(slot_id, kind=FIRST_SLOT, body=slot, day=parts.today)
        parts.vault.seen.add("record", ids=[slot_id for slot_id, _ in packed], day=parts.today)

    # ---- At every desk ----

    def take(self, given: GivenAccess) -> None:
        """Take the access of a parcel; what was packed under the old transport key is packed anew.

        A rotation of this desk's own that still waits has been overtaken: it is made again under the next
        number, where this device still signs.
        """
        parts = self._parts
        with parts.vault.transaction():
            self._unpack_all()
            parts.keys.add_transport_keys(given.earlier, today=parts.today)
            parts.keys.add_access(given.number, access=given.access, today=parts.today)
            if parts.settings.rotation is not None:
                parts.keys.drop_rotations()
                parts.settings.rotation = None
                if parts.is_coordinator:
                    self.begin()

    def signer_of(self, sheet: bytes) -> bytes | None:
        """Return the key of the device that signs for the centre now, if this door sheet shows it.

        Not that of a device which was taken off, or which another has followed: its appointment by the root
        still runs, and whoever holds it could come back with it.
        """
        parts = self._parts
        try:
            found = verify_sheet(sheet, fingerprint=parts.roster.fingerprint(), today=parts.today)
        except RemoteError:
            return None
        signer = device_id(found.device)
        current = parts.roster.current()
        followed = {one.signer.id for one in parts.roster.chain()} - {current.signer.id}
        gone = parts.roster.known_device(signer) is not None and current.device(signer) is None
        return None if gone or signer in followed else found.device

    # ---- Slots that wait ----

    def unpack(self, slot_id: bytes, *, slot: bytes) -> None:
        """Have the items of a slot that waits be packed anew, under another id or another transport key."""
        parts = self._parts
        parts.vault.outbox.sent(slot_id)
        transport_key = parts.keys.accesses()[0][1].transport_key
        for item in open_slot(slot, slot_id=slot_id, transport_key=transport_key):
            parts.ledger.requeue(bytes([item.type]) + item.content)

    def _unpack_all(self) -> None:
        for waiting in self._parts.vault.outbox.waiting(kind=SLOT):
            self.unpack(waiting.id, slot=waiting.body)
