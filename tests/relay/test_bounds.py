"""Bad input: each refusal is short, clear and cheap, and nothing that was sent is repeated or logged."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Iterable

import pytest

from causeway.relay import LaneLimits, Rate, lane_limits
from causeway.relay.store import Reader
from causeway.wire.sizes import PARCEL_BYTES, PUBLICATION_BYTES_MAX, SLOT_BYTES
from tests.relay.running import CAPABILITY, RunningRelay, bearer, running_relay, sha256, slot_body, slot_id

PATH = f"/v1/intake/{slot_id(1).hex()}"
MARK = "MARK-of-a-sender"


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def _exchange(relay: RunningRelay, data: bytes) -> bytes:
    """Send bytes and return all that comes until the relay closes; a relay that waits for more hangs here."""
    with relay.raw() as connection:
        # A broken pipe: it answered before it had read all, as it should.
        with contextlib.suppress(BrokenPipeError):
            connection.sendall(data)
        return _rest(connection)


def _rest(connection: socket.socket) -> bytes:
    found = b""
    try:
        while chunk := connection.recv(65_536):
            found += chunk
    except ConnectionResetError:
        pass
    return found


def _stored(relay: RunningRelay) -> int:
    return int(relay.desk.get("/v1/status").json()["slots"]["intake"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/v1/sheet/", 404),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v2/sheet", 404),
        ("GET", "/v1/intake/", 404),
        ("POST", "/v1/sheet", 405),
        ("POST", PATH, 405),
        ("HEAD", "/v1/sheet", 405),
        ("OPTIONS", "/v1/board", 405),
        ("DELETE", PATH, 405),
        ("GET", PATH, 405),
        ("PUT", "/v1/status", 405),
        ("GET", "/v1/claim", 405),
        ("GET", "/v1/bucket/" + "0" * 64, 404),
        ("GET", "/v1/bucket/" + "A" * 64, 400),
        ("GET", "/v1/bucket/" + "0" * 63, 400),
        ("GET", "/v1/bucket/..%2f..%2fetc", 404),
        ("GET", "/v1/days/other", 400),
        ("GET", "/v1/ids/intake/-1", 400),
        ("GET", "/v1/ids/intake/01", 400),
        ("GET", "/v1/ids/intake/%D9%A3", 400),  # a digit of another script
        ("GET", "/v1/ids/intake/4294967296", 400),
        ("GET", "/v1/ids/intake/4294967295", 200),
        ("GET", "/v1/slots/intake", 400),
        ("GET", "/v1/slots/intake?ids=", 400),
        ("GET", "/v1/slots/intake?ids=" + "0" * 31, 400),
        ("GET", "/v1/slots/intake?other=" + "0" * 32, 400),
        ("GET", "/v1/slots/intake?ids=" + "0" * 32 + "&ids=" + "0" * 32, 400),
        ("GET", "/v1/slots/intake?ids=" + ",".join(["0" * 32] * 64), 200),
        ("GET", "/v1/slots/intake?ids=" + ",".join(["0" * 32] * 65), 400),
        ("GET", "/v1/slots/intake?ids=%FF", 400),
        ("DELETE", "/v1/slots/intake/zz", 400),
        ("DELETE", "/v1/slots/other/" + "0" * 32, 400),
    ],
)
def test_paths_and_methods(relay: RunningRelay, method: str, path: str, status: int) -> None:
    answer = relay.desk.request(method, path)
    assert answer.status_code == status
    if status >= 400:
        assert len(answer.content) < 80
        if status == 405:
            assert "allow" in answer.headers


@pytest.mark.parametrize("name", ["0" * 31, "0" * 33, "A" * 32, "g" * 32, "0" * 30 + "%00", "٣" * 32, MARK])
def test_ids_are_thirty_two_lower_case_hex_digits(relay: RunningRelay, name: str) -> None:
    answer = relay.visitor.put(f"/v1/intake/{name}", content=slot_body(1))
    assert (answer.status_code, answer.text) == (400, "malformed id\n")


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        (PATH, 0, 400),
        (PATH, SLOT_BYTES - 1, 400),
        (PATH, SLOT_BYTES + 1, 413),
        ("/v1/acknowledged", 0, 400),
        ("/v1/acknowledged", 17, 400),
        ("/v1/acknowledged", 16 * 4_096, 204),
        ("/v1/acknowledged", 16 * 4_097, 413),
        ("/v1/sheet", 64, 400),
        ("/v1/sheet", 8_193, 413),
        ("/v1/attendance/0", 69, 400),
        ("/v1/attendance/0", 70, 400),  # of version 0
        ("/v1/attendance/0", 71, 413),
        ("/v1/attendance/16", 70, 400),
        ("/v1/board/0", 100, 400),
        ("/v1/board/0", PUBLICATION_BYTES_MAX + 1, 413),
        ("/v1/capability", PARCEL_BYTES + 31, 400),
        ("/v1/capability", PARCEL_BYTES + 32, 400),  # of version 0
        ("/v1/capability", PARCEL_BYTES + 33, 413),
    ],
)
def test_sizes(relay: RunningRelay, path: str, size: int, status: int) -> None:
    assert relay.desk.put(path, content=bytes(size)).status_code == status

    def chunks() -> Iterable[bytes]:
        for start in range(0, size, 65_536):
            yield bytes(min(65_536, size - start))

    # The same without a declared length.
    assert relay.desk.put(path, content=chunks()).status_code == status
    assert relay.desk.get("/v1/status").status_code == 200


def _head(*lines: str, path: str = PATH) -> bytes:
    return "\r\n".join((f"PUT {path} HTTP/1.1", "Host: relay", *lines, "", "")).encode()


def test_ten_gigabytes_are_refused_unread(relay: RunningRelay) -> None:
    answer = _exchange(relay, _head(f"Content-Length: {10**10}"))
    assert _status(answer) == 413
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("length", ["9" * 18, "-1", "1_000", "0x10", "１"])
def test_odd_lengths(relay: RunningRelay, length: str) -> None:
    assert _status(_exchange(relay, _head(f"Content-Length: {length}"))) in {400, 413}


def test_a_body_without_any_length_is_refused(relay: RunningRelay) -> None:
    assert _status(_exchange(relay, _head())) == 411


def test_endless_chunks_are_cut_off_at_the_limit(relay: RunningRelay) -> None:
    chunk = b"8000\r\n" + bytes(SLOT_BYTES) + b"\r\n"
    assert _status(_exchange(relay, _head("Transfer-Encoding: chunked") + chunk * 20)) == 413
    assert _stored(relay) == 0


def test_a_cut_body_stores_nothing(relay: RunningRelay) -> None:
    with relay.raw() as connection:
        connection.sendall(_head(f"Content-Length: {SLOT_BYTES}") + slot_body(1)[:-1])
        connection.shutdown(socket.SHUT_WR)
    assert _stored(relay) == 0
    assert relay.visitor.put(PATH, content=slot_body(1)).status_code == 201


def test_a_call_that_was_let_in_before_a_rotation_changes_nothing_after_it(relay: RunningRelay) -> None:
    new, parcel = os.urandom(32), os.urandom(64) + b"\x01" + os.urandom(PARCEL_BYTES - 65)
    path = f"/v1/record/{slot_id(1).hex()}"
    with relay.raw() as slow:
        lines = (f"Content-Length: {SLOT_BYTES}", "Expect: 100-continue")
        slow.sendall(_head(*lines, f"Authorization: {bearer(CAPABILITY)}", path=path))
        assert b"100 Continue" in slow.recv(100)  # it is inside
        assert relay.desk.put("/v1/capability", content=sha256(new) + parcel).status_code == 204
        slow.sendall(slot_body(1))
        assert _status(slow.recv(65_536)) == 401
    with relay.client_with(new) as renewed:
        assert renewed.get("/v1/days/record").content == b""


def test_a_slow_body_has_a_deadline() -> None:
    with running_relay(body_seconds=0.2) as relay:
        answer = _exchange(relay, _head(f"Content-Length: {SLOT_BYTES}") + b"x")
        assert _status(answer) == 408
        assert relay.visitor.put(PATH, content=slot_body(1)).status_code == 201


def test_a_head_that_never_ends_is_cut() -> None:
    with running_relay(head_seconds=0.2) as relay:
        assert _exchange(relay, b"") == b""
        assert _exchange(relay, b"PUT /v1/intake/") == b""
        # Also on a connection that has been of use before.
        assert _exchange(relay, b"GET /v1/attendance HTTP/1.1\r\n\r\nGET /v1/").count(b"HTTP/1.1 200") == 1


def test_an_overlong_head_is_cut(relay: RunningRelay) -> None:
    assert _exchange(relay, b"GET /v1/board HTTP/1.1\r\nX: " + b"x" * 600_000) == b""
    assert relay.visitor.get("/v1/board").status_code == 200


def test_requests_in_one_piece_are_answered_in_their_order(relay: RunningRelay) -> None:
    puts = b"".join(
        f"PUT /v1/intake/{slot_id(number).hex()} HTTP/1.1\r\nContent-Length: {SLOT_BYTES}\r\n\r\n".encode()
        + slot_body(number)
        for number in (1, 2, 1)
    )
    answer = _exchange(relay, puts + b"GET /v1/attendance HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]] == [201, 201, 200, 200]
    assert _stored(relay) == 2


def test_too_many_requests_in_one_piece_are_cut(relay: RunningRelay) -> None:
    assert _exchange(relay, b"GET /v1/attendance HTTP/1.1\r\n\r\n" * 500).count(b"HTTP/1.1 ") <= 1
    assert relay.visitor.get("/v1/board").status_code == 200


def test_nonsense_behind_a_request_ends_the_connection_after_its_answer(relay: RunningRelay) -> None:
    put = _head(f"Content-Length: {SLOT_BYTES}") + slot_body(1)
    answer = _exchange(relay, put + b"\x16\x03\x01 nonsense\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert b"connection: close" in answer
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_body_where_none_belongs_is_refused(relay: RunningRelay) -> None:
    head = b"GET /v1/attendance HTTP/1.1\r\nContent-Length: 10\r\n\r\n"
    assert _status(_exchange(relay, head + bytes(10))) == 413
    chunked = b"GET /v1/attendance HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    assert _status(_exchange(relay, chunked)) == 413


def test_an_older_browser_and_a_head_alone_are_answered(relay: RunningRelay) -> None:
    answer = _exchange(relay, b"GET /v1/attendance HTTP/1.0\r\n\r\n")
    assert _status(answer) == 200
    assert b"connection: close" in answer
    answer = _exchange(relay, b"HEAD /v1/attendance HTTP/1.1\r\n\r\n")
    assert _status(answer) == 405
    assert answer.endswith(b"\r\n\r\n")


def test_an_idle_connection_stays_for_a_while(relay: RunningRelay) -> None:
    with relay.raw() as connection:
        for _ in range(3):
            connection.sendall(b"GET /v1/attendance HTTP/1.1\r\n\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_a_crowded_lane_waits_before_its_body_and_leaves_its_place() -> None:
    rate = Rate(20, 1)
    with running_relay(onion=LaneLimits(puts=rate, reads=rate, slots=100, inside=2)) as relay:
        lane = {"Causeway-Lane": "onion"}
        for number in range(5):
            path = f"/v1/intake/{slot_id(number).hex()}"
            assert relay.visitor.put(path, content=slot_body(number), headers=lane).status_code == 201
        # Who goes while they wait gives their place back.
        for _ in range(6):
            with relay.raw() as connection:
                head = _head(f"Content-Length: {SLOT_BYTES}", "Causeway-Lane: onion")
                connection.sendall(head + slot_body(0)[:100])
        path = f"/v1/intake/{slot_id(9).hex()}"
        statuses = (
            relay.visitor.put(path, content=slot_body(9), headers=lane).status_code for _ in range(200)
        )
        assert 201 in statuses


def test_bytes_that_are_no_request_are_refused(relay: RunningRelay) -> None:
    assert _status(_exchange(relay, b"\x16\x03\x01\x02\x00 hello\r\n\r\n")) == 400
    assert _status(_exchange(relay, b"GET /\xff HTTP/1.1\r\n\r\n")) == 400
    assert relay.visitor.get("/v1/board").status_code == 200


def test_crowds_of_slow_visitors_do_not_keep_out_desks_or_other_lanes() -> None:
    few = lane_limits(puts=1_000, reads=1_000, slots=100, inside=3)
    with running_relay(clear=few) as relay:
        slow = [relay.raw() for _ in range(3)]
        for connection in slow:
            connection.sendall(_head(f"Content-Length: {SLOT_BYTES}", "Expect: 100-continue"))
            assert b"100 Continue" in connection.recv(100)  # it is inside
        assert relay.visitor.put(PATH, content=slot_body(1)).status_code == 429
        assert (
            relay.visitor.put(PATH, content=slot_body(1), headers={"Causeway-Lane": "onion"}).status_code
            == 201
        )
        assert relay.desk.get("/v1/status").status_code == 200
        for connection in slow:
            connection.close()
        # Their places are free again, as soon as the relay has seen them go.
        statuses = (relay.visitor.put(PATH, content=slot_body(1)).status_code for _ in range(200))
        assert 200 in statuses


def test_nothing_that_was_sent_is_repeated_or_logged(
    relay: RunningRelay, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [
        relay.visitor.get(f"/v1/{MARK}"),
        relay.visitor.get(f"/v1/bucket/{MARK}"),
        relay.visitor.put(f"/v1/intake/{MARK}", content=slot_body(1)),
        relay.visitor.put(PATH, content=MARK.encode()),
        relay.desk.get(f"/v1/slots/intake?ids={MARK}"),
        relay.visitor.get("/v1/status", headers={"Authorization": f"Bearer {MARK}"}),
        relay.visitor.request(MARK.upper(), "/v1/status"),
    ]
    assert all(answer.status_code >= 400 for answer in answers)
    assert all(MARK.encode() not in answer.content for answer in answers)

    def broken(_reader: Reader) -> bytes:
        raise RuntimeError(MARK)

    monkeypatch.setattr(Reader, "attendance", broken)
    failed = relay.visitor.get("/v1/attendance")
    assert (failed.status_code, failed.text) == (500, "something went wrong here\n")
    ours = [record for record in caplog.records if record.name.startswith(("causeway", "uvicorn"))]
    assert "GET /v1/attendance: RuntimeError" in [record.getMessage() for record in ours]
    for record in ours:
        assert MARK not in record.getMessage()
        assert record.exc_info is None
        assert slot_id(1).hex() not in record.getMessage()
