"""The payload of an age file: 64 KiB chunks, each sealed, the last one marked as the last.

The mark is what makes a file that was cut short, or added to, an error.

Source: C2SP age.md, "Payload".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from causeway.sealed.age.errors import PayloadFailure

__all__ = ["CHUNK_SIZE", "TAG_SIZE", "open_chunks", "seal_chunks", "stream_size"]

CHUNK_SIZE: Final = 64 * 1024
TAG_SIZE: Final = 16
_SEALED_CHUNK_SIZE: Final = CHUNK_SIZE + TAG_SIZE


def stream_size(plaintext_size: int) -> int:
    """Return how many bytes a plaintext of this many bytes takes when sealed."""
    return plaintext_size + TAG_SIZE * max(1, -(-plaintext_size // CHUNK_SIZE))


def seal_chunks(plaintext: bytes, *, key: bytes) -> Iterator[bytes]:
    """Yield the sealed chunks of a plaintext under a 32-byte key used for nothing else."""
    aead = ChaCha20Poly1305(key)
    view = memoryview(plaintext)
    for number, start, last in _chunks(len(plaintext), CHUNK_SIZE):
        yield aead.encrypt(_nonce(number, last=last), view[start : start + CHUNK_SIZE], None)


def open_chunks(payload: bytes | memoryview, *, key: bytes) -> Iterator[bytes]:
    """Yield the opened chunks. Only a caller who has had them all may act on any.

    Raises:
        PayloadFailure: A chunk was altered, the last one is missing or not the last, or it is empty
            after others.
    """
    aead = ChaCha20Poly1305(key)
    view = memoryview(payload)
    for number, start, last in _chunks(len(payload), _SEALED_CHUNK_SIZE):
        try:
            chunk = aead.decrypt(_nonce(number, last=last), view[start : start + _SEALED_CHUNK_SIZE], None)
        except InvalidTag:
            raise PayloadFailure("the payload was altered or has another end", chunk=number) from None
        if number and not chunk:
            raise PayloadFailure("the last chunk is empty after others", chunk=number)
        yield chunk


def _chunks(total: int, size: int) -> Iterator[tuple[int, int, bool]]:
    """Yield (number, start, is the last) of the pieces of `total` bytes; nothing is one empty piece."""
    final = max(0, (total - 1) // size)
    for number in range(final + 1):
        yield number, number * size, number == final


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
