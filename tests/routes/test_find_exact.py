"""From files to routes, against the brute force: groups, papers, dates and stays."""

from __future__ import annotations

import pytest

from causeway.routes.columns import Columns
from causeway.routes.compiling import compile_case
from causeway.routes.find import journeys_of
from causeway.routes.rules import RuleTable
from tests.routes.brute_force import every_best
from tests.routes.brute_papers import Land, world_of
from tests.routes.small_lands import NOW, files_of, random_land


def differs(land: Land) -> bool:
    world, taken = world_of(land)
    truth = every_best(world)
    network, case = files_of(land)
    compiled = compile_case(network, RuleTable.of(network.rules), case, now=NOW, columns=Columns.of(network))
    journeys = journeys_of(compiled, engine="plain")
    t = compiled.timetable
    rides = {
        costs: {tuple(taken[hop] for hop in journey) for journey in best} for costs, best in truth.items()
    }
    return [one.costs for one in journeys] != sorted(truth) or any(
        tuple((int(t.leg[d]), int(t.departs[d])) for d in one.departures) not in rides[one.costs]
        for one in journeys
    )


def lands(number: int) -> list[Land]:
    return [random_land(seed) for seed in range(number)]


@pytest.mark.slow
def test_ten_thousand_small_lands_as_by_brute_force():
    assert [seed for seed, land in enumerate(lands(10_000)) if differs(land)] == []


def test_the_lands_are_hard_enough():
    def answers(land: Land) -> set[tuple[int, int, int, int]]:
        return set(every_best(world_of(land)[0]))

    several = groups = dates = stays = grounds = beds = 0
    for land in lands(400):
        best = answers(land)
        several += len(best) > 1
        groups += len(land.people) > 1 and best != answers(land._replace(people=land.people[:1]))
        timeless = tuple(
            person._replace(papers=tuple(one._replace(in_hand=None, until=None) for one in person.papers))
            for person in land.people
        )
        dates += best != answers(land._replace(people=timeless))
        free = tuple(rule._replace(days=None) for rule in land.rules)
        grounds += land.ground is not None and best != answers(land._replace(ground=None))
        towns = tuple(town._replace(longest_hours=None) for town in land.towns)
        stays += best != answers(land._replace(rules=free, towns=towns, leave_home_by=None))
        beds += best != answers(land._replace(homes=()))
    assert min(several, groups, dates, stays) > 30
    assert beds > 5
    assert grounds > 5
