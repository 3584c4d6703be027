"""Beds by night for one group: by hand, and against the brute force where visits are many."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from typing import Any

import msgspec
import numpy as np
import pytest

from causeway.routes.apart import Apart
from causeway.routes.cases import Case
from causeway.routes.find import Routes, find
from causeway.routes.network import House, Network, Place
from causeway.routes.nights import Nights, keep_to_beds
from causeway.routes.rules import RuleTable
from causeway.routes.search import search
from causeway.routes.timetable import Timetable
from tests.routes.brute_force import World, every_best
from tests.routes.inputs import NOW, case_dict, network_dict
from tests.routes.small_worlds import random_world, timetable_of

START = dt.date(2027, 3, 1)


def place(number: int, hours: float) -> Place:
    return Place(id=f"p{number}", name="P", country="AAA", no_house_hours=hours)


def world_with_nights(seed: int) -> tuple[World, Timetable]:
    """A small world in which each fifth minute is a night without a bed at some spots, as both read it."""
    rng = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    world = random_world(seed)
    world = world._replace(in_country_since=world.minute)
    span = max(hop[1] for hop in world.hops)
    cuts = {
        spot: tuple(sorted(rng.sample(range(1, span + 1), min(span, rng.randint(1, 3)))))
        for spot in range(len(world.spots))
        if rng.random() < 0.6
    }
    short = {spot: rng.choice([0, rng.randrange(1 + span // 6), span // 3]) for spot in cuts}
    plain = timetable_of(world)
    nights = {spot: FixedNights(minutes) for spot, minutes in cuts.items()}
    network = msgspec.convert(network_dict(), Network)
    places = tuple(place(number, short.get(number, 1) / 60) for number in range(len(world.spots)))
    whole = np.arange(len(world.spots))
    found = keep_to_beds(
        Apart(dataclasses.replace(plain, max_stay=plain.max_stay.copy()), whole, np.arange(99)),
        msgspec.structs.replace(network, places=places),
        nights,
        start=world.start,
        earliest=-1,
        latest=span + 1,
    )
    longest = world.spots[world.start].longest_visit
    found.timetable.max_stay[world.start] = -1 if longest is None else longest
    return world._replace(bedless={spot: (cuts[spot], short[spot]) for spot in cuts}), found.timetable


class FixedNights(Nights):
    """Nights whose minutes are known already."""

    def __init__(self, minutes: tuple[int, ...]) -> None:
        house = House(id="h", name="H", place="p", beds=1)
        super().__init__(houses={START: (house,)}, starts=START, ahead=0)
        object.__setattr__(self, "_minutes", minutes)

    def without(self) -> tuple[int, ...]:
        minutes: tuple[int, ...] = object.__getattribute__(self, "_minutes")
        return minutes


def test_visits_over_nights_without_a_bed_as_by_brute_force():
    harder = 0
    for seed in range(1_500):
        world, timetable = world_with_nights(seed)
        if world.start in world.goals:
            continue
        truth = sorted(every_best(world))
        found = search(timetable, start=world.start, minute=world.minute, engine="plain")
        assert [tuple(one.costs) for one in found] == truth, seed
        harder += truth != sorted(every_best(world._replace(bedless=None)))
    assert harder > 50


def answer(network: dict[str, Any], case: dict[str, Any]) -> Any:
    read = msgspec.convert(network, Network)
    return find(read, RuleTable.of(read.rules), msgspec.convert(case, Case), now=NOW)


def waiting_land() -> tuple[dict[str, Any], dict[str, Any]]:
    """A bus to B in the evening, a border that opens at noon: so one has to sleep in B."""
    network, case = network_dict(), case_dict()
    network["legs"][0]["at"] = ["20:00"]
    network["houses"] = [
        {"id": "barn", "name": "Barn", "place": "b", "beds": 2},
        {"id": "flat", "name": "Flat", "place": "b", "beds": 1},
    ]
    return network, case


def nights_of_first(found: Any) -> list[tuple[str, str]]:
    assert isinstance(found, Routes)
    legs = found.routes[0].legs
    return [(night.isoformat(), house.id) for leg in legs for night, house in leg.nights]


def test_a_route_says_in_which_house_one_sleeps():
    network, case = waiting_land()
    found = answer(network, case)
    assert nights_of_first(found) == [("2027-03-01", "flat")]
    assert "Sleep in house “flat” on the night of 2027-03-01." in map(str, found.routes[0].legs[1].said)


@pytest.mark.parametrize(
    ("change", "house", "night"),
    [
        ({"taken": {"2027-03-01": 1}}, "barn", "2027-03-01"),
        ({"nights": {"2027-03-01": 0}}, "barn", "2027-03-01"),
        ({"frozen": True}, "barn", "2027-03-01"),
        ({"guests": {"2027-03-01": ["Ola"]}}, "barn", "2027-03-01"),
    ],
)
def test_a_house_without_a_free_bed_is_not_used(change, house, night):
    network, case = waiting_land()
    network["houses"][1] |= change
    assert nights_of_first(answer(network, case)) == [(night, house)]
    network["houses"] = network["houses"][1:]
    later = answer(network, case)
    if change == {"frozen": True}:
        assert not isinstance(later, Routes)
    else:
        assert nights_of_first(later) == [("2027-03-02", "flat")]


def test_who_must_not_meet_a_guest_sleeps_elsewhere_or_later():
    network, case = waiting_land()
    traveller = case["travellers"][0]["name"]
    network["houses"] = [
        {
            "id": "barn", "name": "Barn", "place": "b", "beds": 9,
            "guests": {"2027-03-01": ["Ola"]}, "must_not_meet": [["Ola", traveller]],
        }
    ]  # fmt: skip
    assert nights_of_first(answer(network, case)) == [("2027-03-02", "barn")]
    network["houses"][0]["must_not_meet"] = [["Ola", "Nobody"]]
    assert nights_of_first(answer(network, case)) == [("2027-03-01", "barn")]


def test_the_start_needs_no_house():
    network, case = waiting_land()
    network["houses"] = [{"id": "loft", "name": "Loft", "place": "a", "beds": 0}]
    assert isinstance(answer(network, case), Routes)
    network["houses"][0] |= {"nights": {"2027-03-03": 5}}
    assert isinstance(answer(network, case), Routes)


def test_a_short_visit_by_night_needs_no_house():
    network, case = waiting_land()
    network["houses"] = [{"id": "barn", "name": "Barn", "place": "b", "beds": 1, "taken": {"2027-03-01": 1}}]
    network["legs"][0]["at"] = ["22:00"]
    network["legs"][1]["at"] = ["04:00"]
    found = answer(network, case)
    assert found.routes[0].costs.arrival < 2 * 1_440
    assert nights_of_first(found) == []
    network["places"][1]["no_house_hours"] = 4
    assert answer(network, case).routes[0].costs.arrival > 2 * 1_440
