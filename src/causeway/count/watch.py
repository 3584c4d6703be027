"""How a caller follows a long run: told of the part done, asked whether to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Cancelled", "Watch"]


class Cancelled(Exception):
    """The caller wants no answer any more. No error: it becomes a result before it leaves this package."""


@dataclass(frozen=True)
class Watch:
    """Whom to tell of work done, and whom to ask whether to stop."""

    progress: Callable[[float], None] | None = None
    cancel: Callable[[], bool] | None = None

    def look(self, done: float) -> None:
        """Report the part done, from 0 to 1, and stop if that is wanted.

        Raises:
            Cancelled: It is.
        """
        if self.cancel is not None and self.cancel():
            raise Cancelled
        if self.progress is not None:
            self.progress(done)
