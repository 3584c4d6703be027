"""What a device signs about itself or a case: `device (16) ‖ …` in a blob of its own domain."""

from __future__ import annotations

from causeway.record.entry import device_id
from causeway.record.errors import RecordError
from causeway.sealed.signing import SigningKey, open_blob
from causeway.units import Day
from causeway.wire.sizes import ID_BYTES, SIGNATURE_BYTES

__all__ = ["DAY_BYTES", "check_day", "encode_day", "open_signed", "sign_as", "signer_of"]

DAY_BYTES = 4


def encode_day(day: Day) -> bytes:
    """Return a day as it stands in a payload."""
    return day.to_bytes(DAY_BYTES, "big")


def sign_as(device: SigningKey, content: bytes, *, domain: bytes) -> bytes:
    """Return `content` in a blob that names the device that signed it."""
    return device.blob(device_id(device.public) + content, domain=domain)


def signer_of(signed: bytes) -> bytes:
    """Return the id of the device that a blob says it is from; nothing of it is verified yet.

    Raises:
        RecordError: Too short.
    """
    end = SIGNATURE_BYTES + ID_BYTES
    if len(signed) < end:
        raise RecordError("A signed item is too short.", bytes=len(signed))
    return signed[SIGNATURE_BYTES:end]


def open_signed(signed: bytes, *, device_key: bytes, domain: bytes) -> bytes:
    """Return what follows the device's id.

    Raises:
        RecordError: It names another device than the key's.
        SignatureRefused: The signature is not this key's, for this use.
    """
    if signer_of(signed) != device_id(device_key):
        raise RecordError("A signed item names another device than its signer.")
    return open_blob(signed, key=device_key, domain=domain)[ID_BYTES:]


def check_day(encoded: bytes, *, today: Day) -> Day:
    """Return the day of a payload; one day ahead is what clocks may differ by.

    Raises:
        RecordError: It lies further ahead.
    """
    day = Day(int.from_bytes(encoded, "big"))
    if day > today + 1:
        raise RecordError("An item is from a day that has not come.")
    return day
