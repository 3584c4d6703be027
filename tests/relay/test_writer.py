from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from causeway.relay.lanes import Lane
from causeway.relay.refusals import Refused
from causeway.relay.schema import connect_reader, connect_writer, migrate
from causeway.relay.store import Reader, Store
from causeway.relay.upkeep import empty_log
from causeway.relay.writer import Done, Failed, Outcome, Work, Writer
from causeway.units import Day
from tests.relay.running import TODAY, Clock, quick_config, slot_body, slot_id


class Results:
    """Outcomes in the order in which they were told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, Outcome]] = []
        self._news = threading.Condition()

    def tell(self, number: int, outcome: Outcome) -> None:
        with self._news:
            self.told.append((number, outcome))
            self._news.notify()

    def wait_for(self, count: int) -> dict[int, Outcome]:
        with self._news:
            assert self._news.wait_for(lambda: len(self.told) >= count, timeout=60)
            return dict(self.told)


class Bench:
    """A writer on a store of its own; outcomes are told on its thread."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.config = quick_config(folder, **settings)
        with closing(connect_writer(folder, disk_bytes=2**28, page_bytes=4096)) as connection:
            migrate(connection)
        self.results = Results()
        self.writer = Writer(self.config, clock=Clock(), deliver=lambda tell_all: tell_all())

    def submit(self, number: int, work: Work, *, for_desk: bool = False) -> None:
        self.writer.submit(work, lambda outcome: self.results.tell(number, outcome), for_desk=for_desk)


@contextmanager
def _bench(folder: Path, **settings: Any) -> Iterator[Bench]:
    bench = Bench(folder, **settings)
    bench.writer.start()
    try:
        yield bench
    finally:
        bench.writer.close()


def _put(number: int, *, limit: int = 1_000) -> Work:
    return lambda store, day: store.put_slot(
        "intake", slot_id=slot_id(number), body=slot_body(number), day=day, lane=Lane.CLEAR, limit=limit
    )


class Hold:
    """Work that keeps its transaction open until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, store: Store, _day: Day) -> Store:
        self.entered.set()
        assert self.let_go.wait(60)
        return store


def test_what_arrives_during_a_transaction_shares_the_next_one(tmp_path: Path) -> None:
    with _bench(tmp_path) as bench:
        hold = Hold()
        bench.submit(0, hold)
        assert hold.entered.wait(60)
        for number in range(1, 6):
            bench.submit(number, lambda store, _day: store)
        hold.let_go.set()
        results = bench.results.wait_for(6)
    # One Store is made for each transaction.
    outcomes = [results[number] for number in range(6)]
    transactions = [outcome.value for outcome in outcomes if isinstance(outcome, Done)]
    assert len(transactions) == 6
    assert len({id(store) for store in transactions[1:]}) == 1
    assert transactions[0] is not transactions[1]


def test_a_batch_is_no_larger_than_allowed_and_desks_go_first(tmp_path: Path) -> None:
    with _bench(tmp_path, batch_max=2) as bench:
        hold = Hold()
        bench.submit(0, hold)
        assert hold.entered.wait(60)
        for number in (1, 2):
            bench.submit(number, lambda store, _day: store)
        for number in (3, 4):
            bench.submit(number, lambda store, _day: store, for_desk=True)
        hold.let_go.set()
        bench.results.wait_for(5)
    assert [number for number, _outcome in bench.results.told] == [0, 3, 4, 1, 2]


def test_nobody_hears_of_a_write_before_it_is_committed(tmp_path: Path) -> None:
    seen: list[bool] = []
    told = threading.Event()
    with _bench(tmp_path) as bench, closing(connect_reader(tmp_path)) as connection:

        def tell(outcome: Outcome) -> None:
            # Another connection sees only what is committed.
            seen.append(
                isinstance(outcome, Done) and bool(Reader(connection).slots("intake", ids=[slot_id(1)]))
            )
            told.set()

        bench.writer.submit(_put(1), tell, for_desk=False)
        assert told.wait(60)
    assert seen == [True]


def test_a_fault_of_one_is_not_the_others(tmp_path: Path) -> None:
    def broken(_store: Store, _day: Day) -> None:
        raise ZeroDivisionError

    with _bench(tmp_path) as bench:
        hold = Hold()
        bench.submit(0, hold)
        assert hold.entered.wait(60)
        bench.submit(1, _put(1))
        bench.submit(2, broken)
        bench.submit(3, _put(3))
        bench.submit(4, _put(1))
        hold.let_go.set()
        results = bench.results.wait_for(5)
        assert [results[1], results[3], results[4]] == [Done(True), Done(True), Done(False)]
        assert isinstance(results[2], Failed)
        assert isinstance(results[2].error, ZeroDivisionError)


def test_a_full_disk_refuses_whole_works_and_the_rest_goes_on(tmp_path: Path) -> None:
    # Room for some dozens of slots of 9 pages.
    with _bench(tmp_path, disk_bytes=400 * 4096) as bench:
        hold = Hold()
        bench.submit(-1, hold)
        assert hold.entered.wait(60)
        for number in range(80):
            bench.submit(number, _put(number))
        hold.let_go.set()
        results = bench.results.wait_for(81)
        stored = [number for number in range(80) if results[number] == Done(True)]
        refused = [number for number in range(80) if number not in stored]
        assert 20 < len(stored) < 60
        for number in refused:
            outcome = results[number]
            assert isinstance(outcome, Failed)
            assert isinstance(outcome.error, Refused)
            assert outcome.error.status == 507
        with closing(connect_reader(tmp_path)) as connection:
            reader = Reader(connection)
            assert reader.ids("intake", day=TODAY) == sorted(map(slot_id, stored))
            assert reader.used("intake")[Lane.CLEAR] == len(stored)
            assert reader.slots("intake", ids=[slot_id(stored[-1])]) == [
                (slot_id(stored[-1]), slot_body(stored[-1]))
            ]
        # Room is made, and taken again.
        first = slot_id(stored[0])
        bench.submit(100, lambda store, _day: store.delete_slot("intake", slot_id=first))
        bench.submit(101, _put(refused[0]))
        assert bench.results.wait_for(83)[101] == Done(True)


def test_a_lane_has_its_share_of_the_disk_and_no_more(tmp_path: Path) -> None:
    with _bench(tmp_path) as bench:
        for number in range(4):
            bench.submit(number, _put(number, limit=3))
        bench.submit(4, _put(0, limit=3))  # a repeated put needs no room
        results = bench.results.wait_for(5)
        full = results[3]
        assert [results[number] for number in (0, 1, 2, 4)] == [Done(True)] * 3 + [Done(False)]
        assert isinstance(full, Failed)
        assert isinstance(full.error, Refused)
        assert full.error.status == 507


def test_the_same_id_with_other_bytes_is_refused(tmp_path: Path) -> None:
    with _bench(tmp_path) as bench:
        bench.submit(0, _put(0))
        bench.submit(
            1,
            lambda store, day: store.put_slot(
                "intake", slot_id=slot_id(0), body=slot_body(1), day=day, lane=Lane.CLEAR, limit=9
            ),
        )
        other = bench.results.wait_for(2)[1]
        assert isinstance(other, Failed)
        assert isinstance(other.error, Refused)
        assert other.error.status == 409


def test_the_log_is_emptied_when_the_writer_goes_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied = threading.Event()

    def watched(connection: sqlite3.Connection) -> bool:
        done = empty_log(connection)
        emptied.set()
        return done

    monkeypatch.setattr("causeway.relay.writer.empty_log", watched)
    log = tmp_path / "relay.sqlite-wal"
    with _bench(tmp_path, idle_seconds=0.0) as bench:
        assert emptied.wait(60)
        emptied.clear()
        sizes: list[int] = []
        bench.writer.submit(_put(1), lambda _outcome: sizes.append(log.stat().st_size), for_desk=False)
        assert emptied.wait(60)
        assert sizes[0] > 32_768
        assert log.stat().st_size == 0


def test_what_is_waiting_at_the_end_is_written(tmp_path: Path) -> None:
    with _bench(tmp_path) as bench:
        for number in range(20):
            bench.submit(number, _put(number))
    assert [outcome for _number, outcome in bench.results.told] == [Done(True)] * 20
    with pytest.raises(Refused, match="stopping"):
        bench.submit(21, _put(21))
