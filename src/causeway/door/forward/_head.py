"""The head of a request to the relay, made from a visitor's: what may stand in it, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from causeway.door.forward._table import Passage, find

__all__ = ["AWAY", "PASSED_BACK", "SLOT_SECONDS", "TOO_SLOW", "Refused", "passage_of", "relay_head"]

PASSED_BACK: Final = (b"content-type", b"content-length", b"retry-after", b"causeway-puzzle")
"""The headers of the relay's answer that a visitor gets."""

SLOT_SECONDS: Final = 60.0
"""In which a body of up to a slot has to arrive: over 500 bytes a second."""

AWAY: Final = "The store behind this door does not answer. Try again in a few minutes."
TOO_SLOW: Final = "This took too long to arrive."

_AUTHORIZATION = re.compile(rb"[!-~][ -~]{0,255}")
_WORK = re.compile(rb"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{11}")
_LENGTH = re.compile(rb"[0-9]{1,15}")


class Refused(Exception):
    """A request that does not pass: a status, a sentence, and headers."""

    def __init__(self, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
        self.status = status
        self.text = text
        self.headers = headers


def passage_of(method: str, path: str, *, query: bytes) -> Passage:
    """Return what the table says of a request.

    Raises:
        Refused: 404, 405 or 400.
    """
    found = find(path, method=method)
    if found is None:
        raise Refused(404, "There is nothing here.")
    if not isinstance(found, Passage):
        raise Refused(405, "Not this way.", (b"allow", ", ".join(found).encode()))
    if not found.query.fullmatch(query):
        raise Refused(400, "This query is not understood.")
    return found


def relay_head(
    method: str, path: str, *, query: bytes, headers: Mapping[bytes, bytes], lane: str
) -> tuple[bytes, int]:
    """Return the head of the request to the relay, and how many bytes of body follow.

    Args:
        method: Of the request.
        path: Decoded.
        query: As it came.
        headers: The visitor's, with names in lower case; all but three are dropped.
        lane: Where the request came in.

    Raises:
        Refused: It does not pass.
    """
    passage = passage_of(method, path, query=query)
    length_text = headers.get(b"content-length", b"" if passage.body_max else b"0")
    if b"transfer-encoding" in headers or not length_text:
        raise Refused(411, "A body needs its length.")
    if not _LENGTH.fullmatch(length_text):
        raise Refused(400, "This length is not understood.")
    length = int(length_text)
    if length > passage.body_max:
        raise Refused(413, "This is longer than it can be.")
    lines = [
        f"{method} {path}{'?' + query.decode('ascii') if query else ''} HTTP/1.1",
        "Host: relay",
        f"Causeway-Lane: {lane}",
        f"Content-Length: {length}",
    ]
    authorization = headers.get(b"authorization")
    if authorization is not None:
        if not _AUTHORIZATION.fullmatch(authorization):
            raise Refused(400, "This authorization is not understood.")
        lines.append(f"Authorization: {authorization.decode('ascii')}")
    work = headers.get(b"causeway-work")
    if work is not None:
        if not _WORK.fullmatch(work):
            raise Refused(400, "This solution is not understood.")
        lines.append(f"Causeway-Work: {work.decode('ascii')}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii"), length
