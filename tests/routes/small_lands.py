"""Random small lands with groups, papers and dates, as tuples and as the planner's files."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import msgspec

from causeway.routes.cases import Case
from causeway.routes.network import Network
from tests.routes.brute_papers import Home, Land, Paper, Person, Ride, Rule, Town

FIRST = dt.date(2027, 3, 1)
NOW = dt.date(2027, 2, 25)
COUNTRIES = ("AAA", "BBB", "CCC")


def random_land(seed: int) -> Land:
    """Return a land of a few towns in up to three countries; the last town ends the journey."""
    rng = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    days = rng.randint(2, 4)
    countries = rng.randint(2, 3)
    towns = tuple(
        Town(
            min(place * countries // 5, countries - 1) if rng.random() < 0.9 else rng.randrange(countries),
            rng.choice([0.0, 0.0, 0.01, 0.1]),
            rng.choice([0, 0, 100, 1_440]),
            rng.choice([None, None, None, 4, 15, 30]),
        )
        for place in range(5)
    )
    rides = []
    for _ in range(rng.randint(7, 11)):
        a, b = sorted(rng.sample(range(5), 2), reverse=rng.random() < 0.15)
        rides.append(
            Ride(
                a, b,
                tuple(sorted(rng.sample(range(0, 1_620, 60), rng.randint(1, 2)))), rng.choice([30, 60, 400]),
                rng.choice([1.0, 0.99, 0.9, 0.8]), rng.choice([0, 500, 1_000]), rng.choice([0, 500, 2_000]),
                rng.randint(0, 2), rng.choice([None, None, None, None, 1, 2]),
            )
        )  # fmt: skip

    def paper(opens: int | None) -> Paper:
        return Paper(
            opens,
            rng.randrange(days) if rng.random() < (0.3 if opens is None else 0.5) else None,
            rng.randint(0, days + 2) if rng.random() < 0.25 else None,
            None if opens is None else rng.choice([None, None, 2, 3]),
        )

    abroad = tuple(
        Rule(
            rng.choices(["free", "visa", "closed"], [5, 5, 1])[0],
            rng.choice([None, 1, 1, 2, 3]),
            rng.choice([1.0, 0.9]),
        )
        for _ in range(1, countries)
    )
    people = tuple(
        Person(
            tuple(
                paper(opens)
                for opens in [None] * rng.choices([0, 1, 2], [1, 12, 3])[0]
                + [rng.randrange(1, countries) for _ in range(rng.randint(0, 3))]
            ),
            ((rng.randrange(countries), rng.randrange(days), rng.randrange(days)),)
            if rng.random() < 0.1
            else (),
        )
        for _ in range(rng.choices([1, 2, 3], [3, 2, 1])[0])
    )
    return Land(
        towns,
        tuple(rides),
        people,
        (Rule("free", None, 1.0), *abroad),
        days,
        rng.randrange(days) if rng.random() < 0.2 else None,
        rng.choice([0, 0, 300, 1_000]),
        days * 1_440 - rng.choice([0, 0, 600]),
        _some_days(rng, days) if rng.random() < 0.3 and towns[-1].country else None,
        tuple(
            _home(rng, town, days, len(people))
            for town in (0, 1, 2, 3)
            for _ in range(rng.choices([0, 1, 2], [6, 4, 1])[0])
        ),
    )


def _home(rng: random.Random, town: int, days: int, people: int) -> Home:
    """A house that often has beds for the group on some nights only."""

    def some(most: int) -> dict[int, int]:
        return {night: rng.randint(0, most) for night in range(-1, days) if rng.random() < 0.4}

    guests: dict[int, tuple[str, ...]] = {night: ("N9",) for night in range(-1, days) if rng.random() < 0.2}
    return Home(
        town,
        people + rng.choice([-1, -1, 0, 0, 1]),
        some(people + 1),
        some(2) if rng.random() < 0.3 else {},
        guests if rng.random() < 0.5 else {},
        ((f"N{rng.randrange(2)}", "N9"),) if rng.random() < 0.5 else (),
        rng.random() < 0.1,
    )


def _some_days(rng: random.Random, days: int) -> tuple[int, int]:
    first = rng.randrange(days)
    return first, rng.randrange(first, days)


def files_of(land: Land) -> tuple[Network, Case]:
    """Return a land as the planner reads it."""
    network: dict[str, Any] = {
        "format": "causeway-network/1",
        "name": "Invented",
        "starts": FIRST,
        "days": land.days,
        "places": [
            {
                "id": f"p{number}", "name": f"P{number}", "country": COUNTRIES[town.country],
                "wait_risk": town.found_a_day, "wait_money_cents": town.cents_a_day,
                "max_stay_hours": town.longest_hours,
            }
            for number, town in enumerate(land.towns)
        ],
        "houses": [_house(number, home) for number, home in enumerate(land.homes)],
        "legs": [_leg(land, number, ride) for number, ride in enumerate(land.rides)],
        "rules": {
            "format": "causeway-rules/1",
            "sources": [{"id": "s", "name": "Invented", "date": NOW, "confidence": 1.0}],
            "entry": [_rule(country, rule) for country, rule in enumerate(land.rules) if country],
            "ground": [] if land.ground is None else [_ground(len(land.towns) - 1, *land.ground)],
        },
    }  # fmt: skip
    case: dict[str, Any] = {
        "format": "causeway-case/1",
        "name": "Invented",
        "travellers": [_traveller(land, number, person) for number, person in enumerate(land.people)],
        "origin": "p0",
        "earliest": _moment(land.setting_out),
        "latest": _moment(land.arriving),
        "leave_by": None if land.leave_home_by is None else _day(land.leave_home_by),
        "goals": [f"p{len(land.towns) - 1}"] if land.ground is None else [],
    }
    return msgspec.convert(network, Network), msgspec.convert(case, Case)


def _ground(place: int, first: int, last: int) -> dict[str, Any]:
    return {"place": f"p{place}", "since": _day(first), "until": _day(last), "source": "s"}


def _house(number: int, home: Home) -> dict[str, Any]:
    return {
        "id": f"h{number}",
        "name": f"H{number}",
        "place": f"p{home.town}",
        "beds": home.beds,
        "nights": {_day(night): beds for night, beds in home.nights.items()},
        "taken": {_day(night): beds for night, beds in home.promised.items()},
        "guests": {_day(night): names for night, names in home.guests.items()},
        "must_not_meet": home.apart,
        "frozen": home.frozen,
    }


def _moment(minute: int) -> dt.datetime:
    return dt.datetime.combine(FIRST, dt.time()) + dt.timedelta(minutes=minute)


def _day(day: int) -> dt.date:
    return FIRST + dt.timedelta(days=day)


def _leg(land: Land, number: int, ride: Ride) -> dict[str, Any]:
    left, entered = (COUNTRIES[land.towns[place].country] for place in (ride.start, ride.goal))
    return {
        "id": f"r{number}",
        "mode": "bus",
        "from": f"p{ride.start}",
        "to": f"p{ride.goal}",
        "takes": ride.takes,
        "at": [f"{minute // 60:02}:{minute % 60:02}" for minute in ride.minutes],
        "chance": ride.chance,
        "money_cents": ride.cents_each,
        "money_once_cents": ride.cents_once,
        "handovers": ride.handovers,
        "seats": ride.seats,
        "border": None if left == entered else {"from": left, "to": entered, "crossing": f"{left}-{entered}"},
    }


def _rule(country: int, rule: Rule) -> dict[str, Any]:
    requirement = {"free": "visa_free", "visa": "visa_required", "closed": "no_admission"}[rule.asks]
    return {
        "document": "passport",
        "issuer": "AAA",
        "country": COUNTRIES[country],
        "requirement": requirement,
        "days": rule.days,
        "confidence": rule.confidence,
        "source": "s",
    }


def _traveller(land: Land, number: int, person: Person) -> dict[str, Any]:
    documents = []
    for paper in person.papers:
        country = None if paper.opens is None else COUNTRIES[paper.opens]
        documents.append(
            {
                "kind": "passport" if country is None else "visa",
                "issuer": country or "AAA",
                "days": paper.days,
                "available_from": None if paper.in_hand is None else _day(paper.in_hand),
                "valid_until": None if paper.until is None else _day(paper.until),
            }
        )
    bans = [
        {"country": COUNTRIES[at], "since": _day(since), "until": _day(until)}
        for at, since, until in person.bans
    ]
    return {"name": f"N{number}", "citizenship": ["AAA"], "documents": documents, "exit_bans": bans}
