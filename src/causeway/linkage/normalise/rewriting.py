"""Rewriting words by tables of letters and of of groups, compiled: a list may have a million words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["letter_table", "pair_table", "rewrite_lines"]

_NEW_LINE: Final = ord("\n")
# Latin and Cyrillic; letters beyond stay as they are.
_LETTERS: Final = 0x530
_LONGEST: Final = 4
_E, _H = ord("e"), ord("h")
_VOWELS: Final = tuple(map(ord, "aeiou"))


def letter_table(changes: Mapping[int, str]) -> NDArray[np.uint32]:
    """Return what stands for each letter, by its code point, 0 for nothing; one letter at most for each."""
    table = np.arange(_LETTERS, dtype=np.uint32)
    for code, letter in changes.items():
        table[code] = ord(letter) if letter else 0
    return table


def pair_table(pairs: Mapping[str, str]) -> NDArray[np.uint32]:
    """Return groups of two to four letters and the one letter that each becomes, shape (groups + 1, 5).

    By first letter, the longer first; the last row is of zeros.
    """
    rows = []
    for pair in sorted(pairs, key=lambda pair: (pair[0], -len(pair))):
        rows.append([*map(ord, pair.ljust(_LONGEST, "\0")), ord(pairs[pair])])
    return np.array([*rows, [0] * (_LONGEST + 1)], dtype=np.uint32)


@njit(cache=True, nogil=True)
def rewrite_lines(before, letters, pairs, after):  # type: ignore[no-untyped-def]  # numba compiles it
    """Rewrite each line: its letters first, then, again and again until nothing changes, what follows.

    1. Of a letter that stands more than once in a row, one is left.
    2. Groups of letters become one letter, from left to right, the longest that fits first.
    3. `eh` at the start and before a consonant becomes `e`: GOST 16876-71 writes э so; within a word it can't
       be told from ех.

    Args:
        before: uint32, code points of lines.
        letters: From `letter_table`.
        pairs: From `pair_table`.
        after: As long as `before`, for what becomes of it.

    Returns:
        How much of `after` is filled.
    """
    none = len(pairs) - 1
    first = np.full(len(letters), none, dtype=np.int64)
    for pair in range(none - 1, -1, -1):
        first[pairs[pair, 0]] = pair
    start = end = 0
    for at in range(len(before) + 1):
        if at < len(before) and before[at] != _NEW_LINE:
            letter = before[at]
            if letter < len(letters):
                letter = letters[letter]
            if letter != 0:
                after[end] = letter
                end += 1
            continue
        end = _settle(after, start, end, pairs, first)
        if at < len(before):
            after[end] = _NEW_LINE
            end += 1
            start = end
    return end


@njit(cache=True, nogil=True)
def _settle(word, start, end, pairs, first):  # type: ignore[no-untyped-def]  # numba compiles it
    """Apply the three rules to word[start:end] until nothing changes; return its new end."""
    while True:
        old_end = end
        stop = start
        for at in range(start, end):
            if stop == start or word[at] != word[stop - 1]:
                word[stop] = word[at]
                stop += 1
        end, stop, at = stop, start, start
        while at < end:
            letter = word[at]
            size = 1
            pair = first[letter] if letter < len(first) else len(pairs) - 1
            while pairs[pair, 0] == word[at]:
                fits = _fitting(word, at, end, pairs, pair)
                if fits:
                    letter, size = pairs[pair, _LONGEST], fits
                    break
                pair += 1
            word[stop] = letter
            stop += 1
            at += size
        end = stop
        if end - start > 2 and word[start] == _E and word[start + 1] == _H and word[start + 2] not in _VOWELS:
            for at in range(start + 2, end):
                word[at - 1] = word[at]
            end -= 1
        # Every rule makes a word shorter.
        if end == old_end:
            return end


@njit(cache=True, nogil=True)
def _fitting(word, at, end, pairs, pair):  # type: ignore[no-untyped-def]  # numba compiles it
    """Return the size of a group if it stands in a word at a place, else 0."""
    size = 1
    while size < _LONGEST and pairs[pair, size] != 0:
        if at + size >= end or word[at + size] != pairs[pair, size]:
            return 0
        size += 1
    return size
