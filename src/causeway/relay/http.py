"""HTTP on one connection of the relay's socket: requests in, answers out, and bounds on time and size.

A general server and framework took more of a processor over a slot than the store does (decision 15). Bytes
are parsed by httptools; what a request may do is the application's.
"""

from __future__ import annotations

import asyncio
import http
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, cast
from urllib.parse import unquote

import httptools

from causeway.relay.body import BodySize, check_read
from causeway.relay.refusals import Refused

__all__ = ["Admission", "Application", "Bounds", "Line", "Reply", "Request"]

_HEAD_BYTES_MAX: Final = 16 * 1024
_PIPELINED_MAX: Final = 16
_STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\ncache-control: no-store\r\n".encode()
    for status in http.HTTPStatus
}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE: Final = b"connection: close\r\n"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a connection may take over what; seconds.

    Attributes:
        head: From the first byte of a connection or request to the end of its head.
        send: How long an answer may lie unread.
        idle: How long a connection may stay open between requests.
    """

    head: float
    send: float
    idle: float = 5.0


@dataclass(slots=True)
class Request:
    """The head of a request. Names of headers are in lower case."""

    method: str = ""
    path: str = ""
    query: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; `close` where the request's body may not have been read."""

    status: int
    body: bytes = b""
    media_type: bytes = b"text/plain; charset=utf-8"
    extra: tuple[tuple[bytes, bytes], ...] = ()
    close: bool = False


class Admission(Protocol):
    """A request that may go on to its body."""

    @property
    def body(self) -> BodySize:
        """How long the body may be."""
        ...

    @property
    def body_seconds(self) -> float:
        """How long it may take."""
        ...

    @property
    def wait(self) -> float:
        """Seconds to wait before it is read."""
        ...


class Application(Protocol):
    """Decides about requests. Nothing escapes from it; all of it runs on the loop."""

    def begin(self, request: Request) -> Admission | Reply:
        """Let a request in by its head, or say why not."""
        ...

    def call(self, admission: Any, body: bytes, answer: Callable[[Reply], None]) -> None:
        """Do what a request asks and answer once, now or later; the admission ends with that."""
        ...

    def leave(self, admission: Any) -> None:
        """Let go of an admission that came to no call."""
        ...

    def refuse(self, refused: Refused) -> Reply:
        """Return a refusal as an answer."""
        ...


class _Exchange:
    """One request on its way."""

    __slots__ = ("admission", "called", "ended", "expects", "held", "keep", "parts", "request", "size")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.parts: list[bytes] = []
        self.size = 0
        self.ended = False
        self.expects = False
        self.keep = False
        self.admission: Admission | None = None
        self.held = False
        self.called = False


class Line(asyncio.Protocol):
    """One connection.

    Args:
        app: Decides.
        bounds: On time.
        lines: All connections that are open; this one adds and removes itself.
    """

    def __init__(self, app: Application, *, bounds: Bounds, lines: set[Line]) -> None:
        self._app = app
        self._bounds = bounds
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[_Exchange] = deque()
        self._target = b""
        self._request = Request()
        self._reading: _Exchange | None = None
        self._in_head = True
        self._head_bytes = 0
        self._shut = False
        self._closing = False
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None
        self._timed = ""
        self._send_timer: asyncio.TimerHandle | None = None

    def shutdown(self) -> None:
        """Close after what is under way, at once where nothing is."""
        self._closing = True
        if not self._waiting:
            self._close()

    def abort(self) -> None:
        """Cut the connection."""
        self._shut = True
        self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a head."""
        self._transport = cast("asyncio.Transport", transport)
        self._lines.add(self)
        self._arm("head", self._bounds.head, self.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of what came to no call; a call under way goes on to its end."""
        self._shut = True
        self._lines.discard(self)
        self._disarm()
        self.resume_writing()
        for exchange in self._waiting:
            if exchange.admission is not None and not exchange.called:
                self._app.leave(exchange.admission)
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        """Parse, and go on as far as that allows."""
        if self._shut:
            return
        if self._reading is None:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, UnicodeDecodeError):
            self._on_nonsense()
            return
        if self._reading is None and self._head_bytes > _HEAD_BYTES_MAX:
            self.abort()
            return
        self._advance()
        if len(self._waiting) > _PIPELINED_MAX:
            self.abort()
        elif len(self._waiting) > 1:
            self._pause()
        elif self._in_head and not self._waiting:
            self._arm("head", self._bounds.head, self.abort)

    def pause_writing(self) -> None:
        """Give the other side a while to read."""
        if self._send_timer is None:
            self._send_timer = self._loop.call_later(self._bounds.send, self.abort)

    def resume_writing(self) -> None:
        """It has read."""
        if self._send_timer is not None:
            self._send_timer.cancel()
            self._send_timer = None

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._in_head = True
        self._target = b""
        self._request = Request()

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._request.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Queue a request; its body follows."""
        request = self._request
        request.method = self._parser.get_method().decode("ascii")
        path, _, request.query = self._target.partition(b"?")
        request.path = path.decode("ascii")
        if "%" in request.path:
            request.path = unquote(request.path)
        self._in_head = False
        self._head_bytes = 0
        self._reading = exchange = _Exchange(request)
        exchange.keep = self._parser.should_keep_alive()
        exchange.expects = any(
            name == b"expect" and value.lower() == b"100-continue" for name, value in request.headers
        )
        self._waiting.append(exchange)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if self._reading is not None:
            self._reading.parts.append(body)
            self._reading.size += len(body)

    def on_message_complete(self) -> None:
        """End the body."""
        if self._reading is not None:
            self._reading.ended = True
            self._reading = None

    # From one step to the next.

    def _advance(self) -> None:
        """Take the first request as far as it goes, then the next."""
        while self._waiting and not self._shut:
            exchange = self._waiting[0]
            if exchange.called:
                return
            if exchange.held:
                if exchange.admission is not None and exchange.size > exchange.admission.body.at_most:
                    self._pause()
                return
            if exchange.admission is None:
                admitted = self._app.begin(exchange.request)
                if isinstance(admitted, Reply):
                    self._answer(exchange, admitted)
                    continue
                exchange.admission = admitted
                if admitted.wait:
                    # Still read, within bounds: who goes away meanwhile gives their place back at once.
                    exchange.held = True
                    self._arm("wait", admitted.wait, self._let_in)
                    return
                self._say_continue(exchange)
            admission = exchange.admission
            try:
                check_read(exchange.size, size=admission.body, ended=exchange.ended)
            except Refused as refused:
                self._give_up(exchange, refused)
                continue
            if not exchange.ended:
                self._arm("body", admission.body_seconds, self._on_slow_body)
                return
            exchange.called = True
            self._disarm()
            parts, exchange.parts = exchange.parts, []
            body = parts[0] if len(parts) == 1 else b"".join(parts)
            self._app.call(admission, body, lambda reply, of=exchange: self._on_answer(of, reply))  # type: ignore[misc]

    def _let_in(self) -> None:
        """Go on with a request that had to wait for its turn."""
        exchange = self._waiting[0]
        exchange.held = False
        self._disarm()
        self._resume()
        self._say_continue(exchange)
        self._advance()

    def _say_continue(self, exchange: _Exchange) -> None:
        if exchange.expects and not exchange.ended:
            self._transport.write(_CONTINUE)

    def _on_slow_body(self) -> None:
        self._give_up(self._waiting[0], Refused(408, "the body came too slowly"))

    def _give_up(self, exchange: _Exchange, refused: Refused) -> None:
        if exchange.admission is not None:
            self._app.leave(exchange.admission)
        self._answer(exchange, self._app.refuse(refused))

    def _on_nonsense(self) -> None:
        """Bytes that are no request: what came whole before them is answered, nothing after them is read."""
        if self._waiting and not self._waiting[-1].ended:
            cut = self._waiting[-1]
            if len(self._waiting) == 1:
                self._give_up(cut, Refused(400, "this is no request"))
                return
            self._waiting.pop()
        if not self._waiting:
            self._answer(None, Reply(400, b"this is no request\n", close=True))
            return
        self._closing = True
        self._pause()
        self._advance()

    def _on_answer(self, exchange: _Exchange, reply: Reply) -> None:
        if self._shut:
            return
        self._answer(exchange, reply)
        self._resume()
        self._advance()

    def _answer(self, exchange: _Exchange | None, reply: Reply) -> None:
        if exchange is not None:
            self._waiting.popleft()
        close = reply.close or self._closing or exchange is None or not (exchange.keep and exchange.ended)
        head = _STATUS_LINES[reply.status]
        for name, value in reply.extra:
            head += name + b": " + value + b"\r\n"
        if close:
            head += _CLOSE
        if reply.status == http.HTTPStatus.NO_CONTENT:
            head += b"\r\n"
        else:
            head += b"content-type: %b\r\ncontent-length: %d\r\n\r\n" % (reply.media_type, len(reply.body))
            if exchange is None or exchange.request.method != "HEAD":
                head += reply.body
        self._transport.write(head)
        if close:
            self._close()
        elif not self._waiting:
            self._arm("idle", self._bounds.idle, self._close)

    def _close(self) -> None:
        self._shut = True
        self._disarm()
        self._transport.close()

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._paused and not self._shut:
            self._paused = False
            self._transport.resume_reading()

    def _arm(self, what: str, seconds: float, then: Callable[[], None]) -> None:
        """Do something after a while, unless the same is already to be done."""
        if self._timed != what:
            self._disarm()
            self._timed = what
            self._timer = self._loop.call_later(seconds, then)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timed = ""
