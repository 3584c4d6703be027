"""A part of the plan put to CP-SAT, where OR-Tools is there: what `part.py` asks HiGHS, in whole numbers.

It starts from a plan that is known, and its bounds are whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.limits import Limits
from causeway.routes.part import Floor, Part

__all__ = ["solve_part_with_cpsat"]

_WORKERS: Final = 8


def solve_part_with_cpsat(
    limits: Limits,
    *,
    begin: Sequence[int],
    free: NDArray[np.bool_],
    seconds: float,
    worth: NDArray[np.int64],
    must_go: Sequence[int] = (),
    floors: Sequence[Floor] = (),
) -> Part:
    """Choose the best of the free columns beside what stands still.

    Args:
        begin: Chosen columns now, which keep to everything asked; those that are not free stay.
        free: (n,), which columns may change.
        worth: (n,), what a column counts.
        must_go: People who have to go by one of their free columns.
        floors: Sums that may not fall below a number.

    Returns:
        The best found, `begin` where nothing better was; and a bound on every choice.
    """
    from ortools.sat.python import cp_model

    fixed = [column for column in begin if not free[column]]
    held = set(limits.person[fixed].tolist())
    owner = limits.person.tolist()
    columns = [column for column in np.flatnonzero(free).tolist() if owner[column] not in held]
    model = cp_model.CpModel()
    chosen = {column: model.new_bool_var("") for column in columns}
    _rules(model, limits, chosen, fixed, frozenset(must_go))
    for floor in floors:
        sums = sum(int(floor.weights[column]) * literal for column, literal in chosen.items())
        model.add(sums >= floor.least - int(floor.weights[fixed].sum()))
    model.maximize(sum(int(worth[column]) * literal for column, literal in chosen.items() if worth[column]))
    now = set(begin)
    for column, literal in chosen.items():
        model.add_hint(literal, column in now)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = _WORKERS
    status = solver.solve(model)
    base = int(worth[fixed].sum())
    everything = base + int(np.maximum(0, worth[columns]).sum())
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Part(columns=tuple(sorted(begin)), bound=everything, finished=False)
    taken = [column for column, literal in chosen.items() if solver.boolean_value(literal)]
    return Part(
        columns=tuple(sorted([*fixed, *taken])),
        bound=min(everything, base + math.floor(solver.best_objective_bound + 1e-6)),
        finished=status == cp_model.OPTIMAL,
    )


def _rules(
    model: Any, limits: Limits, chosen: dict[int, Any], fixed: Sequence[int], must_go: frozenset[int]
) -> None:
    """Nobody twice, no bed twice, nobody met; what stands still has taken its part already."""
    left = limits.room.tolist()
    for column in fixed:
        for row, amount in limits.uses[column]:
            left[row] -= amount
    of: dict[int, list[Any]] = {}
    used: dict[int, list[tuple[int, Any]]] = {}
    for column, literal in chosen.items():
        of.setdefault(int(limits.person[column]), []).append(literal)
        for row, amount in limits.uses[column]:
            used.setdefault(row, []).append((amount, literal))
    for person, literals in of.items():
        if person in must_go:
            model.add_exactly_one(literals)
        elif len(literals) > 1:
            model.add_at_most_one(literals)
    for row, users in used.items():
        if sum(amount for amount, _ in users) > left[row]:
            model.add(sum(amount * literal for amount, literal in users) <= left[row])
    stands = set(fixed)
    for clique in limits.cliques:
        present = [chosen[column] for column in clique if column in chosen]
        if any(column in stands for column in clique):
            for literal in present:
                model.add(literal == 0)
        elif len(present) > 1:
            model.add_at_most_one(present)
