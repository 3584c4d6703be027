from __future__ import annotations

import numpy as np
import pytest

from causeway.count.pooling import draws_of, humps_of, interval_of_draws, log_normal, mixture, sums
from causeway.count.results import FamilyEstimate, Interval

CHAO = FamilyEstimate("chao", Interval(median=300.0, low=200.0, high=600.0), usable=True)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_draws_from_limits_have_their_median_and_upper_limit():
    draws = log_normal(Interval(300.0, 200.0, 600.0), documented=100, rng=rng(), draws=200_000)
    found = interval_of_draws(draws)
    assert found.median == pytest.approx(300, rel=0.01)
    assert found.high == pytest.approx(600, rel=0.02)
    assert draws.min() > 100


def test_limits_that_say_nothing_of_the_unseen_stay_where_they_are():
    assert (log_normal(Interval(100.0, 100.0, 100.0), documented=100, rng=rng()) == 100).all()


def test_own_draws_come_before_limits():
    own = FamilyEstimate("decomposable", CHAO.interval, usable=True, draws=np.array([5, 6, 7]))
    drawn = draws_of(own, documented=1, rng=rng())
    assert drawn is not None
    assert drawn.tolist() == [5.0, 6.0, 7.0]
    assert draws_of(FamilyEstimate("chao", None, usable=False), documented=1, rng=rng()) is None


def test_a_mixture_takes_as_much_of_each_part():
    joined = mixture([np.zeros(10), np.ones(90_000)], each=50)
    assert joined.mean() == 0.5
    assert joined.size == 100


def test_sums_add_means_and_spreads():
    one, other = rng().normal(100, 3, 50_000), rng().normal(1_000, 4, 50_000)
    summed = sums([one, other], draws=100_000, rng=rng())
    assert summed.mean() == pytest.approx(1_100, abs=0.2)
    assert summed.std() == pytest.approx(5, rel=0.02)


def test_two_clouds_of_draws_are_two_humps():
    draws = np.concatenate([rng().normal(500, 10, 3_000), rng().normal(2_000, 50, 1_000)])
    humps = humps_of(draws, documented=100)
    assert [hump.mass for hump in humps] == pytest.approx([0.75, 0.25], abs=0.01)
    assert humps_of(np.full(10, 7.0), documented=3) == ()
