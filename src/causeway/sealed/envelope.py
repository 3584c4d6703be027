"""Age files of a fixed size: pad, seal, and back (docs/FORMAT.md, section 2)."""

from __future__ import annotations

from collections.abc import Sequence

from causeway.sealed.age import open_age, plaintext_capacity, seal_to_size
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.wire.errors import FormatError
from causeway.wire.padding import LENGTH_BYTES, pad, unpad

__all__ = ["envelope_room", "open_envelope", "seal_envelope"]


def envelope_room(size: int) -> int:
    """Return how many bytes of content an envelope of `size` bytes holds."""
    return plaintext_capacity(size) - LENGTH_BYTES


def seal_envelope(content: bytes, *, recipient: HybridPublic, size: int) -> bytes:
    """Return an age file of exactly `size` bytes around `content`.

    Raises:
        TooLarge: The content does not fit.
    """
    padded = pad(content, size=plaintext_capacity(size))
    return seal_to_size(padded, recipient=recipient, size=size)


def open_envelope(envelope: bytes, *, secrets: Sequence[HybridSecret], size: int) -> bytes:
    """Return the content of an envelope. Who wrote it is not known: check a signature inside.

    Raises:
        FormatError: Another size, or broken padding.
        AgeError: It does not open.
    """
    if len(envelope) != size:
        raise FormatError("An envelope does not have its size.", bytes=len(envelope), expected=size)
    return unpad(open_age(envelope, secrets=secrets))
