"""A posterior of a total on finitely many points, each standing for the whole numbers round it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.count.results import Interval

__all__ = ["LEVELS", "Support"]

LEVELS = (0.025, 0.5, 0.975)


@dataclass(frozen=True, eq=False)
class Support:
    """Totals (p of them, ascending) with the posterior's mass at each.

    Args:
        totals: int64 (p,), cases, documented ones included.
        widths: float64 (p,), how many whole numbers each stands for, itself in their middle.
        weights: float64 (p,), their mass.
    """

    totals: NDArray[np.int64]
    widths: NDArray[np.float64]
    weights: NDArray[np.float64]

    @property
    def density(self) -> NDArray[np.float64]:
        """Mass for each single total, to be drawn as a curve."""
        return self.weights / self.widths

    def quantiles(self, levels: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the least totals that have at least these parts of the mass at or below them."""
        ends = np.cumsum(self.weights)
        wanted = levels * ends[-1]
        at = np.minimum(np.searchsorted(ends, wanted), self.totals.size - 1)
        # Within the numbers that one point stands for, mass is spread evenly.
        part = (ends[at] - wanted) / np.where(self.weights[at] > 0, self.weights[at], 1.0)
        upper = np.cumsum(self.widths)[at] + (self.totals[0] - 0.5 * self.widths[0])
        spread = np.rint(upper - np.clip(part, 0.0, 1.0) * self.widths[at]).astype(np.int64)
        return np.asarray(np.where(self.widths[at] > 1, spread, self.totals[at]), np.int64)

    def interval(self) -> Interval:
        """Return the median with its 95 % limits."""
        low, median, high = self.quantiles(np.array(LEVELS))
        return Interval(median=float(median), low=float(low), high=float(high))

    def part(self, start: int, stop: int) -> Support:
        """Return the points from `start` to before `stop`, their mass as it is."""
        return Support(self.totals[start:stop], self.widths[start:stop], self.weights[start:stop])

    def draws(self, count: int, *, seed: int) -> NDArray[np.int64]:
        """Return independent draws, int64 (count,)."""
        return self.quantiles(1.0 - np.random.default_rng(seed).random(count))
