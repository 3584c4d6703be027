"""Reading a request's body: never more of it than its route takes, never longer than its deadline."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.types import Receive

from causeway.errors import RemoteError
from causeway.relay.refusals import Refused

__all__ = ["BodyCut", "BodySize", "check_declared", "read_body"]


@dataclass(frozen=True, slots=True)
class BodySize:
    """Bytes that a route takes."""

    at_least: int
    at_most: int


class BodyCut(RemoteError):
    """The client went away in the middle; there is nobody to answer."""


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
        if not chunked:
            raise Refused(411, "say how long the body is")
        return
    if not length.isdigit():
        raise Refused(400, "malformed length")
    # Longer than any size of ours by digits alone; int() of a very long number is not cheap.
    if len(length) > 12 or int(length) > size.at_most:
        raise Refused(413, "the body is too large")
    if int(length) < size.at_least:
        raise Refused(400, "the body is too short")


async def read_body(receive: Receive, *, size: BodySize, seconds: float) -> bytes:
    """Read a body within its bounds.

    Raises:
        Refused: 413 too large, 400 too short, 408 too slow.
        BodyCut: The client is gone.
    """
    chunks: list[bytes] = []
    total = 0
    try:
        async with asyncio.timeout(seconds):
            more = True
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise BodyCut("the body was cut short")
                chunk = message.get("body", b"")
                total += len(chunk)
                if total > size.at_most:
                    raise Refused(413, "the body is too large")
                if chunk:
                    chunks.append(chunk)
                more = message.get("more_body", False)
    except TimeoutError:
        raise Refused(408, "the body came too slowly") from None
    if total < size.at_least:
        raise Refused(400, "the body is too short")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
