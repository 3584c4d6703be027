"""The assignment of least risk, and a proven bound on what any assignment within the budget gives away.

The first is a linear programme in whole numbers, the second its like without them, both solved by HiGHS
through scipy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from causeway.routes.exposure_model import Assignment, Problem

__all__ = ["bound_direct", "least_risk"]

_OPTIMAL: Final = 0
# Below this, the solver's rounding: it keeps limits to 1e-7.
_ROUNDING: Final = 1e-5


@dataclass
class _Rows:
    """A sparse matrix, row by row, with its limits."""

    columns: int

    def __post_init__(self) -> None:
        self.row: list[int] = []
        self.column: list[int] = []
        self.value: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, terms: list[tuple[int, float]], *, low: float = -math.inf, high: float = math.inf) -> None:
        self.row += [len(self.low)] * len(terms)
        self.column += [column for column, _ in terms]
        self.value += [value for _, value in terms]
        self.low.append(low)
        self.high.append(high)

    def constraint(self) -> LinearConstraint:
        matrix = coo_array((self.value, (self.row, self.column)), shape=(len(self.low), self.columns))
        return LinearConstraint(matrix.tocsr(), self.low, self.high)


def least_risk(problem: Problem, *, seconds: float) -> Assignment | None:
    """Return the assignment of least risk, or None where helpers do not suffice.

    Args:
        seconds: After which the best one found so far counts.
    """
    pairs = _pairs(problem)
    if not pairs:
        return ()
    rows = _Rows(len(pairs))
    _add_rules(problem, pairs, rows)
    cost = np.array([problem.risks[part][helper] for part, helper in pairs], dtype=np.float64)
    found = milp(
        cost,
        constraints=rows.constraint(),
        integrality=np.ones(len(pairs), dtype=np.int64),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    chosen = {part: helper for (part, helper), taken in zip(pairs, found.x, strict=True) if taken > 0.5}
    return tuple(chosen[part] for part in range(len(problem.risks)))


def bound_direct(problem: Problem, *, budget: int, seconds: float) -> int:
    """Return how many people some helper's arrest gives away directly at the least, in any assignment.

    The same number bounds two hops, since those given away directly are among them. It is that of the
    relaxation, in which a helper may serve a part by a share, rounded up to a whole person; nought where the
    time did not suffice.

    Args:
        budget: The most risk in micro-nepers.
    """
    pairs = _pairs(problem)
    if not pairs:
        return 0
    serves = sorted({(person, helper) for part, helper in pairs for person in problem.people[part]})
    at = {pair: len(pairs) + number for number, pair in enumerate(serves)}
    most = len(pairs) + len(serves)
    rows = _Rows(most + 1)
    _add_rules(problem, pairs, rows)
    for number, (part, helper) in enumerate(pairs):
        for person in problem.people[part]:
            rows.add([(at[person, helper], 1.0), (number, -1.0)], low=0.0)
    for helper in {helper for _, helper in serves}:
        rows.add([(most, 1.0)] + [(at[pair], -1.0) for pair in serves if pair[1] == helper], low=0.0)
    # Scaled, so that the solver's tolerance is below one micro-neper.
    unit = max(1, budget)
    risks = [(number, problem.risks[part][helper] / unit) for number, (part, helper) in enumerate(pairs)]
    rows.add(risks, high=budget / unit)
    cost = np.zeros(most + 1)
    cost[most] = 1.0
    found = milp(
        cost,
        constraints=rows.constraint(),
        bounds=Bounds(0, np.concatenate((np.ones(most), [float(problem.n_people)]))),
        options={"time_limit": seconds},
    )
    return max(0, math.ceil(found.fun - _ROUNDING)) if found.status == _OPTIMAL else 0


def _pairs(problem: Problem) -> list[tuple[int, int]]:
    return [(part, helper) for part, risks in enumerate(problem.risks) for helper in risks]


def _add_rules(problem: Problem, pairs: list[tuple[int, int]], rows: _Rows) -> None:
    number = {pair: at for at, pair in enumerate(pairs)}
    for part, risks in enumerate(problem.risks):
        rows.add([(number[part, helper], 1.0) for helper in risks], low=1.0, high=1.0)
    loads: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for at, (part, helper) in enumerate(pairs):
        for day in problem.days[part]:
            loads.setdefault((helper, day), []).append((at, float(len(problem.people[part]))))
    for (helper, day), terms in loads.items():
        if sum(seats for _, seats in terms) > problem.room[helper, day]:
            rows.add(terms, high=float(problem.room[helper, day]))
    for one, other in problem.apart:
        for helper in problem.risks[one].keys() & problem.risks[other].keys():
            rows.add([(number[one, helper], 1.0), (number[other, helper], 1.0)], high=1.0)
