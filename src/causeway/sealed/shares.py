"""Shares of the root: k of n pieces of paper that make it again (SLIP-39, Trezor's `shamir-mnemonic`).

The library says of itself that it is not hardened against side channels: it runs here on the member's own
laptop, twice in a centre's life. No passphrase is used: it would be one more thing that k people can lose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from causeway.errors import LocalError

__all__ = [
    "SHARES_MAX",
    "SHARE_WORDS",
    "ReadShare",
    "ShareRefused",
    "combine_shares",
    "read_share",
    "split_secret",
]

SHARES_MAX: Final = 16
"""SLIP-39 has four bits for a share's number."""

SHARE_WORDS: Final = 33
"""In a share of 32 bytes."""

_SECRET_BYTES: Final = 32


class ShareRefused(LocalError):
    """What was typed is no share, or does not belong to the others. It carries nothing of what was typed."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ReadShare:
    """One share as it was typed.

    Attributes:
        set: Names the splitting that it comes from; shares of two splittings don't fit together.
        number: From 0; two with one number are one share.
        needed: How many it takes.
        words: The share itself.
    """

    set: int
    number: int
    needed: int
    words: str


def split_secret(secret: bytes, *, k: int, n: int) -> tuple[tuple[str, ...], ...]:
    """Return n shares of 33 words, of which any k make the secret again and fewer tell nothing.

    The randomness is the operating system's: the library takes no other.

    Args:
        secret: 32 bytes.

    Raises:
        LocalError: Not 2 ≤ k ≤ n ≤ 16.
        ValueError: Another size.
    """
    from shamir_mnemonic import generate_mnemonics

    if len(secret) != _SECRET_BYTES:
        raise ValueError(f"a root has {_SECRET_BYTES} bytes, not {len(secret)}")
    if not 2 <= k <= n <= SHARES_MAX:
        raise LocalError("Shares are 2 to 16, and it takes at least two of them.", k=k, n=n)
    # Exponent 0: stretching protects a passphrase, and there is none.
    (shares,) = generate_mnemonics(1, [(k, n)], secret, iteration_exponent=0)
    return tuple(tuple(share.split()) for share in shares)


def read_share(text: str) -> ReadShare:
    """Return a share as somebody types it; numbers before the words, case and line breaks make no difference.

    Raises:
        ShareRefused: A word is wrong or missing: the share's own checksum tells.
    """
    from shamir_mnemonic import MnemonicError
    from shamir_mnemonic.share import Share

    typed = [word for word in re.split(r"[\W\d_]+", text.lower()) if word]
    words = " ".join(typed)
    try:
        share = Share.from_mnemonic(words)
    except (MnemonicError, ValueError):
        raise ShareRefused(
            "This is not a whole share: a word is missing, or is another than on the paper.",
            words=len(typed),
        ) from None
    if len(share.value) != _SECRET_BYTES or share.group_count != 1:
        raise ShareRefused("This share is not one of a centre's root.")
    return ReadShare(set=share.identifier, number=share.index, needed=share.member_threshold, words=words)


def combine_shares(shares: Sequence[ReadShare]) -> bytes:
    """Return the secret, 32 bytes. Check it against what is publicly known of it.

    Raises:
        ShareRefused: Too few, or not all of one splitting.
    """
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    different = {one.number: one for one in shares}
    if len({(one.set, one.needed) for one in shares}) != 1:
        raise ShareRefused("These shares don't belong together: they were made on different days.")
    needed = shares[0].needed
    if len(different) < needed:
        raise ShareRefused("There are too few shares.", typed=len(different), needed=needed)
    try:
        # It wants exactly as many as it takes.
        secret: bytes = combine_mnemonics([different[number].words for number in sorted(different)[:needed]])
    except (MnemonicError, ValueError):
        raise ShareRefused(
            "These shares don't make a root: one of them is forged or another centre's."
        ) from None
    return secret
