"""What was decoded of files, in memory alone: it goes with the desk's lock."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias, final

from causeway.desk.viewer.results import Drawn, Heard, Result
from causeway.desk.viewer.shapes import Shape
from causeway.desk.viewer.viewer import Viewer
from causeway.units import MIB

__all__ = ["Previews"]

_ROOM_BYTES: Final = 96 * MIB
"""The longest sound (55 MiB) and a conversation's pictures beside it."""

_COUNT: Final = -1
_Key: TypeAlias = tuple[str, int]
_Pieces: TypeAlias = Callable[[], Iterable[bytes]]


def _size(result: Result) -> int:
    return len(result.content) if isinstance(result, Drawn | Heard) else 0


@final
class Previews:
    """Decodes what pages ask for, and remembers what was asked for last."""

    def __init__(self, viewer: Viewer | None = None, *, room_bytes: int = _ROOM_BYTES) -> None:
        """Take what decodes, and how many bytes of results to remember."""
        self._viewer = viewer or Viewer()
        self._room_bytes = room_bytes
        self._lock = threading.Lock()
        self._known: OrderedDict[_Key, Result] = OrderedDict()

    @property
    def able(self) -> bool:
        """Whether this machine can decode strangers' files safely."""
        return self._viewer.able

    def show(self, file: str, *, pieces: _Pieces, shape: Shape, page: int = 0) -> Result:
        """Return a picture, a sound, or a page of a document, counted from 0."""
        return self._once((file, page), lambda: self._viewer.show(pieces(), shape=shape, page=page))

    def count_pages(self, file: str, *, pieces: _Pieces) -> Result:
        """Return how many pages a document has."""
        return self._once((file, _COUNT), lambda: self._viewer.count_pages(pieces()))

    def forget(self, file: str) -> None:
        """Drop what was decoded of one file."""
        with self._lock:
            for key in [key for key in self._known if key[0] == file]:
                del self._known[key]

    def close(self) -> None:
        """End what is being decoded, and drop what was."""
        self._viewer.close()
        with self._lock:
            self._known.clear()
            self._room_bytes = 0

    def _once(self, key: _Key, decode: Callable[[], Result]) -> Result:
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        # Two who ask at once decode twice, one after the other: rarely, and to no harm.
        result = decode()
        with self._lock:
            if self._room_bytes:
                self._known[key] = result
            while sum(map(_size, self._known.values())) > self._room_bytes:
                self._known.popitem(last=False)
        return result
