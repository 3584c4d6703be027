"""The roster: members and devices, signed by the coordinator's device (docs/FORMAT.md, section 10).

It never leaves desks unsealed: published, it would be a list.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Final

import msgspec

from causeway.record.cuts import NO_CUTS
from causeway.record.entry import device_id
from causeway.record.errors import RecordError
from causeway.record.root import pq_hash, verify_roster_appointment
from causeway.record.signed import DAY_BYTES
from causeway.sealed.sheet import root_fingerprint, verify_appointment
from causeway.sealed.signing import HYBRID_SIGNATURE_BYTES, HybridSigningKey, open_hybrid_blob
from causeway.units import Day
from causeway.wire.sizes import BOARD_SLOTS, HASH_BYTES, ID_BYTES

__all__ = [
    "DEVICES_MAX",
    "Device",
    "Grant",
    "Member",
    "Role",
    "Roster",
    "last_day_of",
    "read_roster",
    "roster_hash",
    "sign_roster",
    "verify_roster",
]

DEVICES_MAX: Final = 64
"""As many as a parcel has wraps."""

_DOMAIN = b"causeway/roster/1"
_VERSION_END = 2**32
_DAY_END = 2**32


class Role(StrEnum):
    """What a member does, and so what they read. A role of a later version reads what all read."""

    COORDINATOR = "coordinator"
    INTAKE = "intake"
    CASEWORKER = "caseworker"
    LOGISTICS = "logistics"
    DOCUMENTER = "documenter"
    PARTNER = "partner"
    ANALYST = "analyst"


class Member(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A member: id (16 bytes), the name that the others see, the role."""

    id: bytes
    name: str
    role: str


class Device(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A member's laptop: its Ed25519 key, SHA-256 of its ML-DSA key, its board key, its board slot (0 to 15).

    A device that does not answer has no slot; its board key stands here all the same, should it get one.
    """

    id: bytes
    member: bytes
    key: bytes
    pq_hash: bytes
    board_key: bytes
    board_slot: int | None


class Grant(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A member reads a case (16 bytes) beyond their role, until a day or without end."""

    member: bytes
    case: bytes
    last_day: int | None


class Roster(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One version of the roster.

    Attributes:
        previous: Hash of the signed version before, zeros for the first.
        appointment: The root's for door sheets (68 bytes), to the device that signs this as well.
        roster_appointment: The root's for rosters (section 10).
        signer_pq: The signing device's ML-DSA key; of all others the hash is enough.
        cuts: Hash of the cut list, zeros for none.
    """

    format: int = 1
    version: int
    previous: bytes
    day: int
    centre: str
    root: bytes
    root_pq: bytes
    appointment: bytes
    roster_appointment: bytes
    signer_pq: bytes
    members: tuple[Member, ...]
    devices: tuple[Device, ...]
    grants: tuple[Grant, ...] = ()
    cuts: bytes = NO_CUTS

    def device(self, device: bytes) -> Device | None:
        """Return the device of this id."""
        return next((one for one in self.devices if one.id == device), None)

    def member(self, member: bytes) -> Member | None:
        """Return the member of this id."""
        return next((one for one in self.members if one.id == member), None)

    def devices_of(self, member: bytes) -> tuple[Device, ...]:
        """Return a member's laptops."""
        return tuple(one for one in self.devices if one.member == member)

    @property
    def signer(self) -> Device:
        """The coordinator's device, which signed this version: `verify_roster` has found exactly it."""
        named = pq_hash(self.signer_pq)
        return next(one for one in self.devices if one.pq_hash == named)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Roster)


def roster_hash(signed: bytes) -> bytes:
    """Return the hash by which the next version names this one."""
    return hashlib.sha256(b"causeway/roster-hash/1\0" + signed).digest()


def read_roster(signed: bytes) -> Roster:
    """Return what a signed roster says; nothing of it is verified.

    Raises:
        RecordError: It does not have its form.
    """
    try:
        roster = _decoder.decode(signed[HYBRID_SIGNATURE_BYTES:])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise RecordError("A roster does not have its form.") from None
    if not _has_its_form(roster):
        raise RecordError("A roster does not have its form.")
    return roster


def last_day_of(roster: Roster) -> Day:
    """Return the last day of the earlier of the two appointments in a verified roster."""
    ends = roster.roster_appointment[-DAY_BYTES:], roster.appointment[:DAY_BYTES]
    return Day(min(int.from_bytes(end, "big") for end in ends))


def sign_roster(roster: Roster, *, device: HybridSigningKey) -> bytes:
    """Return the roster, signed by the coordinator's device with both signatures."""
    return device.hybrid_blob(_encoder.encode(roster), domain=_DOMAIN)


def _has_its_form(roster: Roster) -> bool:
    members = {one.id for one in roster.members}
    devices = {one.id for one in roster.devices}
    places = [one.board_slot for one in roster.devices if one.board_slot is not None]
    pq_hashes = {one.pq_hash for one in roster.devices}
    return (
        roster.format == 1
        and len(roster.previous) == HASH_BYTES
        and len(members) == len(roster.members)
        and len(devices) == len(pq_hashes) == len(roster.devices) <= DEVICES_MAX
        and len(set(places)) == len(places)
        and set(places).issubset(range(BOARD_SLOTS))
        and all(len(one) == ID_BYTES for one in members)
        and all(
            device_id(one.key) == one.id
            and one.member in members
            and len(one.pq_hash) == len(one.board_key) == HASH_BYTES
            for one in roster.devices
        )
        and all(
            one.member in members
            and len(one.case) == ID_BYTES
            and (one.last_day is None or 0 <= one.last_day < _DAY_END)
            for one in roster.grants
        )
        and len({(one.member, one.case) for one in roster.grants}) == len(roster.grants)
        and len(roster.cuts) == HASH_BYTES
        and 0 < roster.version < _VERSION_END
        and 0 <= roster.day < _DAY_END
    )


def verify_roster(signed: bytes, *, fingerprint: bytes, today: Day) -> Roster:
    """Return the roster, if a device that this root appointed signed it.

    Steps:
        1. It has its form: sizes fit, devices have the ids that their keys give them and are members' own,
           nobody and no key stands there twice, and no two devices share a board slot.
        2. Its root is the one that the caller knows.
        3. That root appointed one of its devices, both its keys, for rosters and for door sheets, and both
           appointments run.
        4. That device signed it, with both signatures.

    Raises:
        RecordError, SheetRefused, SignatureRefused: The step that failed.
    """
    roster = read_roster(signed)  # 1
    if root_fingerprint(roster.root, root_pq=hashlib.sha256(roster.root_pq).digest()) != fingerprint:  # 2
        raise RecordError("A roster belongs to another centre.")
    appointed = verify_roster_appointment(
        roster.roster_appointment, root=roster.root, root_pq=roster.root_pq, today=today
    )  # 3
    device = roster.device(device_id(appointed.key))
    if device is None or not device.pq_hash == appointed.pq_hash == pq_hash(roster.signer_pq):
        raise RecordError("The device that the root appointed is not in its roster.")
    verify_appointment(roster.appointment, device=device.key, root=roster.root, today=today)
    open_hybrid_blob(signed, key=device.key, pq_key=roster.signer_pq, domain=_DOMAIN)  # 4
    return roster
