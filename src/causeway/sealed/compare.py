"""Six words that two people read to each other: 72 bits over all that both know (docs/FORMAT.md, section 15).

Whoever sits between two desks must have fixed what each of them hashes before seeing the last of what goes
into it; then one try in 2^72 makes both show the same words. What is compared fixes that, by commitments
(`record.invitation`) or by a salt that is spoken first (`new_salt`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from causeway.errors import LocalError
from causeway.sealed.words import DIGITS, LANGUAGES, find_words, spell

__all__ = ["COMPARED_WORDS", "SALT_WORDS", "compare_words", "new_salt", "read_salt", "spell_salt"]

COMPARED_WORDS: Final = 6
SALT_WORDS: Final = 2
_WORD_BITS: Final = 12
_SALT_BYTES: Final = SALT_WORDS * _WORD_BITS // 8
_LENGTH_BYTES: Final = 4


def _in_every_list(bits: int, *, count: int) -> dict[str, tuple[str, ...]]:
    return {lang: spell(bits, count=count, lang=lang) for lang in (*LANGUAGES, DIGITS)}


def compare_words(label: bytes, *, compared: Sequence[bytes]) -> dict[str, tuple[str, ...]]:
    """Return the six words for what is compared, in every list of words: both sides must look at one list.

    Args:
        label: What is compared, so that words of one use say nothing in another.
        compared: In an order that both sides share; each is hashed with its length.
    """
    joined = b"".join(len(one).to_bytes(_LENGTH_BYTES, "big") + one for one in compared)
    digest = hashlib.sha256(label + b"\0" + joined).digest()
    bits = int.from_bytes(digest, "big") >> 8 * len(digest) - COMPARED_WORDS * _WORD_BITS
    return _in_every_list(bits, count=COMPARED_WORDS)


def new_salt(*, random: Callable[[int], bytes]) -> bytes:
    """Return a new salt of two words, 3 bytes: one side reads it aloud before either shows the six."""
    return random(_SALT_BYTES)


def spell_salt(salt: bytes) -> dict[str, tuple[str, ...]]:
    """Return the two words of a salt, in every list."""
    return _in_every_list(int.from_bytes(salt, "big"), count=SALT_WORDS)


def read_salt(text: str) -> bytes:
    """Return the salt that somebody heard and typed, in the words of any list.

    Raises:
        LocalError: Not two words of one list.
    """
    numbers = find_words(text)
    if numbers is None or len(numbers) != SALT_WORDS:
        raise LocalError("Type the two words that you heard, as they stand in the list.")
    first, second = numbers
    return (first << _WORD_BITS | second).to_bytes(_SALT_BYTES, "big")
