from __future__ import annotations

import numpy as np
import pytest

from causeway.count.hierarchical import generators
from causeway.count.selection import Search, default_order
from tests.count.tables import published


@pytest.mark.parametrize("name", ["kosovo", "uk2013_5", "new_orleans_5", "hare"])
def test_a_resample_equal_to_the_table_gets_the_same_model(name: str) -> None:
    table = published(name)
    counts = table.counts.astype(np.float64)
    lists = len(table.lists)
    search = Search(lists, order=default_order(lists), criterion="bic")
    choice, near = search.choose(counts)
    assert choice is not None
    assert near[0].score >= choice.score
    total, terms = search.choose_again(counts, choice.terms)
    assert terms == choice.terms
    assert total == pytest.approx(choice.total)


@pytest.mark.slow
def test_going_downhill_finds_the_best_of_all_pairs_of_six_lists() -> None:
    table = published("uk2013_6")
    counts = table.counts.astype(np.float64)
    search = Search(6, order=2, criterion="bic")
    assert search.exhaustive
    assert not search.exhaustive_in_resamples
    choice, _ = search.choose(counts)
    assert choice is not None
    total, terms = search.choose_again(counts, ())
    assert terms == choice.terms
    assert total == pytest.approx(choice.total)


def test_many_lists_are_searched_downhill_with_neighbours_as_rivals() -> None:
    table = published("philippines_caloocan_unidentified")
    search = Search(11, order=2, criterion="bic")
    assert not search.exhaustive
    choice, near = search.choose(table.counts.astype(np.float64))
    assert choice is not None
    assert all(model.score >= choice.score for model in near)
    assert all(len(set(model.terms) ^ set(choice.terms)) == 1 for model in near)


def test_aic_takes_more_terms_than_bic() -> None:
    counts = published("kosovo").counts.astype(np.float64)
    frugal, _ = Search(4, order=3, criterion="bic").choose(counts)
    generous, _ = Search(4, order=3, criterion="aic").choose(counts)
    assert frugal is not None
    assert generous is not None
    assert len(generous.terms) > len(frugal.terms)
    assert generators(frugal.terms, "ABCD") == (("A", "B", "C"), ("A", "D"), ("C", "D"))
