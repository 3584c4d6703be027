"""The linear relaxation: what a plan could be worth at most, and what each bed and seat is worth in it.

The bound does not rest on the solver. Whatever prices y ≥ 0 it returns, no plan is worth more than

    Σ_r y_r · room_r + Σ_persons max(0, max over their columns of worth − y · what the column takes)

(weak duality: Geoffrion 1974, "Lagrangean relaxation for integer programming"), and that is computed here.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from causeway.routes.limits import Limits

__all__ = ["Relaxation", "lagrangian_bound", "relax"]

_INTERIOR_FROM: Final = 3_000
_SLACK: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A solved relaxation.

    Args:
        bound: No plan is worth more.
        share: float64 (n,), how much of each column is chosen.
        prices: float64 (people + others,), what one more of each row's right side would be worth.
        gain: float64 (n,), a column's worth less the price of everything it takes, its person's row aside.
        seconds: How long the solver took.
    """

    bound: int
    share: NDArray[np.float64]
    prices: NDArray[np.float64]
    gain: NDArray[np.float64]
    seconds: float


def relax(limits: Limits) -> Relaxation:
    """Solve the relaxation with HiGHS; with no columns at all, the bound is 0."""
    rows = limits.rows
    if limits.n_columns == 0:
        nothing = np.zeros(0)
        return Relaxation(bound=0, share=nothing, prices=np.zeros(len(rows.right)), gain=nothing, seconds=0.0)
    # Worths span five orders of magnitude; the solver's tolerances are absolute.
    scale = float(limits.worth.max())
    method = "highs-ipm" if limits.n_columns >= _INTERIOR_FROM else "highs-ds"
    began = time.perf_counter()
    solve: Any = linprog  # scipy's stubs know no sparse matrices
    solved = solve(-limits.worth / scale, A_ub=rows.matrix, b_ub=rows.right, bounds=(0.0, 1.0), method=method)
    seconds = time.perf_counter() - began
    if solved.x is None:  # nothing chosen is feasible and worths are bounded: only a solver's own failure
        share, prices = np.zeros(limits.n_columns), np.zeros(len(rows.right))
    else:
        share, prices = solved.x, np.maximum(0.0, -solved.ineqlin.marginals * scale)
    prices[: len(limits.people)] = 0.0
    gain = limits.worth - rows.matrix.T @ prices
    return Relaxation(
        bound=lagrangian_bound(limits, prices=prices, gain=gain),
        share=share,
        prices=prices,
        gain=gain,
        seconds=seconds,
    )


def lagrangian_bound(limits: Limits, *, prices: NDArray[np.float64], gain: NDArray[np.float64]) -> int:
    """Return what no plan exceeds, whatever the prices; see the module."""
    best = np.zeros(len(limits.people))
    np.maximum.at(best, limits.person, gain)
    bound = float(prices @ limits.rows.right) + float(best.sum())
    return math.floor(bound * (1 + _SLACK) + _SLACK)
