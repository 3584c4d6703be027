"""For everybody who does not go: what stands in the way of each of their itineraries.

Checked against what the plan leaves. The same reason often closes several itineraries; it is said once, with
how many it closes, those first that close most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from causeway.routes.needs import Thing
from causeway.routes.standing import Standing
from causeway.sentences import Sentence, say

__all__ = ["Waiting", "why_waiting"]


@dataclass(frozen=True)
class Waiting:
    """Somebody who does not go.

    Args:
        reasons: What stands in the way; a reason may close several itineraries, an itinerary may be closed
            by several.
        closed: For each reason, how many of their itineraries it closes.
        open_to: Itineraries that nothing closes; none in a plan of ours, which is filled up.
    """

    person: str
    reasons: tuple[Sentence, ...]
    closed: tuple[int, ...]
    open_to: tuple[str, ...] = ()


def why_waiting(standing: Standing) -> tuple[Waiting, ...]:
    """Return everybody who does not go, in the programme's order, with the reasons."""
    people = enumerate(standing.limits.people)
    return tuple(_waiting(standing, at) for at, _ in people if standing.chosen[at] < 0)


def _waiting(standing: Standing, at: int) -> Waiting:
    limits = standing.limits
    person = limits.people[at]
    if not person.itineraries:
        none = say("No way out is known for them: look for an itinerary first.")
        return Waiting(person=person.id, reasons=(none,), closed=(0,))
    found: dict[str, tuple[Sentence, int]] = {}
    open_to: list[str] = []

    def note(reasons: list[Sentence]) -> None:
        for reason in reasons:
            found[str(reason)] = (reason, found.get(str(reason), (reason, 0))[1] + 1)

    for number, itinerary in enumerate(person.itineraries):
        reasons = list(limits.unusable.get((at, number), ()))
        if not reasons:
            column = next(c for c in limits.columns_of(at) if limits.itinerary[c] == number)
            reasons = list(_closing(standing, column))
        note(reasons)
        if not reasons:
            open_to.append(itinerary.id)
    ordered = sorted(found.values(), key=lambda counted: -counted[1])
    return Waiting(
        person=person.id,
        reasons=tuple(reason for reason, _ in ordered),
        closed=tuple(many for _, many in ordered),
        open_to=tuple(open_to),
    )


def _closing(standing: Standing, column: int) -> Iterator[Sentence]:
    """Say what closes a usable itinerary in this plan."""
    limits = standing.limits
    at = standing.owner[column]
    short, _ = standing.in_the_way(column)
    for row, missing in short:
        thing = limits.things[row]
        yield _FULL[thing.kind](thing, missing)
    for point in limits.points[column]:
        for enemy in sorted(standing.met_at(point, at)):
            yield _met(limits.meets[point], limits.people[enemy].id)


_FULL: Final[Mapping[str, Callable[[Thing, int], Sentence]]] = {
    "house": lambda thing, missing: say(
        "House {house} is full on the night of {day}: {missing} more beds would be needed.",
        house=thing.name,
        day=thing.on.isoformat(),
        missing=missing,
    ),
    "helper": lambda thing, missing: say(
        "Helper {helper} has no seat left on {day}: {missing} more would be needed.",
        helper=thing.name,
        day=thing.on.isoformat(),
        missing=missing,
    ),
    "vehicle": lambda thing, missing: say(
        "Vehicle {vehicle} has no seat left on {day}: {missing} more would be needed.",
        vehicle=thing.name,
        day=thing.on.isoformat(),
        missing=missing,
    ),
    "money": lambda _, __: say("What is left of the money is not enough for this journey."),
}


def _met(where: Thing, enemy: str) -> Sentence:
    day = where.on.isoformat()
    if where.kind == "house":
        text = "{person}, whom they must not meet, is in house {house} on the night of {day}."
        return say(text, person=enemy, house=where.name, day=day)
    if where.kind == "helper":
        text = "{person}, whom they must not meet, rides with helper {helper} on {day}."
        return say(text, person=enemy, helper=where.name, day=day)
    text = "{person}, whom they must not meet, is in vehicle {vehicle} on {day}."
    return say(text, person=enemy, vehicle=where.name, day=day)
