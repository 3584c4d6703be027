"""A board publication, checked without any key: its form, its board slot and its hashes."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from causeway.relay.refusals import Refused
from causeway.wire.board import parse_index, split_publication
from causeway.wire.errors import FormatError
from causeway.wire.sizes import SIGNATURE_BYTES

__all__ = ["Publication", "check_publication"]


@dataclass(frozen=True, slots=True)
class Publication:
    """All that one desk has on the board: the signed index, and its buckets by their hashes."""

    index: bytes
    buckets: tuple[tuple[bytes, bytes], ...]


def check_publication(body: bytes, *, slot: int) -> Publication:
    """Check what a desk publishes (docs/FORMAT.md, section 7).

    The signature stays unchecked, since the relay has no crypto library: visitors and desks verify it.

    Args:
        body: index ‖ buckets.
        slot: The board slot that the request names.

    Raises:
        Refused: 400 with the first thing that does not fit.
    """
    try:
        signed, buckets = split_publication(body)
        index = parse_index(signed[SIGNATURE_BYTES:])
    except FormatError as error:
        raise Refused(400, error.what) from None
    if index.slot != slot:
        raise Refused(400, "This index is of another board slot.")
    digests = [hashlib.sha256(bucket).digest() for bucket in buckets]
    if not all(map(hmac.compare_digest, digests, index.buckets)):
        raise Refused(400, "A bucket does not have its hash in the index.")
    return Publication(index=signed, buckets=tuple(zip(digests, buckets, strict=True)))
