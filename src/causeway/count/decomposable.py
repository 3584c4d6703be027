"""Exact averaging over all decomposable graphical models of how lists depend on each other.

Every decomposable graph on the lists is a model of which of them depend on which. The posterior of the
total is the average over all of them, weighed by how well each foretells the table, with the graphs alike
beforehand. Nothing is sampled: marginal likelihoods are in closed form, and the number of unseen cases is
summed over.

The saturated graph joins every pair and so says nothing of the cell that nobody has seen: its posterior is
the prior's, with a spike at nobody missing, and with large counts it wins by fitting what the others must
explain. Counted as a model it answers "nobody is missing". So its mass is reported and left out.

Source: Madigan & York (1997), Bayesian methods for estimation of the size of a closed population,
Biometrika 84, 19-31; the same family as in Johndrow, Lum & Manrique-Vallier (2019), Biometrika 106,
197-210, whose warning on low coverage of some cases holds here as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from causeway.count.averaging import average, shares
from causeway.count.decomposable_results import DecomposablePosterior
from causeway.count.graphs import MAX_ENUMERABLE, Graphs, decomposable_graphs
from causeway.count.grid import Density, adaptive_grid, given_grid
from causeway.count.humps import find_humps
from causeway.count.identifiability import findings, without_empty_lists
from causeway.count.marginals import LogPrior, Marginals, one_over_total
from causeway.count.results import FamilyEstimate, NoPosterior
from causeway.count.support import Support
from causeway.count.table import CaptureTable
from causeway.count.watch import Cancelled, Watch
from causeway.errors import LocalError
from causeway.sentences import say

__all__ = [
    "decomposable_posterior",
    "estimate_decomposable",
]

Floats = NDArray[np.float64]

# Points whose subsets are held at once: seven lists have 128 of them.
_POINTS_AT_ONCE = 20_000
# Nodes with less mass add nothing to a graph's share.
_SHARE_MASS = 1e-12


def estimate_decomposable(
    table: CaptureTable,
    *,
    seed: int,
    delta: float | None = None,
    prior: LogPrior = one_over_total,
    grid: NDArray[np.int64] | None = None,
    include_saturated: bool = False,
    draws: int = 4_000,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> FamilyEstimate:
    """Return the decomposable family's answer; `decomposable_posterior` has the arguments and the details."""
    posterior = decomposable_posterior(
        table,
        delta=delta,
        prior=prior,
        grid=grid,
        include_saturated=include_saturated,
        progress=progress,
        cancel=cancel,
    )
    if isinstance(posterior, NoPosterior):
        return FamilyEstimate("decomposable", None, usable=False, notes=posterior.reasons)
    return posterior.estimate(seed=seed, draws=draws)


def decomposable_posterior(
    table: CaptureTable,
    *,
    delta: float | None = None,
    prior: LogPrior = one_over_total,
    grid: NDArray[np.int64] | None = None,
    include_saturated: bool = False,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> DecomposablePosterior | NoPosterior:
    """Average over all decomposable graphs on a table's lists.

    Args:
        table: Two to seven lists with cases.
        delta: The prior's weight for one cell, in cases; 2 ** −lists by default, one case in all.
        prior: Logarithm of the prior on the total; 1/N by default. It must be smooth from one total to the
            next, for totals are not all looked at.
        grid: Numbers of unseen cases, ascending, to look at these only, each alike, as other programs do.
            By default the grid follows the posterior.
        include_saturated: Count the saturated graph as a model, as other programs do.
        progress: Called with the part done, from 0 to 1; not in even steps, for the grid grows by need.
        cancel: Asked now and then; the answer is `NoPosterior` once it says True.

    Raises:
        LocalError: A weight that is not above nought, a grid that is not ascending whole numbers from 0 on.
    """
    found = findings(table)
    # That two lists share no case is the table's, not this family's, and there may be dozens of such pairs.
    notes = tuple(finding.sentence for finding in found if finding.kind != "pair_apart")
    if any(finding.kind in ("no_cases", "too_few_lists") for finding in found):
        return NoPosterior(notes)
    table = without_empty_lists(table)
    lists = len(table.lists)
    if lists > MAX_ENUMERABLE:
        return NoPosterior(
            (
                say(
                    "Too many lists for averaging over all decomposable graphs: {lists}, of at most {most}. "
                    "Eight would already be thirty million graphs.",
                    lists=lists,
                    most=MAX_ENUMERABLE,
                ),
            )
        )
    delta = 2.0**-lists if delta is None else delta
    if not (math.isfinite(delta) and delta > 0):
        raise LocalError("The prior's weight for a cell must be above nought.")
    marginals = Marginals.of(table, delta=delta, log_prior=prior)
    run = _Run(decomposable_graphs(lists), marginals, include_saturated, progress, cancel)
    try:
        if grid is None:
            density = adaptive_grid(run.evaluate, marginals.sharpness, reach=_reach(table))
        else:
            density = given_grid(run.evaluate, _checked(grid))
        masses = run.masses(density)
    except Cancelled:
        return NoPosterior((say("The averaging was stopped before it was done."),))
    support = Support(density.unseen + table.documented, density.widths, density.weights(0))
    return DecomposablePosterior(
        lists=table.lists,
        documented=table.documented,
        delta=delta,
        support=support,
        interval=support.interval(),
        humps=find_humps(support),
        saturated_mass=float(masses[-1]) if include_saturated else _saturated(density, beyond=grid is None),
        tail=density.tails[0],
        graph_edges=run.graphs.edges[: run.stop],
        graph_mass=masses,
        notes=notes,
        blocked=any(finding.blocks for finding in found),
    )


class _Run:
    """One table's evaluation, grid by grid, with the caller told and asked on the way."""

    def __init__(
        self,
        graphs: Graphs,
        marginals: Marginals,
        include_saturated: bool,
        progress: Callable[[float], None] | None,
        cancel: Callable[[], bool] | None,
    ) -> None:
        self.graphs = graphs
        self.stop = graphs.edges.size - (0 if include_saturated else 1)
        self._marginals = marginals
        self._progress = progress
        self._cancel = cancel
        self._done = 0.0

    def evaluate(self, unseen: Floats) -> tuple[Floats, Floats]:
        """Return the log of the average and of the saturated graph, up to one constant."""
        blocks = np.array_split(unseen, -(-unseen.size // _POINTS_AT_ONCE))
        mean, saturated = [], []
        for block in blocks:
            values, common = self._marginals.of_subsets(block), self._marginals.common(block)
            mean.append(average(self.graphs, values, stop=self.stop, watch=self._stage()) + common)
            saturated.append(values[-1] + common)
        return np.concatenate(mean), np.concatenate(saturated)

    def masses(self, density: Density) -> Floats:
        """Return each graph's part of the posterior."""
        weights = density.node_weights(0)
        heavy = weights > _SHARE_MASS
        nodes, logs, weights = density.nodes[heavy], density.logs[0][heavy], weights[heavy]
        out = np.zeros(self.stop)
        for start in range(0, nodes.size, _POINTS_AT_ONCE):
            part = slice(start, start + _POINTS_AT_ONCE)
            values = self._marginals.of_subsets(nodes[part])
            logs_here = logs[part] - self._marginals.common(nodes[part])
            out += shares(self.graphs, values, logs_here, weights[part], stop=self.stop, watch=self._stage())
        if self._progress is not None:
            self._progress(1.0)
        return np.asarray(out / out.sum())

    def _stage(self) -> Watch:
        """Return how the next pass over all graphs reports: half of what is left, for more may follow."""
        start, end, report = self._done, (1 + self._done) / 2, self._progress
        self._done = end
        if report is None:
            return Watch(None, self._cancel)
        return Watch(lambda part: report(start + part * (end - start)), self._cancel)


def _reach(table: CaptureTable) -> float:
    """Return a number of unseen cases above what any pair of lists could ask for, were one case shared."""
    sizes = np.sort(table.counts @ table.histories)
    return 10.0 * (float(sizes[-1]) * float(sizes[-2]) + table.documented)


def _saturated(density: Density, *, beyond: bool) -> float:
    """Return the part that the saturated graph would have, were it counted among the models.

    Its tail is long, so what lies beyond a grown grid is added; a given grid is taken at its word.
    """
    tail = density.tails[1].mass if beyond else 0.0
    ahead = density.log_mass(1) - (math.log1p(-tail) if tail < 1 else 0.0) - density.log_mass(0)
    return 1 / (1 + math.exp(min(-ahead, 700.0)))


def _checked(grid: NDArray[np.int64]) -> NDArray[np.int64]:
    whole = np.asarray(grid)
    if whole.ndim != 1 or whole.size < 2 or whole.dtype.kind not in "iu":
        raise LocalError("The grid must be a row of at least two whole numbers.")
    if whole[0] < 0 or (np.diff(whole.astype(np.int64)) <= 0).any():
        raise LocalError("The grid must be ascending numbers of unseen cases, from 0 on.")
    return whole.astype(np.int64)
