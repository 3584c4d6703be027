"""Programmes and plans from JSON: every name known, nothing twice, with the line of what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final

from msgspec import Struct, defstruct

from causeway.routes.documents import Identifier
from causeway.routes.programme import Choice, Itinerary, Programme
from causeway.routes.read_json import read_file
from causeway.routes.reading import Path
from causeway.sentences import Sentence, say

__all__ = ["check_programme", "read_plan", "read_programme"]

Flaw = tuple[Path, Sentence]

_TWICE: Final = say("Expected an id of its own; an earlier one is the same.")
_NO_HOUSE: Final = say("Expected the id of one of the houses.")
_NO_HELPER: Final = say("Expected the id of one of the helpers.")
_NO_VEHICLE: Final = say("Expected the id of one of the vehicles.")
_NO_PERSON: Final = say("Expected the id of one of the people.")
_NO_WAY: Final = say("Expected the id of one of this person's itineraries.")
_BACKWARDS: Final = say("Expected a day that is not before the day of setting out.")
_OUT_OF_ORDER: Final = say("Expected rides in the order of their days.")
_OUTSIDE: Final = say("Expected a day between setting out and arriving.")
_WITH_SELF: Final = say("Expected two different people.")
_ENDS: Final = say(
    "Nobody may serve both the first and the last part of journeys, since they would know both ends."
)


_PLAN_FIELDS: Final = (
    "notes waiting objective bound gap seconds rescued moved stranded joined untouched moved_share "
    "moved_at_least rescue_proved objective_before"
)


# What is read of a plan: all else that `schedule` and `replan` print is for people.
class _Chosen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: Identifier
    itinerary: Identifier
    notes: Any = None


_Plan = defstruct(
    "_Plan",
    [("chosen", tuple[_Chosen, ...]), *((name, Any, None) for name in _PLAN_FIELDS.split())],
    frozen=True,
    kw_only=True,
)


def read_programme(data: bytes) -> Programme:
    """Return the programme that a file holds.

    Raises:
        BrokenFile: With the line of everything found wrong.
    """
    return read_file(data, Programme, check_programme)


def read_plan(data: bytes, *, programme: Programme) -> tuple[Choice, ...]:
    """Return the promises of a plan, as `causeway routes schedule --json` prints it.

    Raises:
        BrokenFile: With the line of everything found wrong, an unknown person or itinerary among it.
    """
    ways = {person.id: {way.id for way in person.itineraries} for person in programme.people}

    def check(plan: Any) -> Iterator[Flaw]:
        yield from _twice("chosen", (choice.person for choice in plan.chosen), field="person")
        for number, choice in enumerate(plan.chosen):
            if choice.person not in ways:
                yield ("chosen", number, "person"), _NO_PERSON
            elif choice.itinerary not in ways[choice.person]:
                yield ("chosen", number, "itinerary"), _NO_WAY

    plan: Any = read_file(data, _Plan, check)
    return tuple(Choice(person=choice.person, itinerary=choice.itinerary) for choice in plan.chosen)


def check_programme(programme: Programme) -> Iterator[Flaw]:
    """Yield what a programme's parts may not say together."""
    for name in ("houses", "helpers", "vehicles", "people"):
        yield from _twice(name, (one.id for one in getattr(programme, name)))
    houses = {house.id for house in programme.houses}
    helpers = {helper.id for helper in programme.helpers}
    vehicles = {vehicle.id for vehicle in programme.vehicles}
    for at, person in enumerate(programme.people):
        ids = [way.id for way in person.itineraries]
        for number, way in enumerate(person.itineraries):
            path = ("people", at, "itineraries", number)
            if way.id in ids[:number]:
                yield (*path, "id"), _TWICE
            yield from _check_days(way, path)
            for night, stay in enumerate(way.nights):
                if stay.house not in houses:
                    yield (*path, "nights", night, "house"), _NO_HOUSE
            for leg, ride in enumerate(way.rides):
                if ride.helper is not None and ride.helper not in helpers:
                    yield (*path, "rides", leg, "helper"), _NO_HELPER
                if ride.vehicle is not None and ride.vehicle not in vehicles:
                    yield (*path, "rides", leg, "vehicle"), _NO_VEHICLE
    for at, helper in enumerate(programme.helpers):
        if {"first", "last"} <= set(helper.stages):
            yield ("helpers", at, "stages"), _ENDS
    people = {person.id for person in programme.people}
    yield from _check_pairs(programme.must_not_meet, people, ())
    for at, house in enumerate(programme.houses):
        yield from _check_pairs(house.must_not_meet, people, ("houses", at))


def _check_pairs(pairs: Sequence[tuple[str, str]], people: set[str], path: Path) -> Iterator[Flaw]:
    for number, pair in enumerate(pairs):
        for side, name in enumerate(pair):
            if name not in people:
                yield (*path, "must_not_meet", number, side), _NO_PERSON
        if pair[0] == pair[1]:
            yield (*path, "must_not_meet", number), _WITH_SELF


def _check_days(way: Itinerary, path: Path) -> Iterator[Flaw]:
    if way.arrives < way.leaves:
        yield (*path, "arrives"), _BACKWARDS
        return
    for name, days in (("nights", [one.on for one in way.nights]), ("rides", [one.on for one in way.rides])):
        for number, day in enumerate(days):
            if not way.leaves <= day <= way.arrives:
                yield (*path, name, number, "on"), _OUTSIDE
        if name == "rides" and _falls(days):
            yield (*path, name), _OUT_OF_ORDER


def _falls(days: Sequence[date]) -> bool:
    return any(later < earlier for earlier, later in pairwise(days))


def _twice(name: str, ids: Iterable[str], *, field: str = "id") -> Iterator[Flaw]:
    seen: set[str] = set()
    for number, one in enumerate(ids):
        if one in seen:
            yield (name, number, field), _TWICE
        seen.add(one)
