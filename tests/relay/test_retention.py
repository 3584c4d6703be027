from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from causeway.relay.lanes import Lane
from causeway.relay.retention import INTAKE_DAYS, first_kept
from causeway.relay.schema import connect_writer, migrate
from causeway.relay.store import Kind, Reader, Store
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
        assert reader.used() == {Lane.ONION: 5, Lane.CLEAR: 0, Lane.PLAIN: 0, Lane.DESK: 7}


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
