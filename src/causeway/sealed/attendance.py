"""Attendance lines, signed by the key of a board slot so that they name no member."""

from __future__ import annotations

from collections.abc import Sequence

from causeway.errors import RemoteError
from causeway.sealed.signing import SigningKey, open_blob
from causeway.units import Day
from causeway.wire.attendance import Attendance, encode_attendance, parse_attendance, split_attendance

__all__ = ["last_attendance", "sign_attendance"]

_DOMAIN = b"causeway/attendance/1"


def sign_attendance(attendance: Attendance, *, board: SigningKey) -> bytes:
    """Return the signed line, 70 bytes."""
    return board.blob(encode_attendance(attendance), domain=_DOMAIN)


def last_attendance(block: bytes, *, boards: Sequence[bytes], today: Day) -> Day | None:
    """Return the newest day on which somebody read, by the lines that are genuine; `None` if there is none.

    Args:
        block: What the relay serves, 1,120 bytes.
        boards: The sixteen board keys of the door sheet.

    Raises:
        FormatError: The block does not have its size.
    """
    days = []
    for slot, line in enumerate(split_attendance(block)):
        if line is None:
            continue
        try:
            attendance = parse_attendance(open_blob(line, key=boards[slot], domain=_DOMAIN))
        except RemoteError:
            continue
        if attendance.slot == slot and attendance.day <= today + 1:
            days.append(attendance.day)
    return max(days, default=None)
