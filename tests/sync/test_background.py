from __future__ import annotations

import threading

import pytest

from causeway.sync.background import Background, retry_after


def test_it_waits_longer_after_every_failure_up_to_five_minutes() -> None:
    waits = [retry_after(failures) for failures in range(1, 12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == 300
    assert retry_after(10_000) == 300


def test_a_round_begins_at_once_and_again_when_asked() -> None:
    rounds = threading.Semaphore(0)

    def one() -> bool:
        rounds.release()
        return True

    background = Background(one, interval_seconds=3_600)
    assert rounds.acquire(timeout=10)
    for _ in range(3):
        background.wake()
        assert rounds.acquire(timeout=10)
    background.stop()
    assert not rounds.acquire(blocking=False)


def test_asking_during_a_round_has_another_follow() -> None:
    began, go_on = threading.Semaphore(0), threading.Semaphore(0)

    def one() -> bool:
        began.release()
        return go_on.acquire(timeout=10)

    background = Background(one, interval_seconds=3_600)
    assert began.acquire(timeout=10)
    background.wake()
    go_on.release()
    assert began.acquire(timeout=10)
    go_on.release()
    background.stop()


@pytest.mark.parametrize("succeeds", [True, False])
def test_time_passing_begins_a_round(succeeds: bool) -> None:
    rounds = threading.Semaphore(0)
    seconds = iter(range(0, 10**9, 1_000))

    def one() -> bool:
        rounds.release()
        return succeeds

    # Every look at this clock finds a thousand seconds gone.
    background = Background(one, interval_seconds=60, monotonic=lambda: float(next(seconds)))
    for _ in range(5):
        assert rounds.acquire(timeout=10)
    background.stop()


def test_stopping_ends_the_thread() -> None:
    background = Background(lambda: False, interval_seconds=3_600)
    background.stop()
    assert not any(thread.name == "sync" for thread in threading.enumerate())


def test_a_round_can_be_asked_for_later_and_the_earlier_wish_counts() -> None:
    rounds = threading.Semaphore(0)
    now = [0.0]

    def one() -> bool:
        rounds.release()
        return True

    background = Background(one, interval_seconds=3_600, monotonic=lambda: now[0])
    assert rounds.acquire(timeout=10)
    background.wake(after_seconds=20)
    background.wake(after_seconds=50)
    assert not rounds.acquire(timeout=0.05)
    now[0] = 21.0
    background.wake(after_seconds=1_000)  # has the thread look at the clock
    assert rounds.acquire(timeout=10)
    background.stop()
