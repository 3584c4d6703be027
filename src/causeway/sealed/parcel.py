"""The capability, and the parcel that its rotation leaves for the desks that remain (FORMAT, section 11)."""

from __future__ import annotations

import hashlib
import os
import secrets as stdlib_secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from causeway.sealed.aead import KEY_BYTES
from causeway.sealed.age import NoKeyFits
from causeway.sealed.envelope import open_envelope, seal_envelope
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.sealed.signing import SigningKey, open_blob
from causeway.wire.errors import FormatError, TooLarge
from causeway.wire.sizes import CAPABILITY_BYTES, PARCEL_BYTES, PARCEL_WRAP_BYTES, PARCEL_WRAPS

__all__ = ["RelayAccess", "capability_hash", "open_parcel", "sign_parcel"]

_DOMAIN = b"causeway/parcel/1"
_NUMBER_BYTES = 4


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


def sign_parcel(
    access: RelayAccess, *, number: int, recipients: Sequence[HybridPublic], device: SigningKey
) -> bytes:
    """Return the parcel that gives a new access to the devices that remain, and to nobody else.

    Args:
        number: One higher with every rotation.
        recipients: Wrapping keys of the remaining devices, at most 64.
        device: The coordinator's.

    Raises:
        TooLarge: More than 64 devices.
    """
    if len(recipients) > PARCEL_WRAPS:
        raise TooLarge("A centre has at most 64 devices.", devices=len(recipients))
    content = access.capability + access.transport_key
    wraps = [seal_envelope(content, recipient=key, size=PARCEL_WRAP_BYTES) for key in recipients]
    nobody = HybridSecret.generate().public
    while len(wraps) < PARCEL_WRAPS:
        wraps.append(seal_envelope(bytes(len(content)), recipient=nobody, size=PARCEL_WRAP_BYTES))
    stdlib_secrets.SystemRandom().shuffle(wraps)
    payload = bytes([1]) + number.to_bytes(_NUMBER_BYTES, "big") + b"".join(wraps)
    return device.blob(payload, domain=_DOMAIN)


def open_parcel(
    parcel: bytes, *, device_key: bytes, secrets: Sequence[HybridSecret], newer_than: int
) -> tuple[int, RelayAccess] | None:
    """Return number and access of a parcel; `None` where none of its wraps is for this device.

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
        if len(content) != CAPABILITY_BYTES + KEY_BYTES:
            raise FormatError("A parcel's content does not have its size.", bytes=len(content))
        return number, RelayAccess(content[:CAPABILITY_BYTES], content[CAPABILITY_BYTES:])
    return None
