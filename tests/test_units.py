from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from causeway.units import Day, day_from_date, day_of, day_to_date, week_of, week_start


@given(st.integers(0, 100_000))
def test_days_and_dates_agree(number: int) -> None:
    day = Day(number)
    assert day_from_date(day_to_date(day)) == day
    assert day_of(number * 86_400) == day_of(number * 86_400 + 86_399) == day


@given(st.integers(0, 100_000))
def test_weeks_start_on_mondays(number: int) -> None:
    day = Day(number)
    monday = week_start(week_of(day))
    assert monday <= day < monday + 7
    assert day_to_date(monday).weekday() == 0


def test_week_0() -> None:
    assert week_of(day_from_date(date(1970, 1, 5))) == 0
    assert week_of(day_from_date(date(1970, 1, 4))) == -1
