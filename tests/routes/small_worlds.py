"""Random small timetables with many ties, for the brute force and as the planner's arrays."""

from __future__ import annotations

import random

import numpy as np

from causeway.routes.timetable import NO_LIMIT, Timetable
from tests.routes.brute_force import A_DAY, Spot, World


def random_world(seed: int) -> World:
    """Return a world of a few places and countries, often with limits of stay that matter."""
    rng = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    places, countries = rng.randint(3, 6), rng.randint(1, 3)
    span = rng.choice([30, 200, 3 * A_DAY])
    stays = rng.choice([0.0, 0.5, 0.9])
    few = rng.random() < 0.5
    hops = []
    for _ in range(rng.randint(6, 36)):
        # Onwards more often than back, so that most worlds have a way out.
        a, b = sorted(rng.sample(range(places), 2), reverse=rng.random() < 0.25)
        departs = rng.randrange(span)
        risk, money = (rng.randrange(4), rng.randrange(4)) if few else (rng.randrange(99), rng.randrange(99))
        hops.append(
            (
                departs,
                departs + rng.randint(1, max(span // 8, 2)),
                a,
                b,
                risk,
                money,
                rng.choice([0, 0, 1, 1, 2, 14]),
            )
        )
    if few:
        hops += rng.choices(hops, k=2)
    hops.sort(key=lambda hop: hop[:2])
    rates = [0, 0, 0, 1, A_DAY // 2, A_DAY, 7 * A_DAY]

    def limit() -> int | None:
        return rng.randrange(span // 2) if rng.random() < stays else None

    spots = tuple(
        Spot(rng.choice(rates), rng.choice(rates), limit(), rng.randrange(countries)) for _ in range(places)
    )
    start, minute = 0, rng.randrange(max(span // 4, 1))
    goals = (
        frozenset(rng.sample(range(places), rng.randint(1, 2)))
        if rng.random() < 0.1
        else frozenset({places - 1})
    )
    since = minute - rng.choice([0, 0, span // 6])
    return World(tuple(hops), spots, tuple(limit() for _ in range(countries)), goals, start, minute, since)


def timetable_of(world: World) -> Timetable:
    """Return a world as the planner's arrays."""
    table = np.array(world.hops, dtype=np.int64).reshape(-1, 7)
    n = len(table)

    def limits(values: list[int | None]) -> np.ndarray:
        return np.array([NO_LIMIT if one is None else one for one in values], dtype=np.int32)

    return Timetable(
        departs=table[:, 0].astype(np.int32),
        arrives=table[:, 1].astype(np.int32),
        origin=table[:, 2].astype(np.int32),
        target=table[:, 3].astype(np.int32),
        risk=table[:, 4].copy(),
        money=table[:, 5].copy(),
        handovers=table[:, 6].astype(np.int32),
        leg=np.arange(n, dtype=np.int32),
        wait_risk=np.array([spot.risk_a_day for spot in world.spots], dtype=np.int64),
        wait_money=np.array([spot.cents_a_day for spot in world.spots], dtype=np.int64),
        max_stay=limits([spot.longest_visit for spot in world.spots]),
        region=np.array([spot.country for spot in world.spots], dtype=np.int32),
        region_stay=limits(list(world.longest_in_country)),
        ends=np.array(sorted(world.goals), dtype=np.int32),
        through=np.ones(n),
        lost=np.zeros(n),
        back_after=np.zeros(n, dtype=np.int32),
        cause=np.full(n, -1, dtype=np.int32),
    )
