from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from bench.planner.programmes import STARTS, invent
from causeway.routes.events import Event, EventError, parse_event
from causeway.routes.limits import compile_programme
from causeway.routes.part import Floor, solve_part
from causeway.routes.part_cpsat import solve_part_with_cpsat
from causeway.routes.programme import Choice, Itinerary, Lodging, Night, Person, Programme
from causeway.routes.replan import replan
from causeway.routes.schedule import schedule
from causeway.routes.standing import Standing
from tests.routes.small_programmes import START, broken_limits, day, small_programme, taken_of


def _way(name: str, house: str, on: int = 1) -> Itinerary:
    return Itinerary(
        id=name, leaves=day(on), arrives=day(on + 1), risk=1_000, nights=(Night(house=house, on=day(on)),)
    )


def _programme(*people: Person, beds: int = 1) -> Programme:
    return Programme(
        format="causeway-programme/1",
        starts=START,
        people=people,
        houses=tuple(Lodging(id=name, beds=beds) for name in "abc"),
    )


def test_somebody_moves_when_that_is_the_only_way_and_it_says_for_whom():
    programme = _programme(
        Person(id="broken", tier=1, itineraries=(_way("1", "a"), _way("2", "b"))),
        Person(id="kind", tier=1, itineraries=(_way("1", "b"), _way("2", "c"))),
    )
    promised = [Choice(person="broken", itinerary="1"), Choice(person="kind", itinerary="1")]
    answer = replan(programme, promised=promised, events=[Event("house", "a")], most_lost=0.5)
    assert {(one.person, one.after) for one in answer.rescued} == {("broken", "2")}
    assert [(one.person, one.before, one.after) for one in answer.moved] == [("kind", "1", "2")]
    assert "for broken" in str(answer.moved[0].reasons[0])
    assert "can no longer be used" in str(answer.rescued[0].reasons[0])
    assert (answer.untouched, answer.moved_share, answer.moved_at_least) == (1, 1.0, 1)


def test_nobody_is_left_behind_for_another():
    programme = _programme(
        Person(id="broken", tier=1, itineraries=(_way("1", "a"), _way("2", "b"))),
        Person(id="lowly", tier=4, itineraries=(_way("1", "b"),)),
    )
    promised = [Choice(person="broken", itinerary="1"), Choice(person="lowly", itinerary="1")]
    answer = replan(programme, promised=promised, events=[Event("house", "a")])
    assert answer.stranded == ("broken",)
    assert answer.rescue_proved
    assert answer.moved == ()
    reasons = " ".join(str(reason) for reason in answer.waiting[0].reasons)
    assert "House a can no longer be used." in reasons
    assert "House b is full" in reasons


def test_who_has_set_out_is_not_turned_back():
    programme = _programme(
        Person(id="broken", tier=1, itineraries=(_way("1", "a", 3), _way("2", "b", 3))),
        Person(
            id="under-way",
            tier=1,
            itineraries=(
                Itinerary(
                    id="1", leaves=day(1), arrives=day(4), risk=1, nights=(Night(house="b", on=day(3)),)
                ),
                _way("2", "c", 3),
            ),
        ),
    )
    promised = [Choice(person="broken", itinerary="1"), Choice(person="under-way", itinerary="1")]
    events = [Event("house", "a")]
    assert replan(programme, promised=promised, events=events, most_lost=0.5).moved
    answer = replan(programme, promised=promised, events=events, today=day(2), most_lost=0.5)
    assert answer.moved == ()
    assert answer.stranded == ("broken",)


def test_who_waited_may_join_with_what_is_left():
    programme = _programme(
        Person(id="late", tier=1, itineraries=(_way("1", "a"),)),
        Person(id="waits", tier=4, itineraries=(_way("1", "a"),)),
    )
    answer = replan(
        programme,
        promised=[Choice(person="late", itinerary="1")],
        events=[Event("person", "late", day(5))],
    )
    assert answer.joined == ("waits",)
    assert answer.stranded == ("late",)
    assert "cannot set out before" in str(answer.waiting[0].reasons[0])


def _fewest_by_trying(programme, promised, house):
    """Return (most rescued by weight, fewest moved): nobody with a standing promise stays behind."""
    before = {choice.person: choice.itinerary for choice in promised}
    found = []
    for picked in itertools.product(*([None, *person.itineraries] for person in programme.people)):
        taken = [(p, way) for p, way in zip(programme.people, picked, strict=True) if way is not None]
        if any(stay.house == house for _, way in taken for stay in way.nights):
            continue
        now = {person.id: way.id for person, way in taken}
        rescued = moved = 0
        for person in programme.people:
            promise = next((w for w in person.itineraries if w.id == before.get(person.id)), None)
            if promise is None:
                continue
            if any(stay.house == house for stay in promise.nights):
                rescued += person.people * 10 ** (4 - person.tier) * (person.id in now)
            elif person.id not in now:
                break
            else:
                moved += now[person.id] != promise.id
        else:
            if not any(broken_limits(programme, taken)):
                found.append((rescued, -moved))
    rescued, moved = max(found)
    return rescued, -moved


@pytest.mark.parametrize("ortools", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_small_replans_rescue_the_most_and_move_the_fewest(seed, ortools, monkeypatch):
    monkeypatch.setattr("causeway.routes.replan_task.has_cpsat", lambda: ortools)
    programme = small_programme(seed)
    plan = schedule(programme, seconds=0)
    answer = replan(programme, promised=plan.chosen, events=[Event("house", "h0")], most_lost=1.0)
    taken = taken_of(programme, answer.chosen)
    assert not list(broken_limits(programme, taken))
    assert not any(stay.house == "h0" for _, way in taken for stay in way.nights)
    people = {person.id: person for person in programme.people}
    rescued = sum(people[o.person].people * 10 ** (4 - people[o.person].tier) for o in answer.rescued)
    assert (rescued, len(answer.moved)) == _fewest_by_trying(programme, plan.chosen, "h0")
    assert answer.moved_at_least == len(answer.moved)
    assert answer.rescue_proved
    promised = {choice.person for choice in plan.chosen}
    gone = {choice.person for choice in answer.chosen}
    assert promised - gone == set(answer.stranded)


@pytest.mark.parametrize("seed", range(30))
def test_highs_and_cpsat_agree_on_a_part(seed):
    limits = compile_programme(small_programme(seed))
    rng = np.random.default_rng(seed)
    free = rng.random(limits.n_columns) < 0.7
    begin = Standing(limits, range(limits.n_columns)).columns()
    staying = {int(limits.person[column]) for column in begin if not free[column]}
    must_go = [at for at, column in enumerate(Standing(limits, begin).chosen) if column >= 0 and free[column]]
    must_go = [at for at in must_go if at not in staying][:1]
    worth = rng.integers(-5, 20, limits.n_columns)
    floors = [Floor(limits.worth, int(limits.worth[begin].sum()) // 2)]
    asked: dict[str, Any] = {
        "free": free,
        "seconds": 10.0,
        "worth": worth,
        "must_go": must_go,
        "floors": floors,
    }
    one = solve_part(limits, standing=begin, **asked)
    other = solve_part_with_cpsat(limits, begin=begin, **asked)
    assert one.columns is not None
    assert other.columns is not None
    assert worth[list(one.columns)].sum() == worth[list(other.columns)].sum() == other.bound
    assert other.finished
    for columns in (one.columns, other.columns):
        assert len(Standing(limits, columns).columns()) == len(columns)


@pytest.mark.slow
def test_few_of_many_promises_move():
    programme = invent(300, seed=4)
    plan = schedule(programme, seconds=0)
    answer = replan(
        programme,
        promised=plan.chosen,
        events=[Event("house", "house-1", STARTS + timedelta(days=5))],
        seconds=20,
    )
    assert answer.moved_share <= 0.05
    assert not list(broken_limits(programme, taken_of(programme, answer.chosen)))


def test_events_are_read_and_refused_without_repeating_them():
    programme = small_programme(1)
    assert parse_event("house:h0@2027-03-05", programme=programme) == Event("house", "h0", day(4))
    assert parse_event("helper:k1", programme=programme) == Event("helper", "k1")
    for wrong in ("house", "castle:h0", "house:secret", "house:h0@tomorrow", "house:"):
        with pytest.raises(EventError) as refused:
            parse_event(wrong, programme=programme)
        assert "secret" not in refused.value.diagnostics()
        assert "tomorrow" not in refused.value.diagnostics()
