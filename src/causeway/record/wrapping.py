"""Wrapping keys: which key the other devices wrap for a device from now on (docs/FORMAT.md, section 8)."""

from __future__ import annotations

from dataclasses import dataclass

from causeway.record.errors import RecordError
from causeway.record.signed import DAY_BYTES, check_day, encode_day, open_signed, sign_as, signer_of
from causeway.sealed.hybrid import PUBLIC_SIZE, HybridPublic
from causeway.sealed.signing import SigningKey
from causeway.units import Day

__all__ = ["WrappingKey", "sign_wrapping_key", "verify_wrapping_key"]

_DOMAIN = b"causeway/wrapping-key/1"


@dataclass(frozen=True, kw_only=True, slots=True)
class WrappingKey:
    """The key that a device wants keys wrapped to, and the day on which it made it."""

    device: bytes
    day: Day
    key: HybridPublic


def sign_wrapping_key(key: HybridPublic, *, day: Day, device: SigningKey) -> bytes:
    """Return the item by which a device names its new wrapping key."""
    return sign_as(device, encode_day(day) + bytes(key), domain=_DOMAIN)


def verify_wrapping_key(signed: bytes, *, device_key: bytes, today: Day) -> WrappingKey:
    """Return the wrapping key that this device signed.

    Raises:
        RecordError: Another size, another device's, or from a day that has not come: it would keep every
            later key of this device out.
        SignatureRefused: The signature is not this key's.
        HybridError: The key is none.
    """
    content = open_signed(signed, device_key=device_key, domain=_DOMAIN)
    if len(content) != DAY_BYTES + PUBLIC_SIZE:
        raise RecordError("A wrapping key does not have its size.", bytes=len(content))
    return WrappingKey(
        device=signer_of(signed),
        day=check_day(content[:DAY_BYTES], today=today),
        key=HybridPublic(content[DAY_BYTES:]),
    )
