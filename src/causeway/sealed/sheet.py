"""The door sheet and the root behind it: who may speak for a centre (docs/FORMAT.md, sections 3 and 4)."""

from __future__ import annotations

import hashlib
import hmac

from causeway.errors import RemoteError
from causeway.sealed.signing import HybridSigningKey, SigningKey, open_blob, verify
from causeway.units import Day
from causeway.wire.errors import FormatError, TooLarge
from causeway.wire.sheet import DoorSheet, encode_sheet, parse_sheet
from causeway.wire.sizes import ID_BYTES, SHEET_BYTES_MAX, SHEET_DAYS_MAX, SIGNATURE_BYTES

__all__ = ["SheetRefused", "appoint", "root_fingerprint", "sign_sheet", "verify_appointment", "verify_sheet"]

_APPOINTMENT = b"causeway/appointment/1"
_SHEET = b"causeway/door-sheet/1"
_DAY_BYTES = 4


class SheetRefused(RemoteError):
    """A door sheet that is signed, but not for this centre or not for this day."""


def root_fingerprint(root: bytes, *, root_pq: bytes) -> bytes:
    """Return the 16 bytes by which partners know a centre.

    Args:
        root: Root Ed25519 key.
        root_pq: SHA-256 of the root's ML-DSA-65 key.
    """
    return hashlib.sha256(b"causeway/centre-root/1\0" + root + root_pq).digest()[:ID_BYTES]


def appoint(device: bytes, *, root: HybridSigningKey, last_day: Day) -> bytes:
    """Return the appointment (68 bytes) by which the root lets a device sign door sheets until a day."""
    until = last_day.to_bytes(_DAY_BYTES, "big")
    return until + root.classical.sign(device + until, domain=_APPOINTMENT)


def verify_appointment(appointment: bytes, *, device: bytes, root: bytes, today: Day) -> None:
    """Check that the root appointed this device, and that the appointment still runs.

    Raises:
        SignatureRefused: The root did not sign it.
        SheetRefused: It has run out.
    """
    until = appointment[:_DAY_BYTES]
    verify(appointment[_DAY_BYTES:], device + until, key=root, domain=_APPOINTMENT)
    if today > int.from_bytes(until, "big"):
        raise SheetRefused("The appointment of the coordinator's device has run out.")


def sign_sheet(sheet: DoorSheet, *, device: SigningKey) -> bytes:
    """Return the signed door sheet.

    Raises:
        TooLarge: More than 8 KiB.
    """
    blob = device.blob(encode_sheet(sheet), domain=_SHEET)
    if len(blob) > SHEET_BYTES_MAX:
        raise TooLarge("The door sheet is too large.", bytes=len(blob), room=SHEET_BYTES_MAX)
    return blob


def verify_sheet(blob: bytes, *, fingerprint: bytes | None, today: Day) -> DoorSheet:
    """Return the content of a door sheet that may be acted upon today.

    Steps are those of docs/FORMAT.md, section 4.

    Args:
        fingerprint: The root that the caller was told of, 16 bytes; `None` accepts any, and the caller
            must then tell the person that the centre was not checked.

    Raises:
        FormatError, SignatureRefused, SheetRefused: The step that failed.
    """
    if not SIGNATURE_BYTES < len(blob) <= SHEET_BYTES_MAX:  # 1
        raise FormatError("The door sheet does not have its size.", bytes=len(blob))
    sheet = parse_sheet(blob[SIGNATURE_BYTES:])
    if fingerprint is not None and not hmac.compare_digest(
        root_fingerprint(sheet.root, root_pq=sheet.root_pq), fingerprint
    ):  # 2
        raise SheetRefused("The door sheet belongs to another centre.")
    verify_appointment(sheet.appointment, device=sheet.device, root=sheet.root, today=today)  # 3
    open_blob(blob, key=sheet.device, domain=_SHEET)  # 4
    if not today - SHEET_DAYS_MAX <= sheet.day <= today + 1:  # 5
        raise SheetRefused("The door sheet is too old, or from another day than this clock's.")
    sheet.intake_key(today)  # 6
    return sheet
