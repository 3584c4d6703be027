"""Searching what was seized: every source in full, and what is packed inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, final

from causeway.drills.containers import HEAD_BYTES, stream_starts, unpack
from causeway.drills.needles import Finder, Secret
from causeway.drills.sources import BytesSource, Source, windows
from causeway.units import MIB

__all__ = ["Find", "Search"]

_WINDOW_BYTES: Final = 8 * MIB
_DEPTH: Final = 2
"""A stream inside a stream is opened, one inside that is not."""


@dataclass(frozen=True, slots=True)
class Find:
    """Something was found.

    Attributes:
        secret: What.
        where: In which source.
        offset: At which byte of it, or of what was packed in it.
        encoding: How it was written.
        packed: The kinds of streams it lay in, outermost first.
    """

    secret: Secret
    where: str
    offset: int
    encoding: str
    packed: tuple[str, ...] = ()


@final
class Search:
    """Searches sources one after the other, and counts what it read."""

    def __init__(self, finder: Finder, *, window_bytes: int = _WINDOW_BYTES) -> None:
        """Take what to look for."""
        self._finder = finder
        self._window_bytes = window_bytes
        self.searched_bytes = 0
        self.unpacked_bytes = 0

    def search(
        self, sources: Iterable[Source], *, on_source: Callable[[str], None] = lambda where: None
    ) -> Iterator[Find]:
        """Yield every find, the same one once a window at most."""
        for source in sources:
            on_source(source.where)
            yield from self._one(source, packed=())

    def _one(self, source: Source, *, packed: tuple[str, ...]) -> Iterator[Find]:
        overlap = max(self._finder.longest, HEAD_BYTES) - 1
        done = 0
        for start, window in windows(source, size=self._window_bytes, overlap=overlap):
            fresh = start + len(window) - done
            if packed:
                self.unpacked_bytes += fresh
            else:
                self.searched_bytes += fresh
            for at, needle in self._finder.find(window):
                # What ends before the fresh bytes was found in the window before.
                if start + at + len(needle.pattern) > done:
                    yield Find(needle.secret, source.where, start + at, needle.encoding, packed)
            if len(packed) < _DEPTH:
                yield from self._inside(source, start=start, window=window, done=done, packed=packed)
            done = start + len(window)

    def _inside(
        self, source: Source, *, start: int, window: bytes, done: int, packed: tuple[str, ...]
    ) -> Iterator[Find]:
        for stream in stream_starts(window, base=start):
            if stream.offset + HEAD_BYTES <= done:
                continue  # it was opened in the window before
            content = b"".join(unpack(source, stream))
            if content:
                inner = BytesSource(source.where, content)
                yield from self._one(inner, packed=(*packed, stream.kind))
