from __future__ import annotations

import os
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.door.plain.http import BODY_BYTES_MAX, Connection, RequestRefused
from tests.door.parts import Centre, Door, eventually, hidden, read_all

FORM = "Content-Type: application/x-www-form-urlencoded"


def exchange(door: Door, request: bytes, *, end: bool = False) -> bytes:
    with door.connect() as sock:
        sock.sendall(request)
        if end:
            sock.shutdown(socket.SHUT_WR)
        return read_all(sock)


def status_of(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:40]
    return int(answer[9:12])


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"POST /start HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: 10000000000\r\n\r\n", 413),
        (f"POST /start HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: {BODY_BYTES_MAX + 1}\r\n\r\n", 413),
        (f"POST /start HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: {'9' * 18}\r\n\r\n", 413),
        (f"POST /start HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: {'9' * 5000}\r\n\r\n", 400),
        (f"POST /start HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: -1\r\n\r\n", 400),
        (
            "POST /start HTTP/1.1\r\nHost: d\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
            415,
        ),
        ("POST /start HTTP/1.1\r\nHost: d\r\n\r\n", 415),
        (f"POST /elsewhere HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: 0\r\n\r\n", 404),
        (f"POST /v1/intake/x HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: 0\r\n\r\n", 404),
        (f"POST /start HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: 11\r\n\r\nstranger=in", 400),
        ("POST /start\r\n\r\n", 400),
        ("POST /start HTTP/1.1\r\nHost: d\r\nX: " + "x" * 70_000 + "\r\n\r\n", 431),
        ("GET /r/ HTTP/1.1\r\nHost: d\r\n\r\n", 404),
        ("GET /r/" + "~" * 64 + " HTTP/1.1\r\nHost: d\r\n\r\n", 404),
        ("GET /r/" + "A" * 64 + " HTTP/1.1\r\nHost: d\r\n\r\n", 404),
        ("PUT /start HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n", 405),
        ("HEAD /r/x HTTP/1.1\r\nHost: d\r\n\r\n", 404),
        ("GARBAGE\r\n\r\n", 400),
        ("GET /en HTTP/1.1\r\nX: " + "x" * 70_000 + "\r\n\r\n", 400),
    ],
)
def test_what_is_refused_shortly_and_kindly(shared_door: Door, head: str, status: int) -> None:
    answer = exchange(shared_door, head.encode())
    assert status_of(answer) == status
    assert b"no-store" in answer
    assert shared_door.process.talk.count("Traceback") == 0
    assert "ended with" not in shared_door.process.talk


@pytest.mark.parametrize("path", ["/start", "/send", "/read", "/act"])
def test_a_reloaded_form_leads_back_to_the_start(shared_door: Door, path: str) -> None:
    answer = shared_door.ask("GET", path)
    assert (answer.status, answer.headers["location"]) == (303, "/")


def test_a_chunked_body_is_counted_and_cut(shared_centre: Centre, shared_door: Door) -> None:
    head = f"POST /start HTTP/1.1\r\nHost: d\r\n{FORM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    assert status_of(exchange(shared_door, head + b"b\r\nlanguage=en\r\n0\r\n\r\n")) == 303
    with shared_door.connect() as sock:
        sock.sendall(head)
        chunk = b"8000\r\n" + b"a" * 0x8000 + b"\r\n"
        answer = b""
        try:
            for _ in range(100):
                sock.sendall(chunk)
        except OSError:
            pass
        answer = sock.recv(12)
    assert answer == b"HTTP/1.1 413"


def test_a_cut_body_is_refused_and_sends_nothing(centre: Centre, door: Door) -> None:
    ticket = hidden(door.page("/start", language="en").text, "ticket")
    body = f"language=en&ticket={ticket}&text=They+know".encode()
    head = f"POST /send HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: {len(body) + 5}\r\n\r\n".encode()
    assert status_of(exchange(door, head + body, end=True)) == 400
    multipart = (
        f'--b\r\nContent-Disposition: form-data; name="ticket"\r\n\r\n{ticket}\r\n'
        '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nThey know'
    ).encode()
    head = (
        "POST /send HTTP/1.1\r\nHost: d\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {len(multipart)}\r\n\r\n"
    ).encode()
    assert status_of(exchange(door, head + multipart)) == 400
    assert centre.messages() == []


def test_a_visitor_who_leaves_costs_one_child(shared_door: Door) -> None:
    for request in (b"POST ", b"POST /start HTTP/1.1\r\nHost: d\r\nContent-Length: 50\r\n\r\nlan"):
        with shared_door.connect() as sock:
            sock.sendall(request)
            assert eventually(lambda: len(shared_door.children()) == 4)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        assert eventually(lambda: len(shared_door.children()) == 3)
    assert shared_door.form("/start", language="en").status == 303


def test_a_slow_body_is_ended() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        connection = Connection(theirs, head_seconds=5, body_seconds=0.1)
        ours.sendall(f"POST /start HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: 50\r\n\r\nlan".encode())
        head = connection.head()
        started = time.monotonic()
        with pytest.raises(RequestRefused) as refused:
            list(connection.body(head))
        assert refused.value.status == 408
        assert time.monotonic() - started < 2
        connection.answer(408, b"page")
        ours.shutdown(socket.SHUT_WR)
        connection.close()
        assert status_of(read_all(ours)) == 408


def test_a_slow_head_is_ended() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        connection = Connection(theirs, head_seconds=0.05, body_seconds=1)
        ours.sendall(b"POST /start HT")
        with pytest.raises(RequestRefused) as refused:
            connection.head()
        assert refused.value.status == 408
        ours.shutdown(socket.SHUT_WR)
        connection.close()


@given(st.binary(max_size=2_000))
def test_any_bytes_are_refused_and_nothing_but_refused(request_bytes: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        connection = Connection(theirs, head_seconds=5, body_seconds=5)
        ours.sendall(request_bytes)
        ours.shutdown(socket.SHUT_WR)
        try:
            for _ in connection.body(connection.head()):
                pass
        except RequestRefused as refused:
            connection.answer(refused.status, b"page")
        connection.close()


def test_a_pause_is_asked_for_only_when_the_body_may_come() -> None:
    for length, expected in ((5, b"HTTP/1.1 100 "), (10**10, b"HTTP/1.1 413 ")):
        ours, theirs = socket.socketpair()
        with ours:
            connection = Connection(theirs)
            head = f"POST /x HTTP/1.1\r\nHost: d\r\nContent-Length: {length}\r\n"
            ours.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
            body = connection.body(connection.head())
            ours.shutdown(socket.SHUT_WR)
            with pytest.raises(RequestRefused) as refused:
                next(body)
            connection.answer(refused.value.status, b"page")
            assert ours.recv(len(expected)) == expected
            connection.close()


def test_a_head_may_come_in_pieces_with_a_long_body_behind_it(shared_door: Door) -> None:
    request = b"PUT /v1/intake/" + b"ab" * 16 + b" HTTP/1.1\r\nHost: d\r\nContent-Length: 32768\r\n\r\n"
    for cut in (1, 2, 3):
        with shared_door.connect() as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.sendall(request[:-cut])
            sock.sendall(request[-cut:] + bytes(32_768))
            assert status_of(read_all(sock)) in {200, 201}


def test_a_second_request_on_a_connection_is_not_served(shared_door: Door) -> None:
    for first in ("GET /en", "GET /v1/attendance", "GET /r/x"):
        request = f"{first} HTTP/1.1\r\nHost: d\r\n\r\n".encode()
        second = b"GET /ru HTTP/1.1\r\nHost: d\r\n\r\n"
        answer = exchange(shared_door, request + second)
        assert answer.count(b"HTTP/1.1 ") == 1
        assert b"connection: close" in answer.lower()


@pytest.mark.slow
def test_thirty_two_at_once_and_the_rest_waits(shared_door: Door) -> None:
    """Slow forms take children up to the limit; who comes then is served once one is free."""
    slow = []
    for _ in range(32):
        sock = shared_door.connect()
        sock.sendall(f"POST /start HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: 11\r\n\r\n".encode())
        slow.append(sock)
    assert eventually(lambda: len(shared_door.children()) == 32)
    late = shared_door.connect()
    late.sendall(
        f"POST /start HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: 11\r\n\r\nlanguage=en".encode()
    )
    # Pages and ciphertext do not wait for forms.
    assert shared_door.ask("GET", "/en").status == 200
    assert len(shared_door.children()) == 32
    slow[0].sendall(b"language=en")
    assert status_of(read_all(slow[0])) == 303
    assert status_of(read_all(late)) == 303
    for sock in slow[1:]:
        sock.sendall(b"language=en")
        assert status_of(read_all(sock)) == 303
    assert eventually(lambda: len(shared_door.children()) == 3)
    for sock in [*slow, late]:
        sock.close()


def test_a_killed_child_is_replaced(shared_door: Door) -> None:
    assert eventually(lambda: len(shared_door.children()) == 3)
    victims = shared_door.children()
    for victim in victims:
        os.kill(victim, 9)
    assert eventually(lambda: len(shared_door.children() - victims) == 3)
    assert shared_door.form("/start", language="en").status == 303
