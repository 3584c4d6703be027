"""The interface of docs/FORMAT.md section 13, call by call, against a running relay."""

from __future__ import annotations

import os
import struct

import pytest

from causeway.relay import LaneLimits, Rate, lane_limits
from causeway.relay.routes import RULES, Who
from causeway.wire.sizes import PARCEL_BYTES
from tests.relay.publishing import publication
from tests.relay.running import (
    CAPABILITY,
    TODAY,
    RunningRelay,
    bearer,
    running_relay,
    setup,
    sha256,
    slot_body,
    slot_id,
)

FORMAT_TABLE = {
    ("GET", "/v1/sheet", Who.ANYBODY),
    ("GET", "/v1/attendance", Who.ANYBODY),
    ("GET", "/v1/board", Who.ANYBODY),
    ("GET", "/v1/bucket/{digest}", Who.ANYBODY),
    ("GET", "/v1/parcel", Who.ANYBODY),
    ("PUT", "/v1/intake/{id}", Who.ANYBODY),
    ("PUT", "/v1/chunk/{id}", Who.ANYBODY),
    ("PUT", "/v1/claim", Who.CLAIMANT),
    ("GET", "/v1/days/{kind}", Who.DESKS),
    ("GET", "/v1/ids/{kind}/{day}", Who.DESKS),
    ("GET", "/v1/slots/{kind}", Who.DESKS),
    ("PUT", "/v1/record/{id}", Who.DESKS),
    ("PUT", "/v1/acknowledged", Who.DESKS),
    ("DELETE", "/v1/slots/{kind}/{id}", Who.DESKS),
    ("PUT", "/v1/sheet", Who.DESKS),
    ("PUT", "/v1/attendance/{slot}", Who.DESKS),
    ("PUT", "/v1/board/{slot}", Who.DESKS),
    ("PUT", "/v1/capability", Who.DESKS),
    ("GET", "/v1/status", Who.DESKS),
}

# A well-formed call of every route that only desks may use.
DESK_CALLS = [
    ("GET", "/v1/days/intake", b""),
    ("GET", f"/v1/ids/record/{TODAY}", b""),
    ("GET", f"/v1/slots/intake?ids={slot_id(1).hex()}", b""),
    ("PUT", f"/v1/record/{slot_id(1).hex()}", slot_body(1)),
    ("PUT", "/v1/acknowledged", slot_id(1)),
    ("DELETE", f"/v1/slots/intake/{slot_id(1).hex()}", b""),
    ("PUT", "/v1/sheet", bytes(500)),
    ("PUT", "/v1/attendance/3", bytes(64) + bytes([1, 3]) + bytes(4)),
    ("PUT", "/v1/board/3", publication(3, "a")),
    ("PUT", "/v1/capability", bytes(32) + bytes(64) + b"\x01" + bytes(PARCEL_BYTES - 65)),
    ("GET", "/v1/status", b""),
]


def _put_intake(relay: RunningRelay, number: int, *, lane: str | None = None) -> int:
    headers = {} if lane is None else {"Causeway-Lane": lane}
    answer = relay.visitor.put(
        f"/v1/intake/{slot_id(number).hex()}", content=slot_body(number), headers=headers
    )
    return answer.status_code


def _put_record(relay: RunningRelay, number: int) -> int:
    return relay.desk.put(f"/v1/record/{slot_id(number).hex()}", content=slot_body(number)).status_code


def _ids(relay: RunningRelay, kind: str, day: int = TODAY) -> list[bytes]:
    data = relay.desk.get(f"/v1/ids/{kind}/{day}").content
    return [data[start : start + 16] for start in range(0, len(data), 16)]


def test_the_table_is_the_formats() -> None:
    assert {(rule.method, rule.path, rule.who) for rule in RULES} == FORMAT_TABLE
    assert len(DESK_CALLS) == sum(rule.who is Who.DESKS for rule in RULES)


@pytest.mark.parametrize("kind", ["intake", "record"])
def test_a_slot_is_put_listed_taken_and_deleted(relay: RunningRelay, kind: str) -> None:
    put = _put_intake if kind == "intake" else _put_record
    assert [put(relay, number) for number in (1, 2, 3, 2)] == [201, 201, 201, 200]
    assert relay.desk.get(f"/v1/days/{kind}").content == struct.pack(">I", TODAY)
    assert _ids(relay, kind) == sorted(map(slot_id, (1, 2, 3)))
    assert _ids(relay, kind, TODAY + 1) == []
    asked = ",".join(slot_id(number).hex() for number in (3, 9, 1, 3))
    taken = relay.desk.get(f"/v1/slots/{kind}?ids={asked}").content
    assert taken == slot_id(3) + slot_body(3) + slot_id(1) + slot_body(1)
    for _ in range(2):
        assert relay.desk.delete(f"/v1/slots/{kind}/{slot_id(1).hex()}").status_code == 204
    assert _ids(relay, kind) == sorted(map(slot_id, (2, 3)))
    other = "record" if kind == "intake" else "intake"
    assert _ids(relay, other) == []


def test_another_slot_under_the_same_id_is_refused_and_the_first_stays(relay: RunningRelay) -> None:
    path = f"/v1/intake/{slot_id(1).hex()}"
    assert relay.visitor.put(path, content=slot_body(1)).status_code == 201
    assert relay.visitor.put(path, content=slot_body(2)).status_code == 409
    assert relay.desk.get(f"/v1/slots/intake?ids={slot_id(1).hex()}").content == slot_id(1) + slot_body(1)


def test_days_follow_the_clock(relay: RunningRelay) -> None:
    _put_intake(relay, 1)
    relay.clock.pass_days(2)
    _put_intake(relay, 2)
    assert relay.desk.get("/v1/days/intake").content == struct.pack(">II", TODAY, TODAY + 2)
    assert _ids(relay, "intake", TODAY + 2) == [slot_id(2)]


def test_acknowledged_slots_stay_thirty_days(relay: RunningRelay) -> None:
    _put_intake(relay, 1)
    _put_intake(relay, 2)
    answer = relay.desk.put("/v1/acknowledged", content=slot_id(1) + slot_id(7))
    assert answer.status_code == 204
    relay.clock.pass_days(30)
    _put_record(relay, 5)
    assert len(_ids(relay, "intake")) == 2
    relay.clock.pass_days(1)
    _put_record(relay, 6)
    assert _ids(relay, "intake") == [slot_id(2)]
    assert relay.desk.get("/v1/status").json()["slots"] == {"intake": 1, "record": 2}


def test_sheet_attendance_and_parcel_are_public_once_there(relay: RunningRelay) -> None:
    assert relay.visitor.get("/v1/sheet").status_code == 503
    assert relay.visitor.get("/v1/parcel").status_code == 404
    assert relay.visitor.get("/v1/attendance").content == bytes(1_120)
    line = os.urandom(64) + bytes([1, 15]) + struct.pack(">I", TODAY)
    assert relay.desk.put("/v1/attendance/15", content=line).status_code == 204
    assert relay.visitor.get("/v1/attendance").content == bytes(1_050) + line
    for sheet in (os.urandom(700), os.urandom(8_192)):
        assert relay.desk.put("/v1/sheet", content=sheet).status_code == 204
        assert relay.visitor.get("/v1/sheet").content == sheet


def test_status_counts_slots_and_what_is_left_of_each_lane(relay: RunningRelay) -> None:
    for number, lane in enumerate((None, "onion", "onion", "plain", "desk")):
        assert _put_intake(relay, number, lane=lane) == 201
    _put_record(relay, 9)
    assert relay.desk.get("/v1/status").json() == {
        "day": TODAY,
        "slots": {"intake": 5, "record": 1},
        "free_chunks": {"onion": 100, "clear": 100, "plain": 100},
        "free": {"onion": 99_998, "clear": 99_998, "plain": 99_999, "desk": 99_999},
    }


def test_rotation_replaces_capability_and_parcel_together(relay: RunningRelay) -> None:
    new, parcel = os.urandom(32), os.urandom(64) + b"\x01" + os.urandom(PARCEL_BYTES - 65)
    assert relay.desk.put("/v1/capability", content=sha256(new) + parcel).status_code == 204
    assert relay.desk.get("/v1/status").status_code == 401
    assert relay.visitor.get("/v1/parcel").content == parcel
    with relay.client_with(new) as renewed:
        assert renewed.get("/v1/status").status_code == 200
        # The old capability can't rotate back either.
        assert relay.desk.put("/v1/capability", content=sha256(CAPABILITY) + parcel).status_code == 401
        assert renewed.get("/v1/status").status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), DESK_CALLS)
def test_only_desks_may_call_what_is_the_desks(
    relay: RunningRelay, method: str, path: str, body: bytes
) -> None:
    wrong = {
        "none": None,
        "another": bearer(os.urandom(32)),
        "its hash": bearer(sha256(CAPABILITY)),
        "cut": bearer(CAPABILITY)[:-1],
        "padded": bearer(CAPABILITY) + "=",
        "setup": f"Setup {relay.codes[0]}",
        "basic": "Basic " + bearer(CAPABILITY).split()[1],
        "no scheme": bearer(CAPABILITY).split()[1],
    }
    for value in wrong.values():
        headers = {} if value is None else {"Authorization": value}
        answer = relay.visitor.request(method, path, content=body or None, headers=headers)
        assert (answer.status_code, answer.text) == (401, "no or wrong capability\n")
    answer = relay.desk.request(method, path, content=body or None)
    assert answer.status_code in {200, 201, 204}


def test_a_relay_is_claimed_once_with_its_code() -> None:
    with running_relay(claimed=False) as relay:
        assert relay.visitor.get("/v1/attendance").status_code == 200
        (code,) = relay.codes
        assert len(code) * 4 >= 128
        # Nobody could read what comes in, so nothing does.
        assert _put_intake(relay, 1) == 503
        assert relay.desk.get("/v1/status").status_code == 401
        mine, other = sha256(CAPABILITY), os.urandom(32)
        for headers in ({}, setup("0" * 32), setup(code.upper() + "x"), {"Authorization": bearer(other)}):
            assert relay.visitor.put("/v1/claim", content=other, headers=headers).status_code == 401
        assert relay.visitor.put("/v1/claim", content=mine, headers=setup(code)).status_code == 204
        assert relay.visitor.put("/v1/claim", content=other, headers=setup(code)).status_code == 401
        assert relay.desk.get("/v1/status").status_code == 200
        assert _put_intake(relay, 1) == 201


def test_what_was_claimed_and_put_outlives_a_restart() -> None:
    with running_relay() as relay:
        _put_intake(relay, 1)
        data = relay.config.data
        copy = data.with_name("copy")
        copy.mkdir()
        # What a power cut leaves: file and log as they were, nothing that was in memory.
        for name in ("relay.sqlite", "relay.sqlite-wal"):
            (copy / name).write_bytes((data / name).read_bytes())
        with running_relay(claimed=False, data=copy) as again:
            assert again.desk.get(f"/v1/slots/intake?ids={slot_id(1).hex()}").content == slot_id(
                1
            ) + slot_body(1)
            assert again.codes == []


def test_neither_capability_nor_code_stands_in_any_file() -> None:
    with running_relay() as relay:
        _put_record(relay, 1)
        everything = b"".join(path.read_bytes() for path in relay.config.data.iterdir())
        assert slot_body(1)[:400] in everything  # the search finds what is there
        assert sha256(CAPABILITY) in everything
        for secret in (CAPABILITY, bearer(CAPABILITY)[7:].encode(), CAPABILITY.hex().encode()):
            assert secret not in everything
        for secret in (relay.codes[0].encode(), bytes.fromhex(relay.codes[0])):
            assert secret not in everything


def test_answers_say_nothing_about_the_server_and_are_not_kept(relay: RunningRelay) -> None:
    for answer in (
        relay.visitor.get("/v1/attendance"),
        relay.visitor.get("/v1/status"),
        relay.visitor.get("/elsewhere"),
        relay.visitor.post("/v1/sheet"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert not {"server", "date", "set-cookie", "x-powered-by"} & set(answer.headers)


def test_lanes_do_not_stand_in_each_others_way() -> None:
    narrow = lane_limits(puts=0.2, reads=0.2, slots=2)
    with running_relay(plain=narrow, wait_seconds=0.0) as relay:
        assert [_put_intake(relay, number, lane="plain") for number in range(2)] == [201, 201]
        refused = relay.visitor.put(
            f"/v1/intake/{slot_id(2).hex()}", content=slot_body(2), headers={"Causeway-Lane": "plain"}
        )
        assert (refused.status_code, refused.text) == (429, "this way in is full, come back soon\n")
        assert 1 <= int(refused.headers["retry-after"]) <= 5
        # Reads have tokens of their own, and the other lanes theirs.
        assert relay.visitor.get("/v1/board", headers={"Causeway-Lane": "plain"}).status_code == 200
        assert [_put_intake(relay, number, lane="onion") for number in (3, 4, 5)] == [201] * 3
        assert relay.desk.get("/v1/status").json()["free"]["plain"] == 0


def test_a_lane_without_room_refuses_and_the_others_go_on() -> None:
    small = lane_limits(puts=1_000, reads=1_000, slots=2)
    with running_relay(clear=small) as relay:
        assert [_put_intake(relay, number) for number in (1, 2, 3, 1)] == [201, 201, 507, 200]
        assert _put_intake(relay, 3, lane="onion") == 201
        assert _put_record(relay, 4) == 201
        relay.desk.delete(f"/v1/slots/intake/{slot_id(1).hex()}")
        relay.desk.delete(f"/v1/slots/intake/{slot_id(2).hex()}")
        assert _put_intake(relay, 5) == 201


def test_a_busy_lane_delays_before_it_refuses() -> None:
    # A tenth of a second for a token, and no burst: the third call of three at once waits for two.
    busy = LaneLimits(puts=Rate(10, 1), reads=Rate(10, 1), slots=100)
    with running_relay(clear=busy) as relay:
        answers = [relay.visitor.get("/v1/attendance") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200] * 3
        assert max(answer.elapsed.total_seconds() for answer in answers) > 0.05


def test_a_wrong_setup_code_is_answered_slowly() -> None:
    with running_relay(claimed=False, wrong_code_seconds=0.2) as relay:
        wrong = relay.visitor.put("/v1/claim", content=bytes(32), headers=setup("0" * 32))
        assert wrong.status_code == 401
        assert wrong.elapsed.total_seconds() >= 0.2
