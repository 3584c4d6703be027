"""Cut lists: what counts of devices that were removed (docs/FORMAT.md, section 10).

An item of its own, since it grows with devices and compartments; the roster names it by its hash.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from causeway.record.errors import RecordError
from causeway.wire.sizes import HASH_BYTES, ID_BYTES

__all__ = ["NO_CUTS", "Cut", "CutList", "cut_list_hash", "decode_cut_list", "encode_cut_list"]

NO_CUTS: Final = bytes(HASH_BYTES)
"""What a roster names where no device was ever removed."""


class Cut(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """The last entry of a removed device that counts, per compartment."""

    device: bytes
    compartment: bytes
    sequence: int
    hash: bytes


class CutList(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """All cuts up to the roster that names this list."""

    format: int = 1
    cuts: tuple[Cut, ...]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CutList)


def encode_cut_list(cuts: CutList) -> bytes:
    """Return the bytes of a cut list."""
    return _encoder.encode(cuts)


def cut_list_hash(encoded: bytes) -> bytes:
    """Return the hash by which a roster names a cut list."""
    return hashlib.sha256(b"causeway/cut-list/1\0" + encoded).digest()


def decode_cut_list(encoded: bytes, *, named: bytes) -> CutList:
    """Return the cut list that a verified roster names.

    Raises:
        RecordError: It is another one, or does not have its form.
    """
    if cut_list_hash(encoded) != named:
        raise RecordError("A cut list is not the one that the roster names.")
    try:
        found = _decoder.decode(encoded)
    except msgspec.MsgspecError:
        raise RecordError("A cut list does not have its form.") from None
    places = {(cut.device, cut.compartment) for cut in found.cuts}
    sizes_fit = all(
        len(cut.device) == len(cut.compartment) == ID_BYTES
        and len(cut.hash) == HASH_BYTES
        and cut.sequence >= 0
        for cut in found.cuts
    )
    if found.format != 1 or not sizes_fit or len(places) < len(found.cuts):
        raise RecordError("A cut list does not have its form.")
    return found
