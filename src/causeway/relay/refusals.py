"""Refusals: a status and one short line of text, which never repeats what was sent."""

from __future__ import annotations

from causeway.errors import RemoteError

__all__ = ["Refused"]


class Refused(RemoteError):
    """A call that gets no 2xx.

    Args:
        status: HTTP status, one of docs/FORMAT.md section 13.
        what: One short line for whoever called.
        retry_after: Whole seconds, where coming back helps.
        puzzle: Header that sets a puzzle, where solving it helps.
    """

    def __init__(
        self, status: int, what: str, *, retry_after: int | None = None, puzzle: bytes | None = None
    ) -> None:
        super().__init__(what, status=status)
        self.status = status
        self.retry_after = retry_after
        self.puzzle = puzzle
