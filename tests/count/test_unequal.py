from __future__ import annotations

import numpy as np
import pytest

from causeway.count.chao import estimate_chao
from causeway.count.table import CaptureTable
from causeway.count.unequal import SHAPE, unequal_fit
from tests.count.tables import independent, published, table_of


def two_groups(total: int, lists: int, *, seed: int) -> CaptureTable:
    rng = np.random.default_rng(seed)
    chances = np.where((rng.random(total) < 0.4)[:, None], 0.45, 0.1)
    found = rng.random((total, lists)) < chances
    counts = np.bincount(found @ (1 << np.arange(lists)), minlength=1 << lists).astype(np.int64)
    counts[0] = 0
    return CaptureTable(tuple("ABCDEF"[:lists]), counts)


def test_a_table_that_fits_it_exactly_gives_back_its_total():
    cells = np.arange(16)
    histories = (cells[:, None] >> np.arange(4) & 1).astype(float)
    ease = np.log(SHAPE) - np.log(SHAPE + histories.sum(axis=1))
    means = np.exp(13.0 + histories @ np.array([-1.2, -0.7, -1.0, -1.5]) + 2.0 * ease)
    counts = np.rint(means).astype(np.int64)
    counts[0] = 0
    fit = unequal_fit(table_of(counts.tolist()), seed=1)
    assert fit is not None
    assert fit.total == pytest.approx(means.sum(), rel=2e-3)
    assert fit.deviance < 0.1
    assert fit.terms == 6
    assert fit.interval.low < fit.total < fit.interval.high


def test_hidden_groups_are_seen_where_independence_falls_short():
    table = two_groups(4_000, 5, seed=3)
    fit, bound = unequal_fit(table, seed=1), estimate_chao(table).interval
    assert fit is not None
    assert bound is not None
    assert bound.high < 4_000 < fit.interval.high


def test_independent_lists_are_left_where_they_are():
    fit = unequal_fit(independent(4_000, [0.3, 0.2, 0.4, 0.25, 0.3], seed=2), seed=1)
    assert fit is not None
    assert fit.interval.low < 4_000 < fit.interval.high


def test_it_is_the_same_for_the_same_seed_and_another_for_another():
    table = published("kosovo")
    one, same, other = (unequal_fit(table, seed=seed) for seed in (1, 1, 2))
    assert one is not None
    assert same is not None
    assert other is not None
    assert (one.totals == same.totals).all()
    assert (one.totals != other.totals).any()
    assert one.total == other.total


def test_two_lists_are_too_few_and_thirteen_too_many():
    assert unequal_fit(independent(500, [0.4, 0.4], seed=1), seed=1) is None
    assert unequal_fit(independent(500, [0.2] * 13, seed=1), seed=1) is None
