from __future__ import annotations

import math

import numpy as np
import pytest

from causeway.count.highest_interaction import highest_interaction
from causeway.count.results import Interval
from causeway.errors import LocalError
from tests.count.tables import published


@pytest.mark.parametrize("name", ["hav_taiwan", "kosovo"])
def test_the_completed_table_has_the_interaction_that_was_asked_for(name: str) -> None:
    table = published(name)
    lists = len(table.lists)
    cells = np.arange(1, table.counts.size)
    signs = np.array([(-1) ** (lists - int(cell).bit_count()) for cell in cells])
    observed = float(signs @ np.log(table.counts[1:]))
    # no interaction of all lists: the saturated model but for its highest term
    unseen = math.exp(-((-1) ** lists) * observed)
    total = table.documented + unseen
    found = highest_interaction(
        Interval(total, total - 100, total + 100),
        documented=table.documented,
        lists=lists,
        coefficients=np.array([-1.0, 0.0, 0.7]),
    )
    for coefficient, moved in zip(found.coefficients, found.totals, strict=True):
        whole = observed + (-1) ** lists * math.log(moved - table.documented)
        assert whole == pytest.approx(coefficient, abs=1e-9)
    assert found.totals[1] == pytest.approx(total)
    assert (found.low < found.totals).all()
    assert (found.totals < found.high).all()


def test_a_range_is_there_without_asking_and_stays_above_the_documented() -> None:
    found = highest_interaction(Interval(150, 100, 300), documented=100, lists=3)
    assert found.coefficients.size == 9
    assert found.low.tolist() == [100] * 9
    assert found.totals.max() == pytest.approx(300)
    assert found.totals.min() == pytest.approx(112.5)


def test_a_coefficient_that_is_no_number_is_refused() -> None:
    with pytest.raises(LocalError):
        highest_interaction(Interval(1, 1, 1), documented=1, lists=3, coefficients=np.array([np.nan]))
