from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from causeway.count.identifiability import existence, findings, without_empty_lists
from causeway.count.table import CaptureTable
from tests.count.tables import independent, published, table_of

AB, AC, BC = 0b011, 0b101, 0b110


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        # Chan, Silverman & Vincent (2021), on their table 2.
        ([], "exists"),
        ([AC], "exists"),
        ([BC], "exists"),
        ([AC, BC], "exists"),
        ([AB], "does_not_exist"),
        ([AB, AC], "does_not_exist"),
        ([AB, BC], "does_not_exist"),
        ([AB, AC, BC], "not_identifiable"),
    ],
)
def test_the_published_table_has_estimates_where_its_authors_say(terms, wanted):
    assert existence(published("artificial_3"), terms) == wanted


def test_a_full_table_has_an_estimate_for_all_pairs():
    table = published("kosovo")
    assert existence(table, [1 << one | 1 << other for one, other in combinations(range(4), 2)]) == "exists"


def test_the_saturated_model_is_not_identifiable():
    # Its parameters are as many as all cells, and one cell is not seen.
    assert existence(published("hav_taiwan"), [AB, AC, BC, 0b111]) == "not_identifiable"


def test_an_empty_cell_that_no_margin_tells_of():
    # Every margin of two lists has cases; seven terms for seven cells fit the empty one exactly.
    table = table_of([0, 20, 30, 9, 25, 8, 7, 0])
    assert existence(table, [AB, AC, BC]) == "does_not_exist"
    assert existence(table, [AB, AC]) == "exists"


def kinds(table: CaptureTable) -> list[tuple[str, tuple[str, ...], bool]]:
    return [(finding.kind, finding.lists, finding.blocks) for finding in findings(table)]


def test_lists_that_all_meet_have_no_findings():
    assert kinds(published("kosovo")) == []


def test_a_list_that_meets_no_other_blocks():
    found = findings(published("artificial_3"))
    assert (found[0].kind, found[0].lists, found[0].blocks) == ("list_alone", ("C",), True)
    assert "list C" in str(found[0].sentence)


def test_pairs_that_share_no_case_are_named_and_do_not_block():
    assert kinds(published("new_orleans_5")) == [
        ("pair_apart", ("A", "H"), False),
        ("pair_apart", ("C", "H"), False),
        ("pair_apart", ("D", "H"), False),
    ]


def test_groups_that_never_meet_block():
    counts = np.zeros(16, np.int64)
    counts[[1, 2, 3, 4, 8, 12]] = [20, 30, 6, 15, 25, 9]
    table = CaptureTable(("north", "south", "river", "hill"), counts)
    found = findings(table)
    assert (found[0].kind, found[0].blocks) == ("groups_apart", True)
    assert "north, south; river, hill" in str(found[0].sentence)


def test_lists_tied_through_a_third_are_one_group():
    counts = np.zeros(8, np.int64)
    counts[[1, 2, 4, 3, 6]] = [20, 30, 15, 6, 5]
    assert kinds(CaptureTable(("A", "B", "C"), counts)) == [("pair_apart", ("A", "C"), False)]


def test_empty_lists_are_named_and_left_out():
    counts = np.zeros(16, np.int64)
    counts[[1, 2, 3, 8, 9]] = [20, 30, 6, 15, 5]
    table = CaptureTable(("A", "B", "empty", "D"), counts)
    assert ("empty_list", ("empty",), False) in kinds(table)
    rest = without_empty_lists(table)
    assert rest.lists == ("A", "B", "D")
    assert rest.counts.tolist() == [0, 20, 30, 6, 15, 5, 0, 0]


def test_no_cases_and_one_list_block():
    assert kinds(table_of([0] * 8)) == [("no_cases", (), True)]
    found = kinds(table_of([0, 12, 0, 0, 0, 0, 0, 0]))
    assert found[0] == ("too_few_lists", ("A",), True)
    assert {kind for kind, _, _ in found[1:]} == {"empty_list"}


def test_two_lists_are_said_to_rest_on_independence():
    assert kinds(independent(500, [0.3, 0.4], seed=1)) == [("two_lists", ("A", "B"), False)]
