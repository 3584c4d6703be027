"""The shape of a board publication, checked without any key: sizes, counts and hashes."""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass

from causeway.relay.refusals import Refused
from causeway.wire.sizes import (
    BUCKET_BYTES,
    BUCKET_CELLS,
    BUCKETS_MAX,
    HASH_BYTES,
    SIGNATURE_BYTES,
    TAG_BYTES,
    TAGS_STEP,
)

__all__ = ["PUBLICATION_BYTES_MIN", "Publication", "check_publication"]

_FIXED = struct.Struct(">BBIHH")
_TAGS_START = SIGNATURE_BYTES + _FIXED.size
_VERSION = 1

PUBLICATION_BYTES_MIN = _TAGS_START + TAGS_STEP * TAG_BYTES + HASH_BYTES + BUCKET_BYTES


@dataclass(frozen=True, slots=True)
class Publication:
    """All that one desk has on the board: the signed index, and its buckets by their hashes."""

    index: bytes
    buckets: tuple[tuple[bytes, bytes], ...]


def check_publication(body: bytes, *, slot: int) -> Publication:
    """Check the shape of what a desk publishes (docs/FORMAT.md, section 7).

    The signature stays unchecked, since the relay has no crypto library: visitors and desks verify it.

    Args:
        body: index ‖ buckets.
        slot: The board slot that the request names.

    Raises:
        Refused: 400 with the first thing that does not fit.
    """
    if len(body) < _TAGS_START:
        raise Refused(400, "publication cut short")
    version, named_slot, _day, tags, buckets = _FIXED.unpack_from(body, SIGNATURE_BYTES)
    if version != _VERSION:
        raise Refused(400, "unknown version of index")
    if named_slot != slot:
        raise Refused(400, "index of another board slot")
    if not 1 <= buckets <= BUCKETS_MAX:
        raise Refused(400, "wrong number of buckets")
    if tags % TAGS_STEP or not buckets * BUCKET_CELLS <= tags <= BUCKETS_MAX * BUCKET_CELLS:
        raise Refused(400, "wrong number of tags")
    hashes_start = _TAGS_START + tags * TAG_BYTES
    index_end = hashes_start + buckets * HASH_BYTES
    if len(body) != index_end + buckets * BUCKET_BYTES:
        raise Refused(400, "publication of the wrong size")
    found = []
    for number in range(buckets):
        start = index_end + number * BUCKET_BYTES
        bucket = body[start : start + BUCKET_BYTES]
        named = body[hashes_start + number * HASH_BYTES : hashes_start + (number + 1) * HASH_BYTES]
        digest = hashlib.sha256(bucket).digest()
        if not hmac.compare_digest(digest, named):
            raise Refused(400, "bucket without its hash in the index")
        found.append((digest, bucket))
    return Publication(index=body[:index_end], buckets=tuple(found))
