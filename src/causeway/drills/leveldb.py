"""LevelDB as somebody reads it who has only its files: tables block by block, logs record by record.

Chromium keeps what sites store in it. A table cuts the beginnings off keys and packs its blocks, a log cuts
records at every 32 KiB: so the bytes of the files alone don't show all that is in them. Nothing is checked
against its checksum, and what can't be read is left out: the files themselves are searched as well.

Format: https://github.com/google/leveldb/blob/main/doc/table_format.md and log_format.md
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cramjam
import zstandard

from causeway.units import MIB

__all__ = ["log_entries", "table_entries"]

_MAGIC: Final = 0xDB4775248B80FB57.to_bytes(8, "little")
_FOOTER_BYTES: Final = 48
_SNAPPY: Final = 1
_ZSTD: Final = 2
_BLOCK_BYTES_MAX: Final = 64 * MIB

_LOG_BLOCK_BYTES: Final = 32 * 1_024
_RECORD_HEAD_BYTES: Final = 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_BATCH_HEAD_BYTES: Final = 12
_VARINT_BYTES_MAX: Final = 10


class _Broken(Exception):
    """These bytes are not what they should be."""


@dataclass(slots=True)
class _Reading:
    """A place in some bytes."""

    data: bytes
    at: int = 0

    def varint(self) -> int:
        value = 0
        for shift in range(0, 7 * _VARINT_BYTES_MAX, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise _Broken

    def take(self, size: int) -> bytes:
        taken = self.data[self.at : self.at + size]
        if len(taken) < size:
            raise _Broken
        self.at += size
        return taken


def table_entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values of a table, up to what can't be read; a key keeps the eight bytes at its end.

    Args:
        table: A whole `.ldb` file.
    """
    if table[-len(_MAGIC) :] != _MAGIC:
        return
    footer = _Reading(table[-_FOOTER_BYTES:])
    with contextlib.suppress(_Broken):
        footer.varint(), footer.varint()  # where the index of filters lies
        for _, handle in _block_entries(_block(table, footer)):
            with contextlib.suppress(_Broken):
                yield from _block_entries(_block(table, _Reading(handle)))


def _block(table: bytes, handle: _Reading) -> bytes:
    offset, size = handle.varint(), handle.varint()
    block = _Reading(table, offset)
    packed, kind = block.take(size), block.take(1)[0]
    if kind == _SNAPPY:
        return _unsnappy(packed)
    if kind == _ZSTD:
        try:
            return zstandard.ZstdDecompressor().decompress(packed, max_output_size=_BLOCK_BYTES_MAX)
        except zstandard.ZstdError:
            raise _Broken from None
    return packed


def _unsnappy(packed: bytes) -> bytes:
    if _Reading(packed).varint() > _BLOCK_BYTES_MAX:
        raise _Broken
    try:
        return bytes(cramjam.snappy.decompress_raw(packed))
    except cramjam.DecompressionError:
        raise _Broken from None


def _block_entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        raise _Broken
    reading, key = _Reading(block[:end]), b""
    while reading.at < end:
        shared, fresh, size = reading.varint(), reading.varint(), reading.varint()
        key = key[:shared] + reading.take(fresh)
        yield key, reading.take(size)


def log_entries(log: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values of a log's write batches; a value is empty where a key was deleted.

    What is no batch (the manifest is a log, too) or breaks off is yielded as the value of an empty key.

    Args:
        log: A whole `.log` file, or one that was cut.
    """
    for record in _records(log):
        yield from _batch(record)


def _records(log: bytes) -> Iterator[bytes]:
    joined = b""
    for start in range(0, len(log), _LOG_BLOCK_BYTES):
        block = log[start : start + _LOG_BLOCK_BYTES]
        at = 0
        while at + _RECORD_HEAD_BYTES <= len(block):
            size, kind = int.from_bytes(block[at + 4 : at + 6], "little"), block[at + 6]
            if not _FULL <= kind <= _LAST:
                break
            piece = block[at + _RECORD_HEAD_BYTES : at + _RECORD_HEAD_BYTES + size]
            at += _RECORD_HEAD_BYTES + size
            if kind in (_FULL, _FIRST) and joined:
                yield joined  # its end was never written
            joined = piece if kind in (_FULL, _FIRST) else joined + piece
            if kind in (_FULL, _LAST):
                yield joined
                joined = b""
    if joined:
        yield joined


def _batch(record: bytes) -> Iterator[tuple[bytes, bytes]]:
    reading = _Reading(record, _BATCH_HEAD_BYTES)
    entries: list[tuple[bytes, bytes]] = []
    try:
        while reading.at < len(record):
            kind = reading.take(1)[0]
            if kind not in (0, 1):
                raise _Broken
            key = reading.take(reading.varint())
            entries.append((key, reading.take(reading.varint()) if kind else b""))
    except _Broken:
        entries.append((b"", record))
    yield from entries
