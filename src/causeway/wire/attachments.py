"""What a message says about a file that comes with it, and into how many chunks a file is cut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from causeway.units import MIB
from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.errors import FormatError
from causeway.wire.sizes import CHUNK_BYTES, HASH_BYTES
from causeway.wire.text import clean_text, utf16_units

__all__ = [
    "CHUNK_ROOM",
    "FILES_MAX",
    "FILE_BYTES_MAX",
    "Attachment",
    "AttachmentForm",
    "AttachmentKind",
    "attachment_form",
    "chunk_count",
    "clean_media_type",
    "clean_name",
    "padme",
    "parse_attachment",
]

FILES_MAX: Final = 8
"""Files in one message; their keys have to fit beside the longest text."""

FILE_BYTES_MAX: Final = 25 * MIB
_SEAL_BYTES = 12 + 16
CHUNK_ROOM: Final = CHUNK_BYTES - _SEAL_BYTES
"""Bytes of a file in one chunk: what the seal (nonce and tag) leaves."""

_NAME_UNITS_MAX = 80
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,40}/[a-z0-9!#$&^_.+-]{1,40}", re.ASCII)
_UNKNOWN_TYPE = "application/octet-stream"
_IN_NO_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|\u200b-\u200f\u2028\u2029\ufeff]")


class AttachmentKind(StrEnum):
    """How it came: chosen from the phone, or recorded in the page."""

    FILE = "file"
    VOICE = "voice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """One file of a message.

    Attributes:
        key: 32 bytes, drawn for this file alone; its chunks' ids and keys are derived from it.
        name: What the person's phone called it, as `clean_name` leaves it; may be empty.
        media_type: What the person's browser took it for: a claim, never a fact.
        size: Bytes, from 1 to `FILE_BYTES_MAX`.
    """

    key: bytes
    kind: AttachmentKind
    name: str
    media_type: str
    size: int

    def __repr__(self) -> str:
        """Name the kind alone: keys and names must not reach a log by way of a traceback."""
        return "Attachment(…)"


class AttachmentForm(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The same as JSON (docs/FORMAT.md, section 5)."""

    key: str
    kind: AttachmentKind
    name: str
    type: str
    size: int


def attachment_form(attachment: Attachment) -> AttachmentForm:
    """Return an attachment as JSON has it."""
    return AttachmentForm(
        key=b64encode(attachment.key),
        kind=attachment.kind,
        name=attachment.name,
        type=attachment.media_type,
        size=attachment.size,
    )


def parse_attachment(form: AttachmentForm) -> Attachment:
    """Return what the JSON says.

    Raises:
        FormatError: A name or type that a sender would have cleaned, or a size out of range.
    """
    if clean_name(form.name) != form.name or clean_media_type(form.type) != form.type:
        raise FormatError("An attachment has a name or a type that is not clean.")
    if not 1 <= form.size <= FILE_BYTES_MAX:
        raise FormatError("An attachment has a size out of range.")
    return Attachment(
        key=b64decode(form.key, size=HASH_BYTES),
        kind=form.kind,
        name=form.name,
        media_type=form.type,
        size=form.size,
    )


def clean_name(name: str) -> str:
    """Return a file's name without folders and without what a file system or a page could be misled by."""
    last = re.split(r"[/\\]", name)[-1]
    kept = _IN_NO_NAME.sub("", clean_text(last)).strip(" .")
    while utf16_units(kept) > _NAME_UNITS_MAX:
        # The end says what kind of file it is.
        kept = kept[1:].strip(" .")
    return kept


def clean_media_type(media_type: str) -> str:
    """Return a media type without its parameters, or the one that says nothing."""
    bare = media_type.split(";", 1)[0].strip().lower()
    return bare if _MEDIA_TYPE.fullmatch(bare) else _UNKNOWN_TYPE


def padme(count: int) -> int:
    """Return a count rounded up so that only O(log log count) bits of it show.

    Source: Nikitin et al. (2019), Reducing Metadata Leakage from Encrypted Files and Communication with
    PURBs, algorithm 1.
    """
    if count < 2:
        return count
    exponent = count.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1 if exponent > exponent.bit_length() else 0
    return (count + mask) & ~mask


def chunk_count(size: int) -> int:
    """Return how many chunks a file of this size has at the relay."""
    return padme(-(-size // CHUNK_ROOM))
