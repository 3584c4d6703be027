"""The hybrid key pair (ML-KEM-768 with X25519) that every message and wrapped key is sealed to.

It is X-Wing: a 32-byte seed expands to both secret halves, and both must be broken to open what was
sealed, so that what is recorded today stays closed if one of them falls.

Sources: draft-connolly-cfrg-xwing-kem, section 5.2 (seed expansion); draft-ietf-hpke-pq-03 (the
HPKE suite); C2SP age.md, "MLKEM768-X25519" (text forms).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from typing import Final, Self, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from causeway.errors import LocalError, RemoteError
from causeway.sealed import _bech32

__all__ = [
    "ENCAPSULATION_SIZE",
    "HPKE_OVERHEAD",
    "PUBLIC_SIZE",
    "SEED_SIZE",
    "HybridError",
    "HybridPublic",
    "HybridSecret",
    "hpke_open",
    "hpke_seal",
]

SEED_SIZE: Final = 32
_MLKEM_PUBLIC_SIZE: Final = 1184
_MLKEM_CIPHERTEXT_SIZE: Final = 1088
_MLKEM_SEED_SIZE: Final = 64
_X25519_SIZE: Final = 32
_TAG_SIZE: Final = 16
PUBLIC_SIZE: Final = _MLKEM_PUBLIC_SIZE + _X25519_SIZE
ENCAPSULATION_SIZE: Final = _MLKEM_CIPHERTEXT_SIZE + _X25519_SIZE
HPKE_OVERHEAD: Final = ENCAPSULATION_SIZE + _TAG_SIZE

_IDENTITY_PREFIX: Final = "AGE-SECRET-KEY-PQ-"
_RECIPIENT_PREFIX: Final = "age1pq"

_SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)

# Any scalar shows whether a point is of low order; this one is no secret. See RFC 7748, section 6.1.
_PROBE: Final = X25519PrivateKey.from_private_bytes(bytes(_X25519_SIZE))


class HybridError(RemoteError):
    """A public key or an encapsulation that came from outside and is none."""


@final
class HybridPublic:
    """The public half: anybody may seal to it. Its bytes are the ML-KEM key, then the X25519 one."""

    __slots__ = ("_hpke_key", "_raw")

    def __init__(self, raw: bytes) -> None:
        """Check and take 1,216 bytes.

        Raises:
            HybridError: Another length, an ML-KEM key out of range, or an X25519 point of low order,
                which would leave half of the hybrid without a secret.
        """
        if len(raw) != PUBLIC_SIZE:
            raise HybridError("a hybrid public key has another size", size=len(raw))
        try:
            mlkem_key = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_SIZE])
            x25519_key = X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC_SIZE:])
            _PROBE.exchange(x25519_key)
        except ValueError:
            raise HybridError("these bytes are no hybrid public key") from None
        self._raw = bytes(raw)
        self._hpke_key = hpke.MLKEM768X25519PublicKey(mlkem_key, x25519_key)

    @classmethod
    def from_recipient(cls, text: str) -> Self:
        """Read "age1pq1…".

        Raises:
            HybridError: Not such a text.
        """
        try:
            raw = _bech32.decode(text, prefix=_RECIPIENT_PREFIX)
        except ValueError:
            raise HybridError("this text is no hybrid public key") from None
        return cls(raw)

    def to_recipient(self) -> str:
        """Return "age1pq1…", which every age program of 2026 or later takes."""
        return _bech32.encode(self._raw, prefix=_RECIPIENT_PREFIX)

    def __bytes__(self) -> bytes:
        """Return the 1,216 bytes that `HybridPublic` takes."""
        return self._raw

    def __eq__(self, other: object) -> bool:
        """Compare the bytes; these are public."""
        return isinstance(other, HybridPublic) and self._raw == other._raw

    def __hash__(self) -> int:
        """Hash the bytes."""
        return hash(self._raw)

    def __repr__(self) -> str:
        """Show no key: even a public one says who was written to."""
        return "HybridPublic(…)"


@final
class HybridSecret:
    """The secret half, known by its seed. It neither prints nor pickles."""

    __slots__ = ("_hpke_key", "_public", "_seed", "_x25519_key")

    def __init__(self, seed: bytes) -> None:
        """Expand a seed; `from_seed` and `generate` say which of the two is meant."""
        if len(seed) != SEED_SIZE:
            raise LocalError("a hybrid seed has another size", size=len(seed))
        expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_SIZE + _X25519_SIZE)
        mlkem_key = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_SIZE])
        self._x25519_key = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_SIZE:])
        self._hpke_key = hpke.MLKEM768X25519PrivateKey(mlkem_key, self._x25519_key)
        self._seed = bytes(seed)
        self._public = HybridPublic(
            mlkem_key.public_key().public_bytes_raw() + self._x25519_key.public_key().public_bytes_raw()
        )

    @classmethod
    def generate(cls, *, random: Callable[[int], bytes] = os.urandom) -> Self:
        """Make a new pair; `random` returns as many random bytes as it is asked for."""
        return cls(random(SEED_SIZE))

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Rebuild a pair from its 32 bytes.

        Raises:
            LocalError: Another length.
        """
        return cls(seed)

    @classmethod
    def from_identity(cls, text: str) -> Self:
        """Read "AGE-SECRET-KEY-PQ-1…".

        Raises:
            LocalError: Not such a text.
        """
        try:
            seed = _bech32.decode(text, prefix=_IDENTITY_PREFIX)
        except ValueError:
            raise LocalError("this text is no hybrid secret key") from None
        return cls(seed)

    @property
    def public(self) -> HybridPublic:
        """The half to give away."""
        return self._public

    @property
    def seed(self) -> bytes:
        """The 32 bytes that are this key: for the vault and for age files, nowhere else."""
        return self._seed

    def to_identity(self) -> str:
        """Return "AGE-SECRET-KEY-PQ-1…": the secret itself, for an export that its owner asked for."""
        return _bech32.encode(self._seed, prefix=_IDENTITY_PREFIX)

    def __eq__(self, other: object) -> bool:
        """Compare the seeds in constant time."""
        return isinstance(other, HybridSecret) and hmac.compare_digest(self._seed, other._seed)

    def __hash__(self) -> int:
        """Hash the public half, never the seed."""
        return hash(self._public)

    def __repr__(self) -> str:
        """Show no key."""
        return "HybridSecret(…)"

    def __reduce__(self) -> str:
        """Refuse: a pickle is a copy that nobody destroys."""
        raise TypeError("a secret key is not pickled")


def hpke_seal(plaintext: bytes, *, recipient: HybridPublic, info: bytes) -> bytes:
    """Seal a short text to one key: HPKE base mode, one shot, no associated data.

    Returns:
        1,120 bytes of encapsulation, then the ciphertext with its 16-byte tag.
    """
    return _SUITE.encrypt(plaintext, recipient._hpke_key, info)


def hpke_open(sealed: bytes, *, secret: HybridSecret, info: bytes) -> bytes | None:
    """Open what `hpke_seal` made.

    Returns:
        The plaintext, or `None` where it was sealed to another key or for another `info`, or was
        altered: HPKE can't tell these apart.

    Raises:
        HybridError: Cut short, or the X25519 share is of low order. X-Wing itself would let that
            pass; age.md's vectors want it refused.
    """
    if len(sealed) < HPKE_OVERHEAD:
        raise HybridError("a sealed text is cut short", size=len(sealed))
    try:
        share = X25519PublicKey.from_public_bytes(sealed[_MLKEM_CIPHERTEXT_SIZE:ENCAPSULATION_SIZE])
        secret._x25519_key.exchange(share)
    except ValueError:
        raise HybridError("a sealed text carries a share of low order") from None
    try:
        return _SUITE.decrypt(sealed, secret._hpke_key, info)
    except InvalidTag:
        return None
