"""Units, declared once: days, sizes and the spans of time that the design fixes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NewType

__all__ = [
    "DAY_SECONDS",
    "KIB",
    "MIB",
    "WEEK_DAYS",
    "Day",
    "Week",
    "day_from_date",
    "day_of",
    "day_to_date",
    "week_of",
    "week_start",
]

KIB = 1024
MIB = 1024 * KIB
DAY_SECONDS = 86_400
WEEK_DAYS = 7

Day = NewType("Day", int)
"""A UTC day, counted from 1970-01-01, which is day 0."""

Week = NewType("Week", int)
"""An intake week: whole weeks counted from Monday 1970-01-05, which starts week 0."""

_FIRST_MONDAY = Day(4)


def day_of(unix_seconds: float) -> Day:
    """Return the UTC day of a moment."""
    return Day(int(unix_seconds // DAY_SECONDS))


def day_from_date(when: date) -> Day:
    """Return the UTC day of a calendar date."""
    return Day((when - date(1970, 1, 1)).days)


def day_to_date(day: Day) -> date:
    """Return the calendar date of a UTC day."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date()


def week_of(day: Day) -> Week:
    """Return the intake week that a day belongs to."""
    return Week((day - _FIRST_MONDAY) // WEEK_DAYS)


def week_start(week: Week) -> Day:
    """Return the Monday on which an intake week starts."""
    return Day(week * WEEK_DAYS + _FIRST_MONDAY)
