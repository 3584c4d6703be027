"""The key that organisations share, and that the linker never holds.

Whoever has it can encode any name and look for it among encodings. It goes from organisation to organisation
by a way that the linker does not see, and is destroyed when the counts are there.

Key file: three lines, `causeway count key 1`, 64 hexadecimal digits, and `check` with 8 more that reveal a
slip.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Final

from causeway.linkage.encoded_list import KEY_CHECK_BYTES
from causeway.linkage.errors import LinkKeyError

__all__ = ["KEY_BYTES", "LinkKey", "parse_key", "write_key"]

KEY_BYTES: Final = 32
_TITLE: Final = "causeway count key 1"
_FORM: Final = re.compile(r"causeway count key 1\r?\n([0-9a-f]{64})\r?\ncheck ([0-9a-f]{8})\s*")
_LONGEST: Final = 200


@dataclass(frozen=True)
class LinkKey:
    """32 random bytes, never printed.

    Raises:
        LinkKeyError: Another size.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise LinkKeyError("A key has 32 bytes.", expected_bytes=KEY_BYTES)

    def subkey(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose, from which neither the key nor another subkey follows."""
        return hmac.digest(self.secret, b"causeway count " + purpose.encode(), "sha256")

    def check(self, scheme: str) -> bytes:
        """Return 16 bytes that tell whether two lists were encoded under one key, and tell no more of it."""
        return self.subkey(f"check {scheme}")[:KEY_CHECK_BYTES]


def write_key(key: LinkKey) -> bytes:
    """Return a key file's bytes."""
    return f"{_TITLE}\n{key.secret.hex()}\ncheck {_slip_check(key.secret)}\n".encode()


def parse_key(raw: bytes) -> LinkKey:
    """Return the key of a key file.

    Raises:
        LinkKeyError: Another form, or a digit that was changed on the way.
    """
    found = _FORM.fullmatch(raw.decode("ascii", errors="replace")) if len(raw) <= _LONGEST else None
    if found is None:
        raise LinkKeyError("This is not a key file; `causeway count key new` makes one.")
    secret = bytes.fromhex(found[1])
    if _slip_check(secret) != found[2]:
        raise LinkKeyError("A digit of the key was changed on its way.")
    return LinkKey(secret)


def _slip_check(secret: bytes) -> str:
    return hashlib.sha256(b"causeway count key file" + secret).hexdigest()[:8]
