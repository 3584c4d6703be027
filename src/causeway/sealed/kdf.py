"""Keys from keys: HKDF-SHA-256 (RFC 5869) with one label per use."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = ["derive_key"]


def derive_key(secret: bytes, *, info: bytes, salt: bytes = b"") -> bytes:
    """Return 32 bytes that depend on `secret`, `salt` and on the label `info`."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)
