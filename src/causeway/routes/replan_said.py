"""Why somebody's promise changed, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from causeway.routes.needs import Thing
from causeway.routes.standing import Standing
from causeway.sentences import Sentence, say

__all__ = ["Changed", "said_of"]


@dataclass(frozen=True)
class Changed:
    """Somebody who goes by another itinerary than was promised, and why."""

    person: str
    before: str
    after: str
    reasons: tuple[Sentence, ...]


def said_of(
    standing: Standing, at: int, *, before: Mapping[str, str], promise: int | None, touched: set[int]
) -> Changed:
    """Return what changes for somebody.

    Args:
        promise: The promised column, if it still is one.
        touched: Everybody rescued or moved: one of them has taken the place.
    """
    limits = standing.limits
    person = limits.people[at]
    after = person.itineraries[limits.itinerary[standing.chosen[at]]].id
    if promise is not None:
        reasons = _taken_by(standing, at, promise, touched)
    else:
        number = next(n for n, way in enumerate(person.itineraries) if way.id == before[person.id])
        reasons = limits.unusable.get((at, number), ()) or (
            say("It no longer fits beside the other promises."),
        )
    return Changed(person=person.id, before=before[person.id], after=after, reasons=reasons)


def _taken_by(standing: Standing, at: int, promise: int, touched: set[int]) -> tuple[Sentence, ...]:
    """Say who has what this person's promise would need."""
    limits = standing.limits
    now = standing.take(at)
    short, met = standing.in_the_way(promise)
    found = []
    for row, _ in short:
        others = sorted({standing.owner[column] for column in standing.users(row)} & touched)
        names = ", ".join(limits.people[other].id for other in others)
        if names:
            found.append(_needed(limits.things[row], names))
    found.extend(
        say(
            "{person}, whom they must not meet, has to come through there now.",
            person=limits.people[enemy].id,
        )
        for enemy in sorted(met & touched)
    )
    standing.put(now)
    return tuple(found)


def _needed(thing: Thing, names: str) -> Sentence:
    day = thing.on.isoformat()
    if thing.kind == "house":
        text = "House {house} is needed on the night of {day} for {people}."
        return say(text, house=thing.name, day=day, people=names)
    if thing.kind == "helper":
        text = "The seat with helper {helper} on {day} is needed for {people}."
        return say(text, helper=thing.name, day=day, people=names)
    if thing.kind == "vehicle":
        text = "The seat in vehicle {vehicle} on {day} is needed for {people}."
        return say(text, vehicle=thing.name, day=day, people=names)
    return say("What is left of the money is needed by others whose way broke.")
