"""The puzzle of a crowded lane: some seconds of a visitor's processor for each thing put. Pure.

A visitor who was told a salt and a number of bits looks for a nonce such that the SHA-256 below begins with
so many zero bits. The id of what is put is in it, so a solution buys one put and no second; nothing is
remembered but the salts. An honest browser pays once, a flood for every put.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
from collections.abc import Callable
from typing import Final

__all__ = ["BITS_MAX", "BITS_MIN", "PUZZLE_HEADER", "WORK_HEADER", "Puzzles", "bits_for", "zero_bits"]

PUZZLE_HEADER: Final = b"causeway-puzzle"
"""In a refusal: `BITS.SALT`, a decimal number and 16 bytes as base64url."""

WORK_HEADER: Final = b"causeway-work"
"""In a put: `SALT.NONCE`, 16 and 8 bytes as base64url."""

BITS_MIN: Final = 12
BITS_MAX: Final = 18
"""262,144 tries on average: about a second on a laptop, some seconds on an old phone."""

_DOMAIN = b"causeway/puzzle/1\x00"
_SALT_BYTES = 16
_NONCE_BYTES = 8
_SALT_SECONDS = 600.0
_LEEWAY_BITS = 2
"""The crowd may grow while a visitor works."""


def bits_for(fullness: float) -> int:
    """Return how hard a put is: nothing while half of a lane's tokens or more are left.

    Args:
        fullness: Tokens left, as a share of the lane's burst; below zero, calls are waiting.
    """
    if fullness >= 0.5:
        return 0
    return BITS_MIN + math.ceil((BITS_MAX - BITS_MIN) * min(1.0, (0.5 - fullness) * 2))


def zero_bits(digest: bytes) -> int:
    """Return how many zero bits a digest begins with."""
    return len(digest) * 8 - int.from_bytes(digest).bit_length()


class Puzzles:
    """The salts in force: a new one every ten minutes, and the one before.

    Args:
        random: Returns so many random bytes.
        monotonic: Seconds.
    """

    def __init__(self, *, random: Callable[[int], bytes], monotonic: Callable[[], float]) -> None:
        self._random = random
        self._monotonic = monotonic
        self._salts = (random(_SALT_BYTES), random(_SALT_BYTES))
        self._since = monotonic()

    def ask(self, bits: int) -> bytes:
        """Return the header that sets a puzzle."""
        return b"%d." % bits + _encode(self._current()[0])

    def is_solved(self, work: bytes, *, slot_id: bytes, bits: int) -> bool:
        """Say whether a header solves the puzzle for this id, set when it was at most a little easier."""
        salt_text, _, nonce_text = work.partition(b".")
        salt, nonce = _decode(salt_text, _SALT_BYTES), _decode(nonce_text, _NONCE_BYTES)
        if salt is None or nonce is None or salt not in self._current():
            return False
        digest = hashlib.sha256(_DOMAIN + salt + slot_id + nonce).digest()
        return zero_bits(digest) >= max(BITS_MIN, bits - _LEEWAY_BITS)

    def _current(self) -> tuple[bytes, bytes]:
        age = self._monotonic() - self._since
        if age >= _SALT_SECONDS:
            # After a long quiet time neither of the old ones counts.
            previous = self._salts[0] if age < 2 * _SALT_SECONDS else self._random(_SALT_BYTES)
            self._salts = (self._random(_SALT_BYTES), previous)
            self._since = self._monotonic()
        return self._salts


def _encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decode(text: bytes, size: int) -> bytes | None:
    if b"=" in text:
        return None
    try:
        raw = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == size else None
