"""The forwarder: an ASGI application for everything under `/v1/`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send

from causeway.door.forward._head import (
    AWAY,
    PASSED_BACK,
    SLOT_SECONDS,
    TOO_SLOW,
    Refused,
    passage_of,
    relay_head,
)
from causeway.door.forward._upstream import RelayAway, Reply, Upstream
from causeway.wire.sizes import BUCKET_BYTES, CHUNK_BYTES, SLOT_BYTES

__all__ = ["Forwarder"]

_CHUNK_SECONDS = 180.0
"""In which a chunk of an attachment has to arrive: 1,500 bytes a second."""
_CHUNKS_MAX = 8
"""Chunks of one lane that may be on their way at once, 2 MiB of memory; further ones are to come again."""
_STREAMS_MAX = 2
"""Long bodies of one lane that may be on their way at once; only desks send any."""
_OWN_MAX = BUCKET_BYTES


class _BrokeOff(Exception):
    """The visitor went away before the end of a body."""


class Forwarder:
    """Passes what docs/FORMAT.md, section 13 lists; drops every header of the visitor's but three.

    Args:
        relay: The relay's Unix socket.

    Attributes:
        upstream: Its connections to the relay.
    """

    def __init__(self, relay: Path) -> None:
        self.upstream = Upstream(relay)
        self._chunks: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(_CHUNKS_MAX)
        )
        self._streams: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(_STREAMS_MAX)
        )

    def close(self) -> None:
        """Close the kept connections."""
        self.upstream.close()

    async def get(self, path: str) -> bytes | None:
        """Return what the relay serves to anybody under a path; `None` where it has nothing or is away."""
        head = f"GET {path} HTTP/1.1\r\nHost: relay\r\n\r\n".encode()
        try:
            async with self.upstream.exchange(head) as (reply, body):
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
        except Refused as refused:
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
        method, path, query = scope["method"], scope["path"], scope["query_string"]
        lane: str = scope["state"]["lane"]
        head, length = relay_head(method, path, query=query, headers=dict(scope["headers"]), lane=lane)
        if length <= SLOT_BYTES:
            body = await _in_time(receive, length=length, seconds=SLOT_SECONDS)
            await self._exchange(head, body, send, lane=lane)
            return
        if passage_of(method, path, query=query).body_max == CHUNK_BYTES:
            if self._chunks[lane].locked():
                raise Refused(503, "Other files are under way.", (b"retry-after", b"5"))
            async with self._chunks[lane]:
                body = await _in_time(receive, length=length, seconds=_CHUNK_SECONDS)
                await self._exchange(head, body, send, lane=lane)
            return
        if self._streams[lane].locked():
            raise Refused(503, "Other long deliveries are under way.", (b"retry-after", b"20"))
        async with self._streams[lane]:
            await self._exchange(head, _stream(receive, length=length), send, lane=lane)

    async def _exchange(
        self, head: bytes, body: bytes | AsyncIterator[bytes], send: Send, *, lane: str
    ) -> None:
        begun = False
        try:
            async with self.upstream.exchange(head, body, share=lane) as (reply, parts):
                await send(_start(reply))
                begun = True
                async for part in parts:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except (RelayAway, TimeoutError):
            if begun:
                raise  # too late for another answer: the connection is cut
            raise Refused(502, AWAY, (b"retry-after", b"30")) from None


def _start(reply: Reply) -> dict[str, Any]:
    headers = [(name, reply.headers[name]) for name in PASSED_BACK if name in reply.headers]
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
        raise Refused(408, TOO_SLOW) from None


async def _whole(receive: Receive, *, length: int) -> bytes:
    return b"".join([part async for part in _stream(receive, length=length)])
