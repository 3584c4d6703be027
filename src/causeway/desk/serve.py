"""One process of a desk: from its start, or from a lock, to the next lock or the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec
import uvicorn

from causeway.desk.browser import Window
from causeway.desk.lock import Handover, give_way
from causeway.desk.web.app import build
from causeway.desk.web.keeper import Keeper, State, WatchedDoor
from causeway.desk.web.session import Session
from causeway.errors import Error

__all__ = ["WatchedDoor", "serve"]

_CLOSE_SECONDS: Final = 3.0
_GRACE_SECONDS: Final = 2
_LOOK_SECONDS: Final = 1.0


class _Process:
    """Runs the pages until somebody locks, or the desk ends."""

    def __init__(self, handover: Handover, *, door: WatchedDoor | None) -> None:
        settings = handover.settings
        self._handover = handover
        self._window = (
            None if handover.browser is None else Window(handover.browser[0], Path(handover.browser[1]))
        )
        self._session = Session(token=handover.token, cookie=handover.cookie)
        self._keeper = Keeper(
            Path(settings.directory),
            socks=settings.socks or None,
            socks_given=settings.socks_given,
            lock_after_seconds=settings.lock_after_seconds,
            door=door,
        )
        self._keeper.ask_lock = self._lock
        self._locking = False
        # A copy: the server closes its own when it ends, and the port must not be free for others meanwhile.
        self._listener = socket.socket(fileno=os.dup(handover.listener))
        host, port = self._listener.getsockname()
        app = build(
            keeper=self._keeper,
            session=self._session,
            authority=f"{host}:{port}",
            language=settings.language or None,
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )

    def run(self) -> int:
        """Serve; return the exit code, or never, where the desk was locked."""
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, self._end)
        asyncio.run(self._serve())
        self._drop()
        if self._locking:
            token, cookie = self._session.kept
            try:
                give_way(self._handover_of(token, cookie))
            except Error as error:
                print(error.diagnostics(), file=sys.stderr)
        if self._window is not None:
            self._window.end()
        return 0

    async def _serve(self) -> None:
        look = asyncio.create_task(self._look_after())
        if self._window is not None:
            # A thread, since a child's end can be waited for and not asked of a loop that did not start it.
            threading.Thread(target=self._outlast, args=(self._window,), daemon=True).start()
        await self._server.serve(sockets=[self._listener])
        look.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await look

    async def _look_after(self) -> None:
        every = min(_LOOK_SECONDS, self._handover.settings.lock_after_seconds / 4)
        while True:
            await asyncio.sleep(every)
            keeper = self._keeper
            # What was destroyed must not stay in memory either.
            revoked = keeper.state is State.REVOKED
            if keeper.holds_anything and (revoked or keeper.is_forsaken()):
                self._lock()

    def _outlast(self, window: Window) -> None:
        window.wait()
        self._server.should_exit = True

    def _lock(self) -> None:
        self._keeper.leave()
        self._locking = True
        self._server.should_exit = True

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._server.should_exit = True

    def _drop(self) -> None:
        # A round of sync may hang in Tor: the keys must not wait for it. What is stored, is stored.
        closing = threading.Thread(target=self._keeper.close, daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)

    def _handover_of(self, token: bytes | None, cookie: bytes | None) -> Handover:
        window = self._window
        settings = self._handover.settings
        if self._keeper.door_remembered:
            # A folder of texts may be gone by the next unlocking, and is no longer needed.
            settings = msgspec.structs.replace(settings, door=None)
        return Handover(
            settings=settings,
            listener=self._handover.listener,
            token=token,
            cookie=cookie,
            browser=None if window is None else (window.pid, str(window.profile)),
        )


def serve(handover: Handover, *, door: WatchedDoor | None = None) -> int:
    """Serve a desk until it ends; where it is locked, the process is replaced and goes on elsewhere.

    Args:
        door: What the door says, to be signed and watched; `None` signs and watches nothing.
    """
    # What is in memory must not be written to disk because of a crash.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return _Process(handover, door=door).run()
