"""The form of the board: indexes of tags and hashes, buckets of cells (docs/FORMAT.md, section 7)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from causeway.units import Day
from causeway.wire.errors import FormatError
from causeway.wire.sizes import (
    BOARD_SLOTS,
    BUCKET_BYTES,
    BUCKET_CELLS,
    BUCKETS_MAX,
    CELL_BYTES,
    HASH_BYTES,
    SALT_BYTES,
    SIGNATURE_BYTES,
    TAG_BYTES,
    TAGS_MAX,
    TAGS_STEP,
)

__all__ = [
    "BoardIndex",
    "cells_of",
    "encode_index",
    "index_size",
    "join_indexes",
    "parse_index",
    "split_indexes",
    "split_publication",
]

_HEAD = struct.Struct(f">BBI{SALT_BYTES}sHH")
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardIndex:
    """One desk's dated index.

    Attributes:
        slot: The desk's board slot.
        day: On which it was published.
        salt: 16 random bytes, of this publication alone.
        tags: A multiple of 256, at most 2,048; 8 bytes each.
        buckets: SHA-256 of each bucket.
    """

    slot: int
    day: Day
    salt: bytes
    tags: tuple[bytes, ...]
    buckets: tuple[bytes, ...]


def encode_index(index: BoardIndex) -> bytes:
    """Return the payload that the board key signs."""
    head = _HEAD.pack(1, index.slot, index.day, index.salt, len(index.tags), len(index.buckets))
    return head + b"".join(index.tags) + b"".join(index.buckets)


def _head(payload: bytes) -> tuple[int, int, bytes, int, int]:
    if len(payload) < _HEAD.size:
        raise FormatError("A board index is cut short.", bytes=len(payload))
    version, slot, day, salt, tags, buckets = _HEAD.unpack_from(payload)
    if version != 1 or slot >= BOARD_SLOTS:
        raise FormatError("A board index has a version or a board slot that does not exist.")
    fitting = 1 <= buckets <= BUCKETS_MAX and buckets * BUCKET_CELLS <= tags <= TAGS_MAX
    if not fitting or tags % TAGS_STEP:
        raise FormatError("A board index has counts that do not go together.", tags=tags, buckets=buckets)
    return slot, day, salt, tags, buckets


def parse_index(payload: bytes) -> BoardIndex:
    """Return what an index lists. The caller has to verify its signature.

    Raises:
        FormatError: Any deviation from the form.
    """
    slot, day, salt, tag_count, bucket_count = _head(payload)
    tags_end = _HEAD.size + tag_count * TAG_BYTES
    end = tags_end + bucket_count * HASH_BYTES
    if len(payload) != end:
        raise FormatError("A board index does not have the size that its counts give.", bytes=len(payload))
    return BoardIndex(
        slot=slot,
        day=Day(day),
        salt=salt,
        tags=tuple(payload[at : at + TAG_BYTES] for at in range(_HEAD.size, tags_end, TAG_BYTES)),
        buckets=tuple(payload[at : at + HASH_BYTES] for at in range(tags_end, end, HASH_BYTES)),
    )


def index_size(signed: bytes) -> int:
    """Return the size of the signed index that `signed` begins with.

    Raises:
        FormatError: The head is cut short or its counts do not go together.
    """
    _, _, _, tags, buckets = _head(signed[SIGNATURE_BYTES : SIGNATURE_BYTES + _HEAD.size])
    return SIGNATURE_BYTES + _HEAD.size + tags * TAG_BYTES + buckets * HASH_BYTES


def split_publication(body: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """Cut what a desk publishes into the signed index and its buckets.

    Raises:
        FormatError: The sizes do not go together. Hashes are for the caller to compare.
    """
    end = index_size(body)
    index = parse_index(body[SIGNATURE_BYTES:end])
    rest = memoryview(body)[end:]
    if len(rest) != len(index.buckets) * BUCKET_BYTES:
        raise FormatError("A publication does not hold the buckets that its index lists.", bytes=len(rest))
    return body[:end], tuple(bytes(rest[at : at + BUCKET_BYTES]) for at in range(0, len(rest), BUCKET_BYTES))


def join_indexes(indexes: dict[int, bytes]) -> bytes:
    """Return the block that the relay serves: sixteen times `u32 length ‖ signed index`."""
    parts = []
    for slot in range(BOARD_SLOTS):
        signed = indexes.get(slot, b"")
        parts += [_LENGTH.pack(len(signed)), signed]
    return b"".join(parts)


def split_indexes(block: bytes) -> list[bytes | None]:
    """Cut the relay's block into sixteen signed indexes; `None` where a slot has none.

    Raises:
        FormatError: The lengths do not fill the block exactly.
    """
    indexes: list[bytes | None] = []
    at = 0
    for _ in range(BOARD_SLOTS):
        if at + _LENGTH.size > len(block):
            raise FormatError("The board is cut short.", bytes=len(block))
        (length,) = _LENGTH.unpack_from(block, at)
        at += _LENGTH.size
        signed = block[at : at + length]
        if len(signed) != length:
            raise FormatError("The board is cut short.", bytes=len(block))
        indexes.append(signed or None)
        at += length
    if at != len(block):
        raise FormatError("The board has bytes left over.", bytes=len(block))
    return indexes


def cells_of(bucket: bytes) -> tuple[bytes, ...]:
    """Cut a bucket into its sixteen cells.

    Raises:
        FormatError: Another size.
    """
    if len(bucket) != BUCKET_BYTES:
        raise FormatError("A bucket does not have its size.", bytes=len(bucket))
    return tuple(bucket[at : at + CELL_BYTES] for at in range(0, BUCKET_BYTES, CELL_BYTES))
