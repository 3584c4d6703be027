"""Checkpoints: how far a device knows every chain, signed for the day when one kind of signature has fallen.

docs/FORMAT.md, section 10.
"""

from __future__ import annotations

import msgspec

from causeway.record.errors import RecordError
from causeway.record.root import pq_hash
from causeway.record.roster import Device
from causeway.sealed.signing import HYBRID_SIGNATURE_BYTES, HybridSigningKey, open_hybrid_blob
from causeway.units import Day
from causeway.wire.sizes import HASH_BYTES, ID_BYTES

__all__ = ["ChainHead", "Checkpoint", "checkpoint_device", "sign_checkpoint", "verify_checkpoint"]

_DOMAIN = b"causeway/checkpoint/1"


class ChainHead(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """The last entry of a chain: its device, compartment, sequence and hash."""

    device: bytes
    compartment: bytes
    sequence: int
    hash: bytes


class Checkpoint(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Chains as a device knew them on a day; `pq_key` is its ML-DSA key.

    Attributes:
        asks: All chains are named, and the device asks the others for what it lacks. Else only those are
        named that
            have changed since its last one.
    """

    format: int = 1
    device: bytes
    pq_key: bytes
    day: int
    heads: tuple[ChainHead, ...]
    asks: bool = False


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Checkpoint)


def _decode(signed: bytes) -> Checkpoint:
    try:
        found = _decoder.decode(signed[HYBRID_SIGNATURE_BYTES:])
    except msgspec.MsgspecError:
        raise RecordError("A checkpoint does not have its form.") from None
    sizes_fit = all(
        len(head.device) == len(head.compartment) == ID_BYTES
        and len(head.hash) == HASH_BYTES
        and head.sequence >= 0
        for head in found.heads
    )
    if found.format != 1 or not sizes_fit:
        raise RecordError("A checkpoint does not have its form.")
    return found


def sign_checkpoint(checkpoint: Checkpoint, *, device: HybridSigningKey) -> bytes:
    """Return the checkpoint, signed by its device with both signatures."""
    return device.hybrid_blob(_encoder.encode(checkpoint), domain=_DOMAIN)


def checkpoint_device(signed: bytes) -> bytes:
    """Return the id of the device that a checkpoint says it is from; nothing of it is verified yet.

    Raises:
        RecordError: It does not have its form.
    """
    return _decode(signed).device


def verify_checkpoint(signed: bytes, *, device: Device, today: Day) -> Checkpoint:
    """Return a checkpoint that this device of the roster signed.

    Raises:
        RecordError: It does not have its form, is another device's, or from a day that has not come.
        SignatureRefused: One of the two signatures is not its key's.
    """
    found = _decode(signed)
    if found.device != device.id or pq_hash(found.pq_key) != device.pq_hash:
        raise RecordError("A checkpoint is another device's.")
    if not 0 <= found.day <= today + 1:
        raise RecordError("A checkpoint is from a day that has not come.")
    open_hybrid_blob(signed, key=device.key, pq_key=found.pq_key, domain=_DOMAIN)
    return found
