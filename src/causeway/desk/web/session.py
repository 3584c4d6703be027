"""Who may look: one browser, let in once by a token, known from then on by a cookie."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from typing import Final, Self

__all__ = ["COOKIE", "Session"]

COOKIE: Final = "desk"
_SECRET_BYTES: Final = 32


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).digest()


class Session:
    """One browser's right to see the desk.

    Only hashes stay here: what is handed to the next process when the desk locks lets nobody in.
    """

    def __init__(self, *, token: bytes | None, cookie: bytes | None) -> None:
        """Take the SHA-256 of the token that still opens, and of the cookie that was given out."""
        self._token = token
        self._cookie = cookie

    @classmethod
    def start(cls, *, random: Callable[[int], bytes] = os.urandom) -> tuple[Self, str]:
        """Return a new session and the token that opens it, once."""
        token = random(_SECRET_BYTES).hex()
        return cls(token=_digest(token), cookie=None), token

    @property
    def kept(self) -> tuple[bytes | None, bytes | None]:
        """The two hashes, for the process that takes over."""
        return self._token, self._cookie

    def redeem(self, token: str) -> str | None:
        """Return the cookie's value for the first who shows the token; `None` for everybody after."""
        if self._token is None or not hmac.compare_digest(self._token, _digest(token)):
            return None
        self._token = None
        cookie = secrets.token_urlsafe(_SECRET_BYTES)
        self._cookie = _digest(cookie)
        return cookie

    def admits(self, cookie: str | None) -> bool:
        """Whether this is the cookie that was given out."""
        if cookie is None or self._cookie is None:
            return False
        return hmac.compare_digest(self._cookie, _digest(cookie))
