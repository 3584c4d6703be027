from __future__ import annotations

import numpy as np

from causeway.count.predictive import overlap_checks
from tests.count.tables import independent, table_of


def test_overlaps_of_the_right_model_do_not_surprise() -> None:
    table = independent(2_000, (0.3, 0.2, 0.25, 0.1), seed=1)
    chances = np.tile([[[0.3, 0.2, 0.25, 0.1]]], (400, 1, 1))
    checks = overlap_checks(table, np.ones((400, 1)), chances, seed=2)
    assert len(checks) == 6
    assert not any(check.surprising for check in checks)
    first = checks[0]
    assert (first.one, first.other) == ("A", "B")
    histories = table.histories
    assert first.found == table.counts[histories[:, 0] & histories[:, 1]].sum()
    assert abs(first.expected - 120) < 12


def test_an_overlap_that_a_model_does_not_foretell_is_named() -> None:
    # lists A and B hold the same people, and the model says that they are independent of each other
    table = table_of([0, 50, 50, 400, 300, 20, 20, 160])
    chances = np.full((400, 1, 3), 0.4)
    (check, *_others) = overlap_checks(table, np.ones((400, 1)), chances, seed=2)
    assert check.found == 560
    assert check.expected < 300
    assert check.surprising
