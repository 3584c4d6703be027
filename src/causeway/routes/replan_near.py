"""Who is near somebody without a way: the people who have what they need, and who have what these need.

A part of the plan small enough to be solved exactly in a moment, in which moving people may help. Drawn by
chance, so that what one part could not mend another can.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence

from causeway.routes.standing import Standing

__all__ = ["near"]


def near(
    standing: Standing, *, begin: Sequence[int], among: Collection[int], most: int, rng: random.Random
) -> list[int]:
    """Return people near some of `begin`, themselves among them.

    Args:
        begin: People to begin with, in the order in which they count.
        among: People who may be in it.
        most: How many at most.
    """
    limits = standing.limits
    inside = dict.fromkeys(begin[:most])
    waiting = list(inside)
    while waiting and len(inside) < most:
        person = waiting.pop(rng.randrange(len(waiting)))
        columns = [column for column in limits.columns_of(person) if standing.chosen[person] != column]
        rng.shuffle(columns)
        for column in columns:
            found = _in_the_way(standing, person, column)
            rng.shuffle(found)
            for other in found:
                if other not in inside and other in among and len(inside) < most:
                    inside[other] = None
                    waiting.append(other)
    return list(inside)


def _in_the_way(standing: Standing, person: int, column: int) -> list[int]:
    """Return who has what this column would need, were this person not there."""
    limits = standing.limits
    short, met = standing.in_the_way(column)
    others = set(met)
    for row, _ in short:
        if limits.things[row].kind != "money":
            others |= {standing.owner[user] for user in standing.users(row)}
    return sorted(others - {person})
