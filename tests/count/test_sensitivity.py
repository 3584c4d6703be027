from __future__ import annotations

from causeway.count.effort import Effort
from causeway.count.sensitivity import (
    MOST_PAIRS,
    Refused,
    merged_pairs,
    runs,
    with_two_merged,
    without_each_list,
)
from tests.count.tables import independent, published, table_of

LITTLE = Effort(chains=2, most_sweeps=400, other_classes=(), replicates=20, draws=100)


def test_every_list_is_left_out_once():
    table = independent(1_500, [0.4, 0.35, 0.3, 0.3], seed=4)
    changed = without_each_list(table, seed=1, effort=LITTLE)
    assert not isinstance(changed, Refused)
    assert [one.lists for one in changed] == [("A",), ("B",), ("C",), ("D",)]
    for one in changed:
        assert one.documented == table.without(*one.lists).documented < table.documented
        assert one.verdict.low is not None
        assert one.verdict.high is not None
        assert one.verdict.low < 1_500 < one.verdict.high


def test_every_two_lists_are_merged_once():
    table = independent(1_500, [0.4, 0.35, 0.3, 0.3], seed=4)
    changed = with_two_merged(table, seed=1, effort=LITTLE)
    assert not isinstance(changed, Refused)
    assert len(changed) == 6
    assert all(one.documented == table.documented for one in changed)
    assert runs(table) == 10


def test_a_list_that_copies_another_shows():
    # D is a copy of C with some cases left out: together they say that nearly everybody is known.
    table = independent(1_500, [0.3, 0.3, 0.3], seed=5)
    counts = [0] * 16
    for cell, count in enumerate(table.counts.tolist()):
        copied = count * 9 // 10 if cell & 4 else 0
        counts[cell | 8] += copied
        counts[cell] += count - copied
    changed = with_two_merged(table_of(counts), seed=1, effort=LITTLE)
    assert not isinstance(changed, Refused)
    together = next(one for one in changed if one.lists == ("C", "D"))
    assert together.verdict.low is not None
    assert together.verdict.high is not None
    assert together.verdict.low < 1_500 < together.verdict.high


def test_three_lists_are_too_few_to_lose_one():
    table = published("hav_taiwan")
    for changed in (without_each_list, with_two_merged):
        found = changed(table, seed=1, effort=LITTLE)
        assert isinstance(found, Refused)
        assert "fewer than three" in str(found.reason)
    assert runs(table) == 0


def test_empty_lists_do_not_count():
    counts = independent(900, [0.4, 0.4, 0.4], seed=1).counts.tolist() + [0] * 8
    assert isinstance(without_each_list(table_of(counts), seed=1, effort=LITTLE), Refused)
    assert isinstance(without_each_list(table_of([0] * 16), seed=1, effort=LITTLE), Refused)


def test_eleven_lists_are_refused_and_seven_keep_the_pairs_that_share_most():
    found = without_each_list(published("philippines_caloocan_unidentified"), seed=1, effort=LITTLE)
    assert isinstance(found, Refused)
    assert "8 lists" in str(found.reason)
    seven = independent(3_000, [0.5, 0.5, 0.5, 0.3, 0.3, 0.1, 0.1], seed=1)
    assert runs(seven) == 7 + MOST_PAIRS
    kept = merged_pairs(seven)
    assert not isinstance(kept, Refused)
    assert ("A", "B") in kept
    assert ("F", "G") not in kept
