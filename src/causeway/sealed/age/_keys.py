"""What is derived from a file key: the header's MAC and the payload's key.

Source: C2SP age.md, "Header MAC" and "Payload".
"""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from causeway.sealed.age._header import AgeFile
from causeway.sealed.age.errors import MacFailure

__all__ = ["check_mac", "header_mac", "payload_key"]


def header_mac(file_key: bytes, *, authenticated: bytes) -> bytes:
    """Return the 32-byte MAC over a header up to and including "---"."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"header").derive(file_key)
    return hmac.digest(key, authenticated, "sha256")


def check_mac(file: AgeFile, *, file_key: bytes) -> None:
    """Pass, or raise.

    Raises:
        MacFailure: The header is not the one that this file key was made for.
    """
    if not hmac.compare_digest(file.mac, header_mac(file_key, authenticated=file.authenticated)):
        raise MacFailure("the header was altered")


def payload_key(file_key: bytes, *, nonce: bytes) -> bytes:
    """Return the 32-byte key of the payload."""
    return HKDF(algorithm=SHA256(), length=32, salt=nonce, info=b"payload").derive(file_key)
