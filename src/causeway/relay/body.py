"""Bounds on a request's body: never more of it than its route takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from causeway.relay.refusals import Refused

__all__ = ["NO_BODY", "BodySize", "check_declared", "check_read"]

_DIGITS_MAX: Final = 12
"""Longer than any size of ours by digits alone; int() of a very long number is not cheap."""


@dataclass(frozen=True, slots=True)
class BodySize:
    """Bytes that a route takes."""

    at_least: int
    at_most: int


NO_BODY: Final = BodySize(0, 0)


def check_declared(headers: list[tuple[bytes, bytes]], *, size: BodySize) -> None:
    """Refuse by the head alone what is too large, too small or without any length.

    Raises:
        Refused: 411, 413 or 400.
    """
    length: bytes | None = None
    chunked = False
    for name, value in headers:
        if name == b"content-length":
            length = value
        elif name == b"transfer-encoding":
            chunked = True
    if length is None:
        if not chunked and size.at_least:
            raise Refused(411, "say how long the body is")
        return
    if not length.isdigit():
        raise Refused(400, "malformed length")
    if len(length) > _DIGITS_MAX or int(length) > size.at_most:
        raise Refused(413, "the body is too large")
    if int(length) < size.at_least:
        raise Refused(400, "the body is too short")


def check_read(read: int, *, size: BodySize, ended: bool) -> None:
    """Refuse what goes beyond its bounds, however long it was said to be.

    Args:
        read: Bytes so far.
        size: What the route takes.
        ended: Whether that was all.

    Raises:
        Refused: 413 too large, 400 too short.
    """
    if read > size.at_most:
        raise Refused(413, "the body is too large")
    if ended and read < size.at_least:
        raise Refused(400, "the body is too short")
