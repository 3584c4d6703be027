"""The form of the attendance lines: on which day somebody last read here (docs/FORMAT.md, section 6)."""

from __future__ import annotations

from dataclasses import dataclass

from causeway.units import Day
from causeway.wire.errors import FormatError
from causeway.wire.sizes import ATTENDANCE_BLOCK_BYTES, ATTENDANCE_LINE_BYTES, BOARD_SLOTS, SIGNATURE_BYTES

__all__ = ["Attendance", "encode_attendance", "parse_attendance", "split_attendance"]

_PAYLOAD_BYTES = ATTENDANCE_LINE_BYTES - SIGNATURE_BYTES


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendance:
    """A member read at this board slot's desk on this day."""

    slot: int
    day: Day


def encode_attendance(attendance: Attendance) -> bytes:
    """Return the payload that a board key signs: 6 bytes."""
    return bytes([1, attendance.slot]) + attendance.day.to_bytes(4, "big")


def parse_attendance(payload: bytes) -> Attendance:
    """Return what a line says. The caller has to verify its signature.

    Raises:
        FormatError: Any deviation from the form.
    """
    if len(payload) != _PAYLOAD_BYTES or payload[0] != 1 or payload[1] >= BOARD_SLOTS:
        raise FormatError("An attendance line does not have its form.")
    return Attendance(slot=payload[1], day=Day(int.from_bytes(payload[2:], "big")))


def split_attendance(block: bytes) -> list[bytes | None]:
    """Cut what the relay serves into sixteen lines; `None` for a slot that never spoke.

    Raises:
        FormatError: Another size.
    """
    if len(block) != ATTENDANCE_BLOCK_BYTES:
        raise FormatError("The attendance lines do not have their size.", bytes=len(block))
    starts = range(0, len(block), ATTENDANCE_LINE_BYTES)
    lines = [block[start : start + ATTENDANCE_LINE_BYTES] for start in starts]
    return [line if any(line) else None for line in lines]
