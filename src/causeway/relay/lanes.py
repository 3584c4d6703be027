"""Lanes: how many calls a way in may make, and whose share of the disk a removed slot was. Pure.

A lane is a way in (onion, clear, plain, desk), never an address: all of Tor arrives from one. A lane's bucket
holds tokens; a call takes one. When none is left the bucket goes into debt and the call waits until the debt
has been earned, and where that would take too long the call is turned away with the number of seconds after
which it would not have been.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

__all__ = [
    "LANE_HEADER",
    "VISITOR_LANES",
    "Admitted",
    "Bucket",
    "Lane",
    "Load",
    "Rate",
    "TurnedAway",
    "full_bucket",
    "refilled",
    "share_removed",
    "take",
    "visitor_lane",
]

LANE_HEADER = b"causeway-lane"
"""The door names the lane in this header, and strips it from what visitors send."""


class Lane(StrEnum):
    """A way in, with a rate and a share of the disk of its own."""

    ONION = "onion"
    CLEAR = "clear"
    PLAIN = "plain"
    DESK = "desk"


class Load(Enum):
    """What a call does to the relay; each kind has tokens of its own, so that none can crowd out another."""

    READ = auto()
    STORE = auto()
    CHUNK = auto()


VISITOR_LANES = (Lane.ONION, Lane.CLEAR, Lane.PLAIN)
_BY_HEADER = {lane.value.encode(): lane for lane in VISITOR_LANES}


def visitor_lane(header: bytes | None) -> Lane:
    """Return the lane that the door named; whatever it did not name counts as clear."""
    return _BY_HEADER.get(header or b"", Lane.CLEAR)


@dataclass(frozen=True, slots=True)
class Rate:
    """Tokens a second, and how many a bucket holds at most."""

    per_second: float
    burst: float

    def __post_init__(self) -> None:
        if not self.per_second > 0 or self.burst < 1:
            raise ValueError("a rate above nothing and a burst of one call at least")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens at a moment (monotonic seconds); below zero, calls are waiting for them."""

    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Admitted:
    """The call may go on after `wait` seconds."""

    bucket: Bucket
    wait: float


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The call may come again after `retry_after` whole seconds; the bucket stays as it was."""

    retry_after: int


def full_bucket(rate: Rate, *, now: float) -> Bucket:
    """Return a bucket that nobody has taken from yet."""
    return Bucket(tokens=rate.burst, at=now)


def refilled(bucket: Bucket, *, rate: Rate, now: float) -> Bucket:
    """Return a bucket with what it has earned since; a clock that goes back earns nothing."""
    at = max(bucket.at, now)
    return Bucket(tokens=min(rate.burst, bucket.tokens + (at - bucket.at) * rate.per_second), at=at)


def take(bucket: Bucket, *, rate: Rate, now: float, wait_max: float) -> Admitted | TurnedAway:
    """Take one token for a call.

    Args:
        bucket: As the last admitted call left it.
        rate: The lane's rate.
        now: Monotonic seconds.
        wait_max: Seconds that a call is let wait at most.
    """
    bucket = refilled(bucket, rate=rate, now=now)
    tokens = bucket.tokens - 1.0
    wait = max(0.0, -tokens / rate.per_second)
    if wait > wait_max:
        return TurnedAway(retry_after=max(1, math.ceil(wait - wait_max)))
    return Admitted(bucket=Bucket(tokens=tokens, at=bucket.at), wait=wait)


def share_removed(used: Mapping[Lane, int], *, removed: int) -> dict[Lane, int]:
    """Take removed slots off the lanes' counts, in proportion to what each has.

    No slot remembers its lane (that would be one more thing to seize), so a removal is credited to all. What
    matters holds: counts add up to what is stored, and a lane's count grows by its own puts alone, so a
    flood in one lane never eats another's reserve.

    Args:
        used: Slots counted to each lane.
        removed: Slots that were removed, at most the sum of `used`.

    Returns:
        The new counts: none below zero, none above what it was, `removed` fewer in all.

    Raises:
        ValueError: More were removed than counted.
    """
    total = sum(used.values())
    if not 0 <= removed <= total:
        raise ValueError("more slots removed than counted")
    if total == 0:
        return dict(used)
    left = total - removed
    counts = {lane: count * left // total for lane, count in used.items()}
    # Largest remainders first; a lane with a remainder is below its old count, so one more is never too many.
    by_remainder = sorted(used, key=lambda lane: used[lane] * left % total, reverse=True)
    for lane in by_remainder[: left - sum(counts.values())]:
        counts[lane] += 1
    return counts
