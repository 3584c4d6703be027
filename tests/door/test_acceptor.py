from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.door.acceptor import PEEK_BYTES, Acceptor, belongs_to_plain
from causeway.door.config import Lane
from causeway.door.handover import Handover


@given(st.binary(max_size=40))
def test_only_forms_and_results_go_to_plain(first: bytes) -> None:
    whole = first.startswith((b"POST ", b"GET /r/"))
    open_still = b"POST ".startswith(first) or b"GET /r/".startswith(first)
    assert belongs_to_plain(first) is (None if open_still and not whole else whole)


@pytest.mark.parametrize(
    "begin", [b"POST /start HTTP/1.1", b"GET /r/abc HTTP/1.1", b"GET / HTTP/1.1", b"PUT "]
)
def test_every_beginning_is_decided_by_the_bytes_that_are_peeked_at(begin: bytes) -> None:
    decided = belongs_to_plain(begin[:PEEK_BYTES])
    assert decided is belongs_to_plain(begin)
    assert decided is not None


class Hall:
    """An acceptor on a socket of its own; notes who was served here and who was handed over."""

    def __init__(self, *, queue_seconds: float = 0.05, **limits: float) -> None:
        self.served: list[tuple[socket.socket, Lane]] = []
        self.channel, self.children = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.handover = Handover(
            self.channel, busy=lambda: b"HTTP/1.1 503 \r\n\r\nbusy", queue_seconds=queue_seconds
        )
        self.acceptor = Acceptor(
            serve=lambda sock, lane: self.served.append((sock, lane)),
            handover=self.handover,
            **limits,  # type: ignore[arg-type]
        )
        self.addresses: dict[Lane, tuple[str, int]] = {}
        for lane in (Lane.CLEAR, Lane.ONION):
            listener = socket.create_server(("127.0.0.1", 0))
            listener.setblocking(False)
            self.addresses[lane] = listener.getsockname()
            self.acceptor.listen(listener, lane=lane)

    async def connect(self, first: bytes, lane: Lane = Lane.CLEAR) -> socket.socket:
        sock = socket.create_connection(self.addresses[lane])
        sock.setblocking(False)
        if first:
            sock.send(first)
        return sock

    async def handed(self) -> tuple[bytes, socket.socket]:
        """Receive as a child would."""
        self.children.setblocking(False)
        while True:
            try:
                lane, numbers, _, _ = socket.recv_fds(self.children, 1, 1)
            except BlockingIOError:
                await asyncio.sleep(0.001)
                continue
            return lane, socket.socket(fileno=numbers[0])

    def close(self) -> None:
        self.acceptor.close()
        self.handover.close()
        for sock in [self.channel, self.children, *(sock for sock, _ in self.served)]:
            sock.close()


@contextmanager
def hall(**limits: float) -> Iterator[Hall]:
    one = Hall(**limits)
    try:
        yield one
    finally:
        one.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scenario()
        await asyncio.sleep(0)

    asyncio.run(whole())


def test_a_form_is_handed_over_with_every_byte_still_in_it() -> None:
    async def scenario() -> None:
        with hall() as one:
            request = b"POST /send HTTP/1.1\r\n\r\nsomebody's own words"
            for lane, byte in ((Lane.CLEAR, b"p"), (Lane.ONION, b"o")):
                with closing(await one.connect(request, lane)):
                    got, sock = await one.handed()
                    with sock:
                        assert got == byte
                        assert sock.recv(4_096) == request
            assert one.served == []

    run(scenario)


def test_a_result_is_handed_over_and_a_page_is_not() -> None:
    async def scenario() -> None:
        with (
            hall() as one,
            closing(await one.connect(b"GET /ru HTTP/1.1\r\n\r\n", Lane.ONION)),
            closing(await one.connect(b"GET /r/x HTTP/1.1\r\n\r\n")),
        ):
            _, sock = await one.handed()
            with sock:
                assert sock.recv(7) == b"GET /r/"
            await until(lambda: len(one.served) == 1)
            page, lane = one.served[0]
            assert page.recv(7) == b"GET /ru"
            assert lane is Lane.ONION

    run(scenario)


def test_a_beginning_may_come_byte_by_byte() -> None:
    async def scenario() -> None:
        with hall() as one, closing(await one.connect(b"")) as visitor:
            for byte in b"POST ":
                assert one.served == []
                visitor.send(bytes([byte]))
                await asyncio.sleep(0.01)
            _, sock = await one.handed()
            with sock:
                assert sock.recv(7) == b"POST "

    run(scenario)


def test_a_half_sent_beginning_does_not_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    look = Acceptor._look

    def counting(self: Acceptor, waiting: object) -> None:
        nonlocal looks
        looks += 1
        look(self, waiting)  # type: ignore[arg-type]

    monkeypatch.setattr(Acceptor, "_look", counting)

    async def scenario() -> None:
        with hall() as one, closing(await one.connect(b"POS")):
            await until(lambda: one.acceptor.waiting == 1)
            await asyncio.sleep(0.3)
            assert 2 <= looks <= 8

    run(scenario)


def test_the_silent_are_dropped_in_time() -> None:
    async def scenario() -> None:
        with (
            hall(first_bytes_seconds=0.05) as one,
            closing(await one.connect(b"")) as silent,
            closing(await one.connect(b"GE")) as slow,
        ):
            await until(lambda: one.acceptor.waiting == 2)
            await until(lambda: one.acceptor.waiting == 0)
            assert await asyncio.get_running_loop().sock_recv(silent, 1) == b""
            with pytest.raises(ConnectionResetError):
                await asyncio.get_running_loop().sock_recv(slow, 1)

    run(scenario)


def test_newcomers_push_the_oldest_silent_out() -> None:
    async def scenario() -> None:
        with hall(waiting_max=2) as one:
            silent = [await one.connect(b"") for _ in range(3)]
            await until(lambda: one.acceptor.waiting == 2)
            assert await asyncio.get_running_loop().sock_recv(silent[0], 1) == b""
            for sock in silent:
                sock.close()

    run(scenario)


def test_a_silent_crowd_on_one_lane_pushes_nobody_out_of_the_other() -> None:
    async def scenario() -> None:
        with hall(waiting_max=2) as one:
            silent = [await one.connect(b"", Lane.ONION)]
            silent += [await one.connect(b"") for _ in range(4)]
            await until(lambda: one.acceptor.waiting == 3)
            assert await asyncio.get_running_loop().sock_recv(silent[1], 1) == b""
            silent[0].send(b"GET /en")
            await until(lambda: len(one.served) == 1)
            assert one.served[0][1] is Lane.ONION
            for sock in silent:
                sock.close()

    run(scenario)


def test_who_leaves_is_forgotten() -> None:
    async def scenario() -> None:
        with hall() as one:
            (await one.connect(b"")).close()
            with closing(await one.connect(b"")):
                await until(lambda: one.acceptor.waiting == 1)

    run(scenario)


def test_who_waits_too_long_for_a_child_is_told_so_unread() -> None:
    async def scenario() -> None:
        with hall() as one:
            visitors = [await one.connect(b"POST /start") for _ in range(9)]
            loop = asyncio.get_running_loop()
            # Nobody takes: eight are on their way to a child, the ninth waits here.
            await until(lambda: one.handover.queued == 1)
            refused = await loop.sock_recv(visitors[8], 100)
            assert refused.endswith(b"busy")
            # A child takes one: the next visitor's turn comes.
            _, first = await one.handed()
            first.close()
            one.handover.taken(1)
            with closing(await one.connect(b"POST /later")):
                got = []
                for _ in range(8):
                    _, sock = await one.handed()
                    got.append(sock.recv(11))
                    sock.close()
            assert got[-1] == b"POST /later"
            for sock in visitors:
                sock.close()

    run(scenario)


def test_a_crowd_on_the_clear_web_takes_no_turn_from_the_onion() -> None:
    async def scenario() -> None:
        with hall(queue_seconds=20.0) as one:
            crowd = [await one.connect(b"POST /crowd") for _ in range(80)]
            await until(lambda: one.handover.queued == 64)
            with closing(await one.connect(b"POST /onion", Lane.ONION)):
                await until(lambda: one.handover.queued == 65)
                lanes = []
                for _ in range(10):
                    lane, sock = await one.handed()
                    sock.close()
                    lanes.append(lane)
                    one.handover.taken(1)
            # Eight of the crowd were on their way already.
            assert Lane.ONION.byte in lanes[8:]
            for sock in crowd:
                sock.close()

    run(scenario)
