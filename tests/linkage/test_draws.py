from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causeway.linkage.candidates import find_candidates
from causeway.linkage.draws import draw_linkages
from causeway.linkage.thresholds import fit_scores
from tests.linkage.bits import families, lists_of


@pytest.fixture(scope="module")
def drawn():
    people = families(np.random.default_rng(1), 500)
    lists, _ = lists_of(people, shares=(0.4, 0.5, 0.3), seed=2)
    candidates = find_candidates(lists, seed=1)
    model = replace(fit_scores(candidates), missed=0.2)
    return candidates, draw_linkages(candidates, model, draws=60, seed=3)


def test_pairs_hidden_below_the_floor_are_joined_in_the_tables(drawn):
    _, linkages = drawn
    clusters = np.array([len(np.unique(label)) for label in linkages.labels])
    joined = linkages.missed.sum(axis=(1, 2))
    assert np.array_equal(linkages.tables.sum(axis=1), clusters - joined)
    # A fifth is hidden, so a quarter as many as are seen; few find no free partner.
    share = linkages.missed.sum() / linkages.pairs.sum()
    assert share == pytest.approx(0.25, abs=0.08)
    assert joined.std() > 3


def test_joining_them_leaves_each_list_as_long_as_it_is(drawn):
    candidates, linkages = drawn
    on = np.arange(8)[:, None] >> np.arange(3) & 1 == 1
    for table in linkages.tables:
        assert tuple(int(table[on[:, i]].sum()) for i in range(3)) == candidates.sizes


def test_a_pairs_probability_is_its_share_of_the_draws(drawn):
    _, linkages = drawn
    some = slice(None, None, 7)
    for a, b, p in zip(linkages.one[some], linkages.other[some], linkages.probability[some], strict=True):
        assert p == pytest.approx(np.mean(linkages.labels[:, a] == linkages.labels[:, b]))
    assert (linkages.one < linkages.other).all()


def test_draws_differ_as_much_as_the_scores_leave_open(drawn):
    _, linkages = drawn
    pairs = linkages.pairs.sum(axis=(1, 2))
    expected = linkages.probability.sum()
    assert pairs.mean() == pytest.approx(expected)
    assert 0 < pairs.std() < 0.2 * expected
