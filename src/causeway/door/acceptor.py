"""Looks at the first bytes of a connection without taking them, and decides which process reads it.

`POST ` begins a form: somebody's own words. `GET /r/` begins the fetching of a result. Both go, unread, as a
file descriptor to the children of `door.plain`. All else is served in this process, which therefore never
holds a byte of a form.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

from causeway.door.config import Lane
from causeway.door.handover import Handover

__all__ = ["PEEK_BYTES", "Acceptor", "belongs_to_plain"]

_PLAIN = (b"POST ", b"GET /r/")
PEEK_BYTES = max(map(len, _PLAIN))

_FIRST_BYTES_SECONDS = 20.0
_WAITING_MAX = 1_000
"""Silent connections of one lane: a crowd on one drops nobody on the other."""
_ACCEPTS_AT_ONCE = 64
_REST_SECONDS = 0.25
"""How long to leave a listener alone when descriptors have run out."""
_LOOK_AGAIN_SECONDS = (0.02, 1.0)
"""First and longest pause before a half-sent first line is looked at again: its socket stays readable all the
while, so that waiting for readability alone would spin."""
_OUT_OF_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def belongs_to_plain(first: bytes) -> bool | None:
    """Return whether a connection that begins so goes to `door.plain`; `None` when that is still open."""
    for beginning in _PLAIN:
        if first.startswith(beginning):
            return True
        if beginning.startswith(first):
            return None
    return False


class _Waiting:
    """A connection whose first bytes are awaited."""

    __slots__ = ("lane", "pause", "sock", "timers")

    def __init__(self, sock: socket.socket, lane: Lane) -> None:
        self.sock = sock
        self.lane = lane
        self.pause = _LOOK_AGAIN_SECONDS[0]
        self.timers: list[asyncio.TimerHandle] = []


class Acceptor:
    """Accepts on every listener of the door and routes each connection by its first seven bytes.

    Args:
        serve: Takes a connection that this process reads, with its lane.
        handover: Takes a connection that this process must not read.
        first_bytes_seconds: How long a connection may stay silent.
        waiting_max: Silent connections of one lane kept at once; its oldest goes first, so that newcomers get
            in.
    """

    def __init__(
        self,
        *,
        serve: Callable[[socket.socket, Lane], None],
        handover: Handover,
        first_bytes_seconds: float = _FIRST_BYTES_SECONDS,
        waiting_max: int = _WAITING_MAX,
    ) -> None:
        self._serve = serve
        self._handover = handover
        self._first_bytes_seconds = first_bytes_seconds
        self._waiting_max = waiting_max
        self._loop = asyncio.get_running_loop()
        self._listeners: list[socket.socket] = []
        self._waiting: dict[Lane, OrderedDict[int, _Waiting]] = {lane: OrderedDict() for lane in Lane}

    @property
    def waiting(self) -> int:
        """How many connections have not yet said what they are."""
        return sum(map(len, self._waiting.values()))

    def listen(self, listener: socket.socket, *, lane: Lane) -> None:
        """Begin to accept on a listening socket that does not block."""
        self._listeners.append(listener)
        self._loop.add_reader(listener.fileno(), self._on_connections, listener, lane)

    def close(self) -> None:
        """Stop accepting and drop what has not said what it is."""
        for listener in self._listeners:
            self._loop.remove_reader(listener.fileno())
            listener.close()
        self._listeners.clear()
        for lane in self._waiting.values():
            while lane:
                self._drop_oldest(lane)

    def _on_connections(self, listener: socket.socket, lane: Lane) -> None:
        for _ in range(_ACCEPTS_AT_ONCE):
            try:
                sock, _ = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _OUT_OF_DESCRIPTORS:
                    raise
                self._loop.remove_reader(listener.fileno())
                self._loop.call_later(_REST_SECONDS, self._resume, listener, lane)
                return
            sock.setblocking(False)
            self._look(_Waiting(sock, lane))

    def _resume(self, listener: socket.socket, lane: Lane) -> None:
        if listener.fileno() >= 0:
            self._loop.add_reader(listener.fileno(), self._on_connections, listener, lane)

    def _look(self, waiting: _Waiting) -> None:
        """Peek, and route or wait on."""
        try:
            first = waiting.sock.recv(PEEK_BYTES, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            self._await_bytes(waiting)
            return
        except OSError:
            first = b""
        if not first:
            self._forget(waiting)
            waiting.sock.close()
            return
        plain = belongs_to_plain(first)
        if plain is None:
            self._look_again_later(waiting)
            return
        self._forget(waiting)
        if plain:
            # On the clear web, a form without script draws on a reserve of its own.
            lane = Lane.PLAIN if waiting.lane is Lane.CLEAR else waiting.lane
            self._handover.take(waiting.sock, lane=lane)
        else:
            self._serve(waiting.sock, waiting.lane)

    def _await_bytes(self, waiting: _Waiting) -> None:
        self._remember(waiting)
        self._loop.add_reader(waiting.sock.fileno(), self._on_bytes, waiting)

    def _on_bytes(self, waiting: _Waiting) -> None:
        self._loop.remove_reader(waiting.sock.fileno())
        self._look(waiting)

    def _look_again_later(self, waiting: _Waiting) -> None:
        self._remember(waiting)
        waiting.timers.append(self._loop.call_later(waiting.pause, self._look, waiting))
        waiting.pause = min(2 * waiting.pause, _LOOK_AGAIN_SECONDS[1])

    def _remember(self, waiting: _Waiting) -> None:
        number = waiting.sock.fileno()
        lane = self._waiting[waiting.lane]
        if number in lane:
            return
        lane[number] = waiting
        waiting.timers.append(self._loop.call_later(self._first_bytes_seconds, self._drop, waiting))
        if len(lane) > self._waiting_max:
            self._drop_oldest(lane)

    def _forget(self, waiting: _Waiting) -> None:
        for timer in waiting.timers:
            timer.cancel()
        self._waiting[waiting.lane].pop(waiting.sock.fileno(), None)

    def _drop_oldest(self, lane: OrderedDict[int, _Waiting]) -> None:
        self._drop(next(iter(lane.values())))

    def _drop(self, waiting: _Waiting) -> None:
        self._forget(waiting)
        with suppress(ValueError):
            self._loop.remove_reader(waiting.sock.fileno())
        waiting.sock.close()
