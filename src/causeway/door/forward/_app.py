"""The forwarder: an ASGI application for everything under `/v1/`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send

from causeway.door.forward._table import Passage, find
from causeway.door.forward._upstream import RelayAway, Reply, Upstream
from causeway.wire.sizes import BUCKET_BYTES, CHUNK_BYTES, SLOT_BYTES

__all__ = ["Forwarder"]

_PASSED_BACK = (b"content-type", b"content-length", b"retry-after", b"causeway-puzzle")
_AUTHORIZATION = re.compile(rb"[!-~][ -~]{0,255}")
_WORK = re.compile(rb"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{11}")
_LENGTH = re.compile(rb"[0-9]{1,15}")
_SLOT_SECONDS = 60.0
"""In which a body of up to a slot has to arrive: over 500 bytes a second."""
_CHUNK_SECONDS = 180.0
"""In which a chunk of an attachment has to arrive: 1,500 bytes a second."""
_CHUNKS_MAX = 16
"""Chunks that may be on their way at once, 4 MiB of memory; further ones are asked to come again."""
_STREAMS_MAX = 4
"""Long bodies that may be on their way at once; only desks send any."""
_OWN_MAX = BUCKET_BYTES
_AWAY = "The store behind this door does not answer. Try again in a few minutes."


class _Refused(Exception):
    def __init__(self, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
        self.status = status
        self.text = text
        self.headers = headers


class _BrokeOff(Exception):
    """The visitor went away before the end of a body."""


class Forwarder:
    """Passes what docs/FORMAT.md, section 13 lists; drops every header of the visitor's but three.

    Args:
        relay: The relay's Unix socket.
    """

    def __init__(self, relay: Path) -> None:
        self._upstream = Upstream(relay)
        self._chunks = asyncio.Semaphore(_CHUNKS_MAX)
        self._streams = asyncio.Semaphore(_STREAMS_MAX)

    def close(self) -> None:
        """Close the kept connections."""
        self._upstream.close()

    async def get(self, path: str) -> bytes | None:
        """Return what the relay serves to anybody under a path; `None` where it has nothing or is away."""
        head = f"GET {path} HTTP/1.1\r\nHost: relay\r\n\r\n".encode()
        try:
            async with self._upstream.exchange(head) as (reply, body):
                whole = b""
                async for part in body:
                    whole += part
                    if len(whole) > _OWN_MAX:
                        raise RelayAway("The relay answers with more than it has.")
                return whole if reply.status == 200 else None
        except (RelayAway, TimeoutError):
            return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under `/v1/`."""
        try:
            await self._forward(scope, receive, send)
        except _Refused as refused:
            text = refused.text.encode()
            headers = [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", b"%d" % len(text)),
                *refused.headers,
            ]
            await send({"type": "http.response.start", "status": refused.status, "headers": headers})
            await send({"type": "http.response.body", "body": text})
        except _BrokeOff:
            return

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        passage = self._passage(scope)
        head, length = self._head(scope, passage)
        if length <= SLOT_BYTES:
            await self._exchange(head, await _in_time(receive, length=length, seconds=_SLOT_SECONDS), send)
            return
        if passage.body_max == CHUNK_BYTES:
            if self._chunks.locked():
                raise _Refused(503, "Other files are under way.", (b"retry-after", b"5"))
            async with self._chunks:
                body = await _in_time(receive, length=length, seconds=_CHUNK_SECONDS)
                await self._exchange(head, body, send)
            return
        if self._streams.locked():
            raise _Refused(503, "Other long deliveries are under way.", (b"retry-after", b"20"))
        async with self._streams:
            await self._exchange(head, _stream(receive, length=length), send)

    @staticmethod
    def _passage(scope: Scope) -> Passage:
        found = find(scope["path"], method=scope["method"])
        if found is None:
            raise _Refused(404, "There is nothing here.")
        if not isinstance(found, Passage):
            raise _Refused(405, "Not this way.", (b"allow", ", ".join(found).encode()))
        if not found.query.fullmatch(scope["query_string"]):
            raise _Refused(400, "This query is not understood.")
        return found

    @staticmethod
    def _head(scope: Scope, passage: Passage) -> tuple[bytes, int]:
        """Return the head of the request to the relay, and how many bytes of body follow."""
        given: dict[bytes, bytes] = dict(scope["headers"])
        length_text = given.get(b"content-length", b"" if passage.body_max else b"0")
        if b"transfer-encoding" in given or not length_text:
            raise _Refused(411, "A body needs its length.")
        if not _LENGTH.fullmatch(length_text):
            raise _Refused(400, "This length is not understood.")
        length = int(length_text)
        if length > passage.body_max:
            raise _Refused(413, "This is longer than it can be.")
        path, query, lane = scope["path"], scope["query_string"].decode("ascii"), scope["state"]["lane"]
        lines = [
            f"{scope['method']} {path}{'?' + query if query else ''} HTTP/1.1",
            "Host: relay",
            f"Causeway-Lane: {lane}",
            f"Content-Length: {length}",
        ]
        authorization = given.get(b"authorization")
        if authorization is not None:
            if not _AUTHORIZATION.fullmatch(authorization):
                raise _Refused(400, "This authorization is not understood.")
            lines.append(f"Authorization: {authorization.decode('ascii')}")
        work = given.get(b"causeway-work")
        if work is not None:
            if not _WORK.fullmatch(work):
                raise _Refused(400, "This solution is not understood.")
            lines.append(f"Causeway-Work: {work.decode('ascii')}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii"), length

    async def _exchange(self, head: bytes, body: bytes | AsyncIterator[bytes], send: Send) -> None:
        begun = False
        try:
            async with self._upstream.exchange(head, body) as (reply, parts):
                await send(_start(reply))
                begun = True
                async for part in parts:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except (RelayAway, TimeoutError):
            if begun:
                raise  # too late for another answer: the connection is cut
            raise _Refused(503, _AWAY, (b"retry-after", b"30")) from None


def _start(reply: Reply) -> dict[str, Any]:
    headers = [(name, reply.headers[name]) for name in _PASSED_BACK if name in reply.headers]
    return {"type": "http.response.start", "status": reply.status, "headers": headers}


async def _stream(receive: Receive, *, length: int) -> AsyncIterator[bytes]:
    got = 0
    while got < length:
        message = await receive()
        if message["type"] != "http.request":
            raise _BrokeOff
        part: bytes = message.get("body", b"")
        got += len(part)
        if got > length or (got < length and not message.get("more_body", False)):
            raise _BrokeOff
        if part:
            yield part


async def _in_time(receive: Receive, *, length: int, seconds: float) -> bytes:
    try:
        return await asyncio.wait_for(_whole(receive, length=length), seconds)
    except TimeoutError:
        raise _Refused(408, "This took too long to arrive.") from None


async def _whole(receive: Receive, *, length: int) -> bytes:
    return b"".join([part async for part in _stream(receive, length=length)])
