"""A lean client for the relay's Unix socket: kept connections, streamed bodies, nothing remembered.

A general client took longer over a slot than the relay did; this one writes a head, passes a body and reads
an answer with the parser that the server uses as well.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httptools

from causeway.errors import RemoteError

__all__ = ["RelayAway", "Reply", "Upstream"]

_CONNECTIONS_MAX = 24
"""For each lane, so that none can take the others' turns. Kept ones that are used again come on top."""
_IDLE_MAX = 32
_BUFFER_MAX = 128 * 1024
_TURN_SECONDS = 10.0
_ANSWER_SECONDS = 30.0


class RelayAway(RemoteError):
    """The relay can't be reached, or broke off."""


@dataclass(slots=True)
class Reply:
    """The head of the relay's answer."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)


Answered = Callable[[Reply | None, bytes], None]
"""Told a whole answer; `None` where the connection was lost before."""


class _Connection(asyncio.Protocol):
    """One kept connection, one exchange at a time."""

    def __init__(self, pool: Upstream) -> None:
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self.transport: asyncio.Transport | None = None
        self.lost = False
        self._writable = asyncio.Event()
        self._writable.set()
        self._arrived = asyncio.Event()
        self._answered: Answered | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._reply = Reply()
        self.head: asyncio.Future[Reply] = self._loop.create_future()
        self._parts: deque[bytes] = deque()
        self._buffered = 0
        self._complete = False
        self.keep = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._writable.set()
        self._arrived.set()
        if not self.head.done():
            self.head.set_exception(RelayAway("The relay broke off."))
            self.head.exception()  # looked at, also where nobody waits for it
        self._pool.forget(self)
        if self._answered is not None:
            answered, self._answered = self._answered, None
            self._stop_timer()
            answered(None, b"")

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.close()
            return
        if self._complete and self._answered is not None:
            reply, body, answered = self._reply, b"".join(self._parts), self._answered
            self._answered = None
            self._stop_timer()
            self.release()
            answered(reply, body)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        self._reply.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self._reply.status = self._parser.get_status_code()
        if not self.head.done():
            self.head.set_result(self._reply)

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)
        self._buffered += len(body)
        if self._buffered > _BUFFER_MAX and self.transport is not None:
            self.transport.pause_reading()
        self._arrived.set()

    def on_message_complete(self) -> None:
        self.keep = self._parser.should_keep_alive()
        self._complete = True
        self._arrived.set()

    # What the pool and the exchange call.

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def ask(self, request: bytes, answered: Answered) -> None:
        """Send a whole request and tell its whole answer, without a task."""
        self._answered = answered
        self._timer = self._loop.call_later(_ANSWER_SECONDS, self.close)
        self.write(request)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def write(self, data: bytes) -> None:
        if self.transport is not None and not self.lost:
            self.transport.write(data)

    async def drained(self) -> None:
        await self._writable.wait()

    def release(self) -> None:
        """Make ready for the next exchange, or close where this one did not end cleanly."""
        if self._complete and self.keep and not self.lost and self.transport is not None:
            self._begin()
            self.transport.resume_reading()
            self._pool.keep(self)
        else:
            self.close()

    async def body(self) -> AsyncIterator[bytes]:
        while True:
            while self._parts:
                part = self._parts.popleft()
                self._buffered -= len(part)
                yield part
            if self._complete:
                return
            if self.lost:
                raise RelayAway("The relay broke off.")
            if self.transport is not None:
                self.transport.resume_reading()
            self._arrived.clear()
            await asyncio.wait_for(self._arrived.wait(), _ANSWER_SECONDS)


class Upstream:
    """Kept connections to one relay.

    Args:
        path: The relay's Unix socket.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: deque[_Connection] = deque()
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(_CONNECTIONS_MAX)
        )

    def keep(self, connection: _Connection) -> None:
        """Take a connection back that is ready for another exchange."""
        if len(self._idle) >= _IDLE_MAX:
            connection.close()
        else:
            self._idle.append(connection)

    def forget(self, connection: _Connection) -> None:
        """Drop a connection that was lost while nobody used it."""
        if connection in self._idle:
            self._idle.remove(connection)

    def close(self) -> None:
        """Close what is kept."""
        for connection in list(self._idle):
            connection.close()

    def ask_now(self, request: bytes, answered: Answered) -> bool:
        """Send a whole request over a kept connection; `False` where none is free."""
        while self._idle:
            kept = self._idle.pop()
            if not kept.lost:
                kept.ask(request, answered)
                return True
        return False

    def exchange(self, head: bytes, body: bytes | AsyncIterator[bytes] = b"", *, share: str = "") -> Exchange:
        """Return one request, to be entered with `async with`.

        Args:
            head: Request line and headers, with the empty line.
            body: All of it, or a stream, which is read no faster than the relay takes it.
            share: Whose turn it takes: a lane's, or the door's own.
        """
        return Exchange(self, head=head, body=body, share=share)

    async def turn(self, share: str) -> None:
        """Wait for one of the connections that a share may have at once."""
        await asyncio.wait_for(self._turns[share].acquire(), _TURN_SECONDS)

    def done(self, share: str) -> None:
        """Give a turn back."""
        self._turns[share].release()

    async def connection(self, *, fresh: bool) -> tuple[_Connection, bool]:
        """Return a connection, and whether it was used before."""
        while self._idle and not fresh:
            kept = self._idle.pop()  # the one used last: the others may close for want of use
            if not kept.lost:
                return kept, True
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_unix_connection(lambda: _Connection(self), str(self._path))
        return connection, False


class Exchange:
    """One request and its answer. Leaving it gives the connection back."""

    def __init__(
        self, pool: Upstream, *, head: bytes, body: bytes | AsyncIterator[bytes], share: str
    ) -> None:
        self._pool = pool
        self._share = share
        self._head = head
        self._body = body
        self._connection: _Connection | None = None
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> tuple[Reply, AsyncIterator[bytes]]:
        """Send, and wait for the answer's head.

        Raises:
            RelayAway: No relay, or none that answers.
        """
        try:
            await self._pool.turn(self._share)
        except TimeoutError:
            raise RelayAway("The relay is busy.") from None
        try:
            return await self._send()
        except BaseException as error:
            await self._leave(clean=False)
            if isinstance(error, OSError | TimeoutError):
                raise RelayAway("The relay does not answer.") from None
            raise

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        """Give the connection back, or close it after a failure."""
        await self._leave(clean=kind is None)

    async def _send(self) -> tuple[Reply, AsyncIterator[bytes]]:
        connection, used = await self._pool.connection(fresh=False)
        self._connection = connection
        try:
            return await self._ask(connection)
        except RelayAway:
            # The relay may close a kept connection just as we take it. Every request of ours may be sent
            # twice (FORMAT, section 13), so ask once more, if the body can be had again.
            if not used or not isinstance(self._body, bytes):
                raise
        connection.close()
        self._connection, _ = await self._pool.connection(fresh=True)
        return await self._ask(self._connection)

    async def _ask(self, connection: _Connection) -> tuple[Reply, AsyncIterator[bytes]]:
        if isinstance(self._body, bytes):
            connection.write(self._head + self._body)
            await asyncio.wait_for(asyncio.shield(connection.head), _ANSWER_SECONDS)
        else:
            connection.write(self._head)
            self._pump = pump = asyncio.create_task(self._pass_body(connection, self._body))
            # The relay may answer before it has taken all: a refusal needs no body.
            either: list[asyncio.Future[Any]] = [pump, connection.head]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not connection.head.done():
                pump.result()  # raises where the visitor broke off
                await asyncio.wait_for(asyncio.shield(connection.head), _ANSWER_SECONDS)
        return connection.head.result(), connection.body()

    @staticmethod
    async def _pass_body(connection: _Connection, body: AsyncIterator[bytes]) -> None:
        async for part in body:
            connection.write(part)
            await connection.drained()

    async def _leave(self, *, clean: bool) -> None:
        if self._pump is not None:
            if not self._pump.done():
                clean = False  # answered before the whole body was asked for: the rest must not follow
                self._pump.cancel()
            await asyncio.wait({self._pump})
            clean = clean and not self._pump.cancelled() and self._pump.exception() is None
        if self._connection is not None:
            if clean:
                self._connection.release()
            else:
                self._connection.close()
        self._pool.done(self._share)
