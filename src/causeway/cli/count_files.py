"""Files of `causeway count`: read with a limit, written for the owner alone and never over another."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from causeway.errors import LocalError

__all__ = ["read_file", "write_private"]

# An encoded list of five million rows has 720 MB.
_LARGEST: Final = 1 << 30


def read_file(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        LocalError: It can't be read, or is larger than any list.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise LocalError("A file is too large to be a list.", limit_bytes=_LARGEST)
        return path.read_bytes()
    except OSError as error:
        raise LocalError("A file can't be read.", file=path.name, why=error.strerror or "") from None


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read; after an error nothing is left of it.

    Raises:
        LocalError: There is a file of that name already, or it can't be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise LocalError(
            "There is a file of that name already; nothing was written.", file=path.name
        ) from None
    except OSError as error:
        raise LocalError("A file can't be written.", file=path.name, why=error.strerror or "") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise LocalError("A file can't be written.", file=path.name, why=error.strerror or "") from None
