"""Every journey there is, one after the other: what the planner is held against, sharing none of its code.

It reads plain tuples, adds up fractions, prunes nothing by cost and looks at limits only when a journey is
whole. Small timetables only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

# (departs, arrives, from, to, micro-nepers, cents, hand-overs)
Hop = tuple[int, int, int, int, int, int, int]
# (arrival, micro-nepers, cents, hand-overs)
Vector = tuple[int, int, int, int]

A_DAY = 24 * 60


class Spot(NamedTuple):
    """A place: micro-nepers and cents for a day of waiting, longest visit in minutes, and its country."""

    risk_a_day: int
    cents_a_day: int
    longest_visit: int | None
    country: int


class World(NamedTuple):
    """What there is. `on_entry`: minutes that a stay may last which begins with this hop, where said.

    `goals_count`: from which minute to before which one arrivals at a goal count.
    `bedless`: for some spots, the minutes at which nobody has a bed there (None: at no time), and how long a
    visit over such a minute may last; the visit before setting out aside.
    """

    hops: tuple[Hop, ...]
    spots: tuple[Spot, ...]
    longest_in_country: tuple[int | None, ...]
    goals: frozenset[int]
    start: int
    minute: int
    in_country_since: int
    on_entry: dict[int, int | None] | None = None
    goals_count: tuple[float, float] = (-math.inf, math.inf)
    bedless: dict[int, tuple[tuple[int, ...] | None, int]] | None = None


def every_best(world: World) -> dict[Vector, list[tuple[int, ...]]]:
    """Return each cost that no other outdoes, with all journeys that cost just that, as indices of hops."""
    if world.start in world.goals:
        return {(world.minute, 0, 0, 0): [()]}
    costs: dict[Vector, list[tuple[int, ...]]] = {}
    for journey in _journeys(world, (), world.start, world.minute):
        if _visits_are_short(world, journey) and _countries_are_short(world, journey):
            costs.setdefault(_price(world, journey), []).append(journey)
    return {
        one: costs[one] for one in costs if not any(other != one and _no_worse(other, one) for other in costs)
    }


def _no_worse(one: Vector, other: Vector) -> bool:
    return one[0] <= other[0] and one[1] <= other[1] and one[2] <= other[2] and one[3] <= other[3]


def _journeys(world: World, so_far: tuple[int, ...], where: int, when: int) -> Iterator[tuple[int, ...]]:
    for number, hop in enumerate(world.hops):
        if hop[2] == where and hop[0] >= when:
            if hop[3] in world.goals and world.goals_count[0] <= hop[1] < world.goals_count[1]:
                yield (*so_far, number)
            else:
                yield from _journeys(world, (*so_far, number), hop[3], hop[1])


def _visits(world: World, journey: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield every wait: where, since when, until when."""
    since = world.minute
    for number in journey:
        hop = world.hops[number]
        yield hop[2], since, hop[0]
        since = hop[1]


def _visits_are_short(world: World, journey: Sequence[int]) -> bool:
    for number, (where, since, until) in enumerate(_visits(world, journey)):
        longest = world.spots[where].longest_visit
        if longest is not None and until - since > longest:
            return False
        minutes, short = (world.bedless or {}).get(where, ((), 0))
        awake = minutes is not None and not any(since < minute < until for minute in minutes)
        if number and not awake and until - since > short:
            return False
    return True


def _countries_are_short(world: World, journey: Sequence[int]) -> bool:
    """Cut the journey where a hop leaves a country, and look how long it was in each."""
    country = [world.spots[world.start].country] + [world.spots[world.hops[n][3]].country for n in journey]
    begins = 0
    since = world.in_country_since
    for at in range(1, len(country) + 1):
        if at < len(country) and country[at] == country[begins]:
            continue
        # The hop that leaves sets out from it; without one, the journey ends where its last hop arrives.
        until = world.hops[journey[at - 1]][0] if at < len(country) else world.hops[journey[-1]][1]
        longest = world.longest_in_country[country[begins]]
        if begins and world.on_entry is not None:
            longest = world.on_entry[journey[begins - 1]]
        if longest is not None and until - since > longest:
            return False
        if at < len(country):
            since = world.hops[journey[at - 1]][1]
        begins = at
    return True


def _price(world: World, journey: Sequence[int]) -> Vector:
    risk = Fraction(0)
    cents = Fraction(0)
    for where, since, until in _visits(world, journey):
        days = Fraction(until - since, A_DAY)
        risk += days * world.spots[where].risk_a_day
        cents += days * world.spots[where].cents_a_day
    risk += sum(world.hops[n][4] for n in journey)
    cents += sum(world.hops[n][5] for n in journey)
    arrival = world.hops[journey[-1]][1]
    return arrival, math.ceil(risk), math.ceil(cents), sum(world.hops[n][6] for n in journey)
