"""What the relay writes to its log: one line each, never a traceback, which may hold what was sent."""

from __future__ import annotations

import logging
import sys

__all__ = ["log_to_stderr"]


class _OneLine(logging.Formatter):
    """A formatter that drops exceptions down to their class."""

    def format(self, record: logging.LogRecord) -> str:
        """Return level, logger and message."""
        text = f"{record.levelname.lower()} {record.name}: {record.getMessage()}"
        if record.exc_info and record.exc_info[0] is not None:
            text += f" [{record.exc_info[0].__name__}]"
        return text.splitlines()[0]


def log_to_stderr() -> None:
    """Send warnings and errors of ours and of the server to stderr, as single lines without values."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
