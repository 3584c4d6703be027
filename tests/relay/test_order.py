"""What the file tells about the order of arrival."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from causeway.relay.lanes import Lane
from causeway.relay.schema import STORE_NAME, connect_writer, migrate
from causeway.relay.store import Store
from causeway.relay.upkeep import daily, empty_log
from causeway.units import Day
from tests.relay.running import TODAY, slot_body, slot_id

COUNT = 200


def _filled(folder: Path, *, arrival: Sequence[int] = range(COUNT)) -> sqlite3.Connection:
    connection = connect_writer(folder, disk_bytes=2**28, page_bytes=4096)
    migrate(connection)
    store = Store(connection)
    for number in arrival:
        connection.execute("BEGIN IMMEDIATE")
        store.put_slot(
            "intake",
            slot_id=slot_id(number),
            body=slot_body(number),
            day=Day(TODAY),
            lane=Lane.CLEAR,
            limit=COUNT,
        )
        store.finish()
        connection.execute("COMMIT")
    empty_log(connection)
    return connection


def _physical_order(folder: Path) -> list[int]:
    """Return the slots' numbers of arrival in the order in which the ends of their bodies lie in the file."""
    data = (folder / STORE_NAME).read_bytes()
    # The end of a body lies on the pages beyond the row's own, which SQLite takes one after the other.
    at = {number: data.index(slot_body(number)[-64:]) for number in range(COUNT)}
    return sorted(at, key=at.__getitem__)


def _agreement(first: list[int], second: list[int]) -> float:
    """Spearman's rank correlation of two orders of the same things."""
    rank = {number: place for place, number in enumerate(second)}
    squares = sum((place - rank[number]) ** 2 for place, number in enumerate(first))
    return 1 - 6 * squares / (len(first) * (len(first) ** 2 - 1))


def test_within_a_day_the_file_shows_the_order_and_after_upkeep_only_that_of_the_ids(tmp_path: Path) -> None:
    arrival = list(range(COUNT))
    by_id = sorted(arrival, key=slot_id)
    with closing(_filled(tmp_path)) as connection:
        # The instrument works: before upkeep it does find the order of arrival.
        assert _agreement(_physical_order(tmp_path), arrival) > 0.99
        daily(connection, today=Day(TODAY + 1))
        assert _physical_order(tmp_path) == by_id
        assert abs(_agreement(_physical_order(tmp_path), arrival)) < 0.25
        assert (tmp_path / f"{STORE_NAME}-wal").stat().st_size == 0


def test_after_upkeep_the_file_is_the_same_whatever_the_order_of_arrival(tmp_path: Path) -> None:
    backwards = list(reversed(range(COUNT)))
    before, after = [], []
    for name, arrival in (("one", range(COUNT)), ("other", backwards)):
        (tmp_path / name).mkdir()
        with closing(_filled(tmp_path / name, arrival=arrival)) as connection:
            before.append((tmp_path / name / STORE_NAME).read_bytes())
            daily(connection, today=Day(TODAY + 1))
            after.append((tmp_path / name / STORE_NAME).read_bytes())
    assert before[0] != before[1]
    assert after[0] == after[1]


def test_a_removed_slot_leaves_no_bytes_in_the_folder(tmp_path: Path) -> None:
    with closing(_filled(tmp_path)) as connection:
        gone = range(0, COUNT, 3)
        connection.execute("BEGIN IMMEDIATE")
        for number in gone:
            Store(connection).delete_slot("intake", slot_id=slot_id(number))
        connection.execute("COMMIT")
        empty_log(connection)
        everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        for part in (slice(0, 64), slice(-64, None)):
            unseen = [number for number in range(COUNT) if slot_body(number)[part] not in everything]
            assert unseen == list(gone)
        assert not any(slot_id(number) in everything for number in gone)


def test_no_column_can_hold_an_address_a_lane_or_a_time(tmp_path: Path) -> None:
    with closing(_filled(tmp_path)) as connection:
        tables = {
            table: [column for _n, column, *_rest in connection.execute(f"PRAGMA table_info({table})")]
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
            ).fetchall()
        }
        assert tables == {
            "intake": ["id", "day", "acknowledged", "body"],
            "chunk": ["id", "day", "acknowledged", "body"],
            "record": ["id", "day", "body"],
            "lane": ["name", "used", "chunks"],
            "attendance": ["slot", "day", "line"],
            "board": ["slot", "day", "signed_index"],
            "bucket": ["hash", "slot", "day", "previous", "body"],
            "kept": ["name", "value"],
        }
        for table in tables:
            (sql,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
            assert "WITHOUT ROWID" in sql
