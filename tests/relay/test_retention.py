from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.relay.lanes import Lane
from causeway.relay.refusals import Refused
from causeway.relay.retention import INTAKE_DAYS, first_kept
from causeway.relay.schema import connect_writer, migrate
from causeway.relay.store import EVICTED_AT_ONCE, Kind, Reader, Store
from causeway.units import Day
from tests.relay.running import TODAY, slot_body, slot_id

days_ago = st.integers(0, 400)


def test_intake_lasts_as_long_as_its_key_can() -> None:
    assert INTAKE_DAYS == 66


@given(today=st.integers(0, 60_000), ago=days_ago)
def test_each_kind_is_kept_for_its_days_and_not_one_more(today: int, ago: int) -> None:
    kept = first_kept(Day(today))
    day = today - ago
    assert (day >= kept.intake) == (ago <= 66)
    assert (day >= kept.acknowledged) == (ago <= 30)
    assert (day >= kept.record) == (ago <= 90)
    assert (day >= kept.board) == (ago <= 30)
    assert (day >= kept.attendance) == (ago <= 90)


@given(today=st.integers(0, 60_000), later=st.integers(0, 1_000))
def test_what_was_let_go_never_comes_back_into_what_is_kept(today: int, later: int) -> None:
    now, then = first_kept(Day(today)), first_kept(Day(today + later))
    assert then.intake >= now.intake
    assert then.acknowledged >= now.acknowledged
    assert then.record >= now.record


def _open(folder: Path) -> closing[sqlite3.Connection]:
    connection = connect_writer(folder, disk_bytes=2**28, page_bytes=4096)
    migrate(connection)
    return closing(connection)


def _put(store: Store, kind: Kind, number: int, *, day: int, lane: Lane) -> None:
    store.put_slot(
        kind, slot_id=slot_id(number), body=slot_body(number), day=Day(day), lane=lane, limit=1_000
    )


def test_the_store_lets_go_what_the_arithmetic_says(tmp_path: Path) -> None:
    ages = (0, 29, 30, 31, 66, 67, 90, 91)
    with _open(tmp_path) as connection:
        store, reader = Store(connection), Reader(connection)
        for number, ago in enumerate(ages):
            _put(store, "intake", number, day=TODAY - ago, lane=Lane.ONION)
            _put(store, "record", number, day=TODAY - ago, lane=Lane.DESK)
            store.put_attendance(number, line=bytes(70), day=Day(TODAY - ago))
        store.expire(first_kept(Day(TODAY)))
        assert sorted(TODAY - day for day in reader.days("intake")) == [0, 29, 30, 31, 66]
        assert sorted(TODAY - day for day in reader.days("record")) == [0, 29, 30, 31, 66, 67, 90]
        assert reader.used("intake") == {Lane.ONION: 5, Lane.CLEAR: 0, Lane.PLAIN: 0, Lane.DESK: 7}


def test_acknowledged_slots_go_thirty_days_after_the_first_acknowledgement(tmp_path: Path) -> None:
    with _open(tmp_path) as connection:
        store, reader = Store(connection), Reader(connection)
        _put(store, "intake", 1, day=TODAY, lane=Lane.CLEAR)
        _put(store, "intake", 2, day=TODAY, lane=Lane.CLEAR)
        store.acknowledge([slot_id(1), bytes(16)], day=Day(TODAY + 2))
        store.acknowledge([slot_id(1)], day=Day(TODAY + 20))
        store.expire(first_kept(Day(TODAY + 32)))
        assert len(reader.ids("intake", day=TODAY)) == 2
        store.expire(first_kept(Day(TODAY + 33)))
        assert reader.ids("intake", day=TODAY) == [slot_id(2)]


# ---- Room before age (decision 11) ----


def _fill(store: Store, numbers: range, *, lane: Lane) -> None:
    for number in numbers:
        _put(store, "intake", number, day=TODAY, lane=lane)


def _one_more(store: Store, number: int, *, lane: Lane, limit: int, kind: Kind = "intake") -> bool:
    return store.put_slot(
        kind, slot_id=slot_id(number), body=slot_body(number), day=Day(TODAY), lane=lane, limit=limit
    )


def _held(reader: Reader) -> set[bytes]:
    return set(reader.ids("intake", day=TODAY))


def test_a_full_lane_lets_go_a_batch_of_those_acknowledged_longest_ago(tmp_path: Path) -> None:
    many = EVICTED_AT_ONCE + 20
    with _open(tmp_path) as connection:
        store, reader = Store(connection), Reader(connection)
        _fill(store, range(many), lane=Lane.ONION)
        store.acknowledge([slot_id(number) for number in range(10, 20)], day=Day(TODAY + 1))
        store.acknowledge([slot_id(number) for number in range(20, many)], day=Day(TODAY))
        assert _one_more(store, many, lane=Lane.ONION, limit=many)
        store.finish()
        # The twenty without room to go: ten that nobody acknowledged, ten acknowledged a day later.
        assert _held(reader) == {slot_id(number) for number in (*range(20), many)}
        assert reader.used("intake")[Lane.ONION] == 21
        assert reader.slots("intake", ids=[slot_id(many)]) == [(slot_id(many), slot_body(many))]


def test_nothing_is_let_go_while_there_is_room_nor_for_a_slot_that_is_there(tmp_path: Path) -> None:
    with _open(tmp_path) as connection:
        store, reader = Store(connection), Reader(connection)
        _fill(store, range(5), lane=Lane.CLEAR)
        store.acknowledge([slot_id(number) for number in range(4)], day=Day(TODAY))
        assert not _one_more(store, 2, lane=Lane.CLEAR, limit=5)
        with pytest.raises(Refused) as refused:
            store.put_slot(
                "intake", slot_id=slot_id(2), body=slot_body(9), day=Day(TODAY), lane=Lane.CLEAR, limit=5
            )
        assert refused.value.status == 409
        assert _one_more(store, 5, lane=Lane.CLEAR, limit=6)
        assert _held(reader) == {slot_id(number) for number in range(6)}


def test_what_no_desk_has_acknowledged_is_never_let_go(tmp_path: Path) -> None:
    with _open(tmp_path) as connection:
        store, reader = Store(connection), Reader(connection)
        _fill(store, range(6), lane=Lane.ONION)
        store.acknowledge([slot_id(0)], day=Day(TODAY))
        assert _one_more(store, 6, lane=Lane.ONION, limit=6)
        for number in (7, 8):
            with pytest.raises(Refused) as refused:
                _one_more(store, number, lane=Lane.ONION, limit=6)
            assert refused.value.status == 507
        assert _held(reader) == {slot_id(number) for number in range(1, 7)}
        assert reader.used("intake")[Lane.ONION] == 6


def test_a_flood_in_one_lane_takes_nothing_from_the_room_of_another(tmp_path: Path) -> None:
    limit = 40
    with _open(tmp_path) as connection:
        store, reader = Store(connection), Reader(connection)
        _fill(store, range(30), lane=Lane.CLEAR)
        store.acknowledge([slot_id(number) for number in range(30)], day=Day(TODAY))
        store.finish()
        after = reader.used("intake")
        for number in range(100, 300):
            before = after
            with contextlib.suppress(Refused):
                _one_more(store, number, lane=Lane.ONION, limit=limit)
            store.finish()
            after = reader.used("intake")
            assert after[Lane.CLEAR] <= before[Lane.CLEAR]
            assert sum(after.values()) == len(_held(reader))
        assert after[Lane.ONION] == limit
        for wanted in range(1_000, 1_000 + limit - after[Lane.CLEAR]):
            assert _one_more(store, wanted, lane=Lane.CLEAR, limit=limit)


def test_the_desks_lane_lets_nothing_go(tmp_path: Path) -> None:
    with _open(tmp_path) as connection:
        store, reader = Store(connection), Reader(connection)
        _fill(store, range(3), lane=Lane.ONION)
        store.acknowledge([slot_id(number) for number in range(3)], day=Day(TODAY))
        assert _one_more(store, 50, lane=Lane.DESK, limit=1, kind="record")
        with pytest.raises(Refused):
            _one_more(store, 51, lane=Lane.DESK, limit=1, kind="record")
        assert len(_held(reader)) == 3
