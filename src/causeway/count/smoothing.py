"""Draws made into a smooth posterior on points, so that its humps can be told from noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causeway.count.support import Support

__all__ = ["smoothed"]

_POINTS = 400


def smoothed(draws: NDArray[np.float64], *, least: int, effective: float) -> Support:
    """Return a kernel estimate of the posterior of a total from correlated draws.

    It works on the logarithm of the unseen cases, for posteriors of totals lean far to the right. The kernel
    is as wide as independent draws of the effective number ask for: correlated ones make bumps of their own.

    Args:
        draws: Totals, any shape.
        least: The documented cases.
        effective: How many independent draws these are worth.

    Source: Silverman (1986), Density estimation, equation 3.31.
    """
    unseen = np.log(np.sort(draws.ravel()) - least + 1.0)
    low, high = float(unseen[0]), float(unseen[-1])
    spread = min(float(unseen.std()), float(np.subtract(*np.quantile(unseen, [0.75, 0.25]))) / 1.34)
    width = max(0.9 * spread * max(effective, 1.0) ** -0.2, (high - low) / _POINTS, 1e-9)
    edges = np.linspace(low - width, high + width, _POINTS + 1)
    heights = np.histogram(unseen, edges)[0].astype(np.float64)
    step = edges[1] - edges[0]
    reach = int(np.ceil(4 * width / step))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width) ** 2)
    weights = np.convolve(heights, kernel / kernel.sum())[reach : reach + _POINTS]
    below = np.append(0.0, np.cumsum(weights)) / weights.sum()
    # From there to the next, whole numbers; the last of them takes what the kernel put beyond it.
    ends = np.unique(np.maximum(np.floor(np.exp(edges) - 1.0), 0.0).astype(np.int64))
    ends = np.append(-1, ends)
    mass = np.diff(np.interp(np.log(np.maximum(ends + 1.5, 0.5)), edges, below))
    widths = np.diff(ends)
    return Support(ends[:-1] + (widths + 1) // 2 + least, widths.astype(np.float64), mass)
