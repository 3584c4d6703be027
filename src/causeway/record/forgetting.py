"""Forgetting: what asks for a case's keys to be destroyed, and what says that they were (section 8).

The request stays as a tombstone: a key parcel from before it must not bring the case back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from causeway.record.errors import RecordError
from causeway.record.signed import DAY_BYTES, check_day, encode_day, open_signed, sign_as, signer_of
from causeway.sealed.signing import SigningKey
from causeway.units import Day
from causeway.wire.sizes import ID_BYTES

__all__ = ["FORGET", "FORGOTTEN", "AboutCase", "sign_about_case", "verify_about_case"]

FORGET: Final = b"causeway/forget/1"
FORGOTTEN: Final = b"causeway/forgotten/1"


@dataclass(frozen=True, kw_only=True, slots=True)
class AboutCase:
    """Which device asks for a case (16 bytes) to be forgotten, or has forgotten it, and since when."""

    device: bytes
    case: bytes
    day: Day


def sign_about_case(case: bytes, *, day: Day, device: SigningKey, domain: bytes) -> bytes:
    """Return the item that asks (`FORGET`) or confirms (`FORGOTTEN`)."""
    return sign_as(device, case + encode_day(day), domain=domain)


def verify_about_case(signed: bytes, *, device_key: bytes, domain: bytes, today: Day) -> AboutCase:
    """Return what a device asks or confirms.

    Raises:
        RecordError: Another size, another device's, or from a day that has not come.
        SignatureRefused: The signature is not this key's, for this use.
    """
    content = open_signed(signed, device_key=device_key, domain=domain)
    if len(content) != ID_BYTES + DAY_BYTES:
        raise RecordError("An item about forgetting does not have its size.", bytes=len(content))
    return AboutCase(
        device=signer_of(signed),
        case=content[:ID_BYTES],
        day=check_day(content[ID_BYTES:], today=today),
    )
