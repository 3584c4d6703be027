"""Stays of several lengths and ends that count on some days, against the brute force."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pytest

from causeway.routes.apart import DatedEnd, keep_apart
from causeway.routes.search import search
from causeway.routes.timetable import NO_LIMIT, Timetable
from tests.routes.brute_force import World, every_best
from tests.routes.small_worlds import random_world, timetable_of


def with_lengths(seed: int) -> World:
    """A small world in which each entry has a length of stay of its own, and goals count for a while."""
    rng = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    world = random_world(seed)
    span = max(hop[1] for hop in world.hops) + 1
    lengths = [None, *(rng.randrange(span) for _ in range(3))]
    crosses = {
        at: rng.choice(lengths)
        for at, hop in enumerate(world.hops)
        if world.spots[hop[2]].country != world.spots[hop[3]].country
    }
    home = world.spots[world.start].country
    longest = tuple(
        rng.choice(lengths) if country == home else None for country in range(len(world.longest_in_country))
    )
    counts = (rng.randrange(span // 2), span - rng.randrange(span // 2)) if rng.random() < 0.5 else None
    return world._replace(
        longest_in_country=longest,
        on_entry=crosses,
        in_country_since=world.minute,
        goals_count=counts or (0, span),
        goals=world.goals - {world.start} or frozenset({len(world.spots) - 1}),
    )


def apart(world: World) -> Timetable:
    plain = timetable_of(world)
    allowed = np.full(len(world.hops), NO_LIMIT, dtype=np.int32)
    for at, stay in (world.on_entry or {}).items():
        allowed[at] = NO_LIMIT if stay is None else stay
    home = world.spots[world.start].country
    first = world.longest_in_country[home]
    begin, until = (int(one) for one in world.goals_count)
    return keep_apart(
        dataclasses.replace(plain, ends=np.array([], dtype=np.int32)),
        allowed=allowed,
        at_first=(home, NO_LIMIT if first is None else first),
        dated=[DatedEnd(goal, ((begin, until),)) for goal in sorted(world.goals)],
    ).timetable


def differs(world: World) -> bool:
    found = search(apart(world), start=world.start, minute=world.minute, engine="plain")
    return [tuple(one.costs) for one in found] != sorted(every_best(world))


@pytest.mark.slow
def test_stays_of_several_lengths_as_by_brute_force():
    assert [seed for seed in range(1_500) if differs(with_lengths(seed))] == []


def test_the_worlds_are_hard_enough():
    lengths = days = 0
    for seed in range(300):
        world = with_lengths(seed)
        best = set(every_best(world))
        stays = [stay for stay in (world.on_entry or {}).values() if stay is not None]
        shortest: dict[int, int | None] = dict.fromkeys(world.on_entry or {}, min(stays, default=None))
        lengths += best != set(every_best(world._replace(on_entry=shortest)))
        days += best != set(every_best(world._replace(goals_count=(0, float("inf")))))
    assert min(lengths, days) > 10


def test_one_length_doubles_nothing():
    world = with_lengths(3)._replace(goals_count=(0, 10**9))
    crosses: dict[int, int | None] = dict.fromkeys(world.on_entry or {}, 50)
    world = world._replace(on_entry=crosses, longest_in_country=(50,) * len(world.longest_in_country))
    assert apart(world).departs.size == len(world.hops)
