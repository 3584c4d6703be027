"""Compiled fits against a general optimiser on the full design, and existence against a linear program."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from causeway.count.hierarchical import catalogue, interactions
from causeway.count.identifiability import existence
from causeway.count.log_linear_kernel import best_of, downhill, fit, superset_sums
from causeway.count.table import CaptureTable
from tests.count.tables import published, table_of

Floats = NDArray[np.float64]


def fitted(table: CaptureTable, terms: tuple[int, ...]) -> tuple[bool, float, Floats]:
    counts = table.counts.astype(np.float64)
    margins = counts.copy()
    superset_sums(margins)
    beta = np.empty(counts.size)
    exists, likelihood = fit(counts, margins, np.array(terms, np.int64), beta, False)
    return exists, likelihood, beta


def slowly(table: CaptureTable, terms: tuple[int, ...]) -> tuple[float, float]:
    """Return log likelihood and unseen cases by a quasi-Newton method on the design, no term at −∞."""
    lists = len(table.lists)
    cells = np.arange(1, table.counts.size)
    masks = [0, *(1 << place for place in range(lists)), *terms]
    design = np.column_stack([(cells & mask) == mask for mask in masks]).astype(np.float64)
    counts = table.counts[1:].astype(np.float64)

    def loss(beta: Floats) -> tuple[float, Floats]:
        eta = design @ beta
        return float(np.exp(eta).sum() - counts @ eta), design.T @ (np.exp(eta) - counts)

    start = np.zeros(len(masks))
    start[0] = math.log(counts.mean() + 1)
    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 5_000})
    return -float(found.fun), math.exp(found.x[0])


def test_superset_sums_are_margins() -> None:
    values = np.arange(16.0)
    sums = values.copy()
    superset_sums(sums)
    assert sums.tolist() == [sum(v for h, v in enumerate(values) if h & s == s) for s in range(16)]


@pytest.mark.parametrize("name", ["kosovo", "madigan_york_3", "diabetes_casale", "hav_taiwan"])
def test_fits_are_those_of_a_general_optimiser(name: str) -> None:
    table = published(name)
    lists = len(table.lists)
    models, sizes = catalogue(lists, lists - 1)
    for place in range(0, sizes.size, 9):
        terms = tuple(int(term) for term in models[place, : sizes[place]])
        exists, likelihood, beta = fitted(table, terms)
        slow_likelihood, slow_unseen = slowly(table, terms)
        assert exists
        assert likelihood == pytest.approx(slow_likelihood, abs=1e-4)
        assert math.exp(beta[0]) == pytest.approx(slow_unseen, rel=1e-3)


def test_two_lists_are_lincoln_and_petersen() -> None:
    exists, _, beta = fitted(table_of([0, 40, 30, 12]), ())
    assert exists
    assert math.exp(beta[0]) == pytest.approx(40 * 30 / 12)


def test_a_pair_without_overlap_stands_at_minus_infinity_and_takes_its_cells_along() -> None:
    # Chan, Silverman & Vincent (2021): with AC and BC at minus infinity, A and B are left as two lists.
    table = published("artificial_3")
    exists, _, beta = fitted(table, (0b101, 0b110))
    assert exists
    assert beta[0b101] == beta[0b110] == -np.inf
    assert math.exp(beta[0]) == pytest.approx(40 * 30 / 6)


def test_existence_is_what_a_linear_program_finds() -> None:
    rng = np.random.default_rng(8)
    seen = set()
    for _ in range(60):
        cells = rng.poisson(rng.choice([0.3, 1.0, 4.0], size=16))
        cells[0] = 0
        table = table_of(cells.tolist())
        if table.documented == 0:
            continue
        models, sizes = catalogue(4, 3)
        place = int(rng.integers(sizes.size))
        terms = tuple(int(term) for term in models[place, : sizes[place]])
        exists, _, _ = fitted(table, terms)
        expected = existence(table, terms)
        seen.add(expected)
        assert exists == (expected == "exists"), (cells.tolist(), terms)
    assert len(seen) == 3


def test_the_best_of_a_catalogue_has_the_least_criterion() -> None:
    table = published("diabetes_casale")
    counts = table.counts.astype(np.float64)
    models, sizes = catalogue(4, 3)
    scores, totals = np.empty(sizes.size), np.empty(sizes.size)
    penalty = math.log(table.documented)
    best = best_of(counts, models, sizes, penalty, scores, totals)
    for place in (0, 50, best):
        terms = tuple(int(term) for term in models[place, : sizes[place]])
        _, likelihood, beta = fitted(table, terms)
        assert scores[place] == pytest.approx(penalty * len(terms) - 2 * likelihood)
        assert totals[place] == pytest.approx(table.documented + math.exp(beta[0]))
    assert best == int(np.argmin(scores))


@pytest.mark.parametrize("order", [2, 3])
def test_downhill_stops_where_no_single_term_helps(order: int) -> None:
    table = published("uk2013_5")
    counts = table.counts.astype(np.float64)
    terms = interactions(5, order)
    chosen = np.zeros(terms.size, np.bool_)
    beta = np.empty(counts.size)
    penalty = math.log(table.documented)
    score = downhill(counts, terms, penalty, chosen, beta)
    model = {int(term) for term in terms[chosen]}
    _, likelihood, again = fitted(table, tuple(model))
    assert score == pytest.approx(penalty * len(model) - 2 * likelihood)
    assert again == pytest.approx(beta)
    for term in map(int, terms):
        near = model ^ {term}
        inner = all(low in near for big in near for low in map(int, terms) if big & low == low)
        exists, likelihood, _ = fitted(table, tuple(near))
        if inner and exists:
            assert penalty * len(near) - 2 * likelihood >= score
