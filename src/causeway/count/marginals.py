"""Hyper-Dirichlet marginal likelihoods of subsets of lists, as functions of the number of unseen cases.

The table's cells have a Dirichlet prior of δ each, and a graph's prior is the hyper-Dirichlet law that has
the same margins on its cliques (Dawid & Lauritzen 1993; Madigan & York 1997). So
the likelihood of a decomposable graph is made of the Dirichlet-multinomial likelihoods of margins, one for
each subset of lists. The number of unseen cases, u, enters a margin through one cell only, the one on no
list of the subset. Up to what no subset and no u changes,

    h(s, u) = c(s) + ln Γ(u + y(s)) − ln Γ(u + documented + A),       A = δ · 2^lists,

with y(s) the documented cases on no list of s plus the prior weight of that cell. Whole populations and far
tails are summed over, so differences of ln Γ are taken without cancellation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, zeta

from causeway.count.table import CaptureTable

__all__ = ["LogPrior", "Marginals", "log_rise", "one_over_total"]

Floats = NDArray[np.float64]
LogPrior = Callable[[Floats], Floats]
"""The logarithm of a prior on the total, up to a constant; takes totals, which need not be whole."""

# Above this, Stirling's series is exact to double precision with three terms.
_STIRLING_FROM = 1e4

_TRIGAMMA_SERIES_FROM = 12.0


def one_over_total(totals: Floats) -> Floats:
    """Return the logarithm of the prior 1/N (Jeffreys' for a scale), the default."""
    return -np.log(totals)


def log_rise(start: Floats, by: NDArray[np.float64 | np.int64] | float) -> Floats:
    """Return ln Γ(start + by) − ln Γ(start), also where both are far larger than their difference.

    Args:
        start: Positive.
        by: Not negative; broadcast against `start`.

    Source: Stirling's series, Abramowitz & Stegun 6.1.41.
    """
    start, by = np.broadcast_arrays(np.asarray(start, np.float64), np.asarray(by, np.float64))
    out = np.empty(start.shape)
    far = start > _STIRLING_FROM
    near = ~far
    out[near] = gammaln(start[near] + by[near]) - gammaln(start[near])
    x, b = start[far], by[far]
    end = x + b
    out[far] = (end - 0.5) * np.log1p(b / x) + b * (np.log(x) - 1.0) + (1 / end - 1 / x) / 12
    out[far] -= (end**-3 - x**-3) / 360
    return out


@dataclass(frozen=True, eq=False)
class Marginals:
    """What a table says of each subset of its lists (s of them, 2 ** lists).

    Args:
        documented: Cases on at least one list.
        total_weight: A, the weight of the whole prior in cases.
        constant: float64 (s,), c(s), with c of no lists nought.
        outside: float64 (s,), y(s).
        lists: How many lists.
        log_prior: Of the total.
    """

    documented: int
    total_weight: float
    constant: Floats
    outside: Floats
    lists: int
    log_prior: LogPrior

    @classmethod
    def of(cls, table: CaptureTable, *, delta: float, log_prior: LogPrior) -> Marginals:
        """Return the marginals of a table under a prior of `delta` cases in each cell."""
        lists = len(table.lists)
        cells = np.arange(table.counts.size)
        total_weight = delta * table.counts.size
        constant = np.zeros(cells.size)
        outside = np.full(cells.size, table.documented + total_weight)
        for subset in range(1, cells.size):
            # Margins are indexed by the cell with every list outside the subset set to nought.
            margin = np.bincount(cells & subset, weights=table.counts, minlength=cells.size)
            weight = delta * 2.0 ** (lists - subset.bit_count())
            seen = margin[1:][margin[1:] > 0]
            constant[subset] = (
                gammaln(total_weight) - gammaln(weight) + log_rise(np.full(seen.size, weight), seen).sum()
            )
            outside[subset] = margin[0] + weight
        return cls(table.documented, total_weight, constant, outside, lists, log_prior)

    def of_subsets(self, unseen: Floats) -> Floats:
        """Return h, shape (2 ** lists, unseen.size)."""
        whole = self.documented + self.total_weight
        at = unseen[None, :] + self.outside[:, None]
        return self.constant[:, None] - log_rise(at, (whole - self.outside)[:, None])

    def common(self, unseen: Floats) -> Floats:
        """Return what every graph shares: the number of ways to choose who is unseen, and the prior."""
        return log_rise(unseen + 1.0, float(self.documented)) + self.log_prior(unseen + self.documented)

    def sharpness(self, unseen: Floats) -> Floats:
        """Return a bound on how sharply any graph's log posterior, or their average's, can bend downward.

        Minus the second derivative in `unseen` of any graph's log posterior is at most this: the choice of
        the unseen bends by ψ′(u + 1) − ψ′(u + documented + 1), and each vertex takes away at least the least
        of ψ′(u + y(v and its neighbours)) − ψ′(u + y(its neighbours)), which is positive. A sum of densities
        in logarithms bends upward, so the bound holds for the average as well: between two points nothing
        can hide that a parabola of this bend does not cover. It shows where a grid may be coarse.
        """
        bend = _trigamma(unseen[None, :] + self.outside[:, None])
        subsets = np.arange(self.outside.size)
        out = _trigamma(unseen + 1.0) - _trigamma(unseen + self.documented + 1.0)
        for vertex in range(self.lists):
            around = subsets[subsets >> vertex & 1 == 0]
            out -= (bend[around | 1 << vertex] - bend[around]).min(axis=0)
        # The prior is the caller's: its bend is measured, over a step of a thousandth.
        totals = unseen + self.documented
        step = 1e-3 * totals
        rise = self.log_prior(totals + step) - 2 * self.log_prior(totals) + self.log_prior(totals - step)
        return np.maximum(out - rise / step**2, 0.0)


def _trigamma(at: Floats) -> Floats:
    # The asymptotic series (Abramowitz & Stegun 6.4.12) is good to ten digits from here on, and much faster
    # than Hurwitz's ζ(2, x), which is the same function.
    out = np.asarray(1 / at + 1 / (2 * at**2) + 1 / (6 * at**3) - 1 / (30 * at**5) + 1 / (42 * at**7))
    near = at < _TRIGAMMA_SERIES_FROM
    out[near] = zeta(2.0, at[near])
    return out
