"""Signature keys and signed blobs, with one domain per kind of payload (docs/FORMAT.md, section 1)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Final, Self, final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

from causeway.errors import RemoteError
from causeway.wire.sizes import SIGNATURE_BYTES

__all__ = [
    "HYBRID_SIGNATURE_BYTES",
    "PQ_PUBLIC_BYTES",
    "PQ_SIGNATURE_BYTES",
    "HybridSigningKey",
    "SignatureRefused",
    "SigningKey",
    "open_blob",
    "open_hybrid_blob",
    "verify",
]

_SEED_BYTES = 32
PQ_SIGNATURE_BYTES: Final = 3_309
PQ_PUBLIC_BYTES: Final = 1_952
HYBRID_SIGNATURE_BYTES: Final = SIGNATURE_BYTES + PQ_SIGNATURE_BYTES


class SignatureRefused(RemoteError):
    """A signature that is not its key's, over these bytes, for this use."""


def _message(domain: bytes, payload: bytes) -> bytes:
    return domain + b"\0" + payload


@final
class SigningKey:
    """An Ed25519 key, known by its 32-byte seed."""

    __slots__ = ("_key", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        """Take a seed of 32 bytes."""
        self.seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls, *, random: Callable[[int], bytes] = os.urandom) -> Self:
        """Make a new key."""
        return cls(random(_SEED_BYTES))

    def sign(self, payload: bytes, *, domain: bytes) -> bytes:
        """Return the 64-byte signature over `domain ‖ 0x00 ‖ payload`."""
        return self._key.sign(_message(domain, payload))

    def blob(self, payload: bytes, *, domain: bytes) -> bytes:
        """Return `signature ‖ payload`."""
        return self.sign(payload, domain=domain) + payload

    def __repr__(self) -> str:
        """Show no key."""
        return "SigningKey(…)"


def verify(signature: bytes, payload: bytes, *, key: bytes, domain: bytes) -> None:
    """Check an Ed25519 signature.

    Raises:
        SignatureRefused: It is not the signature of `key` over this payload for this use.
    """
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _message(domain, payload))
    except (InvalidSignature, ValueError):
        raise SignatureRefused("A signature is not its key's.", domain=domain.decode()) from None


def open_blob(blob: bytes, *, key: bytes, domain: bytes) -> bytes:
    """Return the payload of a signed blob.

    Raises:
        SignatureRefused: See `verify`.
    """
    payload = blob[SIGNATURE_BYTES:]
    verify(blob[:SIGNATURE_BYTES], payload, key=key, domain=domain)
    return payload


@final
class HybridSigningKey:
    """Ed25519 and ML-DSA-65 over the same bytes: for what must still hold when one of them has fallen.

    Known by one seed of 32 bytes, from which both halves are derived.
    """

    __slots__ = ("_pq", "classical", "pq_public", "seed")

    def __init__(self, seed: bytes) -> None:
        """Take a seed of 32 bytes."""
        halves = hashlib.shake_256(b"causeway/hybrid-signing/1\0" + seed).digest(2 * _SEED_BYTES)
        self.seed = seed
        self.classical = SigningKey(halves[:_SEED_BYTES])
        self._pq = MLDSA65PrivateKey.from_seed_bytes(halves[_SEED_BYTES:])
        self.pq_public = self._pq.public_key().public_bytes_raw()

    @classmethod
    def generate(cls, *, random: Callable[[int], bytes] = os.urandom) -> Self:
        """Make a new key."""
        return cls(random(_SEED_BYTES))

    @property
    def public(self) -> bytes:
        """The Ed25519 public key: what browsers and doors see."""
        return self.classical.public

    def hybrid_blob(self, payload: bytes, *, domain: bytes) -> bytes:
        """Return `Ed25519 (64) ‖ ML-DSA-65 (3,309) ‖ payload`."""
        return (
            self.classical.sign(payload, domain=domain) + self._pq.sign(_message(domain, payload)) + payload
        )

    def __repr__(self) -> str:
        """Show no key."""
        return "HybridSigningKey(…)"


def open_hybrid_blob(blob: bytes, *, key: bytes, pq_key: bytes, domain: bytes) -> bytes:
    """Return the payload of a blob that both signatures cover.

    Raises:
        SignatureRefused: One of the two is not its key's.
    """
    payload = blob[HYBRID_SIGNATURE_BYTES:]
    verify(blob[:SIGNATURE_BYTES], payload, key=key, domain=domain)
    try:
        MLDSA65PublicKey.from_public_bytes(pq_key).verify(
            blob[SIGNATURE_BYTES:HYBRID_SIGNATURE_BYTES], _message(domain, payload)
        )
    except (InvalidSignature, ValueError):
        raise SignatureRefused("A signature is not its key's.", domain=domain.decode()) from None
    return payload
