"""A hybrid logical clock: orders what people see, and decides nothing.

Source: Kulkarni et al. (2014), "Logical Physical Clocks", with time and counter in one integer.
"""

from __future__ import annotations

from typing import Final

__all__ = ["COUNTER_BITS", "clock_millis", "first_clock", "tick"]

COUNTER_BITS: Final = 16


def tick(last: int, *, unix_seconds: float) -> int:
    """Return a clock value after `last`: the time where it has moved on, else the next count."""
    return max(last + 1, int(unix_seconds * 1000) << COUNTER_BITS)


def first_clock(unix_seconds: float) -> int:
    """Return the first clock value of the millisecond after a moment: those before are not greater."""
    return (int(unix_seconds * 1000) + 1) << COUNTER_BITS


def clock_millis(clock: int) -> int:
    """Return the milliseconds since 1970 that a clock value shows."""
    return clock >> COUNTER_BITS
