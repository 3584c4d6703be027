"""One HTTP request on one blocking socket, and its answer. The parser is h11, which does no I/O."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import h11

from causeway.door.headers import always
from causeway.errors import RemoteError
from causeway.units import KIB, MIB

__all__ = ["BODY_BYTES_MAX", "UPLOAD_BYTES_MAX", "UPLOAD_SECONDS", "Connection", "Head", "RequestRefused"]

BODY_BYTES_MAX: Final = 256 * KIB
"""8,000 units of text are at most 72,000 bytes when percent-encoded."""

UPLOAD_BYTES_MAX: Final = 56 * MIB
"""Two files of the largest size, or more smaller ones, with all that a form puts around them."""

UPLOAD_SECONDS: Final = 1_800.0
"""For such a body: 33 KB a second."""

_HEAD_BYTES_MAX = 16 * KIB
_HEAD_SECONDS = 10.0
_BODY_SECONDS = 30.0
_WRITE_SECONDS = 30.0
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 1024 * KIB
_RECEIVE_BYTES = 64 * KIB


class RequestRefused(RemoteError):
    """A request that gets a short page instead of what it asked for.

    Args:
        status: HTTP's number for it.
        problem: The key under which the pages have words for it.
    """

    def __init__(self, status: int, problem: str) -> None:
        super().__init__("A request was refused.", status=status, problem=problem)
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Head:
    """Method, path and headers (names in lower case; of several with one name the last)."""

    method: str
    path: str
    headers: Mapping[str, str]

    def __repr__(self) -> str:
        """Show nothing: a path may hold a key."""
        return "Head(…)"

    def length_above(self, most: int) -> bool:
        """Return whether the body announces more bytes than `most`."""
        # A number of any length: compared as text first, since it is the visitor's.
        announced = self.headers.get("content-length", "0").lstrip("0") or "0"
        return len(announced) > len(str(most)) or int(announced) > most


class Connection:
    """The server's side of one connection that carries one request.

    Args:
        sock: The visitor's connection; closed by `close`.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        head_seconds: float = _HEAD_SECONDS,
        body_seconds: float = _BODY_SECONDS,
    ) -> None:
        self._sock = sock
        self._head_seconds = head_seconds
        self._body_seconds = body_seconds
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_BYTES_MAX)

    def head(self) -> Head:
        """Read the head of the request.

        Raises:
            RequestRefused: Too slow, too long, or no HTTP.
        """
        event = self._next_event(until=time.monotonic() + self._head_seconds)
        if not isinstance(event, h11.Request):
            raise RequestRefused(400, "broken_form")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        return Head(event.method.decode("latin-1"), event.target.decode("latin-1"), headers)

    def body(self, head: Head, *, upload: bool = False) -> Iterator[bytes]:
        """Yield the body as it arrives.

        Args:
            head: Of the same request.
            upload: Whether files may come in it, which takes more room and time.

        Raises:
            RequestRefused: It announces or has more than it may, is too slow, or is cut short.
        """
        most = UPLOAD_BYTES_MAX if upload else BODY_BYTES_MAX
        if head.length_above(most):
            raise RequestRefused(413, "too_large")
        if self._http.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            self._write(self._http.send(go_on))
        until = time.monotonic() + (UPLOAD_SECONDS if upload else self._body_seconds)
        got = 0
        while True:
            event = self._next_event(until=until)
            if isinstance(event, h11.EndOfMessage):
                return
            if not isinstance(event, h11.Data):
                raise RequestRefused(400, "broken_form")
            got += len(event.data)
            if got > most:
                raise RequestRefused(413, "too_large")
            yield bytes(event.data)

    def answer(self, status: int, page: bytes, *, location: str | None = None) -> None:
        """Send the one answer; a visitor who has gone is none of our business."""
        headers = [
            ("content-type", "text/html; charset=utf-8"),
            ("content-length", str(len(page))),
            *([("location", location)] if location is not None else []),
            *always(),
        ]
        if self._http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return  # nothing can be said on a connection that never spoke HTTP to its end
        parts = [
            self._http.send(
                h11.Response(status_code=status, headers=headers, reason=HTTPStatus(status).phrase.encode())
            ),
            self._http.send(h11.Data(data=page)),
            self._http.send(h11.EndOfMessage()),
        ]
        self._write(b"".join(part for part in parts if part))

    def close(self) -> None:
        """Close; where the request was not read to its end, linger, or the answer would be reset away."""
        try:
            if self._http.their_state is not h11.DONE:
                self._sock.shutdown(socket.SHUT_WR)
                self._drain()
        except OSError:
            pass
        finally:
            self._sock.close()

    def _drain(self) -> None:
        until = time.monotonic() + _LINGER_SECONDS
        left = _LINGER_BYTES
        while left > 0 and (seconds := until - time.monotonic()) > 0:
            self._sock.settimeout(seconds)
            thrown_away = len(self._sock.recv(_RECEIVE_BYTES))
            if not thrown_away:
                return
            left -= thrown_away

    def _next_event(self, *, until: float) -> object:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                raise RequestRefused(error.error_status_hint, "broken_form") from None
            if event is not h11.NEED_DATA:
                return event
            seconds = until - time.monotonic()
            try:
                if seconds <= 0:
                    raise TimeoutError
                self._sock.settimeout(seconds)
                received = self._sock.recv(_RECEIVE_BYTES)
            except TimeoutError:
                raise RequestRefused(408, "broken_form") from None
            except OSError:
                raise RequestRefused(400, "broken_form") from None
            self._http.receive_data(received)

    def _write(self, data: bytes | None) -> None:
        if not data:
            return
        try:
            self._sock.settimeout(_WRITE_SECONDS)
            self._sock.sendall(data)
        except OSError:
            return
