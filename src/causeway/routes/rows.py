"""The rows of the relaxation: nobody twice, no bed twice, not more money than there is, nobody met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from causeway.routes.needs import Thing
from causeway.routes.whole_beds import tight_rows

__all__ = ["Rows", "build_rows"]

# Beyond, the tight rows cost the solver many minutes and tell apart what is a tenth of a percent.
_TIGHT_UP_TO: Final = 40_000


@dataclass(frozen=True, eq=False)
class Rows:
    """A programme's rows, as tight as they are known: one for each person, then all others.

    Args:
        matrix: (people + others, n).
        right: float64 (people + others,), what no row may exceed.
    """

    matrix: sparse.csr_matrix
    columns: sparse.csc_matrix
    right: NDArray[np.float64]


def build_rows(
    n_people: int,
    *,
    person: NDArray[np.int32],
    things: Sequence[Thing],
    room: NDArray[np.int64],
    uses: Sequence[tuple[tuple[int, int], ...]],
    cliques: Sequence[tuple[int, ...]],
) -> Rows:
    """Return a programme's rows: persons, things (as facets where they come whole), cliques."""
    builder = _Builder(n_people, person)
    used: list[list[tuple[int, int]]] = [[] for _ in things]
    for column, taken in enumerate(uses):
        for row, amount in taken:
            used[row].append((column, amount))
    owner = person.tolist()
    for thing, there, users in zip(things, room.tolist(), used, strict=True):
        most: dict[int, int] = {}
        for column, amount in users:
            most[owner[column]] = max(most.get(owner[column], 0), amount)
        if sum(most.values()) <= there:
            continue  # everybody who could be there fits
        if thing.kind == "money":
            builder.add(users, there)
            continue
        if len(person) > _TIGHT_UP_TO:
            builder.add(users, there)
            continue
        sizes = tuple(sorted({amount for _, amount in users}))
        for weights, right in tight_rows(there, sizes):
            weight = dict(zip(sizes, weights, strict=True))
            builder.add([(column, weight[amount]) for column, amount in users if weight[amount]], right)
    for clique in cliques:
        builder.add([(column, 1) for column in clique], 1)
    return builder.rows(len(person))


class _Builder:
    def __init__(self, n_people: int, person: NDArray[np.int32]) -> None:
        self._row: list[int] = person.tolist()
        self._column: list[int] = list(range(len(person)))
        self._weight: list[int] = [1] * len(person)
        self._right: list[int] = [1] * n_people

    def add(self, entries: list[tuple[int, int]], right: int) -> None:
        at = len(self._right)
        self._right.append(right)
        for column, weight in entries:
            self._row.append(at)
            self._column.append(column)
            self._weight.append(weight)

    def rows(self, n_columns: int) -> Rows:
        shape = (len(self._right), n_columns)
        weights = np.array(self._weight, dtype=np.float64)
        matrix = sparse.csr_matrix((weights, (self._row, self._column)), shape=shape)
        return Rows(matrix=matrix, columns=matrix.tocsc(), right=np.array(self._right, dtype=np.float64))
