"""The hierarchical log-linear models on a few lists, and their names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Catalogue", "catalogue", "generators", "interactions"]

Ints = NDArray[np.int64]

Catalogue = tuple[Ints, Ints]
"""Terms of every model, int64 (models, most terms), and how many each has, int64 (models,)."""


def interactions(lists: int, order: int) -> Ints:
    """Return the masks of all interactions of two to `order` lists, the smaller ones first."""
    masks = [
        sum(1 << place for place in group)
        for size in range(2, order + 1)
        for group in combinations(range(lists), size)
    ]
    return np.array(masks, np.int64)


@cache
def catalogue(lists: int, order: int) -> Catalogue:
    """Return all hierarchical models with every main effect and no interaction of more than `order` lists.

    A model that has an interaction has all that lie within it. Three lists have 8 for order 2, four have 113
    for order 3, five have 1,024 for order 2 and 6,893 for order 4.
    """
    terms = [int(term) for term in interactions(lists, order)]
    below = {term: [other for other in terms if other != term and other & term == other] for term in terms}
    models: list[tuple[int, ...]] = [()]
    for term in terms:
        # Terms come by size, so whatever lies within this one has been decided on.
        models += [(*model, term) for model in models if set(below[term]) <= set(model)]
    sizes = np.array([len(model) for model in models], np.int64)
    table = np.zeros((len(models), max(1, int(sizes.max()))), np.int64)
    for row, model in zip(table, models, strict=True):
        row[: len(model)] = model
    table.flags.writeable = False
    sizes.flags.writeable = False
    return table, sizes


def generators(terms: Sequence[int], names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return a model's largest terms as names of lists, main effects that stand alone included."""
    every = [1 << place for place in range(len(names))] + [int(term) for term in terms]
    largest = [term for term in every if not any(term != other and term & other == term for other in every)]
    return tuple(
        tuple(name for place, name in enumerate(names) if term >> place & 1)
        for term in sorted(largest, key=lambda term: (-term.bit_count(), term))
    )
