"""Entries: the form, the seal and the signature of one change to the record (docs/FORMAT.md, section 9)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from causeway.record.errors import RecordError
from causeway.sealed.aead import NONCE_BYTES, open_sealed, seal
from causeway.sealed.kdf import derive_key
from causeway.sealed.signing import SigningKey, verify
from causeway.wire.errors import TooLarge
from causeway.wire.sizes import HASH_BYTES, ID_BYTES, SIGNATURE_BYTES

__all__ = [
    "VALUE_BYTES_MAX",
    "ZERO_HASH",
    "Body",
    "EntryKeys",
    "Operation",
    "SealedEntry",
    "decode_entry",
    "device_id",
    "encode_entry",
    "entry_hash",
    "entry_key",
    "open_body",
    "open_with",
    "read_operation",
    "seal_entry",
    "verify_entry",
]

VALUE_BYTES_MAX: Final = 30_000
ZERO_HASH: Final = bytes(HASH_BYTES)
_CLOCK_END: Final = 2**63
_DOMAIN = b"causeway/entry/1"


class Operation(StrEnum):
    """What an entry does: set a register that may hold several values, or add to what only grows.

    An entry with another text takes its place in the chain like any other, and is shown by nobody.
    """

    SET = "set"
    ADD = "add"


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """The inside of an entry.

    Attributes:
        entry_id: 16 bytes; stays the same when another device issues the entry again.
        case: 16 bytes.
        operation: One of `Operation`, or a text that this software does not know.
        name: Of the register or of the list.
        value: Any msgpack value, at most 30,000 bytes; `None` clears a register.
        heads: Ids of the entries whose values this one replaces.
        clock: Hybrid logical clock; orders the display and nothing else.
        member: 16 bytes: who wrote it.
        origin: `None`, or the hash (32) of the entry that this one issues again.
    """

    entry_id: bytes
    case: bytes
    operation: Operation | str
    name: str
    value: Any
    heads: tuple[bytes, ...]
    clock: int
    member: bytes
    origin: bytes | None = None

    def issues_again(self, original: Body) -> bool:
        """Whether this says what `original` said, by the same member at the same time."""
        return _encoder.encode(self.said) == _encoder.encode(original.said)

    @property
    def said(self) -> tuple[Any, ...]:
        """All but the way by which it came."""
        return (
            self.entry_id,
            self.case,
            self.operation,
            self.name,
            self.value,
            self.heads,
            self.clock,
            self.member,
        )

    def __repr__(self) -> str:
        """Name the kind alone: a value must not reach a log by way of a traceback."""
        return "Body(…)"


class SealedEntry(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An entry as it travels and as it is stored."""

    version: int
    compartment: bytes
    epoch: bytes
    device: bytes
    sequence: int
    previous: bytes
    nonce: bytes
    sealed: bytes
    signature: bytes


class _BodyForm(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    version: int
    entry_id: bytes
    case: bytes
    operation: str
    name: str
    value: msgspec.Raw
    heads: list[bytes]
    clock: int
    member: bytes
    origin: bytes | None


_OPERATIONS: Final[dict[str, Operation]] = {one.value: one for one in Operation}
_encoder = msgspec.msgpack.Encoder()
_entry_decoder = msgspec.msgpack.Decoder(SealedEntry)
_body_decoder = msgspec.msgpack.Decoder(_BodyForm)


def device_id(signing_key: bytes) -> bytes:
    """Return the id that a device's public signature key gives it."""
    return hashlib.sha256(b"causeway/device/1\0" + signing_key).digest()[:ID_BYTES]


def read_operation(text: str) -> Operation | str:
    """Return the operation of this name; the name itself where this software does not know it."""
    return _OPERATIONS.get(text, text)


def _header(entry: SealedEntry) -> bytes:
    return b"".join(
        [
            b"causeway/entry-header/1\0",
            entry.compartment,
            entry.epoch,
            entry.device,
            entry.sequence.to_bytes(8, "big"),
            entry.previous,
        ]
    )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class EntryKeys:
    """What an entry is sealed under, each 32 bytes: without one of the three it can't be read.

    Attributes:
        seed: Of the epoch.
        case_secret: Destroying it everywhere makes all of the case unreadable for good.
        compartment_secret: Destroying it everywhere does so to one compartment.
    """

    seed: bytes
    case_secret: bytes
    compartment_secret: bytes


def entry_key(entry: SealedEntry, *, keys: EntryKeys) -> bytes:
    """Return what an entry is sealed under (32 bytes): one key for each epoch, compartment and device."""
    info = b"causeway/entry-key/1\0" + entry.compartment + entry.epoch + entry.device
    return derive_key(keys.seed, salt=keys.case_secret + keys.compartment_secret, info=info)


def entry_hash(entry: SealedEntry) -> bytes:
    """Return the hash by which the next entry of the chain names this one."""
    return hashlib.sha256(b"causeway/entry-hash/1\0" + _header(entry) + entry.nonce + entry.sealed).digest()


def seal_entry(
    body: Body,
    *,
    compartment: bytes,
    epoch: bytes,
    keys: EntryKeys,
    device: SigningKey,
    sequence: int,
    previous: bytes,
    random: Callable[[int], bytes] = os.urandom,
) -> SealedEntry:
    """Return `body` sealed for everybody who holds `keys`, and signed.

    Args:
        keys: Of the epoch, the case and the compartment.
        sequence: Place in this device's chain for this compartment, from 0.
        previous: Hash of the entry before; zeros for the first.

    Raises:
        TooLarge: The value has more than 30,000 bytes.
    """
    value = _encoder.encode(body.value)
    if len(value) > VALUE_BYTES_MAX:
        raise TooLarge("This is too long for one entry.", bytes=len(value), room=VALUE_BYTES_MAX)
    form = _BodyForm(
        1,
        body.entry_id,
        body.case,
        body.operation,
        body.name,
        msgspec.Raw(value),
        list(body.heads),
        body.clock,
        body.member,
        body.origin,
    )
    unsealed = SealedEntry(
        version=1,
        compartment=compartment,
        epoch=epoch,
        device=device_id(device.public),
        sequence=sequence,
        previous=previous,
        nonce=b"",
        sealed=b"",
        signature=b"",
    )
    key = entry_key(unsealed, keys=keys)
    sealed = seal(key, _encoder.encode(form), aad=_header(unsealed), random=random)
    unsigned = msgspec.structs.replace(unsealed, nonce=sealed[:NONCE_BYTES], sealed=sealed[NONCE_BYTES:])
    signature = device.sign(entry_hash(unsigned), domain=_DOMAIN)
    return msgspec.structs.replace(unsigned, signature=signature)


def encode_entry(entry: SealedEntry) -> bytes:
    """Return the bytes of an entry."""
    return _encoder.encode(entry)


def decode_entry(encoded: bytes) -> SealedEntry:
    """Return the entry of these bytes; nothing of it is verified yet.

    Raises:
        RecordError: Any deviation from the form.
    """
    try:
        entry = _entry_decoder.decode(encoded)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise RecordError("An entry does not have its form.") from None
    sizes_fit = (
        len(entry.compartment) == len(entry.epoch) == len(entry.device) == ID_BYTES
        and len(entry.previous) == HASH_BYTES
        and len(entry.nonce) == NONCE_BYTES
        and len(entry.signature) == SIGNATURE_BYTES
        and 0 <= entry.sequence < 2**63
    )
    if entry.version != 1 or not sizes_fit:
        raise RecordError("An entry does not have its form.")
    return entry


def verify_entry(entry: SealedEntry, *, device_key: bytes) -> bytes:
    """Return the hash of an entry that this device signed.

    Raises:
        SignatureRefused: The signature is not this key's.
        RecordError: The key is another device's.
    """
    if device_id(device_key) != entry.device:
        raise RecordError("An entry names another device than its key's.")
    digest = entry_hash(entry)
    verify(entry.signature, digest, key=device_key, domain=_DOMAIN)
    return digest


def open_body(entry: SealedEntry, *, keys: EntryKeys) -> Body:
    """Return the inside of an entry. The caller has to verify its signature as well.

    Raises:
        SealBroken: Other keys, or altered.
        RecordError: The inside does not have its form.
    """
    return open_with(entry, key=entry_key(entry, keys=keys))


def open_with(entry: SealedEntry, *, key: bytes) -> Body:
    """Return the inside of an entry whose key has been worked out: see `entry_key` and `open_body`."""
    opened = open_sealed(key, entry.nonce + entry.sealed, aad=_header(entry))
    try:
        form = _body_decoder.decode(opened)
        value = msgspec.msgpack.decode(form.value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # RecursionError is how msgspec tells of deep nesting: one odd entry must not stop a desk.
        raise RecordError("The inside of an entry does not have its form.") from None
    ids = [form.entry_id, form.case, form.member, *form.heads]
    if (
        form.version != 1
        or any(len(one) != ID_BYTES for one in ids)
        or not 0 <= form.clock < _CLOCK_END
        or (form.origin is not None and len(form.origin) != HASH_BYTES)
    ):
        raise RecordError("The inside of an entry does not have its form.")
    if form.operation == Operation.ADD and form.heads:
        raise RecordError("An entry that adds replaces something.")
    return Body(
        entry_id=form.entry_id,
        case=form.case,
        operation=read_operation(form.operation),
        name=form.name,
        value=value,
        heads=tuple(form.heads),
        clock=form.clock,
        member=form.member,
        origin=form.origin,
    )
