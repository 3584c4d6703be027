"""When keys are made and destroyed: a schedule of days, and nothing else.

Recorded ciphertext plus one laptop must not open the whole past.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from causeway.units import WEEK_DAYS, Day, Week, week_of, week_start
from causeway.wire.sizes import INTAKE_WEEKS

__all__ = [
    "APPOINTMENT_DAYS",
    "APPOINTMENT_WARNING_DAYS",
    "DESTROY_AFTER_DAYS",
    "SHEET_RENEW_DAYS",
    "IntakePlan",
    "WrappingPlan",
    "appointment_ends",
    "intake_last_day",
    "plan_intake",
    "plan_wrapping",
    "sheet_is_due",
]

DESTROY_AFTER_DAYS: Final = 45
SHEET_RENEW_DAYS: Final = 7
APPOINTMENT_DAYS: Final = 400
APPOINTMENT_WARNING_DAYS: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakePlan:
    """Weeks to make a key for, and weeks whose key to destroy."""

    make: tuple[Week, ...]
    destroy: tuple[Week, ...]


def intake_last_day(week: Week) -> Day:
    """Return the last day on which a desk may hold the key of a week: 45 days after the week's last."""
    return Day(week_start(Week(week + 1)) - 1 + DESTROY_AFTER_DAYS)


def plan_intake(held: Collection[Week], *, today: Day) -> IntakePlan:
    """Return what to do so that keys of this week and the next two exist, and none outlives its time."""
    this_week = week_of(today)
    wanted = [Week(this_week + ahead) for ahead in range(INTAKE_WEEKS)]
    return IntakePlan(
        make=tuple(week for week in wanted if week not in held),
        destroy=tuple(sorted(week for week in held if intake_last_day(week) < today)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class WrappingPlan:
    """Whether to make a new wrapping key, and the days on which those to destroy were made."""

    make: bool
    destroy: tuple[Day, ...]


def plan_wrapping(made: Collection[Day], *, today: Day) -> WrappingPlan:
    """Return what to do so that the newest key is less than a week old.

    An older one goes 45 days after its successor came: what was wrapped to it may still be on its way.

    Args:
        made: The days on which the keys that are held were made, one a day.
    """
    days = sorted(made)
    expired = [day for day, successor in pairwise(days) if successor + DESTROY_AFTER_DAYS < today]
    return WrappingPlan(make=not days or today - days[-1] >= WEEK_DAYS, destroy=tuple(expired))


def sheet_is_due(signed: Day | None, *, today: Day) -> bool:
    """Return whether the door sheet has to be signed anew; `signed` is the day of the newest, if any.

    A sheet from the future (a clock was wrong) is refused by visitors, so it is replaced as well.
    """
    if signed is None or signed > today:
        return True
    return week_of(signed) != week_of(today) or today - signed >= SHEET_RENEW_DAYS


def appointment_ends(last_day: Day, *, today: Day) -> bool:
    """Return whether the coordinator's appointment has so few days left that somebody has to act."""
    return last_day - today < APPOINTMENT_WARNING_DAYS
