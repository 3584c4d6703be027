from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from causeway.count.bootstrap import bca_limits, jackknife_tables, resampled_tables


@pytest.mark.parametrize("statistic", [np.mean, np.var])
def test_limits_are_those_of_scipy_on_the_same_resamples(statistic) -> None:
    data = np.random.default_rng(1).gamma(1.5, size=40)
    theirs = stats.bootstrap((data,), statistic, n_resamples=4_000, method="BCa", rng=2)
    left_out = np.array([statistic(np.delete(data, i)) for i in range(data.size)])
    ours = bca_limits(float(statistic(data)), theirs.bootstrap_distribution, left_out, np.ones(data.size))
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.confidence_interval), rel=5e-3)


def test_cases_that_are_alike_weigh_as_many() -> None:
    left_out = np.array([1.0, 2.0, 5.0])
    weights = np.array([3.0, 1.0, 2.0])
    resampled = np.random.default_rng(3).normal(2, 1, 500)
    together = bca_limits(2.0, resampled, left_out, weights)
    apart = bca_limits(2.0, resampled, np.repeat(left_out, [3, 1, 2]), np.ones(6))
    assert together.acceleration == pytest.approx(apart.acceleration)


def test_resamples_without_an_estimate_reach_to_infinity() -> None:
    resampled = np.append(np.arange(90.0), np.full(10, np.inf))
    assert bca_limits(45.0, resampled, np.array([np.inf]), np.ones(1)).high == np.inf


def test_resamples_and_tables_with_one_case_less() -> None:
    counts = np.array([0.0, 5, 0, 3, 2, 0, 0, 0])
    drawn = resampled_tables(counts, 300, seed=4)
    assert (drawn.sum(axis=1) == 10).all()
    assert (drawn[:, counts == 0] == 0).all()
    assert drawn.mean(axis=0) == pytest.approx(counts, abs=0.4)
    assert (drawn == resampled_tables(counts, 300, seed=4)).all()
    left_out, weights = jackknife_tables(counts)
    assert weights.tolist() == [5, 3, 2]
    assert (counts - left_out).sum(axis=1).tolist() == [1, 1, 1]
    assert left_out[1].tolist() == [0, 5, 0, 2, 2, 0, 0, 0]
