"""Journeys drawn near the answers: within the tolerance, repeatable, and not always the same."""

from __future__ import annotations

from bench.planner.timetables import Instance, random_instance
from causeway.routes.journeys import Journey, Setting, costs_in_parts, rounded_up
from causeway.routes.near_equal import Tolerance, near_equal
from causeway.routes.search import search
from tests.routes.brute_force import every_best
from tests.routes.small_worlds import random_world, timetable_of

TOLERANCE = Tolerance(minutes=240, risk=10_000, money=2_000, handovers=1)
NOTHING = Tolerance(minutes=0, risk=0, money=0, handovers=0)


def answers(one: Instance) -> tuple[Journey, ...]:
    return search(one.timetable, start=one.start, minute=one.minute, engine="plain")


def drawn(one: Instance, seed: int, tolerance: Tolerance = TOLERANCE) -> tuple[Journey, ...]:
    return near_equal(
        one.timetable, answers(one), start=one.start, minute=one.minute, seed=seed, tolerance=tolerance
    )


def an_instance(stays: bool = False) -> Instance:
    return random_instance(places=40, legs=4_000, days=7, seed=2, stays=stays)


def test_the_same_seed_draws_the_same_and_another_draws_others():
    one = an_instance()
    assert drawn(one, 1) == drawn(one, 1)
    assert len({drawn(one, seed) for seed in range(1, 8)}) > 4


def test_what_is_drawn_is_a_journey_within_the_tolerance_of_an_answer():
    for stays in (False, True):
        one = an_instance(stays)
        exact = answers(one)
        assert exact
        new = 0
        for journey in drawn(one, 3):
            parts = costs_in_parts(
                one.timetable, Setting(one.start, one.minute, one.minute), journey.departures
            )
            assert parts is not None
            assert rounded_up(*parts) == journey.costs
            assert any(
                journey.costs.arrival <= known.costs.arrival + TOLERANCE.minutes
                and journey.costs.risk <= known.costs.risk + TOLERANCE.risk
                and journey.costs.money <= known.costs.money + TOLERANCE.money
                and journey.costs.handovers <= known.costs.handovers + TOLERANCE.handovers
                for known in exact
            )
            new += journey not in exact
        assert new > 0


def test_with_no_tolerance_only_equal_costs_are_drawn_and_all_of_them_come_up():
    several = 0
    for seed in range(300):
        world = random_world(seed)
        truth = every_best(world)
        if not any(len(journeys) > 1 for journeys in truth.values()):
            continue
        several += 1
        timetable = timetable_of(world)
        where = {"start": world.start, "minute": world.minute, "entered": world.in_country_since}
        exact = search(timetable, **where, engine="plain")
        seen: dict[object, set[tuple[int, ...]]] = {}
        for draw in range(40):
            some = near_equal(timetable, exact, **where, seed=draw, tolerance=NOTHING)
            assert [one.costs for one in some] == sorted(truth)
            for one in some:
                seen.setdefault(one.costs, set()).add(one.departures)
        few = {costs: set(journeys) for costs, journeys in truth.items() if len(journeys) < 4}
        assert all(seen[costs] == journeys for costs, journeys in few.items())
        if several == 12:
            return
    raise AssertionError("too few worlds with ties")


def test_no_answers_stay_none():
    one = an_instance()
    assert near_equal(one.timetable, (), start=one.start, minute=one.minute, seed=1) == ()
