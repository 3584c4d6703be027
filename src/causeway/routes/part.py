"""A part of the plan solved exactly with HiGHS, while the rest stands still.

The part is a set of columns that may change; whoever goes by another column keeps it, and what is left of
beds, seats and money is what the part has. With all columns free it is the whole problem, and HiGHS' bound
is a bound on every plan.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from causeway.routes.limits import Limits

__all__ = ["Floor", "Part", "solve_part"]

_INTEGRAL: Final = 0.5
_OPTIMAL: Final = 0
_SLACK: Final = 1e-9
# HiGHS calls a solution feasible within 1e-6; rows are whole numbers, so a bound is kept by that much.
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class Part:
    """What came of it.

    Args:
        columns: The best choice found, with everything that stood still; nothing where none was found.
        bound: No choice that leaves the rest still is worth more.
        finished: HiGHS calls the choice the best, within its own tolerance of a millionth.
    """

    columns: tuple[int, ...] | None
    bound: int
    finished: bool = True


@dataclass(frozen=True, eq=False)
class Floor:
    """The sum of `weights` (n,) over the chosen columns is at least `least`."""

    weights: NDArray[np.int64]
    least: int


def solve_part(
    limits: Limits,
    *,
    standing: list[int],
    free: NDArray[np.bool_],
    seconds: float,
    worth: NDArray[np.int64] | None = None,
    gap: float = 0.0,
    nodes: int | None = None,
    must_go: Sequence[int] = (),
    floors: Sequence[Floor] = (),
    whole: bool = True,
) -> Part:
    """Choose the best of the free columns beside what stands still.

    Args:
        standing: Chosen columns now; those that are not free stay.
        free: (n,), which columns may change. Of a person with a column that stays, none does.
        seconds: HiGHS' limit; it cannot be interrupted, and may overrun it somewhat.
        worth: (n,), in the place of the programme's own.
        gap: The relative gap at which HiGHS may leave off.
        nodes: How many nodes of its tree HiGHS may look at; no limit where nothing is said.
        must_go: People who have to go by one of their free columns.
        floors: Sums that may not fall below a number.
        whole: False for the bound of the linear relaxation alone, without columns.
    """
    worths = limits.worth if worth is None else worth
    fixed = np.array([column for column in standing if not free[column]], dtype=np.int64)
    held = np.zeros(len(limits.people), dtype=np.bool_)
    held[limits.person[fixed]] = True
    open_to = np.flatnonzero(free & ~held[limits.person])
    base = int(worths[fixed].sum())
    if not len(open_to):
        return Part(columns=tuple(sorted(fixed.tolist())), bound=base)
    rows = limits.rows
    left = rows.right - np.asarray(rows.columns[:, fixed].sum(axis=1)).ravel()
    part = rows.columns[:, open_to]
    binds = np.flatnonzero(np.asarray(part.sum(axis=1)).ravel() > left)
    constraints = [LinearConstraint(sparse.csr_matrix(part.tocsr()[binds]), -np.inf, left[binds])]
    if len(must_go):
        one_each = sparse.csr_matrix(part.tocsr()[np.array(must_go)])
        constraints.append(LinearConstraint(one_each, 1.0, 1.0))
    for floor in floors:
        size = float(max(1, np.abs(floor.weights).max()))
        least = floor.least - int(floor.weights[fixed].sum())
        constraints.append(LinearConstraint(floor.weights[open_to][None, :] / size, least / size, np.inf))
    scale = float(max(1, np.abs(worths[open_to]).max()))
    options: Any = {"time_limit": seconds, "mip_rel_gap": gap}
    if nodes is not None:
        options["node_limit"] = nodes
    solved = milp(
        -worths[open_to] / scale,
        constraints=constraints,
        integrality=np.full(len(open_to), int(whole)),
        bounds=Bounds(0.0, 1.0),
        options=options,
    )
    return Part(
        columns=_chosen(solved.x, open_to, fixed) if whole else None,
        bound=_bound(solved, scale, base, int(np.maximum(0, worths[open_to]).sum()), whole_numbers=whole),
        finished=solved.status == _OPTIMAL and gap == 0,
    )


def _chosen(
    solution: NDArray[np.float64] | None, open_to: NDArray[np.int64], fixed: NDArray[np.int64]
) -> tuple[int, ...] | None:
    if solution is None:
        return None
    return tuple(sorted([*fixed.tolist(), *open_to[solution > _INTEGRAL].tolist()]))


def _bound(solved: Any, scale: float, base: int, everything: int, *, whole_numbers: bool) -> int:
    dual: float | None = solved.get("mip_dual_bound")
    if dual is None and solved.status == _OPTIMAL:
        dual = solved.fun
    if dual is None or not math.isfinite(dual):
        return base + everything
    slack = 0.0 if solved.status == _OPTIMAL and whole_numbers else scale * _TOLERANCE
    return base + math.floor(-dual * scale * (1 + _SLACK) + _SLACK + slack)
