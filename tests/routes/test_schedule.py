from __future__ import annotations

import itertools
import threading
import time

import pytest

from bench.planner.programmes import invent
from causeway.routes.limits import compile_programme
from causeway.routes.programme import Lodging, Programme
from causeway.routes.race import engines_running, settle
from causeway.routes.relaxation import relax
from causeway.routes.schedule import Progress, gap, schedule, watch
from tests.routes.small_programmes import (
    START,
    best_by_trying,
    broken_limits,
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
