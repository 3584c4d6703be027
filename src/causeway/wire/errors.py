"""What is raised when bytes from outside do not have the form that docs/FORMAT.md gives them."""

from __future__ import annotations

from causeway.errors import LocalError, RemoteError

__all__ = ["FormatError", "TooLarge"]


class FormatError(RemoteError):
    """Bytes from outside break the format; the sentence says where, never what stood there."""


class TooLarge(LocalError):
    """Something of ours does not fit into the fixed size that it has to fill."""
