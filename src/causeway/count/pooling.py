"""Draws of totals joined: over plausible linkages as a mixture, over strata as a sum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from causeway.count.humps import find_humps
from causeway.count.results import FamilyEstimate, Hump, Interval
from causeway.count.smoothing import smoothed
from causeway.count.support import LEVELS

__all__ = ["draws_of", "humps_of", "interval_of_draws", "log_normal", "mixture", "sums"]

Floats = NDArray[np.float64]

# Half the width of a 95 % interval of the normal distribution.
_Z = 1.959963984540054


def draws_of(one: FamilyEstimate, *, documented: int, rng: np.random.Generator) -> Floats | None:
    """Return a family's draws; from its limits where it has none, as Chao's bound.

    Args:
        one: The family's answer.
        documented: Cases on at least one list, which no draw goes below.
        rng: For draws from limits.
    """
    if one.draws is not None:
        return one.draws.astype(np.float64)
    return None if one.interval is None else log_normal(one.interval, documented=documented, rng=rng)


def log_normal(
    interval: Interval, *, documented: int, rng: np.random.Generator, draws: int = 1_000
) -> Floats:
    """Return draws of the documented and a log-normal number of others, by its median and upper limit."""
    unseen, most = interval.median - documented, interval.high - documented
    if unseen <= 0 or most <= unseen:
        return np.full(draws, interval.median)
    spread = np.log(most / unseen) / _Z
    return np.asarray(documented + unseen * np.exp(spread * rng.standard_normal(draws)))


def mixture(parts: Sequence[Floats], *, each: int) -> Floats:
    """Return the same number of draws from every part, evenly spread over its own."""
    levels = (np.arange(each) + 0.5) / each
    return np.concatenate([np.quantile(part, levels, method="inverted_cdf") for part in parts])


def sums(parts: Sequence[Floats], *, draws: int, rng: np.random.Generator) -> Floats:
    """Return draws of the sum of independent parts."""
    return np.asarray(sum(rng.choice(part, draws) for part in parts), np.float64)


def interval_of_draws(draws: Floats) -> Interval:
    """Return the median with its 95 % limits."""
    low, median, high = np.quantile(draws, LEVELS, method="inverted_cdf")
    return Interval(median=float(median), low=float(low), high=float(high))


def humps_of(draws: Floats, *, documented: int) -> tuple[Hump, ...]:
    """Return the modes of joined draws."""
    if not np.ptp(draws) > 0:
        return ()
    least = min(documented, int(draws.min()))
    return find_humps(smoothed(draws, least=least, effective=float(draws.size)))
