"""Ids as they stand in URLs: 16 bytes as 32 lower-case hex digits."""

from __future__ import annotations

import re

from causeway.wire.errors import FormatError
from causeway.wire.sizes import ID_BYTES

__all__ = ["id_from_hex", "split_ids"]

_HEX_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def id_from_hex(text: str) -> bytes:
    """Return the id that `text` spells.

    Raises:
        FormatError: Anything but 32 lower-case hex digits.
    """
    if not _HEX_ID.fullmatch(text):
        raise FormatError("An id is 32 lower-case hex digits.")
    return bytes.fromhex(text)


def split_ids(joined: bytes) -> list[bytes]:
    """Cut joined ids apart, in their order.

    Raises:
        FormatError: The length is no multiple of 16.
    """
    if len(joined) % ID_BYTES:
        raise FormatError("A list of ids is cut short.", bytes=len(joined))
    return [joined[start : start + ID_BYTES] for start in range(0, len(joined), ID_BYTES)]
