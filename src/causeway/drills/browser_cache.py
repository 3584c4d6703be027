"""Entries of Chromium's caches on disk: what was fetched, and unpacked as its server had packed it.

gzip, deflate and Zstandard show themselves by how they begin; Brotli does not, so the entry's own headers
have to say it.

Format: https://source.chromium.org/chromium/chromium/src/+/main:net/disk_cache/simple/simple_entry_format.h
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Final

import cramjam

from causeway.units import MIB

__all__ = ["ENTRY_MAGIC", "CacheEntry", "read_entry", "unpacked_body"]

ENTRY_MAGIC: Final = 0xFCFB6D1BA7725C30.to_bytes(8, "little")
_END_MAGIC: Final = 0xF4FA6F45970D41D8.to_bytes(8, "little")
_HEAD_BYTES: Final = 24
_END_BYTES: Final = 24
_HASH_BYTES: Final = 32
_HAS_HASH: Final = 2
_PACKED: Final = re.compile(rb"content-encoding: *([a-z]+)", re.IGNORECASE)
_BROTLI_BYTES_MAX: Final = 16 * MIB


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """One entry: the address it was fetched from, what was fetched, and the answer's headers."""

    key: bytes
    body: bytes
    headers: bytes


def read_entry(file: bytes) -> CacheEntry | None:
    """Return the entry in a file of the cache; `None` where it is none, or not a whole one."""
    if not file.startswith(ENTRY_MAGIC) or len(file) < _HEAD_BYTES + 2 * _END_BYTES:
        return None
    start = _HEAD_BYTES + int.from_bytes(file[12:16], "little")
    end = len(file) - _END_BYTES
    if file[end : end + len(_END_MAGIC)] != _END_MAGIC:
        return None
    flags, size = (
        int.from_bytes(file[end + 8 : end + 12], "little"),
        int.from_bytes(file[end + 16 : end + 20], "little"),
    )
    headers_end = end - (_HASH_BYTES if flags & _HAS_HASH else 0)
    body_end = headers_end - size - _END_BYTES
    if body_end < start:
        return None
    return CacheEntry(file[_HEAD_BYTES:start], file[start:body_end], file[headers_end - size : headers_end])


def unpacked_body(entry: CacheEntry) -> bytes | None:
    """Return a body that nothing else shows how to unpack: Brotli, or deflate without a head."""
    found = _PACKED.search(entry.headers)
    kind = found[1].lower() if found else b""
    if kind == b"br":
        try:
            return bytes(cramjam.brotli.decompress(entry.body, output_len=None))[:_BROTLI_BYTES_MAX]
        except cramjam.DecompressionError:
            return None
    if kind == b"deflate":
        try:
            return zlib.decompressobj(-15).decompress(entry.body, _BROTLI_BYTES_MAX)
        except zlib.error:
            return None
    return None
