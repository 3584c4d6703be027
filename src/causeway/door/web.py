"""HTTP for the connections that the web process reads itself: one request each, and never for long."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import cast

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
_CONNECTIONS_MAX = 1_000


class _OneRequest(HttpToolsProtocol):
    """uvicorn's protocol with limits of its own: a head that comes in time and fits, one request, an end."""

    _head_done = False
    _head_bytes = 0
    _head_tail = b""
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(_HEAD_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
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


class HttpServer:
    """Runs an ASGI application on accepted sockets.

    Args:
        app: The application. `scope["state"]["lane"]` tells it where a request came in.
        headers: What every answer carries, also those that uvicorn makes by itself.
    """

    def __init__(self, app: Callable[..., object], *, headers: list[tuple[str, str]]) -> None:
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
        self._loop = asyncio.get_running_loop()
        self._starting: set[asyncio.Task[None]] = set()

    def serve(self, sock: socket.socket, lane: Lane) -> None:
        """Serve the one request of a connection."""
        if len(self._state.connections) >= _CONNECTIONS_MAX:
            sock.close()
            return
        task = self._loop.create_task(self._start(sock, lane))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start(self, sock: socket.socket, lane: Lane) -> None:
        try:
            await self._loop.connect_accepted_socket(
                lambda: _OneRequest(self._config, self._state, {"lane": lane}, self._loop), sock
            )
        except OSError:
            sock.close()

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
