"""The textual header of an age file: to bytes and back, for every kind of stanza, without keys.

Source: C2SP age.md, "Header", whose grammar the patterns repeat.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from causeway.sealed.age.errors import HeaderFailure

__all__ = [
    "MAC_SIZE",
    "NONCE_SIZE",
    "AgeFile",
    "Stanza",
    "decode_base64",
    "encode_base64",
    "parse",
    "serialise",
]

MAC_SIZE: Final = 32
NONCE_SIZE: Final = 16
_VERSION_LINE: Final = b"age-encryption.org/v1"
_FULL_LINE: Final = 64  # Base64 letters in every body line but the last.
_ARGUMENTS: Final = re.compile(rb"-> [\x21-\x7e]+(?: [\x21-\x7e]+)*")
_MAC_LINE: Final = re.compile(rb"--- ([A-Za-z0-9+/]{43})")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]*")


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient's copy of the file key: arguments (the first is the kind) and a body."""

    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class AgeFile:
    """A file taken apart; nothing in it was checked against a key yet.

    Attributes:
        stanzas: One or more.
        authenticated: What the MAC covers: from the first byte up to and including "---".
        mac: 32 bytes.
        nonce: 16 bytes, for the payload key.
        payload: The sealed chunks.
    """

    stanzas: tuple[Stanza, ...]
    authenticated: bytes
    mac: bytes
    nonce: bytes
    payload: memoryview


def parse(data: bytes) -> AgeFile:
    """Take a file apart.

    Raises:
        HeaderFailure: Not the grammar of age.md, base64 that is not canonical, or too short for
            the payload's nonce.
    """
    lines = _Lines(data)
    if lines.take() != _VERSION_LINE:
        raise HeaderFailure("this is not an age v1 file")
    stanzas = []
    while (line := lines.take()).startswith(b"-> "):
        if not _ARGUMENTS.fullmatch(line):
            raise HeaderFailure("the arguments of a stanza are malformed")
        stanzas.append(Stanza(tuple(line.decode("ascii").split(" ")[1:]), _take_body(lines)))
    mac = _MAC_LINE.fullmatch(line)
    if not stanzas or mac is None:
        raise HeaderFailure("the header does not end in a MAC line after one stanza or more")
    end = lines.position
    if len(data) < end + NONCE_SIZE:
        raise HeaderFailure("the file ends within the payload's nonce")
    return AgeFile(
        stanzas=tuple(stanzas),
        authenticated=data[: end - len(line) - 1 + len(b"---")],
        mac=decode_base64(mac[1]),
        nonce=data[end : end + NONCE_SIZE],
        payload=memoryview(data)[end + NONCE_SIZE :],
    )


def serialise(stanzas: Iterable[Stanza]) -> bytes:
    """Write the header up to and including "---": what the MAC is computed over."""
    parts = [_VERSION_LINE + b"\n"]
    for stanza in stanzas:
        parts.append(b"-> " + " ".join(stanza.arguments).encode("ascii") + b"\n")
        body = encode_base64(stanza.body)
        # A body whose last line is full is followed by an empty one, which ends it.
        parts += [body[start : start + _FULL_LINE] + b"\n" for start in range(0, len(body) + 1, _FULL_LINE)]
    return b"".join(parts) + b"---"


def encode_base64(data: bytes) -> bytes:
    """Return standard base64 without padding."""
    return base64.b64encode(data).rstrip(b"=")


def decode_base64(text: bytes) -> bytes:
    """Read standard base64 without padding.

    Raises:
        HeaderFailure: Another letter, an impossible length, or not what `encode_base64` would have
            written: two spellings of one header would be two files with the same content.
    """
    if not _BASE64.fullmatch(text):
        raise HeaderFailure("a letter outside base64")
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise HeaderFailure("base64 of an impossible length") from None
    if encode_base64(data) != text:
        raise HeaderFailure("base64 that is not canonical")
    return data


def _take_body(lines: _Lines) -> bytes:
    body = []
    while True:
        line = lines.take()
        if len(line) > _FULL_LINE:
            raise HeaderFailure("a body line is too long")
        body.append(decode_base64(line))
        if len(line) < _FULL_LINE:
            return b"".join(body)


class _Lines:
    """Lines of a header, each ended by one LF, read on from `position`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def take(self) -> bytes:
        end = self._data.find(b"\n", self.position)
        if end < 0:
            raise HeaderFailure("the header ends within a line")
        line = self._data[self.position : end]
        self.position = end + 1
        return line
