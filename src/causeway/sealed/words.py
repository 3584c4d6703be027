"""Words that people keep in mind: a receipt of eight, a fingerprint of eleven (docs/FORMAT.md, section 3).

A list has 4,096 words, so a word carries 12 bits. The language of the list carries no meaning. A language
without a list writes the same bits in groups of four digits, from 0000 to 4095, which are the words of a
list that is computed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache
from importlib import resources
from typing import Final

from causeway.errors import LocalError

__all__ = [
    "DIGITS",
    "LANGUAGES",
    "OneWordWrong",
    "ReceiptError",
    "UnknownWord",
    "WrongWordCount",
    "decode_receipt",
    "encode_fingerprint",
    "encode_receipt",
    "find_words",
    "spell",
    "word_list",
]

LANGUAGES: Final = ("en", "ru")
"""Those with a list of words."""

DIGITS: Final = "digits"
"""Names the list of digit groups, which every other language has."""

_WORD_BITS = 12
_LIST_SIZE = 1 << _WORD_BITS
_RECEIPT_WORDS = 8
_FINGERPRINT_WORDS = 11
_ENTROPY_BYTES = 11
_FINGERPRINT_BYTES = 16
_GROUP_DIGITS = 4
_SEPARATORS = re.compile(r"[\W_]+")


class ReceiptError(LocalError):
    """What was typed is not a receipt. None of these errors carries what was typed into a log."""


class UnknownWord(ReceiptError):
    """A word that stands in no list.

    Attributes:
        position: Which word it is, from 1.
        word: The word itself, to be shown to the person who typed it and to nobody else.
    """

    def __init__(self, position: int, word: str) -> None:
        super().__init__("One of the words is not in the list.", position=position)
        self.position = position
        self.word = word


class WrongWordCount(ReceiptError):
    """Not eight words."""

    def __init__(self, found: int) -> None:
        super().__init__("A receipt has eight words.", found=found)
        self.found = found


class OneWordWrong(ReceiptError):
    """Eight words of the list that do not belong together: at least one was mistaken for another."""

    def __init__(self) -> None:
        super().__init__("At least one word is another than it should be.")


@cache
def word_list(lang: str) -> tuple[str, ...]:
    """Return the 4,096 words of a language, or digit groups, in the order that gives them their numbers."""
    if lang not in LANGUAGES:
        return tuple(f"{number:0{_GROUP_DIGITS}}" for number in range(_LIST_SIZE))
    text = (resources.files("causeway.sealed") / "wordlists" / f"{lang}.txt").read_text(encoding="utf-8")
    return tuple(text.split())


@cache
def _numbers(lang: str) -> dict[str, int]:
    return {word: number for number, word in enumerate(word_list(lang))}


def spell(bits: int, *, count: int, lang: str) -> tuple[str, ...]:
    """Return a number of 12 bits a word as words: digit groups for a language without a list."""
    words = word_list(lang if lang in LANGUAGES else DIGITS)
    shifts = range((count - 1) * _WORD_BITS, -1, -_WORD_BITS)
    return tuple(words[bits >> shift & _LIST_SIZE - 1] for shift in shifts)


def _receipt_checksum(entropy: bytes) -> int:
    return hashlib.sha256(b"causeway/receipt-words/1" + entropy).digest()[0]


def encode_receipt(entropy: bytes, *, lang: str) -> tuple[str, ...]:
    """Return the eight words for 11 bytes: digit groups for a language without a list.

    Raises:
        ValueError: Another number of bytes.
    """
    if len(entropy) != _ENTROPY_BYTES:
        raise ValueError(f"a receipt has {_ENTROPY_BYTES} bytes of entropy, not {len(entropy)}")
    bits = int.from_bytes(entropy, "big") << 8 | _receipt_checksum(entropy)
    return spell(bits, count=_RECEIPT_WORDS, lang=lang)


def encode_fingerprint(fingerprint: bytes, *, lang: str) -> tuple[str, ...]:
    """Return the eleven words, or digit groups, for a root's fingerprint of 16 bytes.

    Raises:
        ValueError: Another number of bytes.
    """
    if len(fingerprint) != _FINGERPRINT_BYTES:
        raise ValueError(f"a fingerprint has {_FINGERPRINT_BYTES} bytes, not {len(fingerprint)}")
    checksum = hashlib.sha256(b"causeway/fingerprint-words/1" + fingerprint).digest()[0] >> 4
    return spell(int.from_bytes(fingerprint, "big") << 4 | checksum, count=_FINGERPRINT_WORDS, lang=lang)


def _tokens(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return [token for token in _SEPARATORS.split(folded) if token]


def _typed_words(text: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the words, and the languages that they may be of: digits alone are digit groups."""
    tokens = _tokens(text)
    words = [token for token in tokens if not token.isdecimal()]
    if words or not tokens:
        return words, LANGUAGES
    return _groups([_in_ascii(token) for token in tokens]), (DIGITS,)


def _in_ascii(digits: str) -> str:
    return "".join(str(unicodedata.decimal(digit)) for digit in digits)


def _groups(tokens: list[str]) -> list[str]:
    """Return the groups of four in what was typed as digits, in ASCII.

    Eight tokens of up to four digits are the groups (a zero in front may be missing); else 32 digits are,
    however they are parted. Where it is neither, single digits are the numbers in front of the groups.
    """
    digits = ""
    for kept in (tokens, [token for token in tokens if len(token) > 1]):
        if len(kept) == _RECEIPT_WORDS and max(map(len, kept)) <= _GROUP_DIGITS:
            return [token.zfill(_GROUP_DIGITS) for token in kept]
        digits = "".join(kept)
        if len(digits) == _RECEIPT_WORDS * _GROUP_DIGITS:
            break
    if len(digits) < _RECEIPT_WORDS * _GROUP_DIGITS:
        digits = digits[: len(digits) // _GROUP_DIGITS * _GROUP_DIGITS]
    return [digits[at : at + _GROUP_DIGITS] for at in range(0, len(digits), _GROUP_DIGITS)]


def find_words(text: str) -> tuple[int, ...] | None:
    """Return the numbers of typed words, all of one list; `None` where they are not.

    Digits alone are digit groups here as well, but each has to be typed whole.
    """
    words, languages = _typed_words(text)
    if languages == (DIGITS,):
        words = [_in_ascii(token) for token in _tokens(text)]
    for lang in languages:
        numbers = _numbers(lang)
        if words and all(word in numbers for word in words):
            return tuple(numbers[word] for word in words)
    return None


def decode_receipt(text: str) -> bytes:
    """Return the 11 bytes that a person's words stand for.

    Case, punctuation, line breaks and numbers in front of the words make no difference. The list is the
    one in which most of the words stand, the first of `LANGUAGES` where two have as many. Where there are
    digits alone, of whatever script, they are digit groups.

    Raises:
        UnknownWord, WrongWordCount, OneWordWrong: In this order, whichever is found first. Groups are
            counted first: a digit too few shifts all that follow.
    """
    words, languages = _typed_words(text)
    numbers = max(
        (_numbers(lang) for lang in languages), key=lambda known: sum(word in known for word in words)
    )
    if DIGITS in languages and len(words) != _RECEIPT_WORDS:
        raise WrongWordCount(len(words))
    for position, word in enumerate(words, start=1):
        if word not in numbers:
            raise UnknownWord(position, word)
    if len(words) != _RECEIPT_WORDS:
        raise WrongWordCount(len(words))
    bits = 0
    for word in words:
        bits = bits << _WORD_BITS | numbers[word]
    entropy = (bits >> 8).to_bytes(_ENTROPY_BYTES, "big")
    if bits & 0xFF != _receipt_checksum(entropy):
        raise OneWordWrong
    return entropy
