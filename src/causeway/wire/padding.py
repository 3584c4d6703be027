"""Padding inside sealed files of fixed size: `u32 length ‖ content ‖ zeros` (docs/FORMAT.md, section 2)."""

from __future__ import annotations

from causeway.wire.errors import FormatError, TooLarge

__all__ = ["LENGTH_BYTES", "pad", "unpad"]

LENGTH_BYTES = 4


def pad(content: bytes, *, size: int) -> bytes:
    """Return `content`, framed and filled with zeros to exactly `size` bytes.

    Raises:
        TooLarge: The content and its length do not fit.
    """
    room = size - LENGTH_BYTES
    if len(content) > room:
        raise TooLarge("This is too long to be sent in one piece.", bytes=len(content), room=room)
    return len(content).to_bytes(LENGTH_BYTES, "big") + content + bytes(room - len(content))


def unpad(padded: bytes) -> bytes:
    """Return the content of a padded block.

    Raises:
        FormatError: The length does not fit the block, or the filling is not zeros.
    """
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    end = LENGTH_BYTES + length
    if len(padded) < LENGTH_BYTES or end > len(padded):
        raise FormatError("The padding gives a length that its block does not have.", block=len(padded))
    if padded.count(0, end) != len(padded) - end:
        raise FormatError("The padding is not empty.", block=len(padded))
    return padded[LENGTH_BYTES:end]
