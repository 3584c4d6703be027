"""A person's eight words, and the keys that they stand for (docs/FORMAT.md, section 3)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Final, Self, final

from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.kdf import derive_key
from causeway.sealed.signing import SigningKey
from causeway.sealed.words import decode_receipt, encode_receipt
from causeway.wire.sizes import ID_BYTES

__all__ = ["ConversationKeys", "Receipt", "conversation_id"]

ENTROPY_BYTES: Final = 11
_ROUNDS: Final = 16_384
"""Few: 88 bits of entropy need no stretching to speak of, and Tor Browser's "Safer" level has no JIT."""


def conversation_id(verify_key: bytes) -> bytes:
    """Return the id that a conversation's public signature key gives it: 16 bytes."""
    return hashlib.sha256(b"causeway/conversation/1\0" + verify_key).digest()[:ID_BYTES]


@final
class ConversationKeys:
    """What the words of one conversation stand for.

    Attributes:
        conversation: Its id, 16 bytes.
        tag_key: 32 bytes; finds answers on the board.
        answer: Opens answers.
        signing: Signs messages.
    """

    __slots__ = ("answer", "conversation", "signing", "tag_key")

    def __init__(self, entropy: bytes) -> None:
        """Derive all from the 11 bytes that the words carry. Takes about 10 ms."""
        stretched = PBKDF2HMAC(
            algorithm=SHA512(), length=64, salt=b"causeway/receipt/1", iterations=_ROUNDS
        ).derive(entropy)
        self.tag_key = derive_key(stretched, info=b"causeway/tag-key/1")
        self.answer = HybridSecret.from_seed(derive_key(stretched, info=b"causeway/answer-key/1"))
        self.signing = SigningKey(derive_key(stretched, info=b"causeway/verify-key/1"))
        self.conversation = conversation_id(self.signing.public)

    def __repr__(self) -> str:
        """Show no key."""
        return "ConversationKeys(…)"


@final
class Receipt:
    """Eight words: the only thing that a person has to keep."""

    __slots__ = ("_entropy",)

    def __init__(self, entropy: bytes) -> None:
        """Take the 11 bytes behind the words."""
        self._entropy = entropy

    @classmethod
    def generate(cls, *, random: Callable[[int], bytes] = os.urandom) -> Self:
        """Make a new receipt."""
        return cls(random(ENTROPY_BYTES))

    @classmethod
    def from_text(cls, typed: str) -> Self:
        """Read what a person typed.

        Raises:
            ReceiptError: Its subclasses say whether a word is unknown, one is wrong, or the number is.
        """
        return cls(decode_receipt(typed))

    def words(self, language: str) -> tuple[str, ...]:
        """Return the eight words in the list of a language."""
        return encode_receipt(self._entropy, lang=language)

    def keys(self) -> ConversationKeys:
        """Return the keys that the words stand for."""
        return ConversationKeys(self._entropy)

    def __repr__(self) -> str:
        """Show no word."""
        return "Receipt(…)"
