"""Results between POST and GET: ciphertext under one-time ids, in the web process's memory alone.

A child of `door.plain` that has made a page seals it, leaves the ciphertext here and sends the visitor a
redirect that holds id and key. Whoever follows it takes the ciphertext, once. This process sees neither
key nor redirect.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

from causeway.door.channels import ANSWER_SECONDS, HEAD_BYTES, KEPT, PUT, RESULT_BYTES_MAX, TAKE
from causeway.units import MIB
from causeway.wire.sizes import ID_BYTES

__all__ = ["ResultService", "ResultStore"]

_LIFE_SECONDS = 120.0
_COUNT_MAX = 512
_TOTAL_MAX = 24 * MIB


class ResultStore:
    """Ciphertext by id: taken once, dropped after two minutes, the oldest out when there is no room.

    Args:
        now: Seconds that only go forward.
        life_seconds: How long a result waits.
        count_max: How many wait.
        total_max: How many bytes wait.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.monotonic,
        life_seconds: float = _LIFE_SECONDS,
        count_max: int = _COUNT_MAX,
        total_max: int = _TOTAL_MAX,
    ) -> None:
        self._now = now
        self._life_seconds = life_seconds
        self._count_max = count_max
        self._total_max = total_max
        self._kept: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()
        self._total = 0

    def __len__(self) -> int:
        """Return how many results wait."""
        return len(self._kept)

    def put(self, result_id: bytes, sealed: bytes) -> None:
        """Keep a result. An id that is there already keeps its first result."""
        self.sweep()
        if result_id in self._kept:
            return
        self._kept[result_id] = (self._now() + self._life_seconds, sealed)
        self._total += len(sealed)
        while len(self._kept) > self._count_max or self._total > self._total_max:
            self._drop(next(iter(self._kept)))

    def take(self, result_id: bytes) -> bytes | None:
        """Return a result and forget it; `None` where there is none (any more)."""
        self.sweep()
        found = self._kept.get(result_id)
        if found is None:
            return None
        self._drop(result_id)
        return found[1]

    def sweep(self) -> None:
        """Forget what has waited too long. All wait equally long, so the oldest stand first."""
        now = self._now()
        while self._kept:
            oldest = next(iter(self._kept))
            if self._kept[oldest][0] > now:
                return
            self._drop(oldest)

    def _drop(self, result_id: bytes) -> None:
        _, sealed = self._kept.pop(result_id)
        self._total -= len(sealed)


class ResultService:
    """Answers the children's requests on the event loop of the web process.

    Args:
        channel: The web process's end of the shared channel.
        store: What it serves.
    """

    def __init__(self, channel: socket.socket, *, store: ResultStore) -> None:
        self._channel = channel
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._answers: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None
        channel.setblocking(False)
        self._loop.add_reader(channel.fileno(), self._on_readable)
        self._sweep_now_and_then()

    def close(self) -> None:
        """Stop answering; what waits is forgotten with the process."""
        self._loop.remove_reader(self._channel.fileno())
        if self._sweep is not None:
            self._sweep.cancel()
        for answer in self._answers:
            answer.cancel()

    def _sweep_now_and_then(self) -> None:
        self._store.sweep()
        self._sweep = self._loop.call_later(_LIFE_SECONDS / 8, self._sweep_now_and_then)

    def _on_readable(self) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(self._channel, RESULT_BYTES_MAX + HEAD_BYTES, 1)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            message, descriptors = b"", []
        if not message:
            # The nursery is gone; the server notices that by itself.
            self._loop.remove_reader(self._channel.fileno())
        if not descriptors:
            return
        reply = socket.socket(fileno=descriptors[0])
        reply.setblocking(False)
        kind, result_id, sealed = message[:1], message[1:HEAD_BYTES], message[HEAD_BYTES:]
        if kind == PUT and len(result_id) == ID_BYTES and sealed:
            self._store.put(result_id, sealed)
            self._answer(reply, KEPT)
        elif kind == TAKE and len(result_id) == ID_BYTES:
            self._answer(reply, self._store.take(result_id) or b"")
        else:
            reply.close()

    def _answer(self, reply: socket.socket, answer: bytes) -> None:
        task = self._loop.create_task(self._send(reply, answer))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _send(self, reply: socket.socket, answer: bytes) -> None:
        with reply, suppress(OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._loop.sock_sendall(reply, answer)
