"""base64url without padding: how bytes stand in JSON and in URLs."""

from __future__ import annotations

import base64
import binascii

from causeway.wire.errors import FormatError

__all__ = ["b64decode", "b64encode"]

_STANDARD = b"+/="


def b64encode(raw: bytes) -> str:
    """Return `raw` as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def b64decode(text: str, *, size: int) -> bytes:
    """Return exactly `size` bytes from their only permitted spelling.

    Raises:
        FormatError: Another alphabet, padding, another length, or bits that no encoder would set.
    """
    try:
        ascii_text = text.encode("ascii")
        raw = base64.b64decode(ascii_text + b"=" * (-len(ascii_text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise FormatError("A field is not base64url.", expected_bytes=size) from None
    if len(raw) != size or any(byte in ascii_text for byte in _STANDARD) or b64encode(raw) != text:
        raise FormatError("A field does not have its size.", expected_bytes=size)
    return raw
