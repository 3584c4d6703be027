"""A browser's profile as sources: every file as it lies there, and what its stores hold once read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import cramjam

from causeway.drills.browser_cache import ENTRY_MAGIC, read_entry, unpacked_body
from causeway.drills.database_pages import (
    SQLITE_MAGIC,
    WAL_MAGICS,
    chained_pieces,
    live_rows,
    pages_of_database,
    pages_of_log,
)
from causeway.drills.folders import folder_sources
from causeway.drills.leveldb import log_entries, table_entries
from causeway.drills.sources import BytesSource, FileSource, Source
from causeway.units import MIB

__all__ = ["profile_sources"]

_SNAPPY_VALUE: Final = b"\xff\x11\x02"
"""How a value of IndexedDB begins that Blink has packed (third_party/blink/renderer/modules/indexeddb/
idb_value_wrapping.h)."""
_VALUE_BYTES_MAX: Final = 64 * MIB
_OVERLAP: Final = 512
"""Bytes on both sides of a seam; no more than the smallest page."""


def profile_sources(folder: Path, *, called: str) -> Iterator[Source]:
    """Yield all there is to search in a profile.

    Args:
        folder: A copy of the profile that nobody has open.
        called: What the report calls it.
    """
    for source in folder_sources(folder, called=called):
        yield from _thinned(source)
        if isinstance(source, FileSource):
            for inner in _stores(source):
                yield from _thinned(inner)


def _thinned(source: Source) -> Iterator[Source]:
    """Yield a source, and every second byte of it.

    Chromium widens strings of one byte a letter to two in some stores: what a page wrote down in letters of
    ASCII (escaped, in base64, in hex) lies there with a zero after each.
    """
    yield source
    data = source.read(0, source.size)
    for first in (0, 1):
        yield BytesSource(f"{source.where}, every second byte", data[first::2])


def _stores(source: FileSource) -> Iterator[Source]:
    data = source.path.read_bytes()
    for says, read in _READERS:
        if says(source.path, data):
            for what, content in read(source.path, data):
                if content:
                    yield BytesSource(f"{source.where}, {what}", content)


_Read = Iterator[tuple[str, bytes]]


def _database(path: Path, data: bytes) -> _Read:
    yield from _seams(pages_of_database(data))
    with tempfile.TemporaryDirectory(prefix="causeway-drill-") as made:
        copy = Path(made) / "database"
        for end in ("", "-wal", "-journal"):
            beside = path.with_name(path.name + end)
            if beside.is_file():
                shutil.copyfile(beside, copy.with_name(copy.name + end))
        for row in live_rows(copy):
            yield "rows", row
            yield from _packed_value(row)


def _log_of_database(path: Path, data: bytes) -> _Read:
    pages: dict[int, bytes] = {}
    for number, page in pages_of_log(data):
        pages[number] = page
    yield from _seams(pages)


def _seams(pages: dict[int, bytes]) -> _Read:
    # Between two of them something that can't be part of what is searched for.
    yield "pages in a chain", b"\0\xff\0\xff".join(chained_pieces(pages, overlap=_OVERLAP))


def _leveldb_table(path: Path, data: bytes) -> _Read:
    yield from _entries("LevelDB table", table_entries(data))


def _leveldb_log(path: Path, data: bytes) -> _Read:
    yield from _entries("LevelDB log", log_entries(data))


def _entries(what: str, entries: Iterator[tuple[bytes, bytes]]) -> _Read:
    whole: list[bytes] = []
    for key, value in entries:
        whole.append(key + b"\0\xff" + value)
        yield from _packed_value(value)
    yield what, b"\0\xff\0\xff".join(whole)


def _cache_entry(path: Path, data: bytes) -> _Read:
    entry = read_entry(data)
    if entry is not None:
        yield "body of a cache entry", unpacked_body(entry) or b""
        yield from _packed_value(entry.body)


def _blob(path: Path, data: bytes) -> _Read:
    yield from _packed_value(data)


def _packed_value(value: bytes) -> _Read:
    at = value.find(_SNAPPY_VALUE, 0, _OVERLAP)
    if at < 0:
        return
    packed = value[at + len(_SNAPPY_VALUE) :]
    try:
        if cramjam.snappy.decompress_raw_len(packed) <= _VALUE_BYTES_MAX:
            yield "value packed by Snappy", bytes(cramjam.snappy.decompress_raw(packed))
    except cramjam.DecompressionError:
        return


_READERS: Final[tuple[tuple[Callable[[Path, bytes], bool], Callable[[Path, bytes], _Read]], ...]] = (
    (lambda path, data: data.startswith(SQLITE_MAGIC), _database),
    (lambda path, data: data.startswith(WAL_MAGICS), _log_of_database),
    (lambda path, data: path.suffix in (".ldb", ".sst"), _leveldb_table),
    (lambda path, data: path.suffix == ".log" or path.name.startswith("MANIFEST-"), _leveldb_log),
    (lambda path, data: data.startswith(ENTRY_MAGIC), _cache_entry),
    (lambda path, data: data.startswith(_SNAPPY_VALUE), _blob),
)
