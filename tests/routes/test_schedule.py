from __future__ import annotations

import itertools
import threading
import time
from datetime import timedelta

import pytest

from bench.planner.programmes import invent
from causeway.routes.limits import compile_programme
from causeway.routes.network import Stage
from causeway.routes.programme import Driver, Itinerary, Lodging, Night, Person, Programme, Rest, Ride
from causeway.routes.race import engines_running, settle
from causeway.routes.relaxation import relax
from causeway.routes.replan import replan
from causeway.routes.schedule import Plan, Progress, gap, schedule, watch
from tests.routes.small_programmes import (
    START,
    best_by_trying,
    broken_limits,
    day,
    small_programme,
    taken_of,
    worth_by_hand,
)


@pytest.mark.parametrize("seed", range(60))
def test_small_programmes_are_solved_as_by_trying_everything(seed):
    programme = small_programme(seed)
    plan = schedule(programme, seconds=10, cpsat=False)
    settle()
    taken = taken_of(programme, plan.chosen)
    assert not list(broken_limits(programme, taken))
    assert plan.objective == sum(worth_by_hand(programme, *one) for one in taken)
    best = best_by_trying(programme)
    assert plan.objective == best
    assert best <= plan.bound <= best * (1 + 1e-4) + 1


@pytest.mark.parametrize("seed", range(100, 130))
def test_the_relaxation_bounds_every_plan(seed):
    programme = small_programme(seed)
    assert relax(compile_programme(programme)).bound >= best_by_trying(programme)


@pytest.mark.parametrize("seed", range(6))
def test_first_plans_of_crowded_programmes_keep_every_limit(seed):
    programme = invent(60, seed=seed, days=10)
    plan = schedule(programme, seconds=0)
    taken = taken_of(programme, plan.chosen)
    assert not list(broken_limits(programme, taken))
    assert plan.objective == sum(worth_by_hand(programme, *one) for one in taken)
    assert plan.objective <= plan.bound
    assert {one.person for one in plan.waiting} | {one.person for one in plan.chosen} == {
        person.id for person in programme.people
    }


def test_everybody_who_waits_is_told_why_for_each_itinerary():
    programme = invent(60, seed=3, days=10)
    plan = schedule(programme, seconds=0)
    assert plan.waiting
    people = {person.id: person for person in programme.people}
    for one in plan.waiting:
        assert one.open_to == ()
        assert sum(one.closed) >= len(people[one.person].itineraries)
        assert all(str(reason) for reason in one.reasons)


def test_the_same_seed_gives_the_same_plan():
    programme = invent(80, seed=5, days=12)
    one, other = (schedule(programme, seconds=0, seed=7) for _ in range(2))
    assert (one.chosen, one.objective, one.bound) == (other.chosen, other.objective, other.bound)


def test_without_houses_helpers_or_people_there_is_still_a_plan():
    programme = Programme(format="causeway-programme/1", starts=START, people=())
    plan = schedule(programme, seconds=1)
    assert (plan.chosen, plan.waiting, plan.objective, plan.bound, plan.gap) == ((), (), 0, 0, 0.0)


def test_all_houses_frozen_is_an_answer_with_reasons():
    programme = invent(10, seed=1, days=10)
    frozen = tuple(Lodging(id=house.id, beds=house.beds, frozen=True) for house in programme.houses)
    shut = Programme(
        format="causeway-programme/1",
        starts=START,
        people=programme.people,
        houses=frozen,
        helpers=programme.helpers,
        vehicles=programme.vehicles,
    )
    plan = schedule(shut, seconds=1)
    assert plan.chosen == ()
    assert plan.bound == 0
    assert all("is frozen" in " ".join(map(str, one.reasons)) for one in plan.waiting)


def test_nobody_without_itinerary_goes_and_it_says_so():
    programme = small_programme(0)
    person = programme.people[0]
    alone = Programme(format="causeway-programme/1", starts=START, people=(type(person)(id="q", tier=1),))
    plan = schedule(alone, seconds=1)
    assert "No way out is known" in str(plan.waiting[0].reasons[0])


@pytest.mark.parametrize("cpsat", [False, True])
@pytest.mark.slow
def test_watching_never_gets_worse_and_keeps_its_bound(cpsat):
    limits = compile_programme(invent(260, seed=2))
    seen = list(watch(limits, seconds=4, cpsat=cpsat))
    settle()
    assert len(seen) > 1
    for one, other in itertools.pairwise(seen):
        assert other.objective >= one.objective
        assert other.bound <= one.bound
        assert other.objective <= other.bound
    assert seen[-1].gap < 0.02


@pytest.mark.slow
def test_a_stop_returns_the_best_so_far_at_once():
    programme = invent(260, seed=2)
    stop = threading.Event()
    asked: list[float] = []

    def ask() -> None:
        asked.append(time.perf_counter())
        stop.set()

    firsts: list[Progress] = []

    def on_progress(at: Progress) -> None:
        if not firsts:
            firsts.append(at)
            threading.Timer(0.5, ask).start()

    plan = schedule(programme, seconds=8, on_progress=on_progress, should_stop=stop.is_set)
    assert time.perf_counter() - asked[0] < 3
    settle()
    assert not engines_running()
    assert plan.objective >= firsts[0].objective


def test_leaving_at_the_first_progress_takes_the_first_plan():
    programme = invent(60, seed=1, days=10)
    plan = schedule(programme, seconds=60, on_progress=lambda _: True)
    assert plan.objective == schedule(programme, seconds=0).objective


def test_the_gap_is_the_share_of_the_plan():
    assert gap(100, 101) == pytest.approx(0.01)
    assert gap(0, 0) == 0.0
    assert gap(0, 5) == 1.0


def _served(*helpers: str | None, stages: tuple[Stage, ...]) -> Programme:
    """One person whose legs are served by these, of whom k may serve `stages`."""
    rides = tuple(Ride(on=day(0), leg=f"leg{at}", helper=name) for at, name in enumerate(helpers))
    way = Itinerary(id="1", leaves=day(0), arrives=day(0), risk=1, rides=rides)
    return Programme(
        format="causeway-programme/1",
        starts=START,
        people=(Person(id="p", tier=1, itineraries=(way,)),),
        helpers=(Driver(id="k", seats=4, stages=stages),),
    )


@pytest.mark.parametrize(
    ("helpers", "stages", "why"),
    [
        (("k", None, None), ("first", "middle"), None),
        ((None, "k", None), ("first", "middle"), None),
        ((None, None, "k"), ("middle", "last"), None),
        (("k", None, None), ("middle",), "may not serve the first"),
        ((None, "k", None), ("first",), "may not serve a part between"),
        ((None, None, "k"), ("first", "middle"), "may not serve the last"),
        (("k", None, "k"), ("first", "middle"), "at both ends"),
        (("k",), ("first", "middle"), "at both ends"),
    ],
)
def test_helpers_serve_their_part_and_nobody_both_ends(helpers, stages, why):
    plan = schedule(_served(*helpers, stages=stages), seconds=0)
    assert bool(plan.chosen) == (why is None)
    assert why is None or why in str(plan.waiting[0].reasons[0])


def test_a_house_has_pairs_of_its_own():
    def way(house: str) -> Itinerary:
        night = (Night(house=house, on=day(0)),)
        return Itinerary(id=house, leaves=day(0), arrives=day(1), risk=1, nights=night)

    def plan(*ways: Itinerary) -> Plan:
        people = tuple(Person(id=name, tier=1, itineraries=ways) for name in ("p", "q"))
        houses = (Lodging(id="a", beds=9, must_not_meet=(("p", "q"),)), Lodging(id="b", beds=9))
        return schedule(
            Programme(format="causeway-programme/1", starts=START, people=people, houses=houses), seconds=0
        )

    apart = plan(way("a"))
    assert len(apart.chosen) == 1
    assert "whom they must not meet, is in house a" in str(apart.waiting[0].reasons[0])
    assert len(plan(way("b")).chosen) == 2
    assert len(plan(way("a"), way("b")).chosen) == 2


def test_a_plan_says_each_time_that_a_rule_is_old():
    def person(name: str, rests: tuple[Rest, ...] | None) -> Person:
        way = Itinerary(id="1", leaves=day(0), arrives=day(1), risk=1, rests=rests)
        return Person(id=name, tier=1, itineraries=(way,))

    old = Rest(rule="No visa.", source="A list", date=START - timedelta(days=31))
    new = Rest(rule="No visa.", source="A list", date=START - timedelta(days=30))
    people = (person("old", (new, old, old)), person("new", (new,)), person("none", ()), person("mute", None))
    programme = Programme(format="causeway-programme/1", starts=START, people=people)
    plan = schedule(programme, now=START, seconds=0)
    assert {name: [str(note) for note in notes] for name, notes in plan.old.items()} == {
        "old": [
            f"What this rests on was last known to be true on {old.date}, 31 days ago, from A list. "
            "Ask again before anybody leaves."
        ]
    }
    assert [str(note)[:21] for note in plan.notes] == ["Of 1 of the 4 itinera"]
    assert set(schedule(programme, now=START + timedelta(days=1), seconds=0).old) == {"old", "new"}
    again = replan(programme, promised=plan.chosen, events=[], now=START + timedelta(days=1))
    assert set(again.old) == {"old", "new"}
    assert again.notes == plan.notes
