"""Posterior predictive checks of every family: do its models foretell what the table shows?

Tables of as many documented cases are drawn from each family's models, and two things are compared with what
was found: how many cases each two lists share, and how many stand on exactly one list, two lists and so on.
The second shows what pairs hide: cases that are easy for every list.

Source: Gelman, Meng & Stern (1996), Posterior predictive assessment of model fitness via realized
    discrepancies, Statistica Sinica 6, 733-807.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from causeway.count.decomposable_results import DecomposablePosterior
from causeway.count.families import Families
from causeway.count.graphs import decomposable_graphs, edge_pairs
from causeway.count.identifiability import without_empty_lists
from causeway.count.log_linear_results import LogLinearFit
from causeway.count.marginals import Marginals, one_over_total
from causeway.count.predictive import LEAST_CHANCE
from causeway.count.results import Family
from causeway.count.table import CaptureTable

__all__ = ["Check", "predictive_checks"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DRAWS = 1_000


@dataclass(frozen=True)
class Check:
    """One comparison.

    Args:
        family: Whose models.
        lists: The two lists whose shared cases it is about; empty where it is about `on`.
        on: The number of lists that cases stand on; 0 where it is about two lists.
        found: Cases.
        expected: Cases in tables that the models foretell, on average.
        chance: Two-sided posterior predictive p-value.
        surprising: True where it is too small to be luck, for as many comparisons as were made.
    """

    family: Family
    lists: tuple[str, ...]
    on: int
    found: int
    expected: float
    chance: float
    surprising: bool


def predictive_checks(table: CaptureTable, families: Families, *, seed: int) -> tuple[Check, ...]:
    """Check each family that has something to foretell with.

    The latent class family brings its own checks, of pairs.

    Args:
        table: What was fitted.
        families: The fits.
        seed: For the tables that are drawn.
    """
    if families.decomposable is None and families.log_linear is None and families.latent_class is None:
        return ()
    used = without_empty_lists(table)
    rng = np.random.default_rng([seed, 1])
    out: list[Check] = []
    if families.decomposable is not None:
        out += _compared("decomposable", used, _from_graphs(used, families.decomposable, rng))
    if families.latent_class is not None:
        out += [
            Check(
                "latent_class",
                (one.one, one.other),
                0,
                one.found,
                one.expected,
                one.chance,
                one.surprising,
            )
            for one in families.latent_class.checks
        ]
    if families.log_linear is not None:
        out += _compared("log_linear", used, _from_terms(used, families.log_linear, rng))
    return tuple(out)


def _compared(family: Family, table: CaptureTable, drawn: Ints) -> list[Check]:
    """Compare a table with drawn ones, shape (draws, cells)."""
    histories = table.histories
    on = histories.sum(axis=1)
    pairs = list(combinations(range(len(table.lists)), 2))
    masks = [histories[:, one] & histories[:, other] for one, other in pairs]
    masks += [on == number for number in range(1, len(table.lists) + 1)]
    names = [(table.lists[one], table.lists[other]) for one, other in pairs]
    what = [(pair, 0) for pair in names] + [((), number) for number in range(1, len(table.lists) + 1)]
    out = []
    for (lists, number), mask in zip(what, masks, strict=True):
        found, values = int(table.counts[mask].sum()), drawn[:, mask].sum(axis=1)
        tail = min((values >= found).mean(), (values <= found).mean())
        chance = min(1.0, 2 * float(tail) + 1.0 / values.size)
        limit = max(LEAST_CHANCE / len(masks), 2.0 / values.size)
        out.append(Check(family, lists, number, found, float(values.mean()), chance, chance < limit))
    return out


def _from_terms(table: CaptureTable, fit: LogLinearFit, rng: np.random.Generator) -> Ints:
    """Draw tables from the chosen log-linear model at its estimate."""
    place = {name: 1 << bit for bit, name in enumerate(fit.lists)}
    cells = np.arange(table.counts.size)
    log_means = np.zeros(cells.size)
    for term in fit.coefficients:
        mask = sum(place[name] for name in term.lists)
        log_means[(cells & mask) == mask] += term.value
    log_means[0] = -np.inf
    return rng.multinomial(table.documented, softmax(log_means), _DRAWS)


def _from_graphs(table: CaptureTable, posterior: DecomposablePosterior, rng: np.random.Generator) -> Ints:
    """Draw tables from the average: a graph, a number of unseen cases, chances of cells, and a table.

    Given a graph, a perfect elimination order makes the chances of cells a product of independent beta
    variables: of each list, given its neighbours that are eliminated later (Dawid & Lauritzen 1993).
    """
    lists = len(table.lists)
    graphs = decomposable_graphs(lists)
    marginals = Marginals.of(table, delta=posterior.delta, log_prior=one_over_total)
    unseen = (posterior.support.totals - posterior.documented).astype(np.float64)
    heavy = posterior.support.weights > 0
    nodes, log_widths = unseen[heavy], np.log(posterior.support.widths[heavy])
    values, common = marginals.of_subsets(nodes), marginals.common(nodes) + log_widths
    mass = posterior.graph_mass / posterior.graph_mass.sum()
    chosen, times = np.unique(rng.choice(mass.size, _DRAWS, p=mass), return_counts=True)
    out = []
    for graph, count in zip(chosen, times, strict=True):
        terms = int(graphs.terms[graph])
        factors = graphs.factors[graph, :terms].astype(np.float64)
        height = factors @ values[graphs.subsets[graph, :terms]] + common
        numbers = rng.choice(nodes, int(count), p=softmax(height))
        order = _elimination(lists, int(posterior.graph_edges[graph]))
        for number in numbers:
            chances = _cell_chances(table, order, float(number), posterior.delta, rng)
            chances[0] = 0.0
            out.append(rng.multinomial(table.documented, chances / chances.sum()))
    return np.array(out, np.int64)


def _elimination(lists: int, edges: int) -> list[tuple[int, int]]:
    """Return each list in a perfect elimination order with the mask of its neighbours that come later."""
    neighbours = [0] * lists
    for bit, (one, other) in enumerate(edge_pairs(lists)):
        if edges >> bit & 1:
            neighbours[one] |= 1 << other
            neighbours[other] |= 1 << one
    left = (1 << lists) - 1
    order = []
    while left:
        for vertex in range(lists):
            around = neighbours[vertex] & left
            members = [other for other in range(lists) if around >> other & 1]
            if left >> vertex & 1 and all(not around & ~(neighbours[o] | 1 << o) for o in members):
                order.append((vertex, around))
                left &= ~(1 << vertex)
                break
    return order


def _cell_chances(
    table: CaptureTable,
    order: Sequence[tuple[int, int]],
    unseen: float,
    delta: float,
    rng: np.random.Generator,
) -> Floats:
    """Draw the chance of every cell from its posterior, given the graph and the unseen."""
    cells = np.arange(table.counts.size)
    weights = table.counts + delta
    weights[0] += unseen
    chances = np.ones(cells.size)
    for vertex, around in order:
        on = np.bincount(cells & (around | 1 << vertex), weights=weights, minlength=cells.size)
        beta = rng.beta(np.maximum(on[cells & around | 1 << vertex], 1e-300), on[cells & around])
        # One draw for each state of the neighbours, whatever the other lists say.
        drawn = beta[cells & around]
        chances *= np.where(cells >> vertex & 1 == 1, drawn, 1.0 - drawn)
    return chances
