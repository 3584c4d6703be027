"""Clocks that are wrong, and desks that were off for long: neither may cost a message that waits unread."""

from __future__ import annotations

from causeway.desk.engine import Desk
from causeway.desk.engine.upkeep import keep_up
from causeway.units import week_of
from tests.desk_engine.town import Person, Town


def excerpts(desk: Desk) -> set[str]:
    return {row.excerpt for row in desk.inbox()}


def test_a_clock_that_was_wrong_for_a_while_destroys_no_key(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("hello")
    right = place.clock.seconds
    for days in (80, 4_000, -4_000):
        place.clock.seconds = right + days * 86_400
        keep_up(desk._parts)
        keep_up(desk._parts)
        place.clock.seconds = right
        keep_up(desk._parts)
    desk.sync_round(visit=True)
    assert excerpts(desk) == {"hello"}


def test_a_desk_that_was_off_for_fifty_days_reads_what_came_first_and_then_destroys(
    place: Town, desk: Desk
) -> None:
    person = Person(place)
    person.send("hello")
    first_week = week_of(desk._parts.today)
    desk.close()
    place.clock.pass_days(50 + 7)
    again = place.open_desk()
    again.sync_round(visit=True)
    assert excerpts(again) == {"hello"}
    place.clock.pass_days(1)
    again.sync_round()
    assert first_week not in again._parts.keys.intake()
    again.close()
