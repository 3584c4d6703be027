"""SipHash-2-4 of many rows at once.

A keyed pseudorandom function for short messages: Aumasson & Bernstein (2012), SipHash: a fast short-input
PRF, INDOCRYPT 2012. Compiled, since thousands of rows each want a few hundred random bits.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["SIPHASH_KEY_BYTES", "siphash_of_rows"]

SIPHASH_KEY_BYTES: Final = 16
# "somepseudorandomlygeneratedbytes", section 2 of the paper.
_START: Final = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)

_END: Final = np.uint64(0xFF)


def siphash_of_rows(rows: NDArray[np.uint64], *, key: bytes, count: int = 1) -> NDArray[np.uint64]:
    """Return `count` hashes of each row, uint64 of shape (n, count).

    Hash `c` is SipHash-2-4 of the row's words, little-endian, followed by `c` as one more word.

    Args:
        rows: uint64, shape (n, words).
        key: 16 bytes.
        count: How many 64-bit hashes of each row.
    """
    halves = np.frombuffer(key, dtype="<u8").astype(np.uint64)
    start = np.array([halves[at % 2] ^ np.uint64(word) for at, word in enumerate(_START)], dtype=np.uint64)
    hashes = np.empty((len(rows), count), dtype=np.uint64)
    _hash_rows(rows, start, hashes)
    return hashes


@njit(cache=True, nogil=True)
def _hash_rows(rows, start, hashes):  # type: ignore[no-untyped-def]  # numba compiles it
    width = rows.shape[1]
    # The last block carries the message's length in bytes, modulo 256, in its top byte.
    end = np.uint64((8 * (width + 1)) & 0xFF) << np.uint64(56)
    for row in range(len(rows)):
        v0, v1, v2, v3 = start[0], start[1], start[2], start[3]
        for at in range(width):
            v0, v1, v2, v3 = _absorbed(v0, v1, v2, v3, rows[row, at])
        for at in range(hashes.shape[1]):
            w0, w1, w2, w3 = _absorbed(v0, v1, v2, v3, np.uint64(at))
            w0, w1, w2, w3 = _absorbed(w0, w1, w2, w3, end)
            w2 ^= _END
            for _ in range(4):
                w0, w1, w2, w3 = _round(w0, w1, w2, w3)
            hashes[row, at] = w0 ^ w1 ^ w2 ^ w3


@njit(cache=True, nogil=True, inline="always")
def _absorbed(v0, v1, v2, v3, word):  # type: ignore[no-untyped-def]  # numba compiles it
    v3 ^= word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ word, v1, v2, v3


@njit(cache=True, nogil=True, inline="always")
def _round(v0, v1, v2, v3):  # type: ignore[no-untyped-def]  # numba compiles it
    """One SipRound: section 2, figure 2.1."""
    v0 += v1
    v1 = _turned(v1, 13) ^ v0
    v0 = _turned(v0, 32)
    v2 += v3
    v3 = _turned(v3, 16) ^ v2
    v0 += v3
    v3 = _turned(v3, 21) ^ v0
    v2 += v1
    v1 = _turned(v1, 17) ^ v2
    return v0, v1, _turned(v2, 32), v3


@njit(cache=True, nogil=True, inline="always")
def _turned(word, by):  # type: ignore[no-untyped-def]  # numba compiles it
    return (word << np.uint64(by)) | (word >> np.uint64(64 - by))
