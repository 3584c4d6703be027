"""Resampling a table of capture histories, and limits from the resamples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

__all__ = ["Limits", "bca_limits", "jackknife_tables", "resampled_tables"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """95 % limits of a total; infinite where resamples that have no estimate reach that far."""

    low: float
    high: float
    bias: float
    acceleration: float


def resampled_tables(counts: Floats, replicates: int, *, seed: int) -> Floats:
    """Draw the documented cases anew with replacement, shape (replicates, cells)."""
    rng = np.random.default_rng(seed)
    documented = int(counts.sum())
    return rng.multinomial(documented, counts / documented, size=replicates).astype(np.float64)


def jackknife_tables(counts: Floats) -> tuple[Floats, Floats]:
    """Leave each case out in turn: a table for each cell that holds any, and how many cases it stands for."""
    held = np.flatnonzero(counts > 0)
    tables = np.repeat(counts[None, :], held.size, axis=0)
    tables[np.arange(held.size), held] -= 1.0
    return tables, counts[held]


def bca_limits(estimate: float, resampled: Floats, jackknifed: Floats, weights: Floats) -> Limits:
    """Return bias-corrected and accelerated 95 % limits.

    Resamples without an estimate count as infinite.

    Args:
        estimate: From the table itself.
        resampled: (replicates,), from resamples.
        jackknifed: (cells,), with one case left out.
        weights: (cells,), cases that each of these stands for.

    Source: Efron & Tibshirani (1993), An introduction to the bootstrap, equations 14.9, 14.10, 14.14 and
        14.15; on cells with weights as Chan, Silverman & Vincent (2021), section 3.3.
    """
    # Half of those that equal the estimate lie below it: selection makes ties of whole tables.
    below = (np.sum(resampled < estimate) + 0.5 * np.sum(resampled == estimate)) / resampled.size
    edge = 0.5 / resampled.size
    bias = float(ndtri(min(max(below, edge), 1.0 - edge)))
    acceleration = _acceleration(jackknifed, weights)
    ends = []
    for level in (0.025, 0.975):
        z = bias + float(ndtri(level))
        shrunk = 1.0 - acceleration * z
        # Beyond its pole the correction has lost its meaning; the outermost resample is all there is to say.
        at = float(ndtr(bias + z / shrunk)) if shrunk > 0.0 else (0.0 if z < 0 else 1.0)
        ends.append(float(np.quantile(resampled, at, method="inverted_cdf")))
    return Limits(ends[0], ends[1], bias, acceleration)


def _acceleration(jackknifed: Floats, weights: Floats) -> float:
    """Return a sixth of the skewness of the jackknife's influence; nought where it has none."""
    finite = np.isfinite(jackknifed)
    if not finite.any():
        return 0.0
    values, weights = jackknifed[finite], weights[finite]
    influence = np.average(values, weights=weights) - values
    spread = float(np.sum(weights * influence**2))
    if spread <= 0.0:
        return 0.0
    return float(np.sum(weights * influence**3)) / (6.0 * math.pow(spread, 1.5))
