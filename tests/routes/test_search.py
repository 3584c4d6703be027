"""The search against every journey there is, and its two engines against each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from bench.planner.timetables import random_instance
from causeway.routes import search_plain
from causeway.routes.journeys import Setting, costs_in_parts, rounded_up
from causeway.routes.search import Engine, search
from causeway.routes.timetable import MINUTES_A_DAY
from tests.routes.brute_force import World, every_best
from tests.routes.small_worlds import random_world, timetable_of


def found(world: World, engine: Engine):
    return search(
        timetable_of(world),
        start=world.start,
        minute=world.minute,
        entered=world.in_country_since,
        engine=engine,
    )


def differs(world: World, engine: Engine) -> bool:
    """Whether costs differ, or a journey does not cost what is said of it."""
    truth = every_best(world)
    journeys = found(world, engine)
    return [one.costs for one in journeys] != sorted(truth) or any(
        one.departures not in truth[one.costs] for one in journeys
    )


def worlds(number: int) -> Iterator[World]:
    return (random_world(seed) for seed in range(number))


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["compiled", "plain"])
def test_ten_thousand_small_worlds_as_by_brute_force(engine: Engine):
    assert [seed for seed, world in enumerate(worlds(10_000)) if differs(world, engine)] == []


def test_the_worlds_are_hard_enough():
    sizes = []
    stays_matter = ties = 0
    for world in worlds(400):
        truth = every_best(world)
        sizes.append(len(truth))
        ties += any(len(journeys) > 1 for journeys in truth.values())
        free = world._replace(
            spots=tuple(spot._replace(longest_visit=None) for spot in world.spots),
            longest_in_country=tuple(None for _ in world.longest_in_country),
        )
        stays_matter += set(truth) != set(every_best(free))
    assert sum(size > 0 for size in sizes) > 200
    assert sum(size > 3 for size in sizes) > 30
    assert stays_matter > 80
    assert ties > 20


def _ignores_the_place(bag, new, now):
    return [row for row in _limited(bag, (*new[:4], search_plain.LATE, new[5]), now)]


def _ignores_stays(bag, new, now):
    alive = [row for row in bag if row[4] >= now]
    if any(row[0] <= new[0] and row[1] <= new[1] and row[2] <= new[2] for row in alive):
        return alive
    return sorted([*alive, new])


def _ignores_handovers(old, new, fresh):
    return _undominated(
        [(*row[:2], 0, *row[3:]) for row in old], [(*row[:2], 0, *row[3:]) for row in new], fresh
    )


def _ignores_money(old, new, fresh):
    best = _undominated([(row[0], 0, *row[2:]) for row in old], [(row[0], 0, *row[2:]) for row in new], fresh)
    kept = {row[3] for row in best}
    return sorted(row for row in [*old, *new] if row[3] in kept)


_limited = search_plain._with_limited
_undominated = search_plain._undominated


@pytest.mark.parametrize(
    ("name", "defect"),
    [
        ("_with_limited", _ignores_the_place),
        ("_with_limited", _ignores_stays),
        ("_undominated", _ignores_handovers),
        ("_undominated", _ignores_money),
    ],
)
def test_a_defect_in_dominance_goes_red(
    monkeypatch: pytest.MonkeyPatch, name: str, defect: Callable[..., object]
):
    monkeypatch.setattr(search_plain, name, defect)
    assert any(differs(world, "plain") for world in worlds(1_500))


@pytest.mark.parametrize("stays", [False, True])
def test_both_engines_find_the_same_journeys(stays: bool):
    for seed in range(3):
        one = random_instance(places=40, legs=4_000, days=7, seed=seed, stays=stays)
        compiled = search(one.timetable, start=one.start, minute=one.minute, engine="compiled")
        assert compiled == search(one.timetable, start=one.start, minute=one.minute, engine="plain")
        setting = Setting(one.start, one.minute, one.minute)
        for journey in compiled:
            parts = costs_in_parts(one.timetable, setting, journey.departures)
            assert parts is not None
            assert rounded_up(*parts) == journey.costs


def test_someone_who_is_there_needs_no_journey():
    world = random_world(2)
    world = world._replace(goals=frozenset({world.start}))
    (only,) = found(world, "plain")
    assert only.costs == (world.minute, 0, 0, 0)
    assert only.departures == ()


def test_nothing_sets_out_any_more():
    world = random_world(2)._replace(minute=10 * MINUTES_A_DAY, goals=frozenset({2}))
    assert found(world, "plain") == found(world, "compiled") == ()


def test_a_stay_in_the_region_counts_from_before_the_start():
    # One hop within the region and one out of it, at 100 and 200; the stay may last 150.
    hops = ((100, 110, 0, 1, 1, 1, 0), (200, 210, 1, 2, 1, 1, 0))
    world = random_world(1)
    spot = world.spots[0]._replace(risk_a_day=0, cents_a_day=0, longest_visit=None, country=0)
    world = World(hops, (spot, spot, spot._replace(country=1)), (150, None), frozenset({2}), 0, 60, 60)
    for engine in ("plain", "compiled"):
        assert [one.costs for one in found(world, engine)] == [(210, 2, 2, 0)]
        assert found(world._replace(in_country_since=49), engine) == ()
        # Within the region the stay lasts until the end is reached.
        inside = world._replace(spots=(spot, spot, spot))
        assert len(found(inside, engine)) == 1
        assert found(inside._replace(in_country_since=59), engine) == ()


def test_without_numba_the_plain_engine_answers(monkeypatch: pytest.MonkeyPatch):
    import sys
    from importlib import import_module

    # The package shows the function of that name.
    module = import_module("causeway.routes.search")

    module._sweep.cache_clear()
    monkeypatch.setattr(module, "_SMALL", 0)
    monkeypatch.setitem(sys.modules, "causeway.routes.search_driver", None)
    try:
        world = random_world(3)
        assert found(world, "fastest") == found(world, "plain")
        with pytest.raises(ImportError):
            found(world, "compiled")
    finally:
        module._sweep.cache_clear()


def test_many_handovers_and_long_bags_are_told_apart():
    """Chains whose hand-overs pass every level that is told apart, and bags that outgrow their first room."""
    rng = np.random.default_rng(5)
    hops, at = [], 0
    for place in range(24):
        for _ in range(3):
            at += 1
            hops.append(
                (
                    at,
                    at + 1,
                    place,
                    place + 1,
                    int(rng.integers(9)),
                    int(rng.integers(9)),
                    int(rng.integers(3)),
                )
            )
        at += 2
    spot = random_world(1).spots[0]._replace(risk_a_day=0, cents_a_day=0, longest_visit=None, country=0)
    world = World(tuple(hops), (spot,) * 25, (None,), frozenset({24}), 0, 0, 0)
    compiled, plain = found(world, "compiled"), found(world, "plain")
    assert compiled == plain
    assert max(one.costs.handovers for one in plain) > search_plain.LEVELS
    # Three ways for each hop: the best by each sum are known without a search.
    for objective in (4, 5, 6):
        least = sum(min(hop[objective] for hop in hops if hop[2] == place) for place in range(24))
        assert min(one.costs[objective - 3] for one in plain) == least


def test_the_timetable_is_left_as_it_was():
    one = random_instance(places=20, legs=500, days=3, seed=1)
    before = {
        field.name: getattr(one.timetable, field.name).copy() for field in dataclasses.fields(one.timetable)
    }
    search(one.timetable, start=one.start, minute=one.minute)
    assert all((getattr(one.timetable, name) == array).all() for name, array in before.items())
