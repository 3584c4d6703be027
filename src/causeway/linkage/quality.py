"""How good a linkage is, estimated from the draws, since nobody holds the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.linkage.draws import LinkageDraws
from causeway.linkage.matching import shared_pairs

__all__ = ["LinkageQuality", "Share", "linkage_quality"]


@dataclass(frozen=True)
class Share:
    """A share with its limits: the median and the middle 95 % over the draws."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class LinkageQuality:
    """What the draws say of the one answer.

    Args:
        links: Pairs of records that the answer joins.
        precision: Share of these that are one person.
        recall: Share of all pairs that are one person which the answer joins. What lies below the floor is in
            it as a rough guess. Pairs that encodings can't show at all, raw names in two scripts, are not.
    """

    links: int
    precision: Share
    recall: Share


def linkage_quality(draws: LinkageDraws) -> LinkageQuality:
    """Estimate precision and recall of the best clusters over all pairs of lists."""
    one, other = shared_pairs(draws.best)
    together = [(label[one] == label[other]).sum() for label in draws.labels]
    right = np.array(together, dtype=np.float64)
    true = draws.pairs.sum(axis=(1, 2)) + draws.missed.sum(axis=(1, 2))
    return LinkageQuality(len(one), _share(right / max(1, len(one))), _share(right / np.maximum(1, true)))


def _share(values: NDArray[np.float64]) -> Share:
    low, median, high = np.quantile(values, [0.025, 0.5, 0.975])
    return Share(float(median), float(low), float(high))
