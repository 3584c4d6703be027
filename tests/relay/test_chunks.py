"""Pieces of attachments: stored like slots, in room and at a pace of their own."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from causeway.relay.config import lane_limits
from causeway.relay.lanes import Lane
from causeway.relay.refusals import Refused
from causeway.relay.retention import first_kept
from causeway.relay.schema import connect_writer, migrate
from causeway.relay.store import CHUNKS_EVICTED_AT_ONCE, Reader, Store
from causeway.units import Day
from causeway.wire.sizes import CHUNK_BYTES, ID_BYTES
from tests.relay.running import TODAY, RunningRelay, running_relay, slot_body, slot_id


def chunk_body(number: int) -> bytes:
    return hashlib.shake_256(b"chunk %d" % number).digest(CHUNK_BYTES)


def put_chunk(relay: RunningRelay, number: int, *, body: bytes | None = None) -> int:
    path = f"/v1/chunk/{slot_id(number).hex()}"
    return relay.visitor.put(path, content=chunk_body(number) if body is None else body).status_code


def test_a_chunk_is_put_once_taken_acknowledged_and_deleted(relay: RunningRelay) -> None:
    assert [put_chunk(relay, 1), put_chunk(relay, 1), put_chunk(relay, 1, body=chunk_body(2))] == [
        201,
        200,
        409,
    ]
    one = slot_id(1)
    assert relay.desk.get(f"/v1/slots/chunk?ids={one.hex()}").content == one + chunk_body(1)
    assert relay.desk.get(f"/v1/ids/chunk/{TODAY}").content == one
    assert relay.desk.put("/v1/acknowledged", content=one).status_code == 204
    assert relay.desk.get("/v1/status").json()["free_chunks"]["clear"] == 99
    assert relay.desk.delete(f"/v1/slots/chunk/{one.hex()}").status_code == 204
    assert relay.desk.get(f"/v1/slots/chunk?ids={one.hex()}").content == b""
    assert relay.desk.get("/v1/status").json()["free_chunks"]["clear"] == 100


def test_chunks_are_for_desks_to_read(relay: RunningRelay) -> None:
    put_chunk(relay, 1)
    assert relay.visitor.get(f"/v1/slots/chunk?ids={slot_id(1).hex()}").status_code == 401


@pytest.mark.parametrize("size", [0, CHUNK_BYTES - 1, CHUNK_BYTES + 1])
def test_a_chunk_of_another_size_is_refused(relay: RunningRelay, size: int) -> None:
    assert put_chunk(relay, 1, body=bytes(size)) in {400, 413}


def test_no_more_than_four_chunks_are_taken_in_one_call(relay: RunningRelay) -> None:
    ids = ",".join(slot_id(number).hex() for number in range(5))
    assert relay.desk.get(f"/v1/slots/chunk?ids={ids}").status_code == 400


def test_full_of_files_the_lane_still_takes_text() -> None:
    with running_relay(clear=lane_limits(puts=1_000, reads=1_000, slots=10, chunks=2)) as relay:
        assert [put_chunk(relay, number) for number in range(3)] == [201, 201, 507]
        text = relay.visitor.put(f"/v1/intake/{slot_id(9).hex()}", content=slot_body(9))
        assert text.status_code == 201


def _open(folder: Path) -> closing[sqlite3.Connection]:
    connection = connect_writer(folder, disk_bytes=2**28, page_bytes=4096)
    migrate(connection)
    return closing(connection)


def _put(store: Store, number: int, *, day: int, limit: int = 1_000) -> bool:
    return store.put_slot(
        "chunk", slot_id=slot_id(number), body=bytes(CHUNK_BYTES), day=Day(day), lane=Lane.CLEAR, limit=limit
    )


def _held(reader: Reader) -> set[bytes]:
    return {one for day in reader.days("chunk") for one in reader.ids("chunk", day=day)}


def test_a_full_lane_lets_go_of_unfinished_uploads_and_of_nothing_newer(tmp_path: Path) -> None:
    with _open(tmp_path) as connection:
        store, reader = Store(connection), Reader(connection)
        for number in range(4):
            _put(store, number, day=TODAY - 2)
        for number in range(4, 8):
            _put(store, number, day=TODAY - 1)
        assert _put(store, 8, day=TODAY, limit=8)
        assert _held(reader) == {slot_id(number) for number in range(4, 9)}
        for number in range(9, 12):
            assert _put(store, number, day=TODAY, limit=8)
        with pytest.raises(Refused) as refused:
            _put(store, 12, day=TODAY, limit=8)
        assert refused.value.status == 507
        assert reader.used("chunk")[Lane.CLEAR] == 8


def test_what_a_desk_has_taken_goes_first(tmp_path: Path) -> None:
    many = CHUNKS_EVICTED_AT_ONCE
    with _open(tmp_path) as connection:
        store, reader = Store(connection), Reader(connection)
        _put(store, 0, day=TODAY - 40)
        for number in range(1, many + 1):
            _put(store, number, day=TODAY - 1)
        store.acknowledge([slot_id(number) for number in range(1, many + 1)], day=Day(TODAY))
        assert _put(store, many + 1, day=TODAY, limit=many + 1)
        assert _held(reader) == {slot_id(0), slot_id(many + 1)}


def test_chunks_are_kept_as_long_as_their_message(tmp_path: Path) -> None:
    with _open(tmp_path) as connection:
        store, reader = Store(connection), Reader(connection)
        for number, ago in enumerate((0, 66, 67)):
            _put(store, number, day=TODAY - ago)
        store.acknowledge([slot_id(0)], day=Day(TODAY - 31))
        store.expire(first_kept(Day(TODAY)))
        assert _held(reader) == {slot_id(1)}
        assert reader.used("chunk")[Lane.CLEAR] == 1
        assert len(slot_id(1)) == ID_BYTES
