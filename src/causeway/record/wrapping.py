"""Wrapping keys: which key the other devices wrap for a device from now on (docs/FORMAT.md, section 8)."""

from __future__ import annotations

from dataclasses import dataclass

from causeway.record.entry import device_id
from causeway.record.errors import RecordError
from causeway.sealed.hybrid import PUBLIC_SIZE, HybridPublic
from causeway.sealed.signing import SigningKey, open_blob
from causeway.units import Day
from causeway.wire.sizes import ID_BYTES, SIGNATURE_BYTES

__all__ = ["WrappingKey", "sign_wrapping_key", "verify_wrapping_key", "wrapping_key_device"]

_DOMAIN = b"causeway/wrapping-key/1"
_DAY_BYTES = 4
_BLOB_BYTES = SIGNATURE_BYTES + ID_BYTES + _DAY_BYTES + PUBLIC_SIZE


@dataclass(frozen=True, kw_only=True, slots=True)
class WrappingKey:
    """The key that a device wants keys wrapped to, and the day on which it made it."""

    device: bytes
    day: Day
    key: HybridPublic


def sign_wrapping_key(key: HybridPublic, *, day: Day, device: SigningKey) -> bytes:
    """Return the item by which a device names its new wrapping key."""
    payload = device_id(device.public) + day.to_bytes(_DAY_BYTES, "big") + bytes(key)
    return device.blob(payload, domain=_DOMAIN)


def wrapping_key_device(signed: bytes) -> bytes:
    """Return the id of the device that an item says it is from; nothing of it is verified yet.

    Raises:
        RecordError: Another size.
    """
    if len(signed) != _BLOB_BYTES:
        raise RecordError("A wrapping key does not have its size.", bytes=len(signed))
    return signed[SIGNATURE_BYTES : SIGNATURE_BYTES + ID_BYTES]


def verify_wrapping_key(signed: bytes, *, device_key: bytes) -> WrappingKey:
    """Return the wrapping key that this device signed.

    Raises:
        RecordError: Another size, or another device's.
        SignatureRefused: The signature is not this key's.
        HybridError: The key is none.
    """
    if wrapping_key_device(signed) != device_id(device_key):
        raise RecordError("A wrapping key names another device than its signer.")
    payload = open_blob(signed, key=device_key, domain=_DOMAIN)
    day_end = ID_BYTES + _DAY_BYTES
    return WrappingKey(
        device=payload[:ID_BYTES],
        day=Day(int.from_bytes(payload[ID_BYTES:day_end], "big")),
        key=HybridPublic(payload[day_end:]),
    )
