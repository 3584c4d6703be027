"""SQLite beyond its live rows: texts that run over several pages, in the file, its free pages and its log.

A row that is too long for its page goes on in a chain of others, each of which begins with the number of the
next (file format, section 1.6). A search of the file's bytes sees every page, free ones and those of the
write-ahead log too, but not what lies across two of them.

Format: https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

__all__ = ["SQLITE_MAGIC", "WAL_MAGICS", "chained_pieces", "live_rows", "pages_of_database", "pages_of_log"]

SQLITE_MAGIC: Final = b"SQLite format 3\x00"
WAL_MAGICS: Final = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_POINTER_BYTES: Final = 4
_WAL_HEAD_BYTES: Final = 32
_FRAME_HEAD_BYTES: Final = 24
_PAGE_BYTES_MIN: Final = 512
_PAGE_BYTES_MAX: Final = 65_536


def pages_of_database(database: bytes) -> dict[int, bytes]:
    """Return the pages of a database by their numbers."""
    size = int.from_bytes(database[16:18], "big")
    size = _PAGE_BYTES_MAX if size == 1 else size
    if not database.startswith(SQLITE_MAGIC) or size < _PAGE_BYTES_MIN:
        return {}
    starts = range(0, len(database), size)
    return {number: database[start : start + size] for number, start in enumerate(starts, start=1)}


def pages_of_log(log: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of every page in a write-ahead log, oldest first."""
    size = int.from_bytes(log[8:12], "big")
    if log[:4] not in WAL_MAGICS or not _PAGE_BYTES_MIN <= size <= _PAGE_BYTES_MAX:
        return
    for start in range(_WAL_HEAD_BYTES, len(log), _FRAME_HEAD_BYTES + size):
        page = log[start + _FRAME_HEAD_BYTES : start + _FRAME_HEAD_BYTES + size]
        yield int.from_bytes(log[start : start + 4], "big"), page


def chained_pieces(pages: Mapping[int, bytes], *, overlap: int) -> Iterator[bytes]:
    """Yield the end of each page together with the beginning of the page that it names as its next.

    Args:
        pages: By their numbers; whatever is no page of a chain gives a piece that means nothing.
        overlap: Bytes of each side, at least as many as the longest thing to be found.
    """
    for page in pages.values():
        following = pages.get(int.from_bytes(page[:_POINTER_BYTES], "big"))
        if following is not None and following is not page:
            yield page[-overlap:] + following[_POINTER_BYTES : _POINTER_BYTES + overlap]


def live_rows(path: Path) -> Iterator[bytes]:
    """Yield every row as SQLite itself reads it, texts and blobs in a row; nothing where it can't.

    Args:
        path: Of a copy that nobody else has open, its log beside it. It may change it.
    """
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as database:
        database.text_factory = bytes
        names = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (name,) in names:
            quoted = name.decode("utf-8", "replace").replace('"', '""')
            with contextlib.suppress(sqlite3.Error):
                for row in database.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608 (its own tables)
                    yield b"\n".join(value for value in row if isinstance(value, bytes))
