"""The search: against Martins on networkx, against four times as many legs, against itself in plain Python.

`measure` returns, times being the shortest of several runs, in milliseconds of the one core in use:

    places, legs, days      the size of the instances; there is one for each of `seeds`
    front                   how many routes each has in its answer
    find_ms                 what one search takes: from the arrays to routes with their paths
    cold_s                  the first search of a process, with numba's compiling or loading from its cache
    martins_seeds, martins_ms
                            what Martins takes on a time-expanded graph that is built already
    martins_ratios, martins_ratio, martins_least
                            how many times as long that is, for each, as a median and at the least
    cost_sets_equal         whether both find the same costs, on every instance
    plain_ms, plain_ratio   the search without numba, and how many times as long it takes (median)
    plain_equal             whether it finds the same journeys
    large_places, large_legs, large_front, large_ms
                            larger instances, of the same seeds
    large_ratio             how many times as long the median of these takes
    stays_ms                the same places and legs with limited visits and stays in countries
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from bench.planner.martins import Costs, martins, time_expanded
from bench.planner.timetables import Instance, random_instance
from causeway.routes.journeys import Journey
from causeway.routes.search import Engine, search

__all__ = ["measure"]

T = TypeVar("T")
DAYS = 14
RUNS = 7
SEEDS = (1, 2, 3, 4, 5, 6)
# On the first three Martins takes from minutes to hours.
MARTINS_SEEDS = (4, 5, 6)


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Measure everything; `quick` takes smaller instances."""
    places, legs = (60, 10_000) if quick else (200, 50_000)
    large_places, large_legs = (300, 40_000) if quick else (1_000, 200_000)
    begin = time.perf_counter()
    _found(random_instance(places=20, legs=500, days=3, seed=1), "compiled")
    cold = time.perf_counter() - begin

    instances = _instances(places, legs)
    found = [_shortest(partial(_found, one), RUNS) for one in instances]
    plain = [_shortest(partial(_found, one, "plain"), 3) for one in instances]
    large = [_shortest(partial(_found, one), 3) for one in _instances(large_places, large_legs)]
    limited = [_shortest(partial(_found, one), 3) for one in _instances(places, legs, stays=True)]
    by_seed = dict(zip(SEEDS, found, strict=True))
    others = {seed: _martins(instances[SEEDS.index(seed)]) for seed in MARTINS_SEEDS}
    ratios = [others[seed][0] / by_seed[seed][0] for seed in MARTINS_SEEDS]
    return {
        "places": places,
        "legs": legs,
        "days": DAYS,
        "seeds": list(SEEDS),
        "front": [len(journeys) for _, journeys in found],
        "find_ms": [round(ms, 2) for ms, _ in found],
        "cold_s": round(cold, 2),
        "martins_seeds": list(MARTINS_SEEDS),
        "martins_ms": [round(others[seed][0]) for seed in MARTINS_SEEDS],
        "martins_ratios": [round(ratio) for ratio in ratios],
        "martins_ratio": round(statistics.median(ratios), 1),
        "martins_least": round(min(ratios), 1),
        "cost_sets_equal": all(
            sorted(others[seed][1]) == [tuple(one.costs) for one in by_seed[seed][1]]
            for seed in MARTINS_SEEDS
        ),
        "plain_ms": [round(ms) for ms, _ in plain],
        "plain_ratio": round(
            statistics.median(a / b for (a, _), (b, _) in zip(plain, found, strict=True)), 1
        ),
        "plain_equal": all(one[1] == other[1] for one, other in zip(plain, found, strict=True)),
        "large_places": large_places,
        "large_legs": large_legs,
        "large_front": [len(journeys) for _, journeys in large],
        "large_ms": [round(ms, 1) for ms, _ in large],
        "large_ratio": round(
            statistics.median(ms for ms, _ in large) / statistics.median(ms for ms, _ in found), 2
        ),
        "stays_ms": [round(ms, 2) for ms, _ in limited],
    }


def _instances(places: int, legs: int, *, stays: bool = False) -> list[Instance]:
    return [random_instance(places=places, legs=legs, days=DAYS, seed=seed, stays=stays) for seed in SEEDS]


def _martins(one: Instance) -> tuple[float, dict[Costs, tuple[int, ...]]]:
    graph = time_expanded(one.timetable, start=one.start, minute=one.minute)
    return _shortest(partial(martins, graph, minute=one.minute), 1)


def _found(one: Instance, engine: Engine = "fastest") -> tuple[Journey, ...]:
    return search(one.timetable, start=one.start, minute=one.minute, engine=engine)


def _shortest(run: Callable[[], T], times: int) -> tuple[float, T]:
    """Return milliseconds of the shortest run, and the last one's result."""
    taken, results = [], []
    for _ in range(times):
        begin = time.process_time()
        results = [run()]
        taken.append(time.process_time() - begin)
    return 1_000 * min(taken), results[0]
