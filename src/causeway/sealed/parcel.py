"""The capability, and the parcel that its rotation leaves for the desks that remain (FORMAT, section 11)."""

from __future__ import annotations

import hashlib
import os
import secrets as stdlib_secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from causeway.sealed.aead import KEY_BYTES
from causeway.sealed.age import NoKeyFits
from causeway.sealed.envelope import open_envelope, seal_envelope
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.sealed.kdf import derive_key
from causeway.sealed.signing import SigningKey, open_blob
from causeway.wire.errors import FormatError, TooLarge
from causeway.wire.sizes import CAPABILITY_BYTES, ID_BYTES, PARCEL_BYTES, PARCEL_WRAP_BYTES, PARCEL_WRAPS

__all__ = [
    "EARLIER_KEYS_MAX",
    "GivenAccess",
    "RelayAccess",
    "TakenOff",
    "capability_hash",
    "open_parcel",
    "roster_slot_ids",
    "sign_parcel",
]

EARLIER_KEYS_MAX: Final = 10
"""Transport keys of earlier rotations that find room beside the newest: a desk that slept through them can
still open what was put meanwhile."""

_DOMAIN = b"causeway/parcel/1"
_NUMBER_BYTES = 4
_ACCESS: Final = b"\1"
_NOTICE: Final = b"\2"


@dataclass(frozen=True, slots=True, repr=False)
class RelayAccess:
    """What a desk needs to use the relay: capability and transport key, 32 bytes each."""

    capability: bytes
    transport_key: bytes

    @classmethod
    def generate(cls, *, random: Callable[[int], bytes] = os.urandom) -> RelayAccess:
        """Make a new access."""
        return cls(random(CAPABILITY_BYTES), random(KEY_BYTES))


def capability_hash(capability: bytes) -> bytes:
    """Return what the relay keeps of a capability."""
    return hashlib.sha256(capability).digest()


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class GivenAccess:
    """What a parcel gives to a device that remains: its number, the access, and earlier transport keys.

    Attributes:
        earlier: Of the rotations before this one, the newest first; no desk needs their capabilities.
    """

    number: int
    access: RelayAccess
    earlier: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenOff:
    """What a parcel tells a device that does not remain: that it was taken off, at this number."""

    number: int


def roster_slot_ids(transport_key: bytes, *, count: int) -> list[bytes]:
    """Return the ids of the first slots under a new transport key: there lies the roster of that rotation.

    Who holds the key finds them at once, before anything else; to the relay they are ids like all others.
    """
    info = b"causeway/roster-slot/1\0"
    return [
        derive_key(transport_key, salt=b"", info=info + number.to_bytes(2, "big"))[:ID_BYTES]
        for number in range(count)
    ]


def sign_parcel(
    access: RelayAccess,
    *,
    number: int,
    recipients: Sequence[HybridPublic],
    device: SigningKey,
    earlier: Sequence[bytes] = (),
    removed: Sequence[HybridPublic] = (),
) -> bytes:
    """Return the parcel that gives a new access to the devices that remain, and to nobody else.

    Nobody who can't open them can tell the wraps apart: those that give, those that give notice, and those
    sealed to keys thrown away.

    Args:
        number: One higher with every rotation.
        recipients: Wrapping keys of the remaining devices, at most 64.
        device: The coordinator's.
        earlier: Transport keys of earlier rotations, the newest first; ten find room.
        removed: Wrapping keys of devices that are to learn that they were taken off, the newest first; as
            many as there is room for.

    Raises:
        TooLarge: More than 64 devices.
    """
    if len(recipients) > PARCEL_WRAPS:
        raise TooLarge("A centre has at most 64 devices.", devices=len(recipients))
    given = _ACCESS + access.capability + access.transport_key + b"".join(earlier[:EARLIER_KEYS_MAX])
    wraps = [seal_envelope(given, recipient=key, size=PARCEL_WRAP_BYTES) for key in recipients]
    for key in removed[: PARCEL_WRAPS - len(wraps)]:
        wraps.append(seal_envelope(_NOTICE, recipient=key, size=PARCEL_WRAP_BYTES))
    nobody = HybridSecret.generate().public
    while len(wraps) < PARCEL_WRAPS:
        wraps.append(seal_envelope(bytes(len(given)), recipient=nobody, size=PARCEL_WRAP_BYTES))
    stdlib_secrets.SystemRandom().shuffle(wraps)
    payload = bytes([1]) + number.to_bytes(_NUMBER_BYTES, "big") + b"".join(wraps)
    return device.blob(payload, domain=_DOMAIN)


def open_parcel(
    parcel: bytes, *, device_key: bytes, secrets: Sequence[HybridSecret], newer_than: int
) -> GivenAccess | TakenOff | None:
    """Return what a parcel has for this device; `None` where none of its wraps is for it.

    Raises:
        FormatError: Another size or version, or not newer than the parcel that this desk knows.
        SignatureRefused: The coordinator's device did not sign it.
    """
    if len(parcel) != PARCEL_BYTES:
        raise FormatError("A parcel does not have its size.", bytes=len(parcel))
    payload = open_blob(parcel, key=device_key, domain=_DOMAIN)
    head = 1 + _NUMBER_BYTES
    number = int.from_bytes(payload[1:head], "big")
    if payload[0] != 1 or number <= newer_than:
        raise FormatError("A parcel is older than what this desk knows.", number=number)
    for at in range(head, len(payload), PARCEL_WRAP_BYTES):
        try:
            content = open_envelope(
                payload[at : at + PARCEL_WRAP_BYTES], secrets=secrets, size=PARCEL_WRAP_BYTES
            )
        except NoKeyFits:
            continue
        return _read_wrap(content, number=number)
    return None


def _read_wrap(content: bytes, *, number: int) -> GivenAccess | TakenOff:
    if content == _NOTICE:
        return TakenOff(number=number)
    keys = content[len(_ACCESS) + CAPABILITY_BYTES :]
    if content[:1] != _ACCESS or not keys or len(keys) % KEY_BYTES:
        raise FormatError("A parcel's content does not have its form.", bytes=len(content))
    transport, *earlier = [keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES)]
    capability = content[len(_ACCESS) :][:CAPABILITY_BYTES]
    return GivenAccess(number=number, access=RelayAccess(capability, transport), earlier=tuple(earlier))
