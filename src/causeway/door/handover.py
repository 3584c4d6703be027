"""Hands connections over, unread, to whichever child of `door.plain` is free."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from causeway.door.config import Lane

__all__ = ["Handover"]

_QUEUE_MAX = 64
_QUEUE_SECONDS = 45.0
"""Longer than a silent visitor can hold a child: who waits behind a crowd of those gets a turn after all."""
_ON_THE_WAY_MAX = 8
"""Connections in the channel that no child has taken yet. The rest waits here."""
_LINGER_SECONDS = 2.0


class Handover:
    """A queue for each lane in front of the children; lanes take turns, so that none can crowd out another.

    Args:
        channel: This process's end of the SOCK_SEQPACKET pair that the children receive from.
        busy: The whole answer for a visitor whose turn does not come.
        queue_max: How many of one lane may wait here.
        queue_seconds: How long one may wait.
    """

    def __init__(
        self,
        channel: socket.socket,
        *,
        busy: Callable[[], bytes],
        queue_max: int = _QUEUE_MAX,
        queue_seconds: float = _QUEUE_SECONDS,
    ) -> None:
        self._channel = channel
        self._busy = busy
        self._queue_max = queue_max
        self._queue_seconds = queue_seconds
        self._loop = asyncio.get_running_loop()
        self._queues: dict[Lane, deque[tuple[socket.socket, asyncio.TimerHandle]]] = {
            lane: deque() for lane in Lane
        }
        self._turns = deque(Lane)
        self._on_the_way = 0
        self._leaving: set[asyncio.Task[None]] = set()
        channel.setblocking(False)

    @property
    def queued(self) -> int:
        """How many connections wait for a child to become free."""
        return sum(map(len, self._queues.values()))

    def take(self, sock: socket.socket, *, lane: Lane) -> None:
        """Pass a connection on, or let it wait for its turn."""
        queue = self._queues[lane]
        if len(queue) >= self._queue_max:
            self._refuse(sock)
            return
        timer = self._loop.call_later(self._queue_seconds, self._on_waited_too_long, sock, lane)
        queue.append((sock, timer))
        self._pass_on()

    def taken(self, count: int) -> None:
        """Note that children have taken `count` connections out of the channel."""
        self._on_the_way -= count
        self._pass_on()

    def close(self) -> None:
        """Drop whoever still waits."""
        for queue in self._queues.values():
            while queue:
                sock, timer = queue.popleft()
                timer.cancel()
                sock.close()
        for task in self._leaving:
            task.cancel()

    def _pass_on(self) -> None:
        while self._on_the_way < _ON_THE_WAY_MAX:
            lane = next((lane for lane in self._turns if self._queues[lane]), None)
            if lane is None:
                return
            sock, timer = self._queues[lane][0]
            try:
                socket.send_fds(self._channel, [lane.byte], [sock.fileno()])
            except (BlockingIOError, InterruptedError):
                return  # full; `taken` comes back here
            except OSError:
                return  # the nursery has gone; the server ends the door
            self._queues[lane].popleft()
            self._turns.remove(lane)
            self._turns.append(lane)
            timer.cancel()
            sock.close()
            self._on_the_way += 1

    def _on_waited_too_long(self, sock: socket.socket, lane: Lane) -> None:
        queue = self._queues[lane]
        for entry in queue:
            if entry[0] is sock:
                queue.remove(entry)
                break
        self._refuse(sock)

    def _refuse(self, sock: socket.socket) -> None:
        task = self._loop.create_task(self._say_busy(sock))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _say_busy(self, sock: socket.socket) -> None:
        """Answer without reading. Closing at once would reset the connection under the answer."""
        with sock, suppress(OSError, TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                await self._loop.sock_sendall(sock, self._busy())
            sock.shutdown(socket.SHUT_WR)
            await asyncio.sleep(_LINGER_SECONDS)
