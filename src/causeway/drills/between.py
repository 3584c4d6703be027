"""Whoever holds the relay: all that passes a real door is recorded, and may be altered."""

from __future__ import annotations

import contextlib
import gzip
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from causeway.wire.sizes import HASH_BYTES, ID_BYTES, SLOT_BYTES

__all__ = ["Asked", "Between", "Conduct", "PassOn", "Said", "Traffic", "between", "honest"]

_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.02
_OK: Final = range(200, 300)
_DROPPED: Final = frozenset({"content-length", "content-encoding", "connection"})
"""Headers that are said anew."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came.

    Attributes:
        path: With its query.
        by_desk: It shows a capability.
    """

    method: str
    path: str
    body: bytes
    by_desk: bool


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, without its content coding."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


PassOn: TypeAlias = Callable[[], Said]
Conduct: TypeAlias = Callable[[Asked, PassOn], Said]
"""What is done with a request: `honest`, or not."""


def honest(asked: Asked, pass_on: PassOn) -> Said:
    """Pass everything on as it is."""
    return pass_on()


@dataclass(slots=True, repr=False)
class Traffic:
    """All that was ever sent through: slots by their ids, parcels and door sheets."""

    record: dict[bytes, bytes] = field(default_factory=dict)
    intake: dict[bytes, bytes] = field(default_factory=dict)
    parcels: list[bytes] = field(default_factory=list)
    sheets: list[bytes] = field(default_factory=list)

    @property
    def slots(self) -> int:
        """How many slots there were."""
        return len(self.record) + len(self.intake)

    def copy(self) -> Traffic:
        """Return what there is by now."""
        return Traffic(dict(self.record), dict(self.intake), list(self.parcels), list(self.sheets))

    def note(self, asked: Asked, said: Said) -> None:
        """Record one exchange."""
        if said.status not in _OK:
            return
        parts = asked.path.partition("?")[0].split("/")[2:]
        match asked.method, parts:
            case "PUT", ["record" | "intake" as kind, slot_id]:
                self._shelf(kind)[bytes.fromhex(slot_id)] = asked.body
            case "GET", ["slots", "record" | "intake" as kind]:
                step = ID_BYTES + SLOT_BYTES
                for at in range(0, len(said.body), step):
                    one = said.body[at : at + step]
                    self._shelf(kind).setdefault(one[:ID_BYTES], one[ID_BYTES:])
            case "PUT", ["capability"]:
                self.parcels.append(asked.body[HASH_BYTES:])
            case "GET", ["parcel"]:
                self.parcels.append(said.body)
            case "PUT", ["sheet"]:
                self.sheets.append(asked.body)

    def _shelf(self, kind: str) -> dict[bytes, bytes]:
        return self.record if kind == "record" else self.intake


@dataclass(slots=True)
class Between:
    """Somebody in between: an address to give to desks and visitors, and what is done with what they ask."""

    url: str
    traffic: Traffic
    conduct: Conduct = honest

    @contextlib.contextmanager
    def doing(self, conduct: Conduct) -> Iterator[None]:
        """Do something else with requests until the block ends."""
        before, self.conduct = self.conduct, conduct
        try:
            yield
        finally:
            self.conduct = before


@contextlib.contextmanager
def between(door: str, *, traffic: Traffic) -> Iterator[Between]:
    """Stand before a door, on a free port of this machine.

    Args:
        door: Its address.
        traffic: Where to record what passes.
    """
    behind = urlsplit(door).netloc
    recording = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            by_desk = self.headers.get("authorization", "").startswith("Bearer ")
            asked = Asked(self.command, self.path, body, by_desk)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _DROPPED}
            said = made.conduct(asked, lambda: _passed_on(behind, asked, headers=headers))
            with recording:
                traffic.note(asked, said)
            self.send_response_only(said.status)
            for name, value in said.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_PUT = do_POST = do_DELETE = _serve

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Between(f"http://127.0.0.1:{server.server_address[1]}", traffic)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _POLL_SECONDS})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _passed_on(behind: str, asked: Asked, *, headers: Mapping[str, str]) -> Said:
    connection = HTTPConnection(behind, timeout=_SECONDS)
    try:
        connection.putrequest(asked.method, asked.path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("content-length", str(len(asked.body)))
        connection.endheaders(asked.body)
        answer = connection.getresponse()
        body = answer.read()
        if answer.getheader("content-encoding") == "gzip":
            body = gzip.decompress(body)
        kept = tuple((name, value) for name, value in answer.getheaders() if name.lower() not in _DROPPED)
        return Said(answer.status, body, kept)
    finally:
        connection.close()
