"""The short way of a slot: from a visitor's socket to the relay and back, without a framework or a task.

Nearly all that a crowd at the door sends is one kind of request, and a general server took twice as long over
it as all the rest together (decision 15). What is not of the usual form in any way goes the general way,
which makes the same checks and also says what is wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import socket
from collections.abc import Callable
from typing import Final

import httptools

from causeway.door.forward._head import AWAY, PASSED_BACK, SLOT_SECONDS, TOO_SLOW, Refused, relay_head
from causeway.door.forward._upstream import RelayAway, Reply, Upstream
from causeway.wire.sizes import SLOT_BYTES

__all__ = ["ShortWay"]

_BEGINNING: Final = b"PUT /v1/intake/"
_HEAD_END: Final = b"\r\n\r\n"
_HEAD_BYTES_MAX: Final = 16 * 1024
_READ_BYTES: Final = 64 * 1024
_LOOK_SECONDS: Final = 0.02
_STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in http.HTTPStatus
}


class _Head:
    """What the parser found in the head of a request."""

    __slots__ = ("headers", "target")

    def __init__(self) -> None:
        self.target = b""
        self.headers: dict[bytes, bytes] = {}

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.lower()] = value


def _usual_head(first: bytes, *, lane: str) -> tuple[bytes, bytes] | None:
    """Return the head for the relay, and what of the body is there; `None` for what is not the usual."""
    if not first.startswith(_BEGINNING):
        return None
    end = first.find(_HEAD_END, 0, _HEAD_BYTES_MAX)
    if end < 0:
        return None
    end += len(_HEAD_END)
    found = _Head()
    try:
        httptools.HttpRequestParser(found).feed_data(first[:end])
        if b"expect" in found.headers:
            return None
        path = found.target.decode("ascii")
        head, length = relay_head("PUT", path, query=b"", headers=found.headers, lane=lane)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade, UnicodeDecodeError, Refused):
        return None
    return (head, first[end:]) if length == SLOT_BYTES else None


class _Visit:
    """One slot on its way."""

    __slots__ = ("done", "head", "lane", "parts", "size", "sock", "timer")

    def __init__(self, sock: socket.socket, lane: str, *, head: bytes, done: Callable[[], None]) -> None:
        self.sock = sock
        self.lane = lane
        self.head = head
        self.parts = [head]
        self.size = 0
        self.done = done
        self.timer: asyncio.TimerHandle | None = None

    def add(self, data: bytes) -> bool:
        """Take a part of the body; return whether it is whole. What follows the body is nobody's."""
        data = data[: SLOT_BYTES - self.size]
        self.parts.append(data)
        self.size += len(data)
        return self.size == SLOT_BYTES

    def request(self) -> bytes:
        """Return all that the relay is sent."""
        return b"".join(self.parts)


class ShortWay:
    """Serves connections whose request is a slot in the usual form.

    Args:
        upstream: Kept connections to the relay.
        headers: What every answer carries.
        slot_seconds: In which a slot has to arrive.
    """

    def __init__(
        self, upstream: Upstream, *, headers: list[tuple[str, str]], slot_seconds: float = SLOT_SECONDS
    ) -> None:
        self._upstream = upstream
        self._always = "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
        self._slot_seconds = slot_seconds
        self._loop = asyncio.get_running_loop()
        self._visits: set[_Visit] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, sock: socket.socket, lane: str, first: bytes, *, done: Callable[[], None]) -> bool:
        """Serve a connection of which the first bytes were read.

        Args:
            sock: Does not block; closed at the end.
            lane: Where it came in.
            first: What was read of it.
            done: Called at the end.

        Returns:
            `False` where the request is not of the usual form; then nothing was done.
        """
        usual = _usual_head(first, lane=lane)
        if usual is None:
            return False
        head, body = usual
        visit = _Visit(sock, lane, head=head, done=done)
        self._visits.add(visit)
        if visit.add(body):
            self._pass_on(visit)
        else:
            visit.timer = self._loop.call_later(self._slot_seconds, self._on_too_slow, visit)
            self._loop.add_reader(sock.fileno(), self._on_readable, visit)
        return True

    async def close(self, *, grace_seconds: float) -> None:
        """Let what is under way end, for a moment, and cut the rest."""
        until = self._loop.time() + grace_seconds
        while self._visits and self._loop.time() < until:
            await asyncio.sleep(_LOOK_SECONDS)
        for visit in list(self._visits):
            self._end(visit)
        for task in self._tasks:
            task.cancel()

    def _on_readable(self, visit: _Visit) -> None:
        try:
            data = visit.sock.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._end(visit)  # gone before the end of the body
        elif visit.add(data):
            self._stop_reading(visit)
            self._pass_on(visit)

    def _on_too_slow(self, visit: _Visit) -> None:
        self._say(visit, 408, TOO_SLOW)

    def _pass_on(self, visit: _Visit) -> None:
        def answered(reply: Reply | None, body: bytes) -> None:
            if reply is None:
                # The relay may close a kept connection just as we take it; a slot may be sent twice.
                self._pass_on_anew(visit)
            else:
                self._answer(visit, reply, body)

        if not self._upstream.ask_now(visit.request(), answered):
            self._pass_on_anew(visit)

    def _pass_on_anew(self, visit: _Visit) -> None:
        if visit in self._visits:
            task = self._loop.create_task(self._exchange(visit))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _exchange(self, visit: _Visit) -> None:
        """Ask over a connection that may have to be made, when it is this lane's turn."""
        try:
            async with self._upstream.exchange(visit.request(), share=visit.lane) as (reply, parts):
                body = b"".join([part async for part in parts])
        except (RelayAway, TimeoutError):
            self._say(visit, 502, AWAY, (b"retry-after", b"30"))
        else:
            self._answer(visit, reply, body)

    def _say(self, visit: _Visit, status: int, text: str, *extra: tuple[bytes, bytes]) -> None:
        body = text.encode()
        headers = dict(extra)
        headers[b"content-type"] = b"text/plain; charset=utf-8"
        headers[b"content-length"] = b"%d" % len(body)
        self._answer(visit, Reply(status, headers), body)

    def _answer(self, visit: _Visit, reply: Reply, body: bytes) -> None:
        if visit not in self._visits:
            return
        answer = _STATUS_LINES.get(reply.status, b"HTTP/1.1 %d -\r\n" % reply.status) + self._always
        for name in PASSED_BACK:
            value = reply.headers.get(name)
            if value is not None:
                answer += name + b": " + value + b"\r\n"
        answer += b"\r\n" + body
        with contextlib.suppress(OSError):  # gone; what was stored is stored
            # Nothing has been sent to this socket yet, and its buffer holds many times as much.
            visit.sock.send(answer)
        self._end(visit)

    def _stop_reading(self, visit: _Visit) -> None:
        if visit.timer is not None:
            visit.timer.cancel()
            visit.timer = None
            self._loop.remove_reader(visit.sock.fileno())

    def _end(self, visit: _Visit) -> None:
        if visit in self._visits:
            self._visits.discard(visit)
            self._stop_reading(visit)
            visit.sock.close()
            visit.done()
