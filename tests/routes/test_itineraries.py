"""From `find` into a programme: nothing is lost on the way, the age of rules least of all."""

from __future__ import annotations

import datetime as dt
import json

import msgspec

from causeway.routes.find import Routes, find
from causeway.routes.itineraries import itinerary_of
from causeway.routes.programme import Driver, Itinerary, Lodging, Person, Programme
from causeway.routes.programme_reading import read_programme
from causeway.routes.read_json import read_case, read_network, read_rules
from causeway.routes.rules import RuleTable
from causeway.routes.schedule import schedule
from tests.routes.inputs import STARTER

FOUND = dt.date(2027, 2, 25)


def test_routes_become_itineraries_that_a_plan_can_use():
    network = read_network((STARTER / "example-network.json").read_bytes())
    case = read_case((STARTER / "example-case.json").read_bytes())
    book = read_rules((STARTER / "rules-2026-02.json").read_bytes())
    answer = find(network, RuleTable.of(network.rules, book), case, now=FOUND, seed=0)
    assert isinstance(answer, Routes)
    ways = tuple(
        itinerary_of(route, name=f"way-{number}") for number, route in enumerate(answer.routes, start=1)
    )
    assert any(way.nights for way in ways)
    assert any(ride.helper for way in ways for ride in way.rides)
    for route, way in zip(answer.routes, ways, strict=True):
        assert [ride.leg for ride in way.rides] == [leg.leg.id for leg in route.legs]
        assert (way.risk, way.money_cents) == (route.costs.risk, route.costs.money)
        assert {rest.rule for rest in way.rests or ()} == {
            str(rest.said) for leg in route.legs for rest in leg.rests
        } | {str(rest.said) for rest in route.ground}
        assert way.arrives == route.arrives_at.date()
    programme = Programme(
        format="causeway-programme/1",
        starts=network.starts,
        houses=tuple(Lodging(id=h.id, beds=h.beds, nights=h.nights, frozen=h.frozen) for h in network.houses),
        helpers=tuple(Driver(id=one.id, seats=one.seats, stages=one.stages) for one in network.helpers),
        people=(Person(id="wren-finch", people=2, tier=1, itineraries=ways),),
    )
    written = msgspec.json.encode(programme)
    assert read_programme(written) == programme
    plan = schedule(programme, now=FOUND, seconds=0)
    assert len(plan.chosen) == 1
    (choice,) = plan.chosen
    route = answer.routes[int(choice.itinerary.removeprefix("way-")) - 1]
    # One of the starter's rules is old by then; the plan says of it what `find` said.
    assert route.notes
    assert list(map(str, plan.old["wren-finch"])) == list(map(str, route.notes))
    assert not plan.notes
    later = schedule(programme, now=FOUND + dt.timedelta(days=31), seconds=0)
    assert len(later.old["wren-finch"]) > len(route.notes)


def test_who_has_arrived_already_needs_no_ride():
    network = read_network((STARTER / "example-network.json").read_bytes())
    case = read_case((STARTER / "example-case.json").read_bytes())
    there = msgspec.structs.replace(case, origin="karn")
    answer = find(network, RuleTable.of(network.rules), there, now=FOUND, seed=0)
    assert isinstance(answer, Routes)
    way = itinerary_of(answer.routes[0], name="way-1")
    assert (way.rides, way.nights, way.leaves) == ((), (), way.arrives)


def test_what_find_prints_can_be_pasted(tmp_path):
    from click.testing import CliRunner

    from causeway.cli.routes_find import command

    files = [str(STARTER / "example-network.json"), str(STARTER / "example-case.json")]
    printed = json.loads(CliRunner().invoke(command, [*files, "--json", "--now", "2027-02-25"]).stdout)
    for number, route in enumerate(printed["routes"], start=1):
        way = msgspec.convert(route["itinerary"], Itinerary)
        assert way.id == f"way-{number}"
        assert way.rests
        rests = [msgspec.convert(rest, type(way.rests[0])) for leg in route["legs"] for rest in leg["rests"]]
        assert {one.rule for one in rests} <= {one.rule for one in way.rests}
