from __future__ import annotations

import math

import numpy as np
import pytest

from causeway.count.graphs import decomposable_graphs
from causeway.count.marginals import Marginals, log_rise, one_over_total
from tests.count.tables import published


@pytest.mark.parametrize("start", [0.25, 3.5, 9_999.0, 10_001.0, 1e6, 1e12])
@pytest.mark.parametrize("by", [0, 1, 7, 400])
def test_the_rise_of_log_gamma_is_a_product(start, by):
    wanted = math.fsum(math.log(start + step) for step in range(by))
    assert log_rise(np.array([start]), float(by))[0] == pytest.approx(wanted, rel=1e-12, abs=1e-9)


def test_a_rise_may_be_between_whole_numbers():
    wanted = math.lgamma(20_000.75) - math.lgamma(20_000.25)
    assert log_rise(np.array([20_000.25]), 0.5)[0] == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("name", ["hav_taiwan", "kosovo", "artificial_3"])
def test_no_graph_bends_more_sharply_than_the_bound(name):
    table = published(name)
    lists = len(table.lists)
    marginals = Marginals.of(table, delta=2.0**-lists, log_prior=one_over_total)
    graphs = decomposable_graphs(lists)
    unseen = np.array([3.0, 30.0, 300.0, 3_000.0, 30_000.0])
    step = np.maximum(unseen * 0.02, 0.5)
    sides = [
        (marginals.of_subsets(at), marginals.common(at)) for at in (unseen - step, unseen, unseen + step)
    ]
    sharpest = np.full(unseen.size, -np.inf)
    for row in range(graphs.edges.size):
        used = graphs.terms[row]
        logs = [
            graphs.factors[row, :used].astype(float) @ values[graphs.subsets[row, :used]] + common
            for values, common in sides
        ]
        sharpest = np.maximum(sharpest, -(logs[0] - 2 * logs[1] + logs[2]) / step**2)
    bound = marginals.sharpness(unseen)
    # The differences are over a step, in which the bend itself changes a little.
    assert (sharpest <= bound * 1.1).all()
    # And the bound is of use: not many times the sharpest graph.
    assert (bound <= 8 * sharpest + 1e-12)[:3].all()


def test_a_prior_that_bends_is_seen():
    table = published("hav_taiwan")
    flat = Marginals.of(table, delta=0.125, log_prior=np.zeros_like)
    peaked = Marginals.of(table, delta=0.125, log_prior=lambda totals: -((totals - 500.0) ** 2) / 50)
    at = np.array([200.0])
    assert peaked.sharpness(at)[0] - flat.sharpness(at)[0] == pytest.approx(2 / 50, rel=1e-6)


def test_the_bound_has_no_step_where_its_series_begins():
    marginals = Marginals.of(published("kosovo"), delta=1 / 16, log_prior=np.zeros_like)
    around = marginals.sharpness(np.arange(5.0, 20.0, 0.01))
    assert np.abs(np.diff(around, 2)).max() < 1e-5
