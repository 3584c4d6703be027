"""HTTP for the connections that the web process reads itself: one request each, and never for long."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Protocol, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from causeway.door.config import Lane

__all__ = ["HttpServer"]

_HEAD_BYTES_MAX = 16 * 1024
_HEAD_END = b"\r\n\r\n"
_HEAD_SECONDS = 20.0
_WHOLE_SECONDS = 900.0
"""A full board is 16 MiB: at 20 KB/s through Tor that takes fourteen minutes."""
_CONNECTIONS_MAX = 500
"""For each lane: a crowd on one takes no place of the other's."""
_FIRST_BYTES = 128 * 1024


class _OneRequest(HttpToolsProtocol):
    """uvicorn's protocol with limits of its own: a head that comes in time and fits, one request, an end."""

    _head_done = False
    _head_bytes = 0
    _head_tail = b""
    _deadline: asyncio.TimerHandle | None = None
    _first = b""
    _on_end: Callable[[], None]

    def begin_with(self, first: bytes, *, on_end: Callable[[], None]) -> _OneRequest:
        """Take what was read before this connection became this protocol's."""
        self._first = first
        self._on_end = on_end
        return self

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(_HEAD_SECONDS, transport.abort)
        first, self._first = self._first, b""
        self.data_received(first)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._on_end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if not self._head_done and self._head_size(data) > _HEAD_BYTES_MAX:
            self.send_400_response("The head of this request is too long.")
            return
        super().data_received(data)

    def _head_size(self, data: bytes) -> int:
        """Return the size of the head so far, without the body that may follow it in the same data."""
        window = self._head_tail + data
        end = window.find(_HEAD_END)
        size = self._head_bytes + (len(data) if end < 0 else max(0, end - len(self._head_tail)))
        self._head_bytes += len(data)
        self._head_tail = window[-len(_HEAD_END) + 1 :]
        return size

    def on_headers_complete(self) -> None:
        if not self._head_done:
            self._head_done = True
            if self._deadline is not None:
                self._deadline.cancel()
            self._deadline = self.loop.call_later(_WHOLE_SECONDS, self.transport.abort)
        # A second request on the same connection would be queued behind the first, whose answer closes it.
        super().on_headers_complete()


class ShortWay(Protocol):
    """Serves some requests quicker."""

    def take(self, sock: socket.socket, lane: str, first: bytes, *, done: Callable[[], None]) -> bool:
        """Serve a connection, or return `False` and do nothing."""
        ...


class HttpServer:
    """Runs an ASGI application on accepted sockets.

    Args:
        app: The application. `scope["state"]["lane"]` tells it where a request came in.
        headers: What every answer carries, also those that uvicorn makes by itself.
        short: Is asked first.
        lane_max: Connections of one lane at once.
    """

    def __init__(
        self,
        app: Callable[..., object],
        *,
        headers: list[tuple[str, str]],
        short: ShortWay,
        lane_max: int = _CONNECTIONS_MAX,
    ) -> None:
        # No access log and no log of errors either: uvicorn's carry tracebacks.
        logging.getLogger("uvicorn.error").disabled = True
        self._config = Config(
            cast("type", app),
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            interface="asgi3",
        )
        self._config.load()
        self._state = ServerState()
        self._state.default_headers = [(name.encode(), value.encode()) for name, value in headers]
        self._short = short
        self._lane_max = lane_max
        self._inside = dict.fromkeys(Lane, 0)
        self._loop = asyncio.get_running_loop()
        self._starting: set[asyncio.Task[None]] = set()

    def serve(self, sock: socket.socket, lane: Lane) -> None:
        """Serve the one request of a connection whose first bytes are there."""
        if self._inside[lane] >= self._lane_max:
            sock.close()
            return
        try:
            first = sock.recv(_FIRST_BYTES)
        except OSError:
            first = b""
        if not first:
            sock.close()
            return
        self._inside[lane] += 1

        def done() -> None:
            self._inside[lane] -= 1

        if self._short.take(sock, lane, first, done=done):
            return
        task = self._loop.create_task(self._start(sock, lane, first, done))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start(self, sock: socket.socket, lane: Lane, first: bytes, done: Callable[[], None]) -> None:
        def protocol() -> _OneRequest:
            made = _OneRequest(self._config, self._state, {"lane": lane}, self._loop)
            return made.begin_with(first, on_end=done)

        try:
            await self._loop.connect_accepted_socket(protocol, sock)
        except OSError:
            sock.close()
            done()

    async def close(self, *, grace_seconds: float) -> None:
        """Let running requests end, for a moment, and cut the rest."""
        for connection in list(self._state.connections):
            connection.shutdown()
        tasks = list(self._state.tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=grace_seconds)
        for connection in list(self._state.connections):
            connection.transport.abort()
        for task in tasks:
            task.cancel()
