"""Invented programmes of any size: people, houses along corridors, helpers between them, trains and flights.

Made to be hard in the ways that a real one is. People start in a few towns and go along corridors of houses
that share nights; groups need several beds at once, so that beds are left over in ones and twos; the ten
itineraries of one person differ by day, corridor and nights spent waiting on the way; whole families and
factions must not meet; and there are beds and seats for a part of them only.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from causeway.routes.network import Stage
from causeway.routes.programme import (
    Driver,
    Itinerary,
    Lodging,
    Night,
    Person,
    Programme,
    Ride,
    Vehicle,
    Weights,
)

STARTS = date(2027, 3, 1)
_SIZES = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4)
LARGER = (1, 1, 2, 2, 2, 3, 3, 4, 5)
_STOPS = 4
# Who drives from which stop: one sets out from the first or the second; the last ride is a flight.
_STAGES: tuple[tuple[Stage, ...], ...] = (
    ("first",), ("first", "middle"), ("middle",), ("middle",), ("middle",),
)  # fmt: skip
_TIERS = (1, 2, 2, 3, 3, 3, 3, 4, 4, 4)


def invent(
    n_people: int,
    *,
    seed: int,
    itineraries: int = 10,
    days: int = 35,
    tier_ratio: int = 10,
    corridors: int = 0,
    sizes: tuple[int, ...] = _SIZES,
) -> Programme:
    """Return a programme in which beds, seats and money are enough for two thirds or so.

    Args:
        corridors: Chains of four stops with two houses each; so many that they are scarce if nothing is said.
        sizes: People in a group, each as likely as the others.
    """
    rng = random.Random(seed)
    corridors = corridors or max(3, round(n_people / 90))
    houses = [
        Lodging(id=f"house-{at}", beds=beds, nights=dict(_other(rng, days, beds)))
        for at in range(corridors * _STOPS * 2)
        for beds in (rng.choice((5, 6, 6, 8) if at % 2 else (2, 3, 3, 4)),)
    ]
    helpers = [
        Driver(
            id=f"helper-{at}",
            seats=rng.choice((5, 6, 7) if at % 2 else (3, 4, 4)),
            days=dict(_off(rng, days)),
            stages=_STAGES[at // 2 % (_STOPS + 1)],
        )
        for at in range(corridors * (_STOPS + 1) * 2)
    ]
    flights = [
        Vehicle(id=f"flight-{at}", seats=rng.choice((6, 8, 10)), days=dict(_off(rng, days)))
        for at in range(corridors)
    ]
    world = _World(rng, houses, helpers, flights, days)
    people = tuple(_person(f"p{at}", world, itineraries, sizes) for at in range(n_people))
    usual = sum(sum(way.money_cents for way in person.itineraries) // itineraries for person in people)
    return Programme(
        format="causeway-programme/1",
        starts=STARTS,
        people=people,
        houses=tuple(houses),
        helpers=tuple(helpers),
        vehicles=tuple(flights),
        must_not_meet=tuple(_enmities(rng, n_people)),
        budget_cents=usual * 11 // 20,
        weights=Weights(tier_ratio=tier_ratio),
    )


def _other(rng: random.Random, days: int, beds: int) -> Iterator[tuple[date, int]]:
    """Nights on which a house has fewer beds, or more."""
    for day in range(days + 14):
        if rng.random() < 0.1:
            yield STARTS + timedelta(days=day), max(0, beds + rng.choice((-2, -1, 1)))


def _off(rng: random.Random, days: int) -> Iterator[tuple[date, int]]:
    """Days on which a helper cannot, or nothing runs."""
    for day in range(days + 14):
        if rng.random() < 0.15:
            yield STARTS + timedelta(days=day), 0


@dataclass(frozen=True)
class _World:
    rng: random.Random
    houses: list[Lodging]
    helpers: list[Driver]
    flights: list[Vehicle]
    days: int


def _person(name: str, world: _World, itineraries: int, sizes: tuple[int, ...]) -> Person:
    """Somebody near three corridors, who can set out in a fortnight of their own."""
    rng = world.rng
    size = rng.choice(sizes)
    near = rng.sample(range(len(world.flights)), k=min(3, len(world.flights)))
    start = rng.randrange(world.days)
    found: list[Itinerary] = []
    for draw in count(1):
        if len(found) == itineraries:
            break
        if draw % 100 == 0:
            near.append(rng.randrange(len(world.flights)))
            start = rng.randrange(world.days)
        leaves = min(world.days - 1, max(0, start + rng.randrange(-7, 8)))
        way = _itinerary(f"{name}-{len(found)}", world, corridor=rng.choice(near), leaves=leaves, size=size)
        if way is not None:
            found.append(way)
    return Person(
        id=name,
        people=size,
        tier=rng.choice(_TIERS),
        waiting_days=min(400, int(rng.expovariate(1 / 60))),
        itineraries=tuple(found),
    )


def _itinerary(name: str, world: _World, *, corridor: int, leaves: int, size: int) -> Itinerary | None:
    """Return a way that this person could go if nobody else did, or nothing where a draw led nowhere."""
    rng = world.rng
    day = STARTS + timedelta(days=leaves)
    nights: list[Night] = []
    rides: list[Ride] = []
    risk = rng.randrange(20_000, 80_000)
    for stop in range(rng.randrange(2), _STOPS):
        # Whoever drives to the first house does not drive from the last: helpers are bound to one stop.
        at = (corridor * (_STOPS + 1) + stop) * 2
        drivers = [helper for helper in world.helpers[at : at + 2] if helper.room(day) >= size]
        stay = [day + timedelta(days=night) for night in range(rng.choice((1, 1, 1, 2)))]
        at = (corridor * _STOPS + stop) * 2
        open_to = [house for house in world.houses[at : at + 2] if all(house.room(on) >= size for on in stay)]
        if not drivers or not open_to:
            return None
        rides.append(Ride(on=day, leg=f"leg-{corridor}-{stop}", helper=rng.choice(drivers).id))
        house = rng.choice(open_to)
        nights.extend(Night(house=house.id, on=on) for on in stay)
        day = stay[-1] + timedelta(days=1)
        risk += rng.randrange(5_000, 120_000)
    flight = world.flights[corridor]
    if flight.room(day) < size:
        return None
    rides.append(Ride(on=day, leg=f"leg-{corridor}-{_STOPS}", vehicle=flight.id))
    return Itinerary(
        id=name,
        leaves=STARTS + timedelta(days=leaves),
        arrives=day,
        risk=risk,
        money_cents=size * rng.randrange(15_000, 60_000) + rng.randrange(10_000),
        nights=tuple(nights),
        rides=tuple(rides),
    )


def _enmities(rng: random.Random, n_people: int) -> Iterator[tuple[str, str]]:
    """Factions of whom nobody may meet anybody of another, and single people who fear each other."""
    everybody = list(range(n_people))
    rng.shuffle(everybody)
    n_factions, of = 3, max(1, n_people // 25)
    factions = [everybody[at * of : (at + 1) * of] for at in range(n_factions)]
    for at, faction in enumerate(factions):
        for other in factions[at + 1 :]:
            yield from ((f"p{one}", f"p{two}") for one in faction for two in other)
    taken = {who for faction in factions for who in faction}
    free = [who for who in everybody if who not in taken]
    for _ in range(n_people):
        one, two = rng.sample(free, k=2)
        yield f"p{one}", f"p{two}"
