from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.relay.lanes import (
    VISITOR_LANES,
    Admitted,
    Lane,
    Rate,
    TurnedAway,
    full_bucket,
    share_removed,
    take,
    visitor_lane,
)

rates = st.builds(
    Rate,
    per_second=st.floats(0.1, 1_000, allow_nan=False),
    burst=st.floats(1, 1_000, allow_nan=False),
)
gaps = st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=200)
waits = st.floats(0, 10, allow_nan=False)


def _run(rate: Rate, arrivals: list[float], wait_max: float) -> list[float]:
    """Return the moments at which calls went on."""
    bucket = full_bucket(rate, now=0.0)
    went_on = []
    for now in arrivals:
        taken = take(bucket, rate=rate, now=now, wait_max=wait_max)
        if isinstance(taken, Admitted):
            bucket = taken.bucket
            went_on.append(now + taken.wait)
    return went_on


def _arrivals(between: list[float]) -> list[float]:
    now, moments = 0.0, []
    for gap in between:
        now += gap
        moments.append(now)
    return moments


@given(rate=rates, between=gaps, wait_max=waits)
def test_no_stretch_of_time_lets_through_more_than_burst_and_rate(
    rate: Rate, between: list[float], wait_max: float
) -> None:
    went_on = _run(rate, _arrivals(between), wait_max)
    for first in range(len(went_on)):
        for last in range(first, len(went_on)):
            allowed = rate.burst + rate.per_second * (went_on[last] - went_on[first]) + 1e-6
            assert last - first + 1 <= allowed + 1e-6


@given(rate=rates, between=gaps, wait_max=waits)
def test_calls_go_on_in_the_order_of_arrival_and_none_waits_too_long(
    rate: Rate, between: list[float], wait_max: float
) -> None:
    bucket = full_bucket(rate, now=0.0)
    last = 0.0
    for now in _arrivals(between):
        taken = take(bucket, rate=rate, now=now, wait_max=wait_max)
        if isinstance(taken, Admitted):
            bucket = taken.bucket
            assert taken.wait <= wait_max
            assert now + taken.wait >= last - 1e-6
            last = now + taken.wait


@given(rate=rates, between=gaps, wait_max=waits)
def test_who_comes_back_when_told_is_let_in(rate: Rate, between: list[float], wait_max: float) -> None:
    bucket = full_bucket(rate, now=0.0)
    for now in _arrivals(between):
        taken = take(bucket, rate=rate, now=now, wait_max=wait_max)
        if isinstance(taken, TurnedAway):
            later = take(bucket, rate=rate, now=now + taken.retry_after + 1e-6, wait_max=wait_max)
            assert isinstance(later, Admitted)
        else:
            bucket = taken.bucket


def test_a_quiet_lane_delays_nobody_then_delays_then_refuses() -> None:
    rate = Rate(per_second=2, burst=3)
    bucket = full_bucket(rate, now=0.0)
    waited = []
    for _ in range(5):
        taken = take(bucket, rate=rate, now=0.0, wait_max=1.0)
        assert isinstance(taken, Admitted)
        bucket = taken.bucket
        waited.append(taken.wait)
    assert waited == [0.0, 0.0, 0.0, 0.5, 1.0]
    assert take(bucket, rate=rate, now=0.0, wait_max=1.0) == TurnedAway(retry_after=1)


def test_a_clock_that_goes_back_earns_nothing() -> None:
    rate = Rate(per_second=1, burst=1)
    first = take(full_bucket(rate, now=100.0), rate=rate, now=100.0, wait_max=0)
    assert isinstance(first, Admitted)
    assert isinstance(take(first.bucket, rate=rate, now=50.0, wait_max=0), TurnedAway)
    # Nor does it earn twice for the time it goes through again.
    back = take(first.bucket, rate=rate, now=50.0, wait_max=1)
    assert isinstance(back, Admitted)
    assert back.bucket.at == 100.0


def test_a_rate_is_above_nothing() -> None:
    with pytest.raises(ValueError, match="rate"):
        Rate(per_second=0, burst=10)


counts = st.fixed_dictionaries({lane: st.integers(0, 200_000) for lane in VISITOR_LANES})


@given(used=counts, share=st.floats(0, 1))
def test_removed_slots_are_credited_exactly_and_to_nobody_more_than_he_has(
    used: dict[Lane, int], share: float
) -> None:
    removed = int(sum(used.values()) * share)
    left = share_removed(used, removed=removed)
    assert sum(left.values()) == sum(used.values()) - removed
    assert all(0 <= left[lane] <= used[lane] for lane in used)


def test_more_than_there_is_cannot_be_removed() -> None:
    with pytest.raises(ValueError, match="removed"):
        share_removed({Lane.ONION: 1, Lane.CLEAR: 1}, removed=3)


@pytest.mark.parametrize(
    ("header", "lane"),
    [
        (b"onion", Lane.ONION),
        (b"clear", Lane.CLEAR),
        (b"plain", Lane.PLAIN),
        (b"desk", Lane.CLEAR),  # no visitor comes in by the desks' lane
        (b"ONION", Lane.CLEAR),
        (b"", Lane.CLEAR),
        (None, Lane.CLEAR),
    ],
)
def test_only_what_the_door_names_is_another_lane(header: bytes | None, lane: Lane) -> None:
    assert visitor_lane(header) is lane
