from __future__ import annotations

import asyncio
import socket

from causeway.door.channels import RESULT_BYTES_MAX
from causeway.door.plain.results import put_result, take_result
from causeway.door.results import ResultService, ResultStore

ONE, TWO, THREE = b"1" * 16, b"2" * 16, b"3" * 16


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_result_is_taken_once() -> None:
    store = ResultStore()
    store.put(ONE, b"sealed")
    assert store.take(ONE) == b"sealed"
    assert store.take(ONE) is None
    assert store.take(TWO) is None


def test_a_second_result_does_not_replace_the_first() -> None:
    store = ResultStore()
    store.put(ONE, b"first")
    store.put(ONE, b"second")
    assert store.take(ONE) == b"first"


def test_a_result_is_gone_after_its_time() -> None:
    clock = Clock()
    store = ResultStore(now=clock, life_seconds=120)
    store.put(ONE, b"old")
    clock.now += 100
    store.put(TWO, b"young")
    clock.now += 20
    assert store.take(ONE) is None
    assert store.take(TWO) == b"young"
    store.put(THREE, b"left alone")
    clock.now += 121
    store.sweep()
    assert len(store) == 0


def test_the_oldest_goes_when_there_is_no_room() -> None:
    by_count = ResultStore(count_max=2)
    by_size = ResultStore(total_max=20)
    for store in (by_count, by_size):
        for one in (ONE, TWO, THREE):
            store.put(one, b"x" * 10)
        assert store.take(ONE) is None
        assert store.take(THREE) == b"x" * 10
        store.put(ONE, b"x" * 10)  # what was taken has made room
        assert store.take(TWO) == b"x" * 10
        assert store.take(ONE) == b"x" * 10


def test_children_leave_and_take_over_the_channel() -> None:
    async def scenario() -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        store = ResultStore()
        service = ResultService(ours, store=store)
        largest = bytes(RESULT_BYTES_MAX)
        with ours, theirs:
            assert await asyncio.to_thread(put_result, theirs, result_id=ONE, sealed=largest)
            assert not await asyncio.to_thread(put_result, theirs, result_id=TWO, sealed=largest + b"x")
            assert not await asyncio.to_thread(put_result, theirs, result_id=TWO, sealed=b"")
            assert await asyncio.to_thread(take_result, theirs, result_id=ONE) == largest
            assert await asyncio.to_thread(take_result, theirs, result_id=ONE) is None
            assert len(store) == 0
            theirs.send(b"T" + ONE)  # without a descriptor to answer on
            theirs.send(b"?")
            assert await asyncio.to_thread(put_result, theirs, result_id=TWO, sealed=b"still here")
            service.close()

    asyncio.run(scenario())


def test_a_child_without_a_web_process_is_told_so() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    with theirs:
        assert not put_result(theirs, result_id=ONE, sealed=b"sealed")
        assert take_result(theirs, result_id=ONE) is None
