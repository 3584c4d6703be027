"""A programme as arrays: who could go how (columns), what each way uses, and what there is (rows).

A row is something that is counted: beds of a house on a night, seats with a helper or in a vehicle on a
day, money. A meeting point is somewhere where two who must not meet would: a house on a night, a helper's car
or a close vehicle on a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from causeway.routes.cliques import cover
from causeway.routes.needs import Room, Thing, needs_of, obstacles
from causeway.routes.programme import Itinerary, Person, Programme
from causeway.routes.rows import Rows, build_rows
from causeway.routes.worth import worth
from causeway.sentences import Sentence

__all__ = ["Limits", "compile_programme"]
Closed = Callable[[Person, Itinerary], Iterable[Sentence]]


@dataclass(frozen=True, eq=False)
class Limits:
    """Columns (n): usable itineraries. Rows (m): what is counted. Points (k): where people meet.

    Args:
        people: The programme's, in its order; a column names one by its place here.
        itinerary: Each column's place among its person's itineraries.
        person: int32 (n,), ascending.
        first: int32 (people + 1,), where each person's columns begin.
        worth: int64 (n,), what a column adds to the objective.
        things: What each row counts.
        room: int64 (m,), how much there is of it.
        uses: For each column, its rows with the amount it takes of each.
        points: For each column, the meeting points it passes, if its person must not meet somebody.
        enemies: For each person, those they must not meet anywhere.
        apart: For meeting points where more must not meet, for each person there all whom they must not.
        meets: What each meeting point is.
        cliques: Columns of which at most one can be chosen.
        unusable: For (person, itinerary), why an itinerary is no column.
    """

    programme: Programme
    people: tuple[Person, ...]
    itinerary: NDArray[np.int32]
    person: NDArray[np.int32]
    first: NDArray[np.int32]
    worth: NDArray[np.int64]
    things: tuple[Thing, ...]
    room: NDArray[np.int64]
    uses: tuple[tuple[tuple[int, int], ...], ...]
    points: tuple[tuple[int, ...], ...]
    enemies: tuple[frozenset[int], ...]
    apart: dict[int, dict[int, frozenset[int]]]
    meets: tuple[Thing, ...]
    cliques: tuple[tuple[int, ...], ...]
    unusable: dict[tuple[int, int], tuple[Sentence, ...]]

    @property
    def n_columns(self) -> int:
        """How many usable itineraries there are."""
        return len(self.worth)

    def columns_of(self, person: int) -> range:
        """Return a person's columns."""
        return range(int(self.first[person]), int(self.first[person + 1]))

    def enemies_at(self, point: int, person: int) -> frozenset[int]:
        """Return whom somebody must not meet at a meeting point."""
        there = self.apart.get(point)
        return self.enemies[person] if there is None else there.get(person, self.enemies[person])

    @cached_property
    def rows(self) -> Rows:
        """The rows of the relaxation."""
        return build_rows(
            len(self.people),
            person=self.person,
            things=self.things,
            room=self.room,
            uses=self.uses,
            cliques=self.cliques,
        )


class _Numbers:
    """Numbers things as they come up."""

    def __init__(self) -> None:
        self.number: dict[Thing, int] = {}

    def of(self, thing: Thing) -> int:
        return self.number.setdefault(thing, len(self.number))


def compile_programme(programme: Programme, *, closed: Closed | None = None) -> Limits:
    """Return a programme's arrays. Its names have to be known to each other (`programme_reading.py`).

    Args:
        closed: Says what else rules an itinerary out, such as something that has happened since.
    """
    room = Room(programme)
    enemies = _enemies(programme, programme.must_not_meet)
    in_house = _in_houses(programme, enemies)
    rows, meets = _Numbers(), _Numbers()
    uses: list[tuple[tuple[int, int], ...]] = []
    points: list[tuple[int, ...]] = []
    person_of: list[int] = []
    itinerary_of: list[int] = []
    worths: list[int] = []
    first = [0]
    unusable: dict[tuple[int, int], tuple[Sentence, ...]] = {}
    for at, person in enumerate(programme.people):
        for number, itinerary in enumerate(person.itineraries):
            needs = needs_of(itinerary, person, money=programme.budget_cents is not None)
            reasons = tuple(obstacles(itinerary, needs, room, programme))
            if closed is not None:
                reasons = (*closed(person, itinerary), *reasons)
            if reasons:
                unusable[at, number] = reasons
                continue
            uses.append(tuple((rows.of(thing), amount) for thing, amount in needs.items()))
            met = (
                thing
                for thing in needs
                if room.meet_there(thing)
                and (enemies[at] or (thing.kind == "house" and at in in_house.get(thing.name, ())))
            )
            points.append(tuple(meets.of(thing) for thing in met))
            person_of.append(at)
            itinerary_of.append(number)
            worths.append(worth(itinerary, person=person, starts=programme.starts, weights=programme.weights))
        first.append(len(worths))
    apart = {
        point: in_house[thing.name]
        for thing, point in meets.number.items()
        if thing.kind == "house" and thing.name in in_house
    }
    return Limits(
        programme=programme,
        people=programme.people,
        itinerary=np.array(itinerary_of, dtype=np.int32),
        person=np.array(person_of, dtype=np.int32),
        first=np.array(first, dtype=np.int32),
        worth=np.array(worths, dtype=np.int64),
        things=tuple(rows.number),
        room=np.array([room.of(thing) for thing in rows.number], dtype=np.int64),
        uses=tuple(uses),
        points=tuple(points),
        enemies=enemies,
        apart=apart,
        meets=tuple(meets.number),
        cliques=tuple(cover(points, person_of, enemies, apart)),
        unusable=unusable,
    )


def _in_houses(
    programme: Programme, enemies: Sequence[frozenset[int]]
) -> dict[str, dict[int, frozenset[int]]]:
    """Return, for houses that name pairs of their own, whom each of these people must not meet there."""
    found = {}
    for house in programme.houses:
        if house.must_not_meet:
            own = _enemies(programme, house.must_not_meet)
            found[house.id] = {at: enemies[at] | some for at, some in enumerate(own) if some}
    return found


def _enemies(programme: Programme, pairs: Iterable[tuple[str, str]]) -> tuple[frozenset[int], ...]:
    """Return for each person those with whom they are in a pair."""
    number = {person.id: at for at, person in enumerate(programme.people)}
    found: list[set[int]] = [set() for _ in programme.people]
    for one, other in pairs:
        found[number[one]].add(number[other])
        found[number[other]].add(number[one])
    return tuple(frozenset(some) for some in found)
