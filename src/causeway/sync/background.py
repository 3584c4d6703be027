"""The background thread: rounds at an interval, sooner when asked, rarer while the relay is away."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final, final

__all__ = ["FIRST_RETRY_SECONDS", "LAST_RETRY_SECONDS", "Background", "retry_after"]

FIRST_RETRY_SECONDS: Final = 2.0
LAST_RETRY_SECONDS: Final = 300.0
_JOIN_SECONDS: Final = 5.0


def retry_after(failures: int) -> float:
    """Return how long to wait after so many failures in a row: 2 s, 4 s, … 5 min."""
    return float(min(FIRST_RETRY_SECONDS * 2 ** min(failures - 1, 16), LAST_RETRY_SECONDS))


@final
class Background:
    """Runs rounds in a thread of its own until it is stopped."""

    def __init__(
        self,
        round_: Callable[[], bool],
        *,
        interval_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start.

        Args:
            round_: Does one round, and returns whether it succeeded. It must not raise.
            interval_seconds: From the end of one round to the start of the next.
        """
        self._round = round_
        self._interval = interval_seconds
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._due = math.inf
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def wake(self, *, after_seconds: float = 0.0) -> None:
        """Have a round begin then, or right after the one that is under way; returns at once."""
        with self._changed:
            self._due = min(self._due, self._monotonic() + after_seconds)
            self._changed.notify_all()

    def stop(self) -> None:
        """Have no further round begin, and wait a little for the one under way.

        A round that hangs in the network is left behind: it ends at its time limit, or when it finds the
        store locked.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        failures = 0
        while True:
            failures = 0 if self._round() else failures + 1
            if not self._wait(retry_after(failures) if failures else self._interval):
                return

    def _wait(self, seconds: float) -> bool:
        """Wait until it is time, or until somebody asks; return whether to go on at all."""
        until = self._monotonic() + seconds
        with self._changed:
            while not self._stopping:
                left = min(until, self._due) - self._monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            if self._due <= self._monotonic():
                self._due = math.inf
            return not self._stopping
