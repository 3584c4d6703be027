"""A good plan at once: what the relaxation chooses, made whole.

Three steps, each starting from the one before: everybody in the order of gain, as long as it fits; rounds of
swaps; then exactly, with HiGHS, among the columns of which the relaxation or the plan so far chooses any.
Limits are of work, so that the same seed gives the same plan; one of time stands behind them, for programmes
on which HiGHS would take longer than the relaxation did.
"""

from __future__ import annotations

import random
from typing import Final

from causeway.routes.limits import Limits
from causeway.routes.part import solve_part
from causeway.routes.relaxation import Relaxation
from causeway.routes.standing import Standing
from causeway.routes.swaps import by_gain, improve_by_swaps

__all__ = ["first_plan"]

_CHOSEN: Final = 1e-7
_ENOUGH: Final = 1e-4
_LEAST_SECONDS: Final = 2.0
_NODES: Final = 50


def first_plan(limits: Limits, *, relaxation: Relaxation, seed: int) -> Standing:
    """Return a plan that keeps every limit, usually within a percent of the bound.

    Takes about as long as the relaxation took.
    """
    standing = Standing(limits)
    if not limits.n_columns:
        return standing
    order = by_gain(limits, relaxation)
    random.Random(seed).shuffle(order)  # noqa: S311 - ties only: which of equals comes first
    order.sort(key=lambda column: -float(relaxation.gain[column]))
    standing.fill(order)
    improve_by_swaps(standing, relaxation=relaxation, order=order)
    if standing.total >= relaxation.bound:
        return standing
    free = relaxation.share > _CHOSEN
    free[standing.columns()] = True
    part = solve_part(
        limits,
        standing=[],
        free=free,
        seconds=max(_LEAST_SECONDS, relaxation.seconds),
        gap=_ENOUGH,
        nodes=_NODES,
    )
    if part.columns is not None:
        exact = Standing(limits, part.columns)
        exact.fill(order)
        if exact.total > standing.total:
            return exact
    return standing
