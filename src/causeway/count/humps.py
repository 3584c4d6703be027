"""The humps of a posterior: where it has more than one answer, each is shown."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from causeway.count.results import Hump
from causeway.count.support import Support

__all__ = ["LEAST_MASS", "LEAST_RISE", "find_humps"]

LEAST_MASS = 0.02
"""A hump with less of the posterior is no answer of its own: the 95 % limits leave it out."""

LEAST_RISE = 1.2
"""The lower of two humps must stand at least so many times above the valley between them."""


def find_humps(support: Support) -> tuple[Hump, ...]:
    """Return the modes of a posterior, the heaviest first; there is always at least one.

    Neighbouring rises of the density are one hump unless the valley between them is at least `LEAST_RISE`
    below the lower one; then a hump with less than `LEAST_MASS` is counted with the neighbour that it has
    the shallower valley to.
    """
    density = support.density
    peaks = _peaks(density)
    while len(peaks) > 1:
        valleys = [_valley(density, left, right) for left, right in pairwise(peaks)]
        shallow = [
            density[valley] / min(density[left], density[right])
            for valley, (left, right) in zip(valleys, pairwise(peaks), strict=True)
        ]
        parts = _parts(support, valleys)
        worst = int(np.argmax(shallow))
        if shallow[worst] > 1 / LEAST_RISE:
            lower = worst if density[peaks[worst]] < density[peaks[worst + 1]] else worst + 1
            del peaks[lower]
            continue
        lightest = int(np.argmin([part.weights.sum() for part in parts]))
        if parts[lightest].weights.sum() >= LEAST_MASS * support.weights.sum():
            return _described(parts)
        del peaks[lightest]
    return _described([support])


def _peaks(density: NDArray[np.float64]) -> list[int]:
    """Return the places that stand above both neighbours; of a level stretch, its first."""
    padded = np.concatenate([[-1.0], density, [-1.0]])
    changes = np.flatnonzero(np.diff(padded) != 0)
    level = padded[changes + 1]
    before = padded[changes]
    after = np.append(level[1:], -1.0)
    return [int(place) for place in changes[(level > before) & (level > after)]]


def _valley(density: NDArray[np.float64], left: int, right: int) -> int:
    return left + int(np.argmin(density[left : right + 1]))


def _parts(support: Support, valleys: list[int]) -> list[Support]:
    bounds = [0, *valleys, support.totals.size]
    return [support.part(start, stop) for start, stop in pairwise(bounds)]


def _described(parts: list[Support]) -> tuple[Hump, ...]:
    whole = sum(float(part.weights.sum()) for part in parts)
    humps = []
    for part in parts:
        interval = part.interval()
        mass = float(part.weights.sum()) / whole
        humps.append(Hump(median=interval.median, low=interval.low, high=interval.high, mass=mass))
    return tuple(sorted(humps, key=lambda hump: -hump.mass))
