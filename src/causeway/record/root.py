"""What the root signs for desks, with both signatures (docs/FORMAT.md, section 10).

The door sheet's appointment is another one: browsers verify Ed25519 alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from causeway.record.errors import RecordError
from causeway.record.signed import DAY_BYTES, encode_day
from causeway.sealed.signing import HYBRID_SIGNATURE_BYTES, HybridSigningKey, open_hybrid_blob
from causeway.units import Day
from causeway.wire.sizes import HASH_BYTES

__all__ = [
    "RosterAppointment",
    "RosterChoice",
    "appoint_for_roster",
    "choose_roster",
    "pq_hash",
    "verify_roster_appointment",
    "verify_roster_choice",
]

_APPOINTMENT = b"causeway/roster-appointment/1"
_CHOICE = b"causeway/roster-choice/1"
_VERSION_BYTES = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterAppointment:
    """The device that may sign rosters until a day: its Ed25519 key, and SHA-256 of its ML-DSA key."""

    key: bytes
    pq_hash: bytes
    last_day: Day


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterChoice:
    """Which of two successors of one version counts: the version, and the hash (32) of the one."""

    version: int
    hash: bytes


def pq_hash(pq_key: bytes) -> bytes:
    """Return the hash by which an ML-DSA key is known where there is no room for it."""
    return hashlib.sha256(pq_key).digest()


def appoint_for_roster(device: HybridSigningKey, *, root: HybridSigningKey, last_day: Day) -> bytes:
    """Return the appointment by which the root lets a device sign rosters until a day."""
    payload = device.public + pq_hash(device.pq_public) + encode_day(last_day)
    return root.hybrid_blob(payload, domain=_APPOINTMENT)


def verify_roster_appointment(signed: bytes, *, root: bytes, root_pq: bytes, today: Day) -> RosterAppointment:
    """Return whom the root appointed.

    Raises:
        RecordError: Another size, or it has run out.
        SignatureRefused: The root did not sign it.
    """
    if len(signed) != HYBRID_SIGNATURE_BYTES + 2 * HASH_BYTES + DAY_BYTES:
        raise RecordError("An appointment does not have its size.", bytes=len(signed))
    payload = open_hybrid_blob(signed, key=root, pq_key=root_pq, domain=_APPOINTMENT)
    last_day = Day(int.from_bytes(payload[2 * HASH_BYTES :], "big"))
    if today > last_day:
        raise RecordError("The appointment of the coordinator's device has run out.")
    return RosterAppointment(
        key=payload[:HASH_BYTES], pq_hash=payload[HASH_BYTES : 2 * HASH_BYTES], last_day=last_day
    )


def choose_roster(choice: RosterChoice, *, root: HybridSigningKey) -> bytes:
    """Return the item by which the root settles a fork of the roster."""
    payload = choice.version.to_bytes(_VERSION_BYTES, "big") + choice.hash
    return root.hybrid_blob(payload, domain=_CHOICE)


def verify_roster_choice(signed: bytes, *, root: bytes, root_pq: bytes) -> RosterChoice:
    """Return what the root chose.

    Raises:
        RecordError: Another size.
        SignatureRefused: The root did not sign it.
    """
    if len(signed) != HYBRID_SIGNATURE_BYTES + _VERSION_BYTES + HASH_BYTES:
        raise RecordError("A choice of a roster does not have its size.", bytes=len(signed))
    payload = open_hybrid_blob(signed, key=root, pq_key=root_pq, domain=_CHOICE)
    return RosterChoice(
        version=int.from_bytes(payload[:_VERSION_BYTES], "big"), hash=payload[_VERSION_BYTES:]
    )
