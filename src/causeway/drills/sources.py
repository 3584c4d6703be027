"""What can be read at any place: a file, a piece of memory, some bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["BytesSource", "FileSource", "Source", "windows"]


class Source(Protocol):
    """Something to search: its place in words, and its bytes."""

    @property
    def where(self) -> str:
        """What this is, for the report."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes; fewer only at the end or where nothing can be read."""
        ...


@dataclass(frozen=True, slots=True)
class BytesSource:
    """Bytes that were taken already."""

    where: str
    data: bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)

    def read(self, offset: int, size: int) -> bytes:
        """Return a piece."""
        return self.data[offset : offset + size]


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file on the disk."""

    where: str
    path: Path

    @property
    def size(self) -> int:
        """Bytes that the file has now."""
        return self.path.stat().st_size

    def read(self, offset: int, size: int) -> bytes:
        """Return a piece."""
        with self.path.open("rb") as file:
            return os.pread(file.fileno(), size, offset)


def windows(source: Source, *, size: int, overlap: int) -> Iterator[tuple[int, bytes]]:
    """Yield pieces with their offsets; each begins `overlap` bytes before the last one's end.

    What can't be read is left out: a page of memory that has gone, the end of a file that was cut.

    Args:
        source: What to read.
        size: Fresh bytes of a window.
        overlap: One less than the longest thing to be found.
    """
    total = source.size
    at = 0
    while at < total:
        start = max(0, at - overlap)
        window = source.read(start, at + size - start)
        if window:
            yield start, window
        at += size
