"""A gate before each lane: counts who is inside, delays when tokens run out, then refuses."""

from __future__ import annotations

from collections.abc import Callable

from causeway.relay.lanes import Rate, TurnedAway, full_bucket, refilled, take
from causeway.relay.refusals import Refused

__all__ = ["Gate"]


class Gate:
    """Counts calls in and out; whoever is let in may have to wait a while first.

    Args:
        rate: Calls a second, and burst.
        inside: Calls at one time, those that wait at the gate included.
        wait_max: Seconds that a call is delayed at most.
        monotonic: Seconds.
    """

    def __init__(self, rate: Rate, *, inside: int, wait_max: float, monotonic: Callable[[], float]) -> None:
        self._rate = rate
        self._inside_max = inside
        self._wait_max = wait_max
        self._monotonic = monotonic
        self._inside = 0
        self._bucket = full_bucket(rate, now=monotonic())

    @property
    def fullness(self) -> float:
        """Tokens left, as a share of the burst; below zero, calls are waiting."""
        tokens = refilled(self._bucket, rate=self._rate, now=self._monotonic()).tokens
        return tokens / self._rate.burst

    def enter(self) -> float:
        """Take a place inside, to be given back with `leave`; return the seconds to wait first.

        Raises:
            Refused: 429 no place, or too long a wait; nothing was taken.
        """
        if self._inside >= self._inside_max:
            raise Refused(429, "this way in is full, come back soon", retry_after=1)
        taken = take(self._bucket, rate=self._rate, now=self._monotonic(), wait_max=self._wait_max)
        if isinstance(taken, TurnedAway):
            raise Refused(429, "this way in is full, come back soon", retry_after=taken.retry_after)
        self._bucket = taken.bucket
        self._inside += 1
        return taken.wait

    def leave(self) -> None:
        """Give a place back."""
        self._inside -= 1
