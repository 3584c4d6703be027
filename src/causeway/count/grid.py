"""A grid over the number of unseen cases that goes where the posterior is, and as far as it goes.

A grid laid down beforehand cuts a posterior without a word: of the same five lists (United Kingdom, 2013)
it makes 11,767 or 22,990, by its end alone. Here a coarse geometric grid runs past every total that the
table could speak for and on until what lies beyond is next to nothing; then every gap is cut where, by the
bound on how sharply the log posterior can bend (`Marginals.sharpness`), mass might hide or its shape be
missed. Between the points the log posterior is smooth and interpolated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

__all__ = ["NEGLIGIBLE_TAIL", "Density", "Tail", "adaptive_grid", "given_grid"]

Floats = NDArray[np.float64]
Evaluate = Callable[[Floats], tuple[Floats, ...]]
"""Log densities, up to one constant, at numbers of unseen cases; the first is the one that matters most."""

NEGLIGIBLE_TAIL = 1e-7
# Beyond this many unseen nobody is left on earth; a posterior that reaches it has not fallen off.
_FARTHEST = 1e13
_COARSE_RATIO = 1.6
_FIRST_WHOLE = 24
# A gap is narrow enough when the bend over it, in standard deviations of the sharpest peak, is below this.
_NARROW = 0.8
# A gap that can hold less than this part of the mass is left as it is.
_IGNORED_MASS = 1e-9
# Where neighbours foretell a point worse than this, in logarithms, the curve is followed more closely.
_BEND_BETWEEN = 0.25
_BEND_MASS = 1e-6
_SPLIT_INTO = 4
_SHOWN_BETWEEN = 8
_MOST_ROUNDS = 40


@dataclass(frozen=True)
class Tail:
    """What lies beyond the grid.

    Args:
        mass: Part of the posterior beyond the last point, from the power law that it falls by there;
            infinite where it does not fall fast enough to have a sum.
        exponent: Of that power law: the density falls as unseen ** −exponent.
    """

    mass: float
    exponent: float


@dataclass(frozen=True, eq=False)
class Density:
    """Log densities along a grid (p points), with what each point stands for.

    Args:
        nodes: float64 (p,), whole numbers of unseen cases where everything was computed.
        logs: One float64 (p,) for each density asked for.
        unseen: int64 (q,), the finer points between which nothing happens any more.
        widths: float64 (q,), how many whole numbers each of them stands for.
        fine_logs: The log densities there.
        tails: One for each density.
    """

    nodes: Floats
    logs: tuple[Floats, ...]
    unseen: NDArray[np.int64]
    widths: Floats
    fine_logs: tuple[Floats, ...]
    tails: tuple[Tail, ...]

    def log_mass(self, which: int) -> float:
        """Return the logarithm of one density's sum over all whole numbers, the tail left out."""
        logs = self.fine_logs[which]
        most = float(logs.max())
        return most + float(np.log((np.exp(logs - most) * self.widths).sum()))

    def weights(self, which: int) -> Floats:
        """Return each fine point's part of the mass; sums to 1."""
        return np.asarray(np.exp(self.fine_logs[which] - self.log_mass(which)) * self.widths)

    def node_weights(self, which: int) -> Floats:
        """Return the mass gathered at the nodes, each fine point's shared by its neighbours; sums to 1."""
        weights = self.weights(which)
        right = np.clip(np.searchsorted(self.nodes, self.unseen, side="right"), 1, self.nodes.size - 1)
        left = right - 1
        part = (self.unseen - self.nodes[left]) / (self.nodes[right] - self.nodes[left])
        out = np.bincount(left, weights * (1 - part), minlength=self.nodes.size)
        return np.asarray(out + np.bincount(right, weights * part, minlength=self.nodes.size))


def adaptive_grid(evaluate: Evaluate, sharpness: Callable[[Floats], Floats], *, reach: float) -> Density:
    """Follow log densities over all numbers of unseen cases.

    Args:
        evaluate: The log densities at points.
        sharpness: Minus the least second derivative that any of them can have at points.
        reach: A number of unseen cases that every single model's peak lies below; the grid goes on from
            there if need be.
    """
    nodes = _coarse(0.0, min(max(reach, 1e3), _FARTHEST))
    logs = evaluate(nodes)
    for _ in range(_MOST_ROUNDS):
        if _tail(nodes, logs[0]).mass < NEGLIGIBLE_TAIL or nodes[-1] >= _FARTHEST:
            break
        nodes, logs = _with(nodes, logs, _coarse(nodes[-1], nodes[-1] * 30)[1:], evaluate)
    bends = sharpness(nodes)
    for _ in range(_MOST_ROUNDS):
        more = _where_more(nodes, logs, bends)
        if more.size == 0:
            break
        bends = np.insert(bends, np.searchsorted(nodes, more), sharpness(more))
        nodes, logs = _with(nodes, logs, more, evaluate)
    unseen, widths = _fine_points(nodes)
    fine = tuple(_between(nodes, log, unseen) for log in logs)
    return Density(nodes, logs, unseen, widths, fine, tuple(_tail(nodes, log) for log in logs))


def given_grid(evaluate: Evaluate, unseen: NDArray[np.int64]) -> Density:
    """Evaluate log densities on a grid of the caller's, each point as heavy as the next."""
    nodes = unseen.astype(np.float64)
    logs = evaluate(nodes)
    return Density(nodes, logs, unseen, np.ones(nodes.size), logs, tuple(_tail(nodes, log) for log in logs))


def _coarse(start: float, end: float) -> Floats:
    """Return whole numbers after `start` (and from 0 on), geometrically spaced, up to `end`."""
    first = np.arange(_FIRST_WHOLE + 1.0) if start == 0 else np.array([start])
    count = max(int(np.ceil(np.log(end / first[-1]) / np.log(_COARSE_RATIO))), 1)
    rest = np.rint(first[-1] * (end / first[-1]) ** (np.arange(1, count + 1) / count))
    return np.unique(np.concatenate([first, rest]))


def _with(
    nodes: Floats, logs: tuple[Floats, ...], more: Floats, evaluate: Evaluate
) -> tuple[Floats, tuple[Floats, ...]]:
    """Return the grid with points added, none of which it has yet."""
    where = np.searchsorted(nodes, more)
    added = evaluate(more)
    return (
        np.insert(nodes, where, more),
        tuple(np.insert(log, where, new) for log, new in zip(logs, added, strict=True)),
    )


def _tail(nodes: Floats, log: Floats) -> Tail:
    """Return the mass beyond the last point, as a part of all, by the power law of the last gap."""
    if nodes.size < 2:
        return Tail(np.inf, 0.0)
    # A step at least a tenth wide, so that rounding does not make the slope.
    before = max(int(np.searchsorted(nodes, 0.9 * nodes[-1])) - 1, 0)
    run = np.log((nodes[-1] + 1) / (nodes[before] + 1))
    exponent = float((log[before] - log[-1]) / run)
    if exponent <= 1:
        return Tail(np.inf, exponent)
    most = float(log.max())
    heights = np.exp(log - most)
    inside = float(((heights[1:] + heights[:-1]) / 2 * np.diff(nodes)).sum() + heights[0])
    beyond = float(heights[-1] * nodes[-1] / (exponent - 1))
    return Tail(beyond / (inside + beyond), exponent)


def _where_more(nodes: Floats, logs: tuple[Floats, ...], bend: Floats) -> Floats:
    """Return the points that the grid still lacks."""
    gaps = np.diff(nodes)
    wide = gaps > 1
    pieces = np.ones(gaps.size, np.int64)
    across = np.maximum(bend[1:], bend[:-1]) * gaps**2
    for log in logs:
        rise = np.diff(log)
        # The highest point under a parabola of the sharpest bend through both ends of the gap.
        inside = np.abs(rise) < across / 2
        least = np.where(across > 0, across, 1.0)
        crest = (log[1:] + log[:-1]) / 2 + across / 8 + rise**2 / (2 * least)
        most = np.where(inside, crest, np.maximum(log[1:], log[:-1]))
        total = _log_sum((log[1:] + log[:-1]) / 2 + np.log(gaps))
        might_hold = most + np.log(gaps) - total
        wanted = np.sqrt(across) / _NARROW
        pieces = np.maximum(
            pieces, np.where(wide & (wanted > 1) & (might_hold > np.log(_IGNORED_MASS)), wanted, 1)
        )
        holds = np.maximum(log[1:], log[:-1]) + np.log(gaps) - total > np.log(_BEND_MASS)
        bent = _bent(nodes, log)
        pieces = np.maximum(pieces, np.where(wide & holds & (bent[1:] | bent[:-1]), 2, 1))
    # A gap of n holds n − 1 points; many pieces are not cut at once, for most of them may prove empty.
    pieces = np.minimum(np.minimum(np.ceil(pieces), _SPLIT_INTO), gaps).astype(np.int64)
    cut = pieces > 1
    found = [
        nodes[:-1][cut & (pieces > part)]
        + np.rint(gaps[cut & (pieces > part)] * part / pieces[cut & (pieces > part)])
        for part in range(1, _SPLIT_INTO)
    ]
    return np.unique(np.concatenate(found))


def _bent(nodes: Floats, log: Floats) -> NDArray[np.bool_]:
    """Return where a point lies off the line between its neighbours, on a logarithmic axis."""
    axis = np.log(nodes + 1)
    part = (axis[1:-1] - axis[:-2]) / (axis[2:] - axis[:-2])
    foretold = log[:-2] + part * (log[2:] - log[:-2])
    return np.concatenate([[False], np.abs(foretold - log[1:-1]) > _BEND_BETWEEN, [False]])


def _fine_points(nodes: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return points between the nodes and how many whole numbers each stands for."""
    steps = np.arange(_SHOWN_BETWEEN) / _SHOWN_BETWEEN
    between = nodes[:-1, None] + np.rint(np.diff(nodes)[:, None] * steps)
    unseen = np.unique(np.append(between.ravel(), nodes[-1]))
    middles = (unseen[1:] + unseen[:-1]) / 2
    edges = np.concatenate([[unseen[0] - 0.5], middles, [unseen[-1] + 0.5]])
    return unseen.astype(np.int64), np.diff(edges)


def _between(nodes: Floats, log: Floats, unseen: NDArray[np.int64]) -> Floats:
    """Interpolate a log density on a logarithmic axis; nodes keep their values."""
    # The first whole numbers are all nodes, and there a spike at nobody unseen may stand: the curve for
    # what comes after does not bend to it.
    whole = int(np.argmax(np.diff(nodes) > 1)) if (np.diff(nodes) > 1).any() else nodes.size - 1
    start = max(whole - 3, 0)
    out = np.empty(unseen.size)
    split = int(np.searchsorted(unseen, nodes[start]))
    out[:split] = log[:start]
    curve = CubicSpline(np.log(nodes[start:] + 1), log[start:])
    out[split:] = curve(np.log(unseen[split:] + 1.0))
    return out


def _log_sum(logs: Floats) -> float:
    most = float(logs.max())
    return most + float(np.log(np.exp(logs - most).sum()))
