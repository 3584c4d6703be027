"""How far the answer rests on what no table can show: that all lists together do not interact.

Every family must join the cell that nobody has seen to those that were, and no table contradicts how it
does. In a log-linear model of k lists the assumption is that the interaction of all k is nought. Whatever
was fitted to the seen cells, an interaction of `u` multiplies the fitted mean of the unseen cell by exp(u) if
k is even and by exp(-u) if it is odd, and changes no other:

    u = Σ_h (-1)^(k - |h|) log μ_h,    so that    log μ_0 = (-1)^k (u - Σ_{h≠0} (-1)^(k - |h|) log μ_h).

Source: Aleshin-Guendel, Sadinle & Wakefield (2024), The central role of the identifying assumption in
population size estimation, Biometrics 80(1): its sensitivity analysis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.count.results import Interval
from causeway.errors import LocalError

__all__ = ["DEFAULT_COEFFICIENTS", "HighestInteraction", "highest_interaction"]

Floats = NDArray[np.float64]

DEFAULT_COEFFICIENTS: Floats = np.linspace(-math.log(4.0), math.log(4.0), 9)
"""From a quarter to four times the unseen cases: the odds ratios that lists of the same people often show."""
DEFAULT_COEFFICIENTS.flags.writeable = False


@dataclass(frozen=True, eq=False)
class HighestInteraction:
    """The total along the interaction of all lists.

    Args:
        coefficients: float64 (c,), values of it; nought is what every model assumes.
        totals: float64 (c,), the total that each gives.
        low: float64 (c,), lower 95 % limit, taken along in the same way.
        high: float64 (c,), upper one.
    """

    coefficients: Floats
    totals: Floats
    low: Floats
    high: Floats


def highest_interaction(
    interval: Interval, *, documented: int, lists: int, coefficients: Floats = DEFAULT_COEFFICIENTS
) -> HighestInteraction:
    """Return how an interval of the total moves with the interaction of all lists.

    Args:
        interval: Any family's answer: the identity does not ask how the seen cells were fitted.
        documented: Cases on at least one list.
        lists: How many lists were used.
        coefficients: Values of the interaction, in logarithms.

    Raises:
        LocalError: A coefficient that is no number.
    """
    if not np.isfinite(coefficients).all():
        raise LocalError("Coefficients of an interaction must be numbers.")
    factor = np.exp(-coefficients if lists % 2 else coefficients)

    def moved(total: float) -> Floats:
        return documented + max(total - documented, 0.0) * factor

    return HighestInteraction(
        coefficients.copy(), moved(interval.median), moved(interval.low), moved(interval.high)
    )
