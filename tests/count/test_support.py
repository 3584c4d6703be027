from __future__ import annotations

import numpy as np
import pytest

from causeway.count.support import Support


def test_a_quantile_is_the_least_total_with_enough_below():
    support = Support(np.array([5, 6, 7, 8]), np.ones(4), np.array([0.1, 0.4, 0.4, 0.1]))
    assert support.quantiles(np.array([0.0, 0.1, 0.11, 0.5, 0.51, 1.0])).tolist() == [5, 5, 6, 6, 7, 8]


def test_totals_that_stand_for_many_spread_their_mass():
    # 0 to 15 by one each, then one point for 16 to 31.
    totals = np.append(np.arange(16), 23)
    widths = np.append(np.ones(16), 16.0)
    support = Support(totals, widths, widths / 32)
    assert support.interval().median == 15
    assert support.quantiles(np.array([0.75]))[0] == pytest.approx(23, abs=1)
    draws = support.draws(20_000, seed=3)
    assert draws.min() == 0
    assert draws.max() in (31, 32)
    assert draws.mean() == pytest.approx(15.5, abs=0.3)


def test_draws_repeat_with_their_seed():
    support = Support(np.arange(100), np.ones(100), np.full(100, 0.01))
    assert (support.draws(50, seed=1) == support.draws(50, seed=1)).all()
    assert (support.draws(50, seed=1) != support.draws(50, seed=2)).any()
