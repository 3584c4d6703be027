"""Posterior predictive checks: does the fitted model foretell how many cases pairs of lists share?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from causeway.count.table import CaptureTable

__all__ = ["LEAST_CHANCE", "OverlapCheck", "overlap_checks"]

Floats = NDArray[np.float64]

LEAST_CHANCE = 0.01
"""All pairs together: an overlap this unlikely under the model, over the number of pairs, surprises."""


@dataclass(frozen=True)
class OverlapCheck:
    """One pair of lists.

    Args:
        one: Name of a list.
        other: Name of another.
        found: Cases on both.
        expected: Cases on both in tables that the model foretells, on average.
        chance: Two-sided posterior predictive p-value of what was found.
        surprising: True where it is too small to be luck, for as many pairs as were looked at.
    """

    one: str
    other: str
    found: int
    expected: float
    chance: float
    surprising: bool


def overlap_checks(
    table: CaptureTable, weights: Floats, chances: Floats, *, seed: int
) -> tuple[OverlapCheck, ...]:
    """Compare each pair's overlap with tables drawn from the posterior, of as many documented cases.

    Args:
        table: The table that was fitted.
        weights: (draws, classes), classes' weights.
        chances: (draws, classes, lists), chance that a list names a member of a class.
        seed: For the tables that are drawn.

    Source: Gelman, Meng & Stern (1996), Posterior predictive assessment of model fitness via realized
        discrepancies, Statistica Sinica 6, 733-807.
    """
    rng = np.random.default_rng(seed)
    seen = (weights * (1.0 - np.prod(1.0 - chances, axis=2))).sum(axis=1)
    histories = table.histories.astype(np.int64)
    shared = histories.T @ (histories * table.counts[:, None])
    pairs = list(combinations(range(len(table.lists)), 2))
    out = []
    for one, other in pairs:
        both = (weights * chances[:, :, one] * chances[:, :, other]).sum(axis=1) / seen
        drawn = rng.binomial(table.documented, np.clip(both, 0.0, 1.0))
        found = int(shared[one, other])
        at_least, at_most = (drawn >= found).mean(), (drawn <= found).mean()
        # Never nought: draws that were not made might have been more extreme.
        chance = min(1.0, 2 * float(min(at_least, at_most)) + 1.0 / drawn.size)
        out.append(
            OverlapCheck(
                table.lists[one],
                table.lists[other],
                found,
                float(drawn.mean()),
                chance,
                surprising=chance < max(LEAST_CHANCE / len(pairs), 2.0 / drawn.size),
            )
        )
    return tuple(out)
