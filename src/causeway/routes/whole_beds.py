"""Beds come whole: the tightest rows that say how groups fit into a house, a car.

Three beds and two couples: half of each couple would fit, one couple does. The relaxation must not reckon
with half a couple, so a row "people ≤ beds" is replaced by all facets of the convex hull of what fits: which
numbers of groups of each size can be there together. Beds are few and sizes are few, so those facets are few
and can be listed: they are the vertices of the polyhedron of weights under which nothing that fits weighs
more than 1 (Aráoz 1974, "Polyhedral neopolarities"; Schrijver, "Theory of Linear and Integer Programming",
1986, section 9.2, on blocking pairs). Every row is checked in whole numbers against everything that fits
before it is used.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

import numpy as np
from scipy.spatial import HalfspaceIntersection, QhullError

__all__ = ["MOST_ROOM", "Row", "tight_rows"]

MOST_ROOM = 12
_MOST_SIZES = 6

Row = tuple[tuple[int, ...], int]


@lru_cache(maxsize=4_096)
def tight_rows(room: int, sizes: tuple[int, ...]) -> tuple[Row, ...]:
    """Return rows (weight of each size, right side) that hold for whole groups.

    Args:
        room: Beds or seats.
        sizes: Distinct sizes of groups, ascending, none above `room`.

    Returns:
        All facets where there are at most `MOST_ROOM` places; the plain row, or the plain row divided by
        the one size there is, otherwise.
    """
    plain: Row = (sizes, room)
    if len(sizes) == 1:
        return (((1,), room // sizes[0]),)
    if room > MOST_ROOM or len(sizes) > _MOST_SIZES:
        return (plain,)
    full = np.array(list(_full(room, sizes, 0)), dtype=np.int64)
    found = [row for row in _facets(full, room) if (full @ np.array(row[0])).max() <= row[1]]
    # Where a facet were lost to rounding, the plain row would still have to hold.
    if (
        any((np.array(sizes) * right > np.array(weights) * room).any() for weights, right in found)
        or not found
    ):
        found.append(plain)
    return tuple(sorted(set(found)))


def _full(room: int, sizes: tuple[int, ...], at: int) -> Iterator[tuple[int, ...]]:
    """Yield how many groups of each size fit together, where no further one does."""
    if at == len(sizes):
        if room < sizes[0]:
            yield ()
        return
    for many in range(room // sizes[at] + 1):
        for rest in _full(room - many * sizes[at], sizes, at + 1):
            yield (many, *rest)


def _facets(full: np.ndarray, room: int) -> Iterator[Row]:
    """Yield the greatest vertices of {weights ≥ 0: no full house weighs more than 1}, in whole numbers."""
    n_full, n_sizes = full.shape
    weighs = np.hstack([full, -np.ones((n_full, 1))])
    positive = np.hstack([-np.eye(n_sizes), np.zeros((n_sizes, 1))])
    inside = np.full(n_sizes, 0.5 / full.sum(axis=1).max())
    try:
        corners = HalfspaceIntersection(np.vstack([weighs, positive]), inside).intersections
    except QhullError:
        return
    exact = {
        tuple(Fraction(float(weight)).limit_denominator(room) for weight in corner)
        for corner in corners
        if np.isfinite(corner).all()
    }
    for corner in exact:
        above = (other for other in exact if other != corner)
        if any(all(one <= two for one, two in zip(corner, other, strict=True)) for other in above):
            continue
        scale = math.lcm(*(weight.denominator for weight in corner))
        yield tuple(int(weight * scale) for weight in corner), scale
