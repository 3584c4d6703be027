from __future__ import annotations

import contextlib
import gzip
import logging
import socket
import threading
import zlib
from collections.abc import Callable, Iterator

import pytest

from causeway.sync.client import RelayClient
from causeway.sync.errors import RelayRefused, RelayUnreachable


@contextlib.contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve one connection after another on loopback, each by `talk`."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def run() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    talk(connection)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def answering(answer: bytes, heads: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        head = connection.recv(65_536)
        if heads is not None:
            heads.append(head)
        connection.sendall(answer)

    return talk


def client(address: str, **settings: str | bytes | None) -> RelayClient:
    arguments: dict[str, str | bytes | None] = {"socks": None, "capability": bytes(32)}
    return RelayClient(f"http://{address}/", **(arguments | settings))  # type: ignore[arg-type]


def test_a_call_says_nothing_about_the_desk_but_its_capability() -> None:
    heads: list[bytes] = []
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with serving(answering(ok, heads)) as address:
        with client(address) as one:
            assert one.status() == b"ok"
        with client(address) as one, one.visitor() as visitor:
            assert visitor.sheet() == b"ok"
    desk = dict(line.split(b": ", 1) for line in heads[0].split(b"\r\n")[1:-2])
    assert heads[0].startswith(b"GET /v1/status HTTP/1.1\r\n")
    said = {name.lower(): value for name, value in desk.items()}
    assert said.pop(b"authorization").startswith(b"Bearer ")
    assert set(said) == {b"host", b"user-agent", b"accept", b"accept-encoding", b"connection"}
    assert said[b"user-agent"] == b""
    assert b"authorization" not in heads[1].lower()


PAGE = b'<script type="module" data-language="fr" data-languages="en fr ru">'


def test_a_look_at_the_door_asks_what_a_browser_asks_in_the_same_order_and_words() -> None:
    heads: list[bytes] = []
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)
    with serving(answering(ok, heads)) as address, client(address) as one, one.visitor() as visitor:
        visitor.come_in()
        visitor.sheet()
        visitor.attendance()
        visitor.board()
        visitor.bucket(bytes(32))
    assert [head.split(b" ")[1].decode() for head in heads] == [
        "/",
        "/static/seal.js",
        "/static/words-fr.txt",
        "/v1/sheet",
        "/v1/attendance",
        "/v1/board",
        "/v1/bucket/" + "00" * 32,
    ]
    agent = b"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    assert heads[0] == (
        b"GET / HTTP/1.1\r\n"
        b"Host: " + address.encode() + b"\r\n"
        b"User-Agent: " + agent + b"\r\n"
        b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
        b"Accept-Language: en-US,en;q=0.5\r\n"
        b"Accept-Encoding: gzip, deflate\r\n"
        b"Connection: keep-alive\r\n"
        b"Upgrade-Insecure-Requests: 1\r\n"
        b"Sec-Fetch-Dest: document\r\n"
        b"Sec-Fetch-Mode: navigate\r\n"
        b"Sec-Fetch-Site: none\r\n"
        b"Sec-Fetch-User: ?1\r\n"
        b"Priority: u=0, i\r\n\r\n"
    )
    for head in heads[1:]:
        assert b"\r\nUser-Agent: " + agent in head
        assert b"\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n" in head


def test_a_page_that_shows_digits_loads_no_list() -> None:
    heads: list[bytes] = []
    page = PAGE.replace(b'"fr"', b'"uk"')
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)
    with serving(answering(ok, heads)) as address, client(address) as one, one.visitor() as visitor:
        visitor.come_in()
    assert [head.split(b" ")[1].decode() for head in heads] == ["/", "/static/seal.js"]


def test_a_door_that_has_no_page_is_looked_at_all_the_same() -> None:
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    with serving(answering(missing)) as address, client(address) as one, one.visitor() as visitor:
        visitor.come_in()


def _packed(body: bytes, *, coding: bytes = b"gzip") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (coding, len(body)) + body


@pytest.mark.parametrize(("pack", "coding"), [(gzip.compress, b"gzip"), (zlib.compress, b"deflate")])
def test_what_comes_packed_is_unpacked(pack: Callable[[bytes], bytes], coding: bytes) -> None:
    answer = _packed(pack(b"board"), coding=coding)
    with serving(answering(answer)) as address, client(address, capability=None) as one:
        assert one.board() == b"board"


@pytest.mark.parametrize(
    "answer",
    [
        _packed(b"no gzip"),
        _packed(gzip.compress(b"board")[:-4]),
        _packed(gzip.compress(bytes(50_000_000), 9)),
        _packed(b"anything", coding=b"br"),
    ],
)
def test_what_can_not_be_unpacked_is_unreachable(answer: bytes) -> None:
    with (
        serving(answering(answer)) as address,
        client(address, capability=None) as one,
        pytest.raises(RelayUnreachable),
    ):
        one.board()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"not http\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n" + bytes(20_000_000),
    ],
)
def test_half_an_answer_or_too_much_of_one_is_unreachable(answer: bytes) -> None:
    with serving(answering(answer)) as address, client(address) as one, pytest.raises(RelayUnreachable):
        one.board()


def test_a_refusal_has_its_status_and_a_missing_bucket_is_none() -> None:
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    with serving(answering(missing)) as address, client(address) as one:
        assert one.bucket(bytes(32)) is None
        assert one.parcel() is None
        with pytest.raises(RelayRefused) as refused:
            one.status()
    assert refused.value.status == 404


def test_a_redirection_is_not_followed() -> None:
    elsewhere = b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"
    with serving(answering(elsewhere)) as address, client(address) as one, pytest.raises(RelayRefused):
        one.sheet()


def test_nothing_is_logged_and_no_error_names_the_address(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ok = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        with serving(answering(ok)) as address, client(address) as one:
            one.slots("intake", ids=[b"0123456789abcdef"])
        with client("127.0.0.1:1") as one, pytest.raises(RelayUnreachable) as unreachable:
            one.put_record(b"0123456789abcdef", slot=b"")
    assert caplog.text == ""
    assert "127.0.0.1" not in unreachable.value.diagnostics()
    assert unreachable.value.__cause__ is None
    assert unreachable.value.__suppress_context__


class Tor:
    """A SOCKS5 port that keeps who asked for what, and passes nothing on but one answer."""

    def __init__(self) -> None:
        self.users: list[bytes] = []
        self.hosts: list[bytes] = []

    def talk(self, connection: socket.socket) -> None:
        assert connection.recv(3) == b"\x05\x01\x02"  # version 5, one method: user name and password
        connection.sendall(b"\x05\x02")
        head = connection.recv(2)
        user = connection.recv(head[1])
        password = connection.recv(connection.recv(1)[0])
        assert password
        self.users.append(user)
        connection.sendall(b"\x01\x00")
        kind = connection.recv(4)
        assert kind == b"\x05\x01\x00\x03"  # a name, not an address: Tor looks it up
        self.hosts.append(connection.recv(connection.recv(1)[0]))
        connection.recv(2)
        connection.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


def test_tor_looks_up_the_name_and_a_visit_has_a_circuit_of_its_own() -> None:
    tor = Tor()
    with serving(tor.talk) as address, client("centre.example", socks=address) as one:
        assert one.status() == b"ok"
        assert one.status() == b"ok"
        with one.visitor() as visitor:
            assert visitor.sheet() == b"ok"
    assert tor.hosts == [b"centre.example"] * 3
    assert tor.users[0] == tor.users[1] != tor.users[2]


# The library forgets to close a socket whose SOCKS handshake fails; it goes with its last reference.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("reply", [b"", b"\x05\xff", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_socks_port_that_is_none_is_unreachable(reply: bytes) -> None:
    with (
        serving(answering(reply)) as address,
        client("centre.example", socks=address) as one,
        pytest.raises(RelayUnreachable),
    ):
        one.status()
