"""How long the relay keeps what it was given: arithmetic on UTC days, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from causeway.units import WEEK_DAYS, Day
from causeway.wire.sizes import INTAKE_WEEKS

__all__ = [
    "ACKNOWLEDGED_DAYS",
    "ATTENDANCE_DAYS",
    "BOARD_DAYS",
    "INTAKE_DAYS",
    "RECORD_DAYS",
    "FirstKept",
    "first_kept",
]

ACKNOWLEDGED_DAYS: Final = 30
"""An intake slot after a desk has acknowledged it: time for the other desks to take it."""

_KEY_DESTROYED_AFTER_DAYS = 45
INTAKE_DAYS: Final = INTAKE_WEEKS * WEEK_DAYS + _KEY_DESTROYED_AFTER_DAYS
"""Any intake slot: the last week that its key can be sealed to, and the days until that key is destroyed."""

RECORD_DAYS: Final = 90
BOARD_DAYS: Final = 30
ATTENDANCE_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class FirstKept:
    """For each kind the first day that is kept; what bears an earlier day goes."""

    intake: Day
    acknowledged: Day
    record: Day
    board: Day
    attendance: Day


def first_kept(today: Day) -> FirstKept:
    """Return what is kept today: a thing kept for n days is still there n days after its own."""
    return FirstKept(
        intake=Day(today - INTAKE_DAYS),
        acknowledged=Day(today - ACKNOWLEDGED_DAYS),
        record=Day(today - RECORD_DAYS),
        board=Day(today - BOARD_DAYS),
        attendance=Day(today - ATTENDANCE_DAYS),
    )
