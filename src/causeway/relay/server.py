"""Serving on a Unix socket: uvicorn, with bounds on what it lets a connection do before and after a call."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from causeway.errors import LocalError
from causeway.relay.app import assemble
from causeway.relay.config import Config
from causeway.relay.keeper import announce_on_stderr, open_keeper

__all__ = ["serve", "server_settings"]

_HEAD_BYTES_MAX = 16 * 1024
_GRACE_SECONDS = 10
_FILES_WANTED = 8_192
_BACKLOG = 1_024


def serve(
    config: Config,
    socket_path: Path,
    *,
    clock: Callable[[], float] = time.time,
    announce: Callable[[str], None] = announce_on_stderr,
) -> None:
    """Run a relay until SIGTERM or SIGINT.

    Args:
        config: Folder and limits.
        socket_path: Where the door connects; only the owner and its group may. The folder is the operator's.
        clock: Unix seconds.
        announce: Told the setup code when the store is new.

    Raises:
        LocalError: The folder or the socket can't be used.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _raise_file_limit()
    # SQLite puts the copy that VACUUM makes elsewhere unless told: it stays in our folder.
    os.environ["SQLITE_TMPDIR"] = str(config.data)
    with (
        open_keeper(config, clock=clock, announce=announce) as keeper,
        _listen(socket_path) as listener,
    ):
        server = uvicorn.Server(
            uvicorn.Config(assemble(lambda: nullcontext(keeper)), **server_settings(config))
        )
        with _stop_signals(server):
            server.run(sockets=[listener])


def server_settings(config: Config) -> dict[str, Any]:
    """Return uvicorn's settings: no log of requests, no address, nothing about itself, and bounds on time."""
    head_seconds, send_seconds = config.head_seconds, config.send_seconds

    class Protocol(_BoundedProtocol):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            # uvicorn decides by whether anybody listens to its logger, whatever its setting says.
            self.access_log = False
            self.head_seconds = head_seconds
            self.send_seconds = send_seconds

    return {
        "http": Protocol,
        "ws": "none",
        "loop": "asyncio",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "date_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": _GRACE_SECONDS,
    }


class _BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol would wait for ever for a head, take one of any size, and keep an unread answer."""

    head_seconds: float
    send_seconds: float
    _head_timer: asyncio.TimerHandle | None = None
    _send_timer: asyncio.TimerHandle | None = None
    _in_head = True
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._stop_send_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > _HEAD_BYTES_MAX:
            self.transport.abort()

    def on_message_begin(self) -> None:
        self._in_head = True
        if self._head_timer is None:
            self._head_bytes = 0
            self._start_head_timer()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        self._stop_head_timer()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        if self._send_timer is None:
            self._send_timer = self.loop.call_later(self.send_seconds, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stop_send_timer()
        super().resume_writing()

    def _start_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self.transport.abort)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_send_timer(self) -> None:
        if self._send_timer is not None:
            self._send_timer.cancel()
            self._send_timer = None


@contextmanager
def _stop_signals(server: uvicorn.Server) -> Iterator[None]:
    """Stop in good order on SIGTERM and SIGINT, which uvicorn raises again at its own end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _listen(path: Path) -> Iterator[socket.socket]:
    """Bind the socket with a mode that lets in its owner and group, and remove it at the end."""
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o117)
        try:
            listener.bind(str(path))
        except OSError as error:
            raise LocalError("the socket can't be made", reason=error.strerror or "unknown") from None
        finally:
            os.umask(before)
        try:
            listener.listen(_BACKLOG)
            yield listener
        finally:
            path.unlink(missing_ok=True)
    finally:
        listener.close()


def _remove_stale(path: Path) -> None:
    """Remove what a killed relay left behind; refuse to take a living one's place."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise LocalError("something that is not a socket stands where the socket should be")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise LocalError("another relay is listening on this socket")


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else _FILES_WANTED
    if soft < _FILES_WANTED:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(_FILES_WANTED, most), hard))
