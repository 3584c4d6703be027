"""Symmetric sealing under a key that both sides already hold: ChaCha20-Poly1305, RFC 8439, random nonce."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from causeway.errors import RemoteError

__all__ = ["KEY_BYTES", "NONCE_BYTES", "OVERHEAD_BYTES", "SealBroken", "open_sealed", "seal"]

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
OVERHEAD_BYTES: Final = NONCE_BYTES + 16


class SealBroken(RemoteError):
    """What was sealed was altered, cut short, or belongs to another key or place."""


def seal(
    key: bytes, plaintext: bytes, *, aad: bytes = b"", random: Callable[[int], bytes] = os.urandom
) -> bytes:
    """Return `nonce (12) ‖ ciphertext ‖ tag (16)`.

    A key may seal 2^32 texts before random nonces are likely to meet (NIST SP 800-38D, section 8.3,
    for the same nonce length); no key of ours comes near that.
    """
    nonce = random(NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plaintext, aad)


def open_sealed(key: bytes, sealed: bytes, *, aad: bytes = b"") -> bytes:
    """Return what `seal` sealed.

    Raises:
        SealBroken: It does not open with this key and this `aad`.
    """
    if len(sealed) < OVERHEAD_BYTES:
        raise SealBroken("What was sealed is cut short.", bytes=len(sealed))
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
    except InvalidTag:
        raise SealBroken("What was sealed does not open.", bytes=len(sealed)) from None
