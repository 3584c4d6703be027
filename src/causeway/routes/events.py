"""Things that happen to a programme after promises were made, and which itineraries they rule out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from causeway.errors import LocalError
from causeway.routes.programme import Itinerary, Person, Programme
from causeway.sentences import Sentence, say

__all__ = ["Event", "EventError", "parse_event", "ruled_out"]

EventKind = Literal["house", "helper", "vehicle", "leg", "person"]
_KINDS: Final = get_args(EventKind)


class EventError(LocalError):
    """An event that cannot be read, or names something that the programme does not have."""


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Args:
        kind: A house has fallen or is frozen, a helper is lost, a vehicle or a leg does not run, a person
            cannot set out yet.
        name: Its id in the programme.
        on: A house or helper is lost from this day on, a person can set out from this day on; a vehicle or a
            leg fails on this day. Nothing said: always, and for a person: not at all.
    """

    kind: EventKind
    name: str
    on: date | None = None


def parse_event(text: str, *, programme: Programme) -> Event:
    """Return an event written as `house:ID`, `helper:ID@DATE`, `vehicle:…`, `leg:…` or `person:…`.

    Raises:
        EventError: Not of that form, or not in the programme; without repeating what was written.
    """
    kind, colon, rest = text.partition(":")
    name, at, day = rest.partition("@")
    if kind not in _KINDS or not colon or not name:
        raise EventError(
            "Expected an event such as house:ID, helper:ID@2027-03-05, leg:ID@2027-03-05 or person:ID."
        )
    try:
        on = date.fromisoformat(day) if at else None
    except ValueError:
        raise EventError("Expected the day of an event as 2027-03-05, after the @.") from None
    if name not in _names(programme, kind):
        raise EventError("Expected an event to name something that is in the programme.", kind=kind)
    return Event(kind, name, on)  # type: ignore[arg-type]


def _names(programme: Programme, kind: str) -> set[str]:
    if kind == "house":
        return {house.id for house in programme.houses}
    if kind == "helper":
        return {helper.id for helper in programme.helpers}
    if kind == "vehicle":
        return {vehicle.id for vehicle in programme.vehicles}
    if kind == "person":
        return {person.id for person in programme.people}
    return {ride.leg for person in programme.people for way in person.itineraries for ride in way.rides}


def ruled_out(person: Person, itinerary: Itinerary, *, events: Sequence[Event]) -> Iterator[Sentence]:
    """Say which events rule an itinerary out."""
    for event in events:
        if event.kind == "house":
            if any(night.house == event.name and _since(event, night.on) for night in itinerary.nights):
                yield say("House {house} can no longer be used.", house=event.name)
        elif event.kind == "helper":
            if any(ride.helper == event.name and _since(event, ride.on) for ride in itinerary.rides):
                yield say("Helper {helper} can no longer be asked.", helper=event.name)
        elif event.kind == "vehicle":
            yield from _fails(event, [ride.on for ride in itinerary.rides if ride.vehicle == event.name])
        elif event.kind == "leg":
            yield from _fails(event, [ride.on for ride in itinerary.rides if ride.leg == event.name])
        elif event.name == person.id:
            yield from _too_early(event, itinerary)


def _since(event: Event, day: date) -> bool:
    return event.on is None or day >= event.on


def _fails(event: Event, days: Sequence[date]) -> Iterator[Sentence]:
    day = next((day for day in days if event.on in (None, day)), None)
    if day is None:
        return
    if event.kind == "leg":
        yield say("Leg {leg} cannot be gone on {day}.", leg=event.name, day=day.isoformat())
    else:
        yield say("Vehicle {vehicle} does not run on {day}.", vehicle=event.name, day=day.isoformat())


def _too_early(event: Event, itinerary: Itinerary) -> Iterator[Sentence]:
    if event.on is None:
        yield say("{person} cannot set out at all for now.", person=event.name)
    elif itinerary.leaves < event.on:
        yield say("{person} cannot set out before {day}.", person=event.name, day=event.on.isoformat())
