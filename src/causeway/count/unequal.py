"""How far the total rises if cases differ in how easily any list finds them.

Under such heterogeneity lists look dependent although none leans on another, every pair in the same
direction, and models of pairs fall short of the truth while they fit well. This log-linear model has the
lists' own terms and one more, for the number of lists that a case is on:

    log μ(h) = β0 + Σ_{i in h} βi + τ · (log a − log(a + |h|)),

what a gamma distribution of ease gives; the smaller a, the more hard cases. It needs three lists. It answers
no question alone: its limits widen the range, since no table can rule such differences out.

Source: Baillargeon & Rivest (2007), Rcapture: loglinear models for capture-recapture in R, Journal of
    Statistical Software 19(5), the model Mth "Gamma"; Rivest & Baillargeon (2007),
    Applications and extensions of Chao's moment estimator for the size of a closed population, Biometrics
    63(4), 999-1006.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from causeway.count.results import Interval
from causeway.count.table import CaptureTable

__all__ = ["LEAST_LISTS", "MOST_LISTS", "SHAPE", "UnequalFit", "unequal_fit"]

Floats = NDArray[np.float64]

LEAST_LISTS = 3
MOST_LISTS = 12

SHAPE = 1.0
"""The a of the equation. Rcapture's default is 3.5. Of 40 tables of two hidden groups that the rule of the
verdict was chosen on, the range covered the truth in 80 % with 2.5 and in 92 % with this, and became half as
wide again; ranges from other tables hardly changed."""

_REPLICATES = 200
_ROUNDS = 100
_CLOSE = 1e-8
_LONGEST_STEP = 2.0
# e^30 cases are as good as infinitely many.
_LARGEST = 30.0
# A margin of nought drives a term to minus infinity; this keeps the equations solvable on the way.
_RIDGE = 1e-9
# Numbers held at once.
_ROOM = 4_000_000


@dataclass(frozen=True, eq=False)
class UnequalFit:
    """The model fitted to a table.

    Args:
        total: Documented cases and those that it puts on no list.
        totals: float64 (replicates,), the same from resamples.
        deviance: Of the table from it.
        terms: How many there are in the model.
    """

    total: float
    totals: Floats
    deviance: float
    terms: int

    @property
    def interval(self) -> Interval:
        """The total with the resamples' plain 95 % limits."""
        low, high = np.quantile(self.totals, [0.025, 0.975], method="inverted_cdf")
        return Interval(median=self.total, low=float(low), high=float(high))


def unequal_fit(table: CaptureTable, *, seed: int, replicates: int = _REPLICATES) -> UnequalFit | None:
    """Fit the model to a table and to resamples of it.

    Args:
        table: Lists with cases only.
        seed: For the resamples.
        replicates: How many.

    Returns:
        None for fewer than three lists, or for more than twelve.
    """
    lists = len(table.lists)
    if not LEAST_LISTS <= lists <= MOST_LISTS:
        return None
    counts = table.counts[1:].astype(np.float64)
    drawn = np.random.default_rng(seed).multinomial(table.documented, counts / counts.sum(), replicates)
    every = np.vstack([counts, drawn])
    histories = table.histories[1:].astype(np.float64)
    ease = np.log(SHAPE) - np.log(SHAPE + histories.sum(axis=1))
    design = np.column_stack([np.ones(counts.size), histories, ease])
    at_once = max(1, _ROOM // design.size)
    beta = np.concatenate(
        [_coefficients(design, every[start : start + at_once]) for start in range(0, len(every), at_once)]
    )
    totals = table.documented + np.exp(np.minimum(beta[:, 0], _LARGEST))
    means = np.exp(np.clip(design @ beta[0], -_LARGEST, _LARGEST))
    deviance = 2 * float(np.sum(xlogy(counts, counts / means) - counts + means))
    return UnequalFit(float(totals[0]), np.asarray(totals[1:]), deviance, design.shape[1])


def _coefficients(design: Floats, tables: Floats) -> Floats:
    """Return the maximum likelihood estimates for each table, shape (tables, terms).

    By Newton's method on all tables at once.

    Args:
        design: (cells, terms).
        tables: (tables, cells).
    """
    beta = np.linalg.lstsq(design, np.log(tables + 0.5).T, rcond=None)[0].T
    ridge = _RIDGE * np.eye(design.shape[1])
    for _ in range(_ROUNDS):
        means = np.exp(np.clip(beta @ design.T, -_LARGEST, _LARGEST))
        bend = design.T @ (means[:, :, None] * design) + ridge
        step = np.linalg.solve(bend, ((tables - means) @ design)[:, :, None])[:, :, 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        beta = beta + step * np.minimum(1.0, _LONGEST_STEP / np.maximum(longest, _CLOSE))
        if longest.max() < _CLOSE:
            break
    return np.asarray(beta)
