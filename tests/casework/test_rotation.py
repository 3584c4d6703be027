from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from causeway.casework.rotation import (
    DESTROY_AFTER_DAYS,
    appointment_ends,
    intake_last_day,
    plan_intake,
    plan_wrapping,
    sheet_is_due,
)
from causeway.units import Day, Week, week_of, week_start
from tests.strategies import days

gaps = st.lists(st.integers(0, 90), min_size=1, max_size=60)


@given(days, gaps)
def test_intake_keys_are_there_for_three_weeks_and_none_outlives_its_time(
    first: Day, steps: list[int]
) -> None:
    held: set[Week] = set()
    today = first
    for step in steps:
        today = Day(today + step)
        plan = plan_intake(held, today=today)
        assert not set(plan.make) & held
        assert set(plan.destroy) <= held
        # A week's key is held through the last of its 45 days, and not one more.
        assert all(today > week_start(Week(week + 1)) - 1 + DESTROY_AFTER_DAYS for week in plan.destroy)
        held = (held | set(plan.make)) - set(plan.destroy)
        assert {Week(week_of(today) + ahead) for ahead in range(3)} <= held
        assert all(today <= intake_last_day(week) for week in held)
        again = plan_intake(held, today=today)
        assert (again.make, again.destroy) == ((), ())


@given(days)
def test_a_message_of_a_week_opens_for_45_days_after_it(day: Day) -> None:
    assert intake_last_day(week_of(day)) - day in range(DESTROY_AFTER_DAYS, DESTROY_AFTER_DAYS + 7)


@given(days, gaps)
def test_the_newest_wrapping_key_is_young_and_old_ones_go(first: Day, steps: list[int]) -> None:
    made: set[Day] = set()
    today = first
    for step in steps:
        today = Day(today + step)
        plan = plan_wrapping(made, today=today)
        assert set(plan.destroy) <= made
        made -= set(plan.destroy)
        if plan.make:
            assert today not in made
            made.add(today)
        assert today - max(made) < 7
        for older, newer in zip(sorted(made), sorted(made)[1:], strict=False):
            assert newer + DESTROY_AFTER_DAYS >= today or older == sorted(made)[0]
        assert plan_wrapping(made, today=today).make is False


@given(days, st.integers(0, 30))
def test_a_sheet_is_signed_anew_by_the_week_and_never_older_than_seven_days(signed: Day, later: int) -> None:
    today = Day(signed + later)
    assert sheet_is_due(signed, today=today) == (week_of(today) != week_of(signed))
    assert later < 7 or sheet_is_due(signed, today=today)
    assert sheet_is_due(None, today=today)
    assert sheet_is_due(Day(today + 1), today=today)


def test_the_end_of_an_appointment_is_near_when_less_than_30_days_are_left() -> None:
    assert not appointment_ends(Day(130), today=Day(100))
    assert appointment_ends(Day(129), today=Day(100))
