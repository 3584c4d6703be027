"""A gate before each lane: counts who is inside, delays when tokens run out, then refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from causeway.relay.lanes import Rate, TurnedAway, full_bucket, refilled, take
from causeway.relay.refusals import Refused

__all__ = ["Gate"]


class Gate:
    """An async context manager round one call; entering may take a while or raise `Refused` (429).

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

    async def __aenter__(self) -> None:
        if self._inside >= self._inside_max:
            raise Refused(429, "this way in is full, come back soon", retry_after=1)
        taken = take(self._bucket, rate=self._rate, now=self._monotonic(), wait_max=self._wait_max)
        if isinstance(taken, TurnedAway):
            raise Refused(429, "this way in is full, come back soon", retry_after=taken.retry_after)
        self._bucket = taken.bucket
        self._inside += 1
        if taken.wait:
            try:
                await asyncio.sleep(taken.wait)
            except BaseException:
                self._inside -= 1
                raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inside -= 1
