"""Large neighbourhood search: set free a part of the plan where people are in each other's way.

A neighbourhood grows from one thing that is full (a house on a night, a car on a day) over the people who
use it or would, to what else they use, until enough people are in it (Shaw 1998, "Using constraint
programming and local search methods", on relatedness).
"""

from __future__ import annotations

import random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.limits import Limits
from causeway.routes.standing import Standing

__all__ = ["Neighbourhoods"]

_FIRST_PEOPLE: Final = 60
_MOST_PEOPLE: Final = 400


class Neighbourhoods:
    """Draws parts of a programme, larger when they come out solved, smaller when they do not.

    Args:
        promising: (n,), columns worth looking at; a part holds no others.
    """

    def __init__(self, limits: Limits, *, promising: NDArray[np.bool_], rng: random.Random) -> None:
        self._limits = limits
        self._rng = rng
        self._promising = promising
        self._owner: list[int] = limits.person.tolist()
        self._wanted: list[list[int]] = [[] for _ in limits.things]
        counted = [thing.kind != "money" for thing in limits.things]
        self._rows = [[row for row, _ in uses if counted[row]] for uses in limits.uses]
        for column in np.flatnonzero(promising).tolist():
            for row in self._rows[column]:
                self._wanted[row].append(column)
        self.people = _FIRST_PEOPLE

    def solved(self, *, quickly: bool) -> None:
        """Adapt: parts that are solved quickly may be larger."""
        grown = self.people * 5 // 4 if quickly else self.people * 3 // 4
        self.people = max(_FIRST_PEOPLE // 2, min(_MOST_PEOPLE, grown))

    def draw(self, standing: Standing) -> NDArray[np.bool_]:
        """Return which columns may change: (n,)."""
        rng = self._rng
        crowded = [row for row, wanted in enumerate(self._wanted) if len(wanted) > 1]
        inside: set[int] = set()
        seen: set[int] = set()
        while len(inside) < min(self.people, len(self._limits.people)) and crowded:
            waiting = [rng.choice(crowded)]
            while waiting and len(inside) < self.people:
                row = waiting.pop(rng.randrange(len(waiting)))
                if row in seen:
                    continue
                seen.add(row)
                for column in self._wanted[row]:
                    person = self._owner[column]
                    if person not in inside and len(inside) < self.people:
                        inside.add(person)
                        held = standing.chosen[person]
                        waiting.extend(self._rows[held if held >= 0 else column])
            if len(seen) >= len(crowded):
                break
        chosen = np.zeros(len(self._limits.people), dtype=np.bool_)
        chosen[list(inside)] = True
        free = chosen[self._limits.person] & self._promising
        for person in inside:
            if standing.chosen[person] >= 0:
                free[standing.chosen[person]] = True
        return free
