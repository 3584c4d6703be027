from __future__ import annotations

import numpy as np
import pytest

from causeway.count.averaging import average
from causeway.count.graphs import decomposable_graphs
from causeway.count.grid import NEGLIGIBLE_TAIL, adaptive_grid, given_grid
from causeway.count.marginals import Marginals, one_over_total
from causeway.count.support import Support
from causeway.count.watch import Watch
from tests.count.tables import published


def sharpest_possible(unseen: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (unseen + 0.5))


def sharpest_of_a_thousand(unseen: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (unseen + 0.5) - 1 / (unseen + 1_000.5))


def normal(unseen: np.ndarray, middle: float, spread: float) -> np.ndarray:
    return np.asarray(-((unseen - middle) ** 2) / (2 * spread**2) - np.log(spread))


@pytest.mark.parametrize("name", ["artificial_3", "hav_taiwan", "kosovo", "uk2013_5", "new_orleans_5"])
def test_the_grid_gives_what_every_whole_number_gives(name):
    table = published(name)
    lists = len(table.lists)
    marginals = Marginals.of(table, delta=2.0**-lists, log_prior=one_over_total)
    graphs = decomposable_graphs(lists)
    looked_at = []

    def evaluate(unseen: np.ndarray) -> tuple[np.ndarray, ...]:
        looked_at.append(unseen.size)
        values, common = marginals.of_subsets(unseen), marginals.common(unseen)
        mean = average(graphs, values, stop=graphs.edges.size - 1, watch=Watch())
        return mean + common, values[-1] + common

    grid = adaptive_grid(evaluate, marginals.sharpness, reach=1e7)
    assert sum(looked_at) < 1_000
    whole = given_grid(evaluate, np.arange(100_000))
    # The whole numbers end somewhere; so does the comparison.
    inside = grid.unseen < whole.unseen.size
    levels = np.array([0.025, 0.25, 0.5, 0.9, 0.975])
    for which in (0, 1):
        part = np.log(grid.weights(which)[inside].sum())
        assert grid.log_mass(which) + part == pytest.approx(whole.log_mass(which), abs=1e-3)
        got = Support(grid.unseen[inside], grid.widths[inside], grid.weights(which)[inside]).quantiles(levels)
        wanted = Support(whole.unseen, whole.widths, whole.weights(which)).quantiles(levels)
        assert got == pytest.approx(wanted, rel=3e-3, abs=1)


@pytest.mark.parametrize("far", [3_000.0, 47_123.0, 2_345_678.0])
def test_no_narrow_hump_is_missed_between_coarse_points(far):
    def evaluate(unseen: np.ndarray) -> tuple[np.ndarray, ...]:
        # As narrow as a posterior of unseen cases can be, and lighter than the near one.
        near = normal(unseen, 60.0, np.sqrt(60.0))
        return (np.logaddexp(near, np.log(0.05) + normal(unseen, far, np.sqrt(far))),)

    grid = adaptive_grid(evaluate, sharpest_possible, reach=1e7)
    weights = grid.weights(0)
    assert weights[grid.unseen > 1_000].sum() == pytest.approx(0.05 / 1.05, rel=1e-3)


def test_the_grid_goes_on_until_the_tail_is_next_to_nothing():
    grid = adaptive_grid(lambda unseen: (-2.5 * np.log(unseen + 100.0),), sharpest_of_a_thousand, reach=1e3)
    assert grid.tails[0].mass < NEGLIGIBLE_TAIL
    assert grid.tails[0].exponent == pytest.approx(2.5, abs=1e-3)
    # A Pareto law: half of it lies below 100 · 2^(1/1.5) − 100.
    median = Support(grid.unseen, grid.widths, grid.weights(0)).interval().median
    assert median == pytest.approx(100 * 2 ** (1 / 1.5) - 100, abs=1)


def test_a_density_that_does_not_fall_off_is_said_to_have_no_sum():
    grid = adaptive_grid(lambda unseen: (-0.9 * np.log(unseen + 1.0),), sharpest_of_a_thousand, reach=1e3)
    assert grid.tails[0].mass == np.inf


def test_a_slow_tail_is_told_at_the_end_of_the_grid():
    grid = adaptive_grid(lambda unseen: (-1.2 * np.log(unseen + 10.0),), sharpest_of_a_thousand, reach=1e3)
    # What a Pareto law of this exponent has beyond 10^13.
    assert grid.tails[0].mass == pytest.approx((10 / 1e13) ** 0.2, rel=0.2)
    assert grid.tails[0].mass > 1e-3


def test_masses_at_the_nodes_are_the_whole():
    grid = adaptive_grid(lambda unseen: (normal(unseen, 500.0, 40.0),), sharpest_possible, reach=1e3)
    gathered = grid.node_weights(0)
    assert gathered.sum() == pytest.approx(1.0)
    assert float(gathered @ grid.nodes) == pytest.approx(500.0, rel=1e-4)
