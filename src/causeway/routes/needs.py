"""What an itinerary takes, how much there is of it, and what rules an itinerary out whoever else goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final, Literal, NamedTuple

from causeway.routes.network import Stage
from causeway.routes.programme import Itinerary, Person, Programme
from causeway.sentences import Sentence, say

__all__ = ["MONEY", "Room", "Thing", "needs_of", "obstacles"]

Kind = Literal["house", "helper", "vehicle", "money"]


class Thing(NamedTuple):
    """Something that is counted, or where people meet: a house on a night, a car on a day, the money."""

    kind: Kind
    name: str
    on: date


MONEY: Final = Thing("money", "", date.min)


class Room:
    """How much there is of each thing."""

    def __init__(self, programme: Programme) -> None:
        self._houses = {house.id: house for house in programme.houses}
        self._helpers = {helper.id: helper for helper in programme.helpers}
        self._vehicles = {vehicle.id: vehicle for vehicle in programme.vehicles}
        self._budget = programme.budget_cents

    def serves(self, helper: str, stage: Stage) -> bool:
        """Tell whether a helper may serve that part of a journey."""
        return stage in self._helpers[helper].stages

    def of(self, thing: Thing) -> int:
        """Return how many beds, seats or cents there are."""
        if thing.kind == "house":
            return self._houses[thing.name].room(thing.on)
        if thing.kind == "helper":
            return self._helpers[thing.name].room(thing.on)
        if thing.kind == "vehicle":
            return self._vehicles[thing.name].room(thing.on)
        return self._budget or 0

    def frozen(self, thing: Thing) -> bool:
        """Tell whether it is not to be used at all."""
        if thing.kind == "house":
            return self._houses[thing.name].frozen
        if thing.kind == "helper":
            return self._helpers[thing.name].frozen
        return thing.kind == "vehicle" and self._vehicles[thing.name].frozen

    def meet_there(self, thing: Thing) -> bool:
        """Tell whether people meet there."""
        if thing.kind == "vehicle":
            return self._vehicles[thing.name].close
        return thing.kind != "money"


def needs_of(itinerary: Itinerary, person: Person, *, money: bool) -> dict[Thing, int]:
    """Return what an itinerary takes; several rides with one helper on one day are one seat."""
    needs = {Thing("house", night.house, night.on): person.people for night in itinerary.nights}
    for ride in itinerary.rides:
        if ride.helper is not None:
            needs[Thing("helper", ride.helper, ride.on)] = person.people
        if ride.vehicle is not None:
            needs[Thing("vehicle", ride.vehicle, ride.on)] = person.people
    if money and itinerary.money_cents:
        needs[MONEY] = itinerary.money_cents
    return needs


def obstacles(
    itinerary: Itinerary, needs: dict[Thing, int], room: Room, programme: Programme
) -> Iterator[Sentence]:
    """Say everything that rules an itinerary out, whoever else goes."""
    if itinerary.leaves < programme.starts:
        yield say("It would have to set out on {day}, which has passed.", day=itinerary.leaves.isoformat())
    yield from _knows_too_much(itinerary, room)
    for thing, amount in needs.items():
        if room.frozen(thing):
            yield _FROZEN[thing.kind](thing.name)
        elif amount > room.of(thing):
            yield _never_room(thing, amount, room.of(thing))


def _knows_too_much(itinerary: Itinerary, room: Room) -> Iterator[Sentence]:
    """Say who would serve a part of a journey that is not theirs, or know both of its ends."""
    rides = itinerary.rides
    last = len(rides) - 1
    if rides and rides[0].helper is not None and rides[0].helper == rides[last].helper:
        yield say("Helper {helper} would be at both ends of the journey.", helper=rides[0].helper)
        return
    for at, ride in enumerate(rides):
        stage: Stage = "first" if at == 0 else "last" if at == last else "middle"
        if ride.helper is not None and not room.serves(ride.helper, stage):
            yield Sentence(_NOT_THEIRS[stage].text, {"helper": ride.helper, "leg": ride.leg})


_NOT_THEIRS: Final[Mapping[Stage, Sentence]] = {
    "first": say("Helper {helper} may not serve the first part of a journey, which “{leg}” is."),
    "middle": say("Helper {helper} may not serve a part between the ends, which “{leg}” is."),
    "last": say("Helper {helper} may not serve the last part of a journey, which “{leg}” is."),
}
_FROZEN: Final[Mapping[str, Callable[[str], Sentence]]] = {
    "house": lambda name: say("House {house} is frozen.", house=name),
    "helper": lambda name: say("Helper {helper} is not to be asked.", helper=name),
    "vehicle": lambda name: say("Vehicle {vehicle} is not to be used.", vehicle=name),
}


def _never_room(thing: Thing, amount: int, there: int) -> Sentence:
    day = thing.on.isoformat()
    if thing.kind == "house":
        text = "House {house} has {there} beds on the night of {day}, and {amount} are needed."
        return say(text, house=thing.name, there=there, day=day, amount=amount)
    if thing.kind == "helper":
        text = "Helper {helper} has {there} seats on {day}, and {amount} are needed."
        return say(text, helper=thing.name, there=there, day=day, amount=amount)
    if thing.kind == "vehicle":
        text = "Vehicle {vehicle} has {there} seats on {day}, and {amount} are needed."
        return say(text, vehicle=thing.name, there=there, day=day, amount=amount)
    return say("The journey costs more than all the money there is.")
