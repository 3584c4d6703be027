"""Compressed streams inside other bytes, found by how they begin: gzip, zlib, Zstandard, members of ZIPs."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import zstandard

from causeway.drills.sources import Source
from causeway.units import KIB, MIB

__all__ = ["HEAD_BYTES", "UNPACKED_BYTES_MAX", "Start", "stream_starts", "unpack"]

UNPACKED_BYTES_MAX: Final = 64 * MIB
"""Of one stream: a bomb would run for ever."""

HEAD_BYTES: Final = 4
"""Of the longest of the marks by which a stream is known."""

_FIRST_STEP: Final = 512
"""Nearly all that looks like a stream is none, and shows it at once."""
_STEP: Final = 64 * KIB
_ZIP_HEAD_BYTES: Final = 30
_WINDOW_BYTES_MAX: Final = 8 * MIB
"""Of Zstandard, as browsers have it (RFC 9659)."""


_STARTS: Final = (
    ("gzip", re.compile(rb"\x1f\x8b\x08", re.DOTALL)),
    ("zip", re.compile(rb"PK\x03\x04", re.DOTALL)),
    # RFC 1950, window of 32 KiB, the four levels. The heads of smaller windows are also among the most
    # frequent instructions of x86-64, and hardly any software writes them.
    ("zlib", re.compile(rb"x[\x01\x5e\x9c\xda]", re.DOTALL)),
    ("zstd", re.compile(rb"\x28\xb5\x2f\xfd", re.DOTALL)),  # RFC 8878, section 3.1.1
)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a compressed stream may begin, and of which kind."""

    offset: int
    kind: str


def stream_starts(data: bytes, *, base: int = 0) -> Iterator[Start]:
    """Yield where something begins that looks like a compressed stream; most of it will be none.

    Args:
        data: A piece of a source.
        base: Where in the source the piece begins.
    """
    for kind, expression in _STARTS:
        for match in expression.finditer(data):
            yield Start(base + match.start(), kind)


def unpack(source: Source, start: Start) -> Iterator[bytes]:
    """Yield what a stream unpacks to, in pieces: nothing where it is none, a part where it breaks off."""
    at = start.offset
    if start.kind == "zip":
        head = source.read(at, _ZIP_HEAD_BYTES)
        if len(head) < _ZIP_HEAD_BYTES or head[8:10] != b"\x08\x00":
            return  # cut off, or stored as it is, which the plain search sees
        at += _ZIP_HEAD_BYTES + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    if start.kind == "zstd":
        yield from _unpack_zstd(source, at)
        return
    unpacker = zlib.decompressobj({"gzip": 31, "zlib": 15, "zip": -15}[start.kind])
    left = UNPACKED_BYTES_MAX
    step = _FIRST_STEP
    while left > 0 and not unpacker.eof:
        packed = unpacker.unconsumed_tail
        if not packed:
            packed = source.read(at, step)
            at += len(packed)
            step = _STEP
        if not packed:
            return
        try:
            piece = unpacker.decompress(packed, min(left, MIB))
        except zlib.error:
            return
        left -= len(piece)
        if piece:
            yield piece


class _FromHere(io.RawIOBase):
    """A source from some byte on, as a file is read."""

    def __init__(self, source: Source, at: int) -> None:
        self._source = source
        self._at = at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._source.read(self._at, len(buffer))
        self._at += len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


def _unpack_zstd(source: Source, at: int) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES_MAX)
    stream = unpacker.stream_reader(
        io.BufferedReader(_FromHere(source, at), _FIRST_STEP), read_size=_FIRST_STEP
    )
    left = UNPACKED_BYTES_MAX
    while left > 0:
        try:
            piece = stream.read(min(left, MIB))
        except zstandard.ZstdError:
            return
        if not piece:
            return
        left -= len(piece)
        yield piece
