"""The one family of errors that Causeway raises on purpose.

Blame is in the type: `LocalError` for what this machine or its user can mend, `RemoteError` for what
came from outside. No error carries a value that was refused: a message may end up in a log, and a
log may be seized.
"""

from __future__ import annotations

__all__ = ["Error", "LocalError", "RemoteError"]


class Error(Exception):
    """Base of every error of ours.

    Args:
        what: One plain sentence: what went wrong, and where it helps, what to do instead.
        details: Names and sizes that help to find the cause; never a refused value.
    """

    exit_code = 1

    def __init__(self, what: str, **details: int | str) -> None:
        super().__init__(what)
        self.what = what
        self.details = details

    def diagnostics(self) -> str:
        """Return the sentence with its details, for the command line."""
        if not self.details:
            return self.what
        listed = ", ".join(f"{name}={value}" for name, value in self.details.items())
        return f"{self.what} ({listed})"


class LocalError(Error):
    """Something on this machine: a missing file, a full disk, a wrong passphrase."""

    exit_code = 2


class RemoteError(Error):
    """Something that came from outside: a broken slot, a forged sheet, an unreachable relay."""

    exit_code = 3
