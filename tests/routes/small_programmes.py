"""Small random programmes and their best plan by trying everything: of the planner only its shapes."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from causeway.routes.network import Stage
from causeway.routes.programme import Driver, Itinerary, Lodging, Night, Person, Programme, Ride, Vehicle

START = date(2027, 3, 1)

_ONE_STAGE: tuple[tuple[Stage, ...], ...] = (("first",), ("last",), ("middle",))


def day(number: int) -> date:
    return START + timedelta(days=number)


def small_programme(seed: int, *, people: int = 5, ways: int = 3) -> Programme:
    rng = random.Random(seed)  # noqa: S311
    names = [f"p{at}" for at in range(people)]
    return Programme(
        format="causeway-programme/1",
        starts=START,
        houses=tuple(
            Lodging(
                id=f"h{at}",
                beds=rng.randrange(1, 5),
                nights={day(2): rng.randrange(4)} if rng.random() < 0.3 else {},
                must_not_meet=tuple(p for p in itertools.combinations(names, 2) if rng.random() < 0.15),
                frozen=rng.random() < 0.1,
            )
            for at in range(3)
        ),
        helpers=tuple(
            Driver(id=f"k{at}", seats=rng.randrange(1, 5), stages=stages)
            for at, stages in enumerate((rng.choice(_ONE_STAGE), ("first", "middle"), ("middle", "last")))
        ),
        vehicles=(Vehicle(id="bus", seats=rng.randrange(2, 6), close=rng.random() < 0.5),),
        people=tuple(
            Person(
                id=name,
                people=rng.choice((1, 1, 2, 3)),
                tier=rng.randrange(1, 5),
                waiting_days=rng.randrange(200),
                itineraries=tuple(_way(f"{name}-{at}", rng) for at in range(rng.randrange(ways + 1))),
            )
            for name in names
        ),
        must_not_meet=tuple(pair for pair in itertools.combinations(names, 2) if rng.random() < 0.3),
        budget_cents=rng.choice((None, 0, 30_000, 60_000)),
    )


def _way(name: str, rng: random.Random) -> Itinerary:
    leaves = rng.randrange(-1, 4) if rng.random() < 0.2 else rng.randrange(3)
    stays = rng.randrange(1, 3)
    rides = [
        Ride(on=day(leaves), leg=f"leg{rng.randrange(3)}", helper=rng.choice((None, "k0", "k1"))),
        Ride(
            on=day(leaves + stays),
            leg=f"leg{rng.randrange(3)}",
            helper=rng.choice((None, "k0", "k2")),
            vehicle=rng.choice((None, "bus")),
        ),
    ]
    return Itinerary(
        id=name,
        leaves=day(leaves),
        arrives=day(leaves + stays),
        risk=rng.randrange(500_000),
        money_cents=rng.randrange(40_000),
        nights=tuple(Night(house=f"h{rng.randrange(3)}", on=day(leaves + at)) for at in range(stays)),
        rides=tuple(rides),
    )


def broken_limits(programme: Programme, taken: Iterable[tuple[Person, Itinerary]]) -> Iterator[str]:
    """Yield every limit that a plan breaks, counted anew from the file's words."""
    beds: Counter[tuple[str, date]] = Counter()
    seats: Counter[tuple[str, date]] = Counter()
    rooms: dict[tuple[str, str, date], set[str]] = defaultdict(set)
    money = 0
    houses = {house.id: house for house in programme.houses}
    helpers = {helper.id: helper for helper in programme.helpers}
    vehicles = {vehicle.id: vehicle for vehicle in programme.vehicles}
    for person, way in taken:
        money += way.money_cents
        if way.leaves < programme.starts:
            yield "past"
        for at, ride in enumerate(way.rides):
            parts = ["first"] * (at == 0) + ["last"] * (at == len(way.rides) - 1) or ["middle"]
            if ride.helper is not None and not set(parts) <= set(helpers[ride.helper].stages):
                yield "not their part"
        for house, night in {(stay.house, stay.on) for stay in way.nights}:
            beds[house, night] += person.people
            rooms["house", house, night].add(person.id)
        for helper, on in {(ride.helper, ride.on) for ride in way.rides if ride.helper is not None}:
            seats[helper, on] += person.people
            rooms["car", helper, on].add(person.id)
        for vehicle, on in {(ride.vehicle, ride.on) for ride in way.rides if ride.vehicle is not None}:
            seats[vehicle, on] += person.people
            if vehicles[vehicle].close:
                rooms["car", vehicle, on].add(person.id)
    for (name, on), used in beds.items():
        if houses[name].frozen or used > houses[name].nights.get(on, houses[name].beds):
            yield f"beds {name} {on}"
    for (name, on), used in seats.items():
        owner = helpers.get(name) or vehicles[name]
        if owner.frozen or used > owner.days.get(on, owner.seats):
            yield f"seats {name} {on}"
    if programme.budget_cents is not None and money > programme.budget_cents:
        yield "money"
    for (kind, name, _), present in rooms.items():
        own = houses[name].must_not_meet if kind == "house" else ()
        for one, other in (*programme.must_not_meet, *own):
            if one in present and other in present:
                yield f"meet {one} {other}"


def worth_by_hand(programme: Programme, person: Person, way: Itinerary) -> int:
    later = min(500, 5 * max(0, (way.arrives - programme.starts).days))
    points = 1000 + 500 * person.waiting_days / (person.waiting_days + 60) - later
    return max(1, round(person.people * int(10 ** (4 - person.tier)) * math.exp(-way.risk / 1e6) * points))


def best_by_trying(programme: Programme) -> int:
    """Return the objective of the best plan, by trying every one."""
    best = 0
    for picked in itertools.product(*([None, *person.itineraries] for person in programme.people)):
        taken = [(p, way) for p, way in zip(programme.people, picked, strict=True) if way is not None]
        worth = sum(worth_by_hand(programme, person, way) for person, way in taken)
        if worth > best and not any(broken_limits(programme, taken)):
            best = worth
    return best


def taken_of(programme: Programme, chosen: Iterable[object]) -> list[tuple[Person, Itinerary]]:
    """Return a plan's people with their itineraries."""
    people = {person.id: person for person in programme.people}
    found = []
    for choice in chosen:
        person = people[choice.person]  # type: ignore[attr-defined]
        found.append((person, next(way for way in person.itineraries if way.id == choice.itinerary)))  # type: ignore[attr-defined]
    return found
