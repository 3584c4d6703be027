"""The short way of a slot: what takes it, what does not, and what becomes of a visitor who breaks off."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from causeway.door.config import Lane
from causeway.door.forward import ShortWay, Upstream
from causeway.door.web import HttpServer
from causeway.wire.sizes import SLOT_BYTES

ID = "0123456789abcdef" * 2
HEAD = f"PUT /v1/intake/{ID} HTTP/1.1\r\nHost: door\r\nContent-Length: {SLOT_BYTES}\r\n"
SLOT = bytes(range(256)) * (SLOT_BYTES // 256)
REQUEST = HEAD.encode() + b"\r\n" + SLOT
STORED = b"HTTP/1.1 201 Created\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n"


class Relay:
    """Takes slots and answers what it is told; an empty answer closes the connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.got: list[bytes] = []
        self.answers: list[bytes] = []
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def stop(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.got.append(head + await reader.readexactly(SLOT_BYTES))
                answer = self.answers.pop(0) if self.answers else STORED
                if not answer:
                    break
                writer.write(answer)
        except asyncio.IncompleteReadError:
            pass
        writer.close()


class Street:
    """A short way in front of a relay, and visitors on socket pairs."""

    def __init__(self, folder: Path, *, slot_seconds: float = 20.0) -> None:
        self.relay = Relay(folder / "relay")
        self.upstream = Upstream(folder / "relay")
        self.short = ShortWay(self.upstream, headers=[("x-always", "1")], slot_seconds=slot_seconds)
        self.ended = 0

    def take(self, first: bytes, *, lane: str = "clear") -> socket.socket | None:
        """Return the visitor's end, `None` where the short way takes it not."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        if not self.short.take(theirs, lane, first, done=self._done):
            ours.close()
            assert theirs.fileno() >= 0  # still open, for the general way
            theirs.close()
            return None
        return ours

    def _done(self) -> None:
        self.ended += 1

    @staticmethod
    async def rest(sock: socket.socket) -> bytes:
        loop, parts = asyncio.get_running_loop(), []
        async with asyncio.timeout(20):
            while part := await loop.sock_recv(sock, 65_536):
                parts.append(part)
        sock.close()
        return b"".join(parts)


def run(folder: Path, scenario: Callable[[Street], Awaitable[None]], **settings: float) -> None:
    async def whole() -> None:
        street = Street(folder, **settings)
        await street.relay.start()
        try:
            await scenario(street)
        finally:
            await street.short.close(grace_seconds=0)
            street.upstream.close()
            await street.relay.stop()

    asyncio.run(whole())


def test_a_slot_passes_with_the_doors_head_and_nothing_else_of_the_visitors(folder: Path) -> None:
    async def scenario(street: Street) -> None:
        extra = b"Cookie: a=b\r\nCauseway-Lane: desk\r\nX-Forwarded-For: 192.0.2.7\r\n"
        request = HEAD.encode() + extra + b"\r\n" + SLOT
        for _ in range(2):  # over a new connection, then over a kept one
            visitor = street.take(request, lane="onion")
            assert visitor
            answer = await street.rest(visitor)
            assert answer == b"HTTP/1.1 201 Created\r\nx-always: 1\r\ncontent-length: 0\r\n\r\n"
        head = (
            f"PUT /v1/intake/{ID} HTTP/1.1\r\nHost: relay\r\nCauseway-Lane: onion\r\n"
            f"Content-Length: {SLOT_BYTES}\r\n\r\n"
        ).encode()
        assert street.relay.got == [head + SLOT] * 2
        assert (street.relay.connections, street.ended) == (1, 2)

    run(folder, scenario)


def test_a_body_may_come_in_pieces_and_what_follows_it_is_not_sent_on(folder: Path) -> None:
    async def scenario(street: Street) -> None:
        cut = len(REQUEST) - 10_000
        visitor = street.take(REQUEST[:cut])
        assert visitor
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(visitor, REQUEST[cut:-1])
        await asyncio.sleep(0.01)
        assert street.relay.got == []
        await loop.sock_sendall(visitor, REQUEST[-1:] + b"GET /v1/board HTTP/1.1\r\n\r\n")
        assert (await street.rest(visitor)).count(b"HTTP/1.1") == 1
        (got,) = street.relay.got
        assert got.endswith(SLOT)

    run(folder, scenario)


def test_who_breaks_off_is_forgotten_and_nothing_is_sent(folder: Path) -> None:
    async def scenario(street: Street) -> None:
        visitor = street.take(REQUEST[:-1])
        assert visitor
        visitor.close()
        while not street.ended:
            await asyncio.sleep(0.001)
        assert street.relay.connections == 0

    run(folder, scenario)


def test_a_slow_slot_is_told_so(folder: Path) -> None:
    async def scenario(street: Street) -> None:
        visitor = street.take(REQUEST[:-1])
        assert visitor
        assert (await street.rest(visitor)).startswith(b"HTTP/1.1 408 ")
        assert street.ended == 1

    run(folder, scenario, slot_seconds=0.02)


def test_a_kept_connection_that_dies_is_replaced(folder: Path) -> None:
    async def scenario(street: Street) -> None:
        street.relay.answers = [STORED, b""]
        for _ in range(2):
            visitor = street.take(REQUEST)
            assert visitor
            assert (await street.rest(visitor)).startswith(b"HTTP/1.1 201 ")
        assert (street.relay.connections, len(street.relay.got), street.ended) == (2, 3, 2)

    run(folder, scenario)


def test_without_a_relay_it_says_so(folder: Path) -> None:
    async def scenario(street: Street) -> None:
        await street.relay.stop()
        street.relay.path.unlink(missing_ok=True)
        visitor = street.take(REQUEST)
        assert visitor
        answer = await street.rest(visitor)
        assert answer.startswith(b"HTTP/1.1 502 ")
        assert b"retry-after: 30" in answer

    run(folder, scenario)


def test_a_refusal_and_its_puzzle_pass_back(folder: Path) -> None:
    async def scenario(street: Street) -> None:
        street.relay.answers = [
            b"HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\nretry-after: 0\r\n"
            b"causeway-puzzle: 12.abc\r\ncontent-length: 5\r\n\r\nbusy\n"
        ]
        work = b"Causeway-Work: " + b"a" * 22 + b"." + b"b" * 11 + b"\r\n"
        visitor = street.take(REQUEST.replace(b"Host", work + b"Host"))
        assert visitor
        answer = await street.rest(visitor)
        assert answer.startswith(b"HTTP/1.1 429 ")
        assert b"causeway-puzzle: 12.abc\r\n" in answer
        assert answer.endswith(b"\r\n\r\nbusy\n")
        assert work in street.relay.got[0]

    run(folder, scenario)


@pytest.mark.parametrize(
    "first",
    [
        b"",
        REQUEST[:20],
        HEAD.encode(),
        REQUEST.replace(b"PUT ", b"GET "),
        REQUEST.replace(b"intake", b"record"),
        REQUEST.replace(ID.encode(), ID.upper().encode()),
        REQUEST.replace(ID.encode(), ID.encode() + b"?x=1"),
        REQUEST.replace(ID.encode(), b"%30" + ID[1:].encode()),
        REQUEST.replace(b"32768", b"32767"),
        REQUEST.replace(b"32768", b"32769"),
        REQUEST.replace(b"32768", b"+32768"),
        REQUEST.replace(b"Content-Length: 32768", b"Transfer-Encoding: chunked"),
        REQUEST.replace(b"Host", b"Transfer-Encoding: chunked\r\nHost"),
        REQUEST.replace(b"Host", b"Content-Length: 1\r\nHost"),
        REQUEST.replace(b"Host", b"Expect: 100-continue\r\nHost"),
        REQUEST.replace(b"Host", b"Upgrade: x\r\nConnection: upgrade\r\nHost"),
        REQUEST.replace(b"Host", b"Causeway-Work: x\r\nHost"),
        REQUEST.replace(b"Host", b"Authorization: \xff\r\nHost"),
        REQUEST.replace(b"Host", b"X: " + b"x" * 17_000 + b"\r\nHost"),
        REQUEST.replace(b"Host", b"no colon\r\nHost"),
        REQUEST.replace(b"HTTP/1.1", b"HTTP/9.9"),
    ],
)
def test_whatever_is_not_the_usual_goes_the_general_way(folder: Path, first: bytes) -> None:
    async def scenario(street: Street) -> None:
        assert street.take(first) is None
        assert (street.relay.connections, street.ended) == (0, 0)

    run(folder, scenario)


# ---- A share for each lane ----


class Held:
    """Takes every connection and keeps it."""

    def __init__(self) -> None:
        self.dones: list[Callable[[], None]] = []

    def take(self, sock: socket.socket, lane: str, first: bytes, *, done: Callable[[], None]) -> bool:
        self.dones.append(done)
        return True


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.send(b"x")
        theirs.setblocking(False)
        yield ours, theirs


def test_a_crowd_on_one_lane_takes_no_place_of_the_other() -> None:
    async def scenario() -> None:
        held = Held()
        server = HttpServer(lambda: None, headers=[], short=held, lane_max=2)
        with pair() as (_, a), pair() as (_, b), pair() as (late, c), pair() as (_, d), pair() as (_, e):
            for sock in (a, b, c):
                server.serve(sock, Lane.CLEAR)
            assert len(held.dones) == 2
            with pytest.raises(ConnectionResetError):  # closed, unread
                late.recv(1, socket.MSG_DONTWAIT)
            server.serve(d, Lane.ONION)
            assert len(held.dones) == 3
            held.dones[0]()
            server.serve(e, Lane.CLEAR)
            assert len(held.dones) == 4

    asyncio.run(scenario())


def test_each_lane_has_turns_of_its_own_at_the_relay(folder: Path) -> None:
    async def scenario() -> None:
        upstream = Upstream(folder / "relay")
        for _ in range(24):
            await upstream.turn("clear")
        async with asyncio.timeout(1):
            await upstream.turn("onion")
            await upstream.turn("")
        waiting = asyncio.ensure_future(upstream.turn("clear"))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        upstream.done("clear")
        await waiting

    asyncio.run(scenario())


def test_the_nursery_loads_neither_a_server_nor_babel() -> None:
    code = (
        "import sys, causeway.door.plain.nursery;"
        "print(sorted({'asyncio', 'babel', 'starlette', 'uvicorn'} & sys.modules.keys()))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
