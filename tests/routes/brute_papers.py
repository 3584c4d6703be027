"""Groups, papers and dates by hand: which legs a group may take on which day, worked out one by one.

It reads plain tuples, shares none of the planner's code, and hands what is left to the brute force.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tests.routes.brute_force import A_DAY, Hop, Spot, World


class Town(NamedTuple):
    """A place: country, chance of being found and cents for a day, longest visit in hours."""

    country: int
    found_a_day: float
    cents_a_day: int
    longest_hours: int | None


class Ride(NamedTuple):
    """A leg that runs every day at each of `minutes`; across a border if the countries differ."""

    start: int
    goal: int
    minutes: tuple[int, ...]
    takes: int
    chance: float
    cents_each: int
    cents_once: int
    handovers: int
    seats: int | None


class Paper(NamedTuple):
    """A passport (`opens` None) or a visa: from which day it is in hand, its last day, days of stay."""

    opens: int | None
    in_hand: int | None
    until: int | None
    days: int | None = None


class Person(NamedTuple):
    """A citizen of country 0, with papers and the countries that do not let them leave, from day to day."""

    papers: tuple[Paper, ...]
    bans: tuple[tuple[int, int, int], ...]


class Rule(NamedTuple):
    """What a country asks of a passport of home: free, visa or closed; days of stay; confidence.

    Where a visa is asked for, the days are those of a visa that says nothing itself.
    """

    asks: str
    days: int | None
    confidence: float


class Home(NamedTuple):
    """A house: beds; by night, those there are, those promised, who sleeps there; who may not meet whom."""

    town: int
    beds: int
    nights: dict[int, int]
    promised: dict[int, int]
    guests: dict[int, tuple[str, ...]]
    apart: tuple[tuple[str, str], ...]
    frozen: bool


class Land(NamedTuple):
    towns: tuple[Town, ...]
    rides: tuple[Ride, ...]
    people: tuple[Person, ...]
    rules: tuple[Rule, ...]  # by country; country 0 is home
    days: int
    leave_home_by: int | None
    setting_out: int
    arriving: int
    ground: tuple[int, int] | None  # first and last day on which the last town counts; None: always
    homes: tuple[Home, ...] = ()


# Minutes that a visit may last without a house, where nothing else is said.
SHORT = 360


def world_of(land: Land) -> tuple[World, list[tuple[int, int]]]:
    """Return what is open to all, and for each hop the ride and the minute at which it sets out."""
    hops: list[tuple[Hop, int]] = []
    for number, ride in enumerate(land.rides):
        for day in range(-2, land.days + 1):
            for minute in ride.minutes:
                departs = day * A_DAY + minute
                if _open(land, ride, departs):
                    hops.append((_hop(land, ride, departs), number))
    hops.sort(key=lambda one: one[0])
    crossings = {number for number, _ in _borders(land)}
    on_entry = {at: _stay(land, hop) for at, (hop, number) in enumerate(hops) if number in crossings}
    at_first = None
    home = land.towns[0].country
    if land.leave_home_by is not None:
        at_first = max(0, (land.leave_home_by + 1) * A_DAY - land.setting_out)
    elif home != 0:
        # Nobody is at home there, and nothing is said of when they came: as if they came now.
        entries = [stay for at, stay in on_entry.items() if land.towns[hops[at][0][3]].country == home]
        at_first = min((stay for stay in entries if stay is not None), default=None)
    longest = [at_first if country == home else None for country in range(len(land.rules))]
    spots = tuple(
        Spot(
            round(-1e6 * math.log(1 - town.found_a_day)),
            town.cents_a_day * len(land.people),
            None if town.longest_hours is None else town.longest_hours * 60,
            town.country,
        )
        for town in land.towns
    )
    world = World(
        tuple(hop for hop, _ in hops),
        spots,
        tuple(longest),
        frozenset({len(land.towns) - 1}),
        0,
        land.setting_out,
        land.setting_out,
        on_entry,
        (-math.inf, math.inf) if land.ground is None else _days(*land.ground),
        {town: (_bedless(land, town), SHORT) for town in {home.town for home in land.homes}},
    )
    return world, [(number, hop[0]) for hop, number in hops]


def _bedless(land: Land, town: int) -> tuple[int, ...] | None:
    """Return three o'clock of each night on which no house has beds for all; None if there is no other."""
    nights = range(-1, land.days)
    names = {f"N{number}" for number in range(len(land.people))}
    without = []
    for night in nights:
        for home in land.homes:
            guests = home.guests.get(night, ())
            free = home.nights.get(night, home.beds) - max(home.promised.get(night, 0), len(guests))
            met = any(
                {one, other} & names and {one, other} & set(guests) and {one, other} <= names | set(guests)
                for one, other in home.apart
            )
            if home.town == town and not home.frozen and free >= len(names) and not met:
                break
        else:
            without.append((night + 1) * A_DAY + 180)
    return None if len(without) == len(nights) else tuple(without)


def _borders(land: Land) -> list[tuple[int, Ride]]:
    return [
        (number, ride)
        for number, ride in enumerate(land.rides)
        if land.towns[ride.start].country != land.towns[ride.goal].country
    ]


def _stay(land: Land, hop: Hop) -> int | None:
    """Return how long a group may stay that enters by a hop: as long as whoever may stay shortest."""
    country = land.towns[hop[3]].country
    each: list[int] = []
    for person in land.people:
        open_now = [days for a, b, days in _windows(land, person, country) if a <= hop[0] and hop[1] < b]
        longest = [_longest(days) for days in open_now]
        if None not in longest:
            each.append(max(one for one in longest if one is not None))
    return min(each, default=None)


def _days(first: int, last: int) -> tuple[int, int]:
    return first * A_DAY, (last + 1) * A_DAY


def _longest(days: int | None) -> int | None:
    if days is None:
        return None
    return A_DAY // 2 if days == 1 else (days - 1) * A_DAY


def _open(land: Land, ride: Ride, departs: int) -> bool:
    arrives = departs + ride.takes
    left, entered = land.towns[ride.start].country, land.towns[ride.goal].country
    if departs < land.setting_out or arrives > land.arriving:
        return False
    if ride.seats is not None and ride.seats < len(land.people):
        return False
    for person in land.people:
        # Nobody travels on in a foreign country after the last paper has ended that lets them be there.
        if left not in (0, land.towns[0].country) and any(
            land.towns[other.goal].country == left for _, other in _borders(land)
        ):
            ends = [end for _, end, _ in _windows(land, person, left)]
            if ends and departs >= max(ends):
                return False
        if left == entered:
            continue
        if any(
            at == left and since * A_DAY <= departs < (until + 1) * A_DAY for at, since, until in person.bans
        ):
            return False
        if not any(a <= departs and arrives < b for a, b, _ in _windows(land, person, entered)):
            return False
    return True


def _windows(land: Land, person: Person, country: int) -> list[tuple[float, float, int | None]]:
    """Return from which minute to before which one each way into a country is open, and for what stay."""
    rule = land.rules[country]
    passports = [_span(one) for one in person.papers if one.opens is None]
    if country == 0:
        return [(a, b, None) for a, b in passports]
    if rule.asks == "closed":
        return []
    asked = rule.days if rule.asks == "visa" else None
    visas = [(*_span(one), one.days or asked) for one in person.papers if one.opens == country]
    ways = [(max(a, c), min(b, d), days) for a, b in passports for c, d, days in visas]
    return ways if rule.asks == "visa" else [*ways, *((a, b, rule.days) for a, b in passports)]


def _span(paper: Paper) -> tuple[float, float]:
    start = -math.inf if paper.in_hand is None else paper.in_hand * A_DAY
    return start, math.inf if paper.until is None else (paper.until + 1) * A_DAY


def _hop(land: Land, ride: Ride, departs: int) -> Hop:
    nepers = -math.log(ride.chance)
    entered = land.towns[ride.goal].country
    if land.towns[ride.start].country != entered and entered != 0:
        nepers += -math.log(land.rules[entered].confidence)
    money = ride.cents_each * len(land.people) + ride.cents_once
    return departs, departs + ride.takes, ride.start, ride.goal, round(1e6 * nepers), money, ride.handovers
