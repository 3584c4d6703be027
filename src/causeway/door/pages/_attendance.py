"""On which day somebody last read here, as the relay says it; only the script can check the signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from causeway.door.pages._languages import day_name
from causeway.units import Day
from causeway.wire.sizes import ATTENDANCE_BLOCK_BYTES, ATTENDANCE_LINE_BYTES, SIGNATURE_BYTES

__all__ = ["Attendance", "attendance_of", "attendance_on"]

_VERSION: Final = 1
_SILENT_DAYS: Final = 3
"""72 hours without anybody reading: then the page warns."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """What the first page says about it.

    Attributes:
        state: `today`, `yesterday`, `recent`, `old`, `never`, or `unknown` where the relay gave no answer.
        day: The day in words, where there is one to name.
    """

    state: str
    day: str = ""


def attendance_of(block: bytes | None, *, today: Day, language: str) -> Attendance:
    """Read the sixteen lines of the relay (docs/FORMAT.md, section 6), and take the newest."""
    if block is None or len(block) != ATTENDANCE_BLOCK_BYTES:
        return Attendance("unknown")
    days = []
    for start in range(0, ATTENDANCE_BLOCK_BYTES, ATTENDANCE_LINE_BYTES):
        payload = block[start + SIGNATURE_BYTES : start + ATTENDANCE_LINE_BYTES]
        day = int.from_bytes(payload[2:], "big")
        if payload[0] == _VERSION and day <= today + 1:
            days.append(day)
    return attendance_on(Day(max(days)) if days else None, today=today, language=language)


def attendance_on(newest: Day | None, *, today: Day, language: str) -> Attendance:
    """Return what the first page says where somebody last read on a day, or never."""
    if newest is None:
        return Attendance("never")
    ago = today - newest
    if ago <= 0:
        return Attendance("today")
    if ago == 1:
        return Attendance("yesterday")
    return Attendance("recent" if ago <= _SILENT_DAYS else "old", day_name(newest, language=language))
