"""Chunks of attachments: unrelated to one another for whoever has no key (docs/FORMAT.md, section 5)."""

from __future__ import annotations

import os
from collections.abc import Callable

from causeway.sealed.aead import open_sealed, seal
from causeway.sealed.kdf import derive_key
from causeway.wire.attachments import CHUNK_ROOM, FILE_BYTES_MAX, chunk_count
from causeway.wire.errors import FormatError
from causeway.wire.sizes import CHUNK_BYTES, ID_BYTES

__all__ = ["chunk_id", "open_chunk", "seal_chunk"]

_ID_INFO = b"causeway/chunk-id/1\x00"
_KEY_INFO = b"causeway/chunk/1"


def chunk_id(file_key: bytes, number: int) -> bytes:
    """Return the id (16) of a file's chunk, counted from 0."""
    return derive_key(file_key, info=_ID_INFO + number.to_bytes(4, "big"))[:ID_BYTES]


def seal_chunk(
    piece: bytes, *, file_key: bytes, number: int, random: Callable[[int], bytes] = os.urandom
) -> tuple[bytes, bytes]:
    """Return id and chunk (262,144 bytes) of a piece of at most `CHUNK_ROOM` bytes; empty for padding."""
    if len(piece) > CHUNK_ROOM:
        raise FormatError("A piece of a file is larger than a chunk.", bytes=len(piece))
    identity = chunk_id(file_key, number)
    key = derive_key(file_key, salt=identity, info=_KEY_INFO)
    return identity, seal(key, piece.ljust(CHUNK_ROOM, b"\x00"), random=random)


def open_chunk(chunk: bytes, *, file_key: bytes, number: int, size: int) -> bytes:
    """Return a file's bytes in one of its chunks: none in those that only fill up.

    Args:
        chunk: As the relay served it.
        file_key: The attachment's key.
        number: Which chunk, from 0.
        size: Bytes of the whole file.

    Raises:
        FormatError: Another size, a chunk that the file does not have, or padding that is not zeros.
        SealBroken: Altered, or served in another one's place.
    """
    if len(chunk) != CHUNK_BYTES or not 1 <= size <= FILE_BYTES_MAX or not 0 <= number < chunk_count(size):
        raise FormatError("A chunk does not belong to a file of this size.")
    identity = chunk_id(file_key, number)
    content = open_sealed(derive_key(file_key, salt=identity, info=_KEY_INFO), chunk)
    here = max(0, min(CHUNK_ROOM, size - number * CHUNK_ROOM))
    if content[here:].strip(b"\x00"):
        raise FormatError("A chunk is filled up with something else than zeros.")
    return content[:here]
