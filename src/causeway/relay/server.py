"""The relay's process: its socket, its loop, and an end in good order."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from causeway.errors import LocalError
from causeway.relay.app import App
from causeway.relay.config import Config
from causeway.relay.http import Bounds, Line
from causeway.relay.keeper import Keeper, announce_on_stderr, open_keeper

__all__ = ["RelayServer", "serve"]

_GRACE_SECONDS: Final = 10.0
_FILES_WANTED: Final = 8_192
_BACKLOG: Final = 1_024
_LOOK_SECONDS: Final = 0.02


class RelayServer:
    """Serves a keeper on listening sockets, from `run` until `stop`.

    Args:
        keeper: Not started yet.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._bounds = Bounds(head=keeper.config.head_seconds, send=keeper.config.send_seconds)
        self._lines: set[Line] = set()
        self._changed = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._stopped = False

    def run(self, listener: socket.socket, *, until_signalled: bool = False) -> None:
        """Serve until `stop`, or until SIGTERM or SIGINT as well.

        Args:
            listener: Listens already; stays open.
            until_signalled: Only on the main thread.
        """
        asyncio.run(self._serve(listener, until_signalled=until_signalled))

    def stop(self) -> None:
        """Ask `run` to end, from any thread."""
        with self._changed:
            self._stopped = True
            if self._loop is not None and self._ended is not None:
                self._loop.call_soon_threadsafe(self._ended.set)

    async def _serve(self, listener: socket.socket, *, until_signalled: bool) -> None:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        if until_signalled:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, ended.set)
        self._keeper.start()
        app = App(self._keeper)
        server = await loop.create_server(
            lambda: Line(app, bounds=self._bounds, lines=self._lines), sock=listener.dup()
        )
        with self._changed:
            self._loop, self._ended = loop, ended
            if self._stopped:
                ended.set()
        try:
            await ended.wait()
        finally:
            with self._changed:
                self._loop = None
            server.close()
            await self._let_finish()
            await app.finish()
            await self._keeper.stop()

    async def _let_finish(self) -> None:
        """Let calls that are under way end, for a moment, and cut the rest."""
        for line in list(self._lines):
            line.shutdown()
        until = time.monotonic() + _GRACE_SECONDS
        while self._lines and time.monotonic() < until:
            await asyncio.sleep(_LOOK_SECONDS)
        for line in list(self._lines):
            line.abort()


def serve(
    config: Config,
    socket_path: Path,
    *,
    clock: Callable[[], float] = time.time,
    announce: Callable[[str], None] = announce_on_stderr,
) -> None:
    """Run a relay until SIGTERM or SIGINT; on the main thread.

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
        # What is here now stays until the end: no need to look through it for garbage again and again.
        gc.freeze()
        RelayServer(keeper).run(listener, until_signalled=True)


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
