"""Pages of an encrypted store as SQLCipher 4 seals them: AES-256-CBC (zetetic.net/sqlcipher/design)."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

__all__ = ["open_page"]


def open_page(body: bytes, *, key: bytes, iv: bytes) -> bytes:
    """Return a page's plaintext; its tag is not checked: this is for whoever searches what a key opens.

    Args:
        body: A multiple of 16 bytes.
        key: 32 bytes.
        iv: 16 bytes, from the page's end.
    """
    opener = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return opener.update(body) + opener.finalize()
