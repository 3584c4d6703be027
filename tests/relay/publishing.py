"""Board publications that have the right shape and say nothing."""

from __future__ import annotations

import struct

from causeway.wire.sizes import BUCKET_BYTES, BUCKET_CELLS, SALT_BYTES, TAG_BYTES, TAGS_STEP
from tests.relay.running import TODAY, sha256


def bucket(name: str) -> bytes:
    return sha256(name.encode()) * (BUCKET_BYTES // 32)


def index(
    slot: int, buckets: list[bytes], *, tags: int | None = None, version: int = 1, count: int | None = None
) -> bytes:
    if tags is None:
        tags = -(-len(buckets) * BUCKET_CELLS // TAGS_STEP) * TAGS_STEP
    head = struct.pack(">BBI", version, slot, TODAY) + bytes(SALT_BYTES)
    head += struct.pack(">HH", tags, len(buckets) if count is None else count)
    return bytes(64) + head + bytes(tags * TAG_BYTES) + b"".join(map(sha256, buckets))


def publication(slot: int, *names: str) -> bytes:
    buckets = [bucket(name) for name in names]
    return index(slot, buckets) + b"".join(buckets)
