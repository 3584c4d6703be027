"""Making encodings harder to attack, at a price in recall that `bench/count/encode.py` measures.

What is done, and against what:

1. *Random hashing.* Each q-gram gets its positions from a keyed hash of its own, not from two hashes
   combined: the double hashing of Schnell, Bachteler & Reiher (2009, BMC Med. Inform. Decis. Mak. 9:41)
   leaves lattices that Niedermeyer, Steinmetzer, Kroll & Schnell (2014, J. Priv. Confid. 6(2)) read names
   from. No loss.
2. *One filter for all fields, with a weight for each* (Schnell, Bachteler & Reiher 2011; Durham et al. 2014,
   IEEE TKDE 26(12)): a bit belongs to many q-grams of several fields. A q-gram's hash includes its field. No
   loss.
3. *XOR-folding* (Schnell & Borgs 2016, XOR-folding for Bloom filter-based encryptions, GRLC WP 2016-03; taken
   further by Ranbaduge & Schnell 2020, CIKM): rows are made with 2,048 bits and their halves combined by
   XOR. About every fourth bit of a q-gram is then hidden by another's. The pattern mining of Christen,
   Ranbaduge, Vatsalan & Schnell (2019) lives on bits that are always set; it has fewer, not none:
   `pattern_visibility` of the bench finds a frequent family name's whole pattern in 41 % of its bearers'
   rows, against 100 % without folding and noise.
4. *Noise* (BLIP: Alaggan, Gambs & Kermarrec 2012; Schnell & Borgs 2016, ICDMW): some bits of each row are
   flipped. Which ones is drawn under the key from the row itself, so that encoding a list twice does not
   average the noise away, and two equal rows stay equal.

What is not done: record-level salting needs a field without errors that all lists share, and there is none.
Balancing by the complement halves the bits. Both are discussed in Franke, Sehili, Rohde & Rahm (2021, EDBT).
None of this stops a graph matching attack, which looks only at which rows are alike.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causeway.linkage.encoded_list import BITS
from causeway.linkage.siphash import SIPHASH_KEY_BYTES, siphash_of_rows

__all__ = ["FLIPS", "keyed_flips", "xor_folded"]

# Bits flipped in each row, of 1,024.
FLIPS: Final = 20
_POSITION_BITS: Final = 10
_PER_HASH: Final = 64 // _POSITION_BITS


def xor_folded(rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return rows of half the width, (n, 2w) to (n, w): one half XOR the other."""
    half = rows.shape[1] // 2
    return rows[:, :half] ^ rows[:, half:]


def keyed_flips(rows: NDArray[np.uint64], *, key: bytes, flips: int = FLIPS) -> NDArray[np.uint64]:
    """Return (n, 16) rows with `flips` positions of each flipped, drawn from the row under a key of 32 bytes.

    A position that is drawn twice stays as it was, so a few rows get two flips less.
    """
    hashes = siphash_of_rows(rows, key=key[:SIPHASH_KEY_BYTES], count=-(-flips // _PER_HASH))
    flipped = rows.copy()
    _flip(flipped, hashes, flips)
    return flipped


@njit(cache=True, nogil=True)
def _flip(rows, hashes, flips):  # type: ignore[no-untyped-def]  # numba compiles it
    for row in range(len(rows)):
        for at in range(flips):
            shift = np.uint64(_POSITION_BITS * (at % _PER_HASH))
            position = (hashes[row, at // _PER_HASH] >> shift) & np.uint64(BITS - 1)
            rows[row, position >> np.uint64(6)] ^= np.uint64(1) << (position & np.uint64(63))
