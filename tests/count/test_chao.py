from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from causeway.count.chao import estimate_chao, estimate_pairs
from causeway.count.results import Interval
from causeway.count.table import CaptureTable
from tests.count.tables import independent, published, table_of


def expected_table(total: int, groups: list[tuple[float, list[float]]]) -> CaptureTable:
    """Return the counts to be expected from groups of people, each with its share and its lists' chances."""
    lists = len(groups[0][1])
    cells = np.arange(2**lists)
    counts = np.zeros(cells.size)
    for share, chances in groups:
        on = (cells[:, None] >> np.arange(lists) & 1).astype(bool)
        counts += total * share * np.where(on, chances, 1 - np.array(chances)).prod(axis=1)
    counts[0] = 0
    return table_of(np.rint(counts).astype(int).tolist())


def interval_of(table: CaptureTable) -> Interval:
    interval = estimate_chao(table).interval
    assert interval is not None
    return interval


def test_with_independent_lists_of_any_size_it_is_the_total():
    table = expected_table(1_000_000, [(1.0, [0.02, 0.3, 0.1, 0.25])])
    assert interval_of(table).median == pytest.approx(1_000_000, rel=2e-3)


def test_where_people_differ_it_is_below_the_total():
    table = expected_table(1_000_000, [(0.5, [0.05, 0.05, 0.1]), (0.5, [0.3, 0.3, 0.4])])
    assert table.documented < interval_of(table).low
    assert interval_of(table).high < 1_000_000


def test_the_hares_by_hand():
    # Found once, by night: 3, 6, 5, 3, 4, 4; found on two nights: 22.
    once, twice = [3, 6, 5, 3, 4, 4], 22
    unseen = sum(one * other for one, other in combinations(once, 2)) / (twice + 1)
    assert interval_of(published("hare")).median == pytest.approx(68 + unseen)


def test_limits_are_log_normal_round_what_is_unseen():
    table = published("hare")
    interval = interval_of(table)
    below, middle, above = (value - 68 for value in (interval.low, interval.median, interval.high))
    assert middle / below == pytest.approx(above / middle)
    assert below > 0


def test_with_large_counts_the_variance_is_chaos_own():
    # Lists alike, so that nothing tells the bias-corrected form from f1² (t - 1) / (2 t f2).
    once, twice, lists = 4_000_000, 2_000_000, 16
    counts = [0] * 2**lists
    for place in range(lists):
        counts[1 << place] = once // lists
    pairs = list(combinations(range(lists), 2))
    for one, other in pairs:
        counts[1 << one | 1 << other] = twice // len(pairs)
    table = table_of(counts)
    once, twice = sum(counts[1 << place] for place in range(lists)), table.documented - once
    ratio = once / twice
    # Chao (1987), with the number of lists tending to infinity; sixteen are fifteen sixteenths of the way.
    variance = twice * (ratio**4 / 4 + ratio**3 + ratio**2 / 2)
    unseen = once**2 / (2 * twice)
    interval = interval_of(table)
    assert interval.median - table.documented == pytest.approx(unseen * 15 / 16, rel=1e-4)
    spread = math.log((interval.high - table.documented) / (interval.median - table.documented)) / 1.959964
    assert spread == pytest.approx(math.sqrt(math.log1p(variance / unseen**2)), rel=0.01)


def test_the_limits_cover_independent_lists():
    tables = [independent(2_000, [0.1, 0.15, 0.3, 0.2], seed=seed) for seed in range(60)]
    covered = sum(interval_of(table).low <= 2_000 <= interval_of(table).high for table in tables)
    assert covered >= 52


def test_eleven_lists_are_no_matter():
    answer = estimate_chao(published("philippines_caloocan_unidentified"))
    assert answer.usable
    assert answer.interval is not None
    assert answer.interval.low > 599
    assert not answer.humps
    assert answer.draws is None


def test_two_lists_are_chapmans():
    answer = estimate_chao(table_of([0, 30, 40, 10]))
    assert answer.interval is not None
    assert answer.interval.median == pytest.approx((40 + 1) * (50 + 1) / (10 + 1) - 1)


@pytest.mark.parametrize("counts", [[0, 30, 40, 0, 20, 0, 0, 1], [0, 30, 40, 1, 20, 1, 0, 0]])
def test_too_few_found_twice_are_no_bound(counts):
    answer = estimate_chao(table_of(counts))
    assert answer.interval is not None
    assert not answer.usable
    assert "exactly two lists" in " ".join(map(str, answer.notes))


def test_nobody_found_by_one_list_alone_leaves_nobody_unseen():
    assert interval_of(table_of([0, 0, 0, 25])) == Interval(25.0, 25.0, 25.0)


def test_a_list_that_meets_no_other_is_not_answered_over():
    answer = estimate_chao(published("artificial_3"))
    assert not answer.usable
    assert "list C" in str(answer.notes[0])


def test_a_table_without_cases():
    answer = estimate_chao(table_of([0] * 8))
    assert answer.interval is None
    assert not answer.usable


def test_pairs_are_chapmans_each_on_its_own_margin():
    table = published("hav_taiwan")
    pairs = estimate_pairs(table)
    assert [pair.lists for pair in pairs] == [("L1", "L2"), ("L1", "L3"), ("L2", "L3")]
    assert [pair.shared for pair in pairs] == [49, 45, 46]
    # 135, 122 and 126 are on the lists.
    wanted = [(135 + 1) * (122 + 1) / 50 - 1, (135 + 1) * (126 + 1) / 46 - 1, (122 + 1) * (126 + 1) / 47 - 1]
    assert [pair.interval.median for pair in pairs] == pytest.approx(wanted)
