"""Bloom filters of pieces under one key, each piece hashed once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causeway.linkage.texts import numbered
from causeway.linkage.weights import RESOLUTION, Piece

__all__ = ["Filters", "united"]

_POSITION_BYTES: Final = 2
_LETTER_BYTES: Final = 4
_LETTERS: Final = "utf-32-le", "surrogatepass"


class Filters:
    """Filters of pieces under one key.

    Args:
        key: 32 bytes, for positions alone.
        bits: Width of a filter, a power of two up to 65,536. A weight is the number of positions at the
            width of `weights.RESOLUTION`; narrower filters get fewer in proportion.
    """

    def __init__(self, *, key: bytes, bits: int) -> None:
        self._key = key
        self._bits = bits

    def table(self, values: Sequence[Sequence[Piece]]) -> NDArray[np.uint64]:
        """Return one filter for each value, of all its pieces: uint64 of shape (len(values), bits / 64)."""
        number_of = {piece: number for number, piece in enumerate(dict.fromkeys(chain(*values)))}
        which = np.array([number_of[piece] for piece in chain(*values)], dtype=np.intp)
        return united(self._of_pieces(list(number_of)), which, sizes=[len(pieces) for pieces in values])

    def table_of_pairs(self, texts: Sequence[str], *, kind: str, weight: int) -> NDArray[np.uint64]:
        """Return one filter for each text, of its pairs of neighbours, its edges marked `^` and `$`.

        Marked edges make the first and last letter count more. An empty text sets nothing. Works on all texts
        at once, since there may be thousands.
        """
        letters = f"^{'$^'.join(filter(None, texts))}$".encode(*_LETTERS) if any(texts) else b""
        sizes = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
        sizes += sizes > 0
        # Each letter and the next, but for those that end a text.
        starts = np.ones(len(letters) // _LETTER_BYTES, dtype=bool)
        starts[np.cumsum(sizes[sizes > 0] + 1) - 1] = False
        at = _LETTER_BYTES * np.flatnonzero(starts)
        which, first = numbered(
            np.frombuffer(letters, dtype=np.uint8), starts=at, ends=at + 2 * _LETTER_BYTES
        )
        pairs = [letters[start : start + 2 * _LETTER_BYTES].decode(*_LETTERS) for start in at[first].tolist()]
        return united(self._of_pieces([(kind, pair, weight) for pair in pairs]), which, sizes=sizes)

    def _of_pieces(self, pieces: Sequence[Piece]) -> NDArray[np.uint64]:
        """Return the filter of each piece."""
        # SHAKE256 over key ‖ message is a keyed hash of any length (FIPS 202; the key's size is fixed).
        digests = [
            hashlib.shake_256(self._key + f"{kind}\x1f{text}".encode("utf-8", "surrogatepass")).digest(
                _POSITION_BYTES * (weight * self._bits // RESOLUTION)
            )
            for kind, text, weight in pieces
        ]
        position = np.frombuffer(b"".join(digests), dtype="<u2").astype(np.uint64) % np.uint64(self._bits)
        row = np.repeat(np.arange(len(pieces)), [len(digest) // _POSITION_BYTES for digest in digests])
        filters = np.zeros((len(pieces), self._bits // 64), dtype=np.uint64)
        bit = np.uint64(1) << (position & np.uint64(63))
        np.bitwise_or.at(filters, (row, (position >> np.uint64(6)).astype(np.intp)), bit)
        return filters


def united(
    filters: NDArray[np.uint64], which: NDArray[np.intp], *, sizes: Sequence[int] | NDArray[np.intp]
) -> NDArray[np.uint64]:
    """Return unions of filters: of the first `sizes[0]` that `which` names, and so on.

    Args:
        filters: uint64, shape (m, words).
        which: intp, shape (sum of sizes,): rows of `filters`.
        sizes: How many make up each row of the result.

    Returns:
        uint64, shape (len(sizes), words).
    """
    edges = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
    rows = np.zeros((len(sizes), filters.shape[1]), dtype=np.uint64)
    _unite(filters, which, edges, rows)
    return rows


@njit(cache=True, nogil=True)
def _unite(filters, which, edges, rows):  # type: ignore[no-untyped-def]  # numba compiles it
    for row in range(len(rows)):
        together = rows[row]
        for at in range(edges[row], edges[row + 1]):
            one = filters[which[at]]
            for word in range(len(one)):
                together[word] |= one[word]
