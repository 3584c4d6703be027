"""Files of `causeway routes` that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from causeway.errors import LocalError

__all__ = ["write_whole"]


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, in the place of another of that name; after an error that one is as it was.

    Raises:
        LocalError: It can't be written.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise LocalError("A file can't be written.", file=path.name, why=error.strerror or "") from None
