"""The same problem for CP-SAT, where OR-Tools is installed: it starts from a plan, and can be stopped.

Eight workers, whatever the number of cores: each is another kind of search, and they tell each other what
they find. How far it comes alone, beside ours, `bench/planner/schedule.py` measures.
"""

from __future__ import annotations

import importlib.util
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.limits import Limits

__all__ = ["CpSat", "has_cpsat"]

_WORKERS: Final = 8


def has_cpsat() -> bool:
    """Tell whether OR-Tools is here."""
    try:
        return importlib.util.find_spec("ortools") is not None
    except ImportError:
        return False


class CpSat:
    """A search with CP-SAT over the columns that are left.

    Args:
        open_to: (n,), columns that may be chosen.
        hint: A plan to start from.
        on_plan: Called from a worker's thread with each better plan.
        on_bound: Called with each better bound.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        open_to: NDArray[np.bool_],
        hint: Sequence[int] = (),
        seed: int = 0,
        on_plan: Callable[[tuple[int, ...]], None],
        on_bound: Callable[[int], None],
    ) -> None:
        from ortools.sat.python import cp_model

        self._columns: list[int] = np.flatnonzero(open_to).tolist()
        self._on_plan = on_plan
        self._on_bound = on_bound
        self._ended = threading.Event()
        self._model, self._chosen = _model(cp_model, limits, self._columns, hint)
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = _WORKERS
        self._solver.parameters.random_seed = seed
        self._solver.best_bound_callback = lambda bound: on_bound(math.floor(bound + 1e-6))
        outer = self

        class Watch(cp_model.CpSolverSolutionCallback):
            def on_solution_callback(self) -> None:
                on_plan(outer._taken(self.boolean_value))
                if outer._ended.is_set():
                    self.stop_search()

        self._watch = Watch()

    def run(self, seconds: float) -> None:
        """Search until the end is proved, the time is over or `stop` is called."""
        if self._ended.is_set():
            return
        self._solver.parameters.max_time_in_seconds = seconds
        status = self._solver.solve(self._model, self._watch)
        if self._solver.status_name(status) in ("OPTIMAL", "FEASIBLE"):
            self._on_plan(self._taken(self._solver.boolean_value))
            self._on_bound(math.floor(self._solver.best_objective_bound + 1e-6))

    def stop(self) -> None:
        """End the search, from any thread."""
        self._ended.set()
        self._solver.stop_search()

    def _taken(self, value: Callable[[Any], bool]) -> tuple[int, ...]:
        return tuple(column for column in self._columns if value(self._chosen[column]))


def _model(
    cp_model: Any, limits: Limits, columns: list[int], hint: Sequence[int]
) -> tuple[Any, dict[int, Any]]:
    """Return the model and its variables; people who must not meet as "at most one of these"."""
    model = cp_model.CpModel()
    chosen = {column: model.new_bool_var("") for column in columns}
    used: list[list[int]] = [[] for _ in limits.things]
    of: list[list[Any]] = [[] for _ in limits.people]
    amounts: dict[tuple[int, int], int] = {}
    owner = limits.person.tolist()
    for column in columns:
        of[owner[column]].append(chosen[column])
        for row, amount in limits.uses[column]:
            used[row].append(column)
            amounts[column, row] = amount
    for variables in of:
        if len(variables) > 1:
            model.add_at_most_one(variables)
    for row, room in enumerate(limits.room.tolist()):
        if sum(amounts[column, row] for column in used[row]) > room:
            model.add(sum(amounts[column, row] * chosen[column] for column in used[row]) <= room)
    for clique in limits.cliques:
        present = [chosen[column] for column in clique if column in chosen]
        if len(present) > 1:
            model.add_at_most_one(present)
    model.maximize(sum(int(limits.worth[column]) * chosen[column] for column in columns))
    start = set(hint)
    for column in columns:
        model.add_hint(chosen[column], column in start)
    return model, chosen
