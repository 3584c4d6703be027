"""The policy: its time beside one search's, its chance beside simulated journeys, and what it gains.

Returned by `run`:

    instances       one for each seed, 200 places and 50,000 departures over 14 days:
        search_ms           one search from one place (compiled, best of some)
        policy_ms           the policy for all places (compiled, best of some), without causes
        policy_causes_ms    the same with three shared causes that close a third of the lines
    costs_less      whether each policy, with causes too, took less than the search on its instance
    plain_ms        the policy without numba on the first instance
    journeys        how many were simulated for each chance
    chance_error    the greatest difference between a policy's chance and that of its journeys, in points of
                    100, over places, seeds, with and without causes, with and without limited stays
    overstayed      simulated journeys that overstepped a stay
    scarce          a sparse network with failures that come together, mean over seeds, each by simulation:
        fixed               a plan that ends with its first failure
        replanned           the best plan from where one stands, made again after each failure
        policy              the policy, by simulation
        policy_exact        the policy's own chance
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.planner.timetables import Instance, random_instance
from causeway.routes.policy import Policy, find_policy
from causeway.routes.search import search
from causeway.routes.simulate import simulate
from causeway.routes.timetable import MINUTES_A_DAY, Timetable

__all__ = ["run", "scarce_instance"]

_CAUSES = (0.1, 0.1, 0.1)
_SCARCE_CAUSES = (0.25, 0.25, 0.25)
_KEPT = 0.2


def run(*, quick: bool = False) -> dict[str, Any]:
    """Measure."""
    seeds = (1, 2) if quick else (1, 2, 3)
    journeys = 20_000 if quick else 100_000
    instances = [random_instance(places=200, legs=50_000, days=14, seed=seed) for seed in seeds]
    times = [_times(instance, repeat=3 if quick else 7) for instance in instances]
    first = instances[0]
    errors, overstayed = _errors(seeds, journeys)
    return {
        "instances": times,
        "costs_less": all(max(one["policy_ms"], one["policy_causes_ms"]) < one["search_ms"] for one in times),
        "plain_ms": _best_ms(
            lambda: find_policy(first.timetable, begin=first.minute, compiled=False), repeat=1
        ),
        "journeys": journeys,
        "chance_error": round(100 * max(errors), 3),
        "overstayed": overstayed,
        "scarce": _scarce(range(1, 4 if quick else 11), journeys),
    }


def _times(instance: Instance, *, repeat: int) -> dict[str, float]:
    table, begin = instance.timetable, instance.minute
    closed = with_causes(table, share=0.3, causes=len(_CAUSES), seed=1)
    return {
        "search_ms": _best_ms(lambda: search(table, start=instance.start, minute=begin), repeat=repeat),
        "policy_ms": _best_ms(lambda: find_policy(table, begin=begin), repeat=repeat),
        "policy_causes_ms": _best_ms(lambda: find_policy(closed, causes=_CAUSES, begin=begin), repeat=repeat),
    }


def _best_ms(work: Callable[[], object], *, repeat: int) -> float:
    if repeat > 1:
        work()  # so that nothing is compiled within the time
    best = float("inf")
    for _ in range(repeat):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return round(best * 1_000, 2)


def with_causes(table: Timetable, *, share: float, causes: int, seed: int) -> Timetable:
    """Return a timetable, a share of whose lines shared causes close."""
    rng = np.random.default_rng(seed)
    lines = int(table.leg.max()) + 1
    cause = np.where(rng.random(lines) < share, rng.integers(0, causes, lines), -1)
    return dataclasses.replace(table, cause=cause[table.leg].astype(np.int32))


def _errors(seeds: tuple[int, ...], journeys: int) -> tuple[list[float], int]:
    """Return by how much chances and simulated shares differ, with two days until the horizon."""
    errors, overstayed = [], 0
    for seed in seeds:
        for stays in (False, True):
            instance = random_instance(places=200, legs=50_000, days=14, seed=seed, stays=stays)
            table = dataclasses.replace(
                instance.timetable,
                through=instance.timetable.through * 0.85,
                lost=(1 - instance.timetable.through * 0.85) * 0.2,
            )
            closed = with_causes(table, share=0.5, causes=3, seed=seed)
            for world, causes in ((table, ()), (closed, (0.2, 0.2, 0.2))):
                policy = find_policy(
                    world, causes=causes, begin=instance.minute, horizon=instance.minute + 3 * MINUTES_A_DAY
                )
                for start in (instance.start, 0, 1):
                    went = simulate(policy, start=start, at=instance.minute, travellers=journeys, seed=seed)
                    errors.append(abs(went.chance - policy.chance(start, at=instance.minute)))
                    overstayed += went.overstayed
    return errors, overstayed


def scarce_instance(seed: int) -> Instance:
    """Return a sparse network: few departures, legs that often fail and mostly turn back, three causes."""
    instance = random_instance(places=30, legs=4_000, days=6, seed=seed)
    whole, rng = instance.timetable, np.random.default_rng(seed)
    keep = rng.random(len(whole.departs)) < _KEPT
    table = dataclasses.replace(
        whole,
        **{
            field.name: getattr(whole, field.name)[keep]
            for field in dataclasses.fields(whole)
            if len(getattr(whole, field.name)) == len(keep)
        },
    )
    through = rng.uniform(0.6, 1.0, int(table.leg.max()) + 1)[table.leg]
    table = dataclasses.replace(table, through=through, lost=(1 - through) * 0.15)
    return dataclasses.replace(instance, timetable=with_causes(table, share=0.5, causes=3, seed=seed))


def _scarce(seeds: range, journeys: int) -> dict[str, float]:
    total = dict.fromkeys(("fixed", "replanned", "policy", "policy_exact"), 0.0)
    for seed in seeds:
        instance = scarce_instance(seed)
        table, start, at = instance.timetable, instance.start, instance.minute
        policy = find_policy(table, causes=_SCARCE_CAUSES, begin=at)
        # A plan that reckons with no failure: its chance is that of everything going well, each cause as if
        # it were every departure's own. Being turned back ends the fixed plan, and makes another one needed.
        apart = np.append(1 - np.array(_SCARCE_CAUSES), 1.0)[table.cause]
        through = table.through * apart
        alone = np.full_like(table.cause, -1)
        hopeless = dataclasses.replace(table, through=through, lost=1 - through, cause=alone)
        plan = find_policy(hopeless, begin=at)
        ends = dataclasses.replace(table, lost=1 - table.through)

        def share(
            policy: Policy, world: Timetable, start: int = start, at: int = at, seed: int = seed
        ) -> float:
            return simulate(
                policy,
                start=start,
                at=at,
                travellers=journeys,
                seed=seed,
                timetable=world,
                causes=_SCARCE_CAUSES,
            ).chance

        total["fixed"] += share(plan, ends)
        total["replanned"] += share(plan, table)
        total["policy"] += share(policy, table)
        total["policy_exact"] += policy.chance(start, at=at)
    return {name: round(value / len(seeds), 4) for name, value in total.items()}
