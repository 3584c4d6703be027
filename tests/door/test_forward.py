from __future__ import annotations

import asyncio
import http.client
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from causeway.door.forward import Forwarder, RelayAway, Upstream
from causeway.door.forward._table import Passage, find
from causeway.wire.base64url import b64encode
from causeway.wire.sizes import PUBLICATION_BYTES_MAX, SLOT_BYTES
from tests.door.parts import CAPABILITY, Centre, Door, ask, read_all

ID = "0123456789abcdef" * 2
DESK = {"authorization": f"Bearer {b64encode(CAPABILITY)}"}


@pytest.mark.parametrize(
    ("method", "path", "body_max"),
    [
        ("PUT", f"/v1/intake/{ID}", SLOT_BYTES),
        ("PUT", f"/v1/record/{ID}", SLOT_BYTES),
        ("PUT", "/v1/board/15", PUBLICATION_BYTES_MAX),
        ("GET", "/v1/bucket/" + ID * 2, 0),
        ("DELETE", f"/v1/slots/record/{ID}", 0),
        ("GET", "/v1/ids/intake/20779", 0),
    ],
)
def test_the_table_has_what_the_format_has(method: str, path: str, body_max: int) -> None:
    found = find(path, method=method)
    assert isinstance(found, Passage)
    assert found.body_max == body_max


@pytest.mark.parametrize(
    "path",
    [
        "/v1/",
        "/v1/intake",
        f"/v1/intake/{ID}/",
        f"/v1/intake/{ID.upper()}",
        f"/v1/intake/{ID}\n",
        f"/v1/intake/{ID[:-1]}٣",
        "/v1/ids/other/1",
        "/v1/../status",
        "/v1/board/0 HTTP/1.1\r\nCauseway-Lane: desk",
    ],
)
def test_the_table_has_nothing_else(path: str) -> None:
    assert find(path, method="GET") is None


def test_a_slot_goes_through_and_back(shared_centre: Centre, shared_door: Door) -> None:
    slot = os.urandom(SLOT_BYTES)
    assert shared_door.ask("PUT", f"/v1/intake/{ID}", body=slot).status == 201
    assert shared_door.ask("PUT", f"/v1/intake/{ID}", body=slot).status == 200
    assert shared_door.ask("PUT", f"/v1/intake/{ID}", body=bytes(SLOT_BYTES)).status == 409
    taken = shared_door.ask("GET", f"/v1/slots/intake?ids={ID}", headers=DESK)
    assert taken.body == bytes.fromhex(ID) + slot
    assert shared_door.ask("GET", f"/v1/slots/intake?ids={ID}").status == 401
    assert ask(shared_door.onion, "GET", f"/v1/slots/intake?ids={ID}", headers=DESK).body == taken.body
    assert shared_door.ask("DELETE", f"/v1/slots/intake/{ID}", headers=DESK).status == 204


@pytest.mark.slow
def test_a_full_board_streams_through(centre: Centre, door: Door) -> None:
    from causeway.sealed.board import CellToPublish
    from causeway.sealed.hybrid import HybridSecret

    key = HybridSecret.from_seed(b"k" * 32).public
    cell = CellToPublish(tag_key=b"t" * 32, n=0, answer_key=key, content=b"{}")
    publication = centre.publication([cell] * (128 * 16))
    before = _peak_memory(door.pid)
    assert centre.put("/v1/board/0", publication, where=door.address).status == 204
    assert _peak_memory(door.pid) - before < 4 * 1024 * 1024
    block = door.ask("GET", "/v1/board").body
    assert publication[:2_000] in block


def _peak_memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no such line")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/unknown", {}, 404),
        ("DELETE", "/v1/board", {}, 405),
        ("GET", f"/v1/intake/{ID}", {}, 405),
        ("GET", "/v1/board?x=1", {}, 400),
        ("GET", f"/v1/slots/intake?ids={ID}&ids={ID}", {}, 400),
        ("PUT", f"/v1/intake/{ID}", {"content-length": str(SLOT_BYTES + 1)}, 413),
        ("PUT", "/v1/board/0", {"content-length": "99999999999999999999"}, 400),
        ("PUT", f"/v1/intake/{ID}", {"transfer-encoding": "chunked"}, 411),
        ("GET", "/v1/board", {"authorization": "Bearer " + "x" * 300}, 400),
    ],
)
def test_what_does_not_pass(
    shared_door: Door, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection(*shared_door.address, timeout=20)
    connection.putrequest(method, path)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == status
    assert len(answer.read()) < 200
    connection.close()


def test_a_put_without_a_length_is_refused(shared_door: Door) -> None:
    with shared_door.connect() as sock:
        sock.sendall(f"PUT /v1/intake/{ID} HTTP/1.1\r\nHost: door\r\n\r\n".encode())
        assert read_all(sock).startswith(b"HTTP/1.1 411 ")


def test_a_refusal_needs_no_body(shared_door: Door) -> None:
    """Whoever has no capability holds none of the few places for long deliveries."""
    with shared_door.connect() as sock:
        sock.sendall(f"PUT /v1/board/0 HTTP/1.1\r\nHost: d\r\nContent-Length: {2**20}\r\n\r\n".encode())
        assert b" 401 " in sock.recv(100)


def test_without_a_relay_it_says_so(centre: Centre, door: Door) -> None:
    assert door.ask("GET", "/v1/board").status == 200
    centre.process.stop()
    answer = door.ask("GET", "/v1/board")
    assert answer.status == 502
    assert int(answer.headers["retry-after"]) > 0
    # Pages go on without it.
    assert door.ask("GET", "/en").status == 200


class FakeRelay:
    """Notes what arrives, answers what it is told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.got: list[bytes] = []
        self.connections = 0
        self.answers: list[bytes] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> FakeRelay:
        self._server = await asyncio.start_unix_server(self._serve, self.path)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.connections += 1
        while head := await self._head(reader):
            self.got.append(head)
            answer = self.answers.pop(0)
            if not answer:
                break
            writer.write(answer)
            await writer.drain()
            if answer.endswith(b"cut"):
                break
        writer.close()

    @staticmethod
    async def _head(reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def test_only_two_headers_of_the_visitors_pass(folder: Path) -> None:
    async def scenario() -> None:
        async with FakeRelay(folder / "relay") as relay:
            relay.answers = [
                b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\nx: y\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n"
            ]
            forwarder = Forwarder(folder / "relay")
            sent = await _call(
                forwarder,
                "GET",
                "/v1/status",
                [
                    (b"authorization", b"Bearer abc"),
                    (b"cookie", b"a=b"),
                    (b"user-agent", b"somebody's"),
                    (b"x-forwarded-for", b"192.0.2.7"),
                    (b"causeway-lane", b"desk"),
                    (b"host", b"door.example"),
                ],
            )
            (head,) = relay.got
            assert head.split(b"\r\n")[:-2] == [
                b"GET /v1/status HTTP/1.1",
                b"Host: relay",
                b"Causeway-Lane: onion",
                b"Content-Length: 0",
                b"Authorization: Bearer abc",
            ]
            assert dict(sent[0]["headers"]) == {b"retry-after": b"7", b"content-length": b"0"}
            forwarder.close()

    asyncio.run(scenario())


async def _call(
    forwarder: Forwarder, method: str, path: str, headers: list[tuple[bytes, bytes]]
) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": headers,
        "state": {"lane": "onion"},
    }
    await forwarder(scope, receive, send)  # type: ignore[arg-type]
    return sent


def test_connections_are_kept_and_a_dead_one_is_replaced(folder: Path) -> None:
    async def scenario() -> None:
        async with FakeRelay(folder / "relay") as relay:
            forwarder = Forwarder(folder / "relay")
            relay.answers = [OK, OK, b"", OK]
            assert [await forwarder.get("/v1/sheet") for _ in range(2)] == [b"ok", b"ok"]
            assert relay.connections == 1
            # The relay closes it just as the third request comes.
            assert await forwarder.get("/v1/sheet") == b"ok"
            assert relay.connections == 2
            relay.answers = [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut"]
            assert await forwarder.get("/v1/sheet") is None
            forwarder.close()

    asyncio.run(scenario())


def test_a_stream_is_not_sent_twice(folder: Path) -> None:
    async def scenario() -> None:
        async with FakeRelay(folder / "relay") as relay:
            upstream = Upstream(folder / "relay")
            relay.answers = [OK, b""]

            async def parts() -> AsyncIterator[bytes]:
                yield b"part"

            async with upstream.exchange(b"GET / HTTP/1.1\r\n\r\n") as (_, body):
                assert [part async for part in body] == [b"ok"]
            with pytest.raises(RelayAway):
                async with upstream.exchange(b"PUT / HTTP/1.1\r\ncontent-length: 4\r\n\r\n", parts()):
                    pass
            assert len(relay.got) == 2
            upstream.close()

    asyncio.run(scenario())


@contextmanager
def deaf_relay(path: Path) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(os.fspath(path))
        yield


def test_a_relay_that_does_not_listen_is_away(folder: Path) -> None:
    async def scenario() -> None:
        forwarder = Forwarder(folder / "relay")
        assert await forwarder.get("/v1/sheet") is None

    with deaf_relay(folder / "relay"):
        asyncio.run(scenario())
