"""Bech32 text for keys, without the length limit, as age writes them.

Source: BIP 173 for the code; C2SP age.md, "Conventions", for the missing limit.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["decode", "encode"]

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK_LETTERS = 6


def encode(data: bytes, *, prefix: str) -> str:
    """Return `prefix`, "1", the data and six check letters, all in the case of `prefix`."""
    words = _regroup(data, from_bits=8, to_bits=5, pad=True)
    low = prefix.lower()
    check = _polymod([*_spread(low), *words, *([0] * _CHECK_LETTERS)]) ^ 1
    words += [(check >> 5 * (_CHECK_LETTERS - 1 - place)) & 31 for place in range(_CHECK_LETTERS)]
    text = low + "1" + "".join(_ALPHABET[word] for word in words)
    return text.upper() if prefix.isupper() else text


def decode(text: str, *, prefix: str) -> bytes:
    """Return the data of `text`.

    Raises:
        ValueError: Another prefix or case than `prefix`, a foreign letter, a wrong check, or bits
            left over. The message never holds the text, which may be a secret key.
    """
    head, _, tail = text.rpartition("1")
    if head != prefix or tail != (tail.upper() if prefix.isupper() else tail.lower()):
        raise ValueError("not the prefix or case asked for")
    try:
        words = [_VALUES[letter] for letter in tail.lower()]
    except KeyError:
        raise ValueError("a letter outside the alphabet") from None
    if len(words) < _CHECK_LETTERS or _polymod([*_spread(prefix.lower()), *words]) != 1:
        raise ValueError("the check letters do not fit")
    return bytes(_regroup(words[:-_CHECK_LETTERS], from_bits=5, to_bits=8, pad=False))


def _spread(prefix: str) -> list[int]:
    letters = prefix.encode("ascii")
    return [*(letter >> 5 for letter in letters), 0, *(letter & 31 for letter in letters)]


def _polymod(words: Iterable[int]) -> int:
    check = 1
    for word in words:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ word
        for bit, term in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= term
    return check


def _regroup(words: Iterable[int], *, from_bits: int, to_bits: int, pad: bool) -> list[int]:
    held = bits = 0
    out = []
    for word in words:
        held = (held << from_bits | word) & ((1 << from_bits + to_bits) - 1)
        bits += from_bits
        while bits >= to_bits:
            bits -= to_bits
            out.append(held >> bits & ((1 << to_bits) - 1))
    rest = held & ((1 << bits) - 1)
    if pad:
        if bits:
            out.append(rest << (to_bits - bits))
    elif bits >= from_bits or rest:
        # Only one text may stand for a key: no spare letter, no set bit in the padding.
        raise ValueError("bits are left over")
    return out
