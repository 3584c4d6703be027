"""What is raised when a list, a key or an encoded list does not have its form.

A sentence says where (line, column) and what was expected, never what stood there: it would be a name.
"""

from __future__ import annotations

from causeway.errors import LocalError, RemoteError

__all__ = ["EncodedListError", "LinkKeyError", "PersonListError"]


class PersonListError(LocalError):
    """A list of persons that can't be read as a table with the columns it needs."""


class LinkKeyError(LocalError):
    """A key file that is not one."""


class EncodedListError(RemoteError):
    """Bytes that are not an encoded list, or two encoded lists that can't be compared."""
