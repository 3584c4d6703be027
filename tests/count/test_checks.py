from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from causeway.count.checks import Check, predictive_checks
from causeway.count.effort import Effort
from causeway.count.families import Families, estimate_families
from causeway.count.table import CaptureTable
from tests.count.tables import independent, table_of

LITTLE = Effort(chains=2, most_sweeps=400, other_classes=(), replicates=20, draws=100)


def checks_of(table: CaptureTable) -> tuple[Check, ...]:
    return predictive_checks(table, estimate_families(table, seed=1, effort=LITTLE), seed=1)


def two_groups() -> CaptureTable:
    rng = np.random.default_rng(2)
    chances = np.where((rng.random(20_000) < 0.3)[:, None], 0.55, 0.08)
    counts = np.bincount((rng.random((20_000, 5)) < chances) @ (1 << np.arange(5)), minlength=32)
    counts[0] = 0
    return CaptureTable(tuple("ABCDE"), counts.astype(np.int64))


def test_independent_lists_surprise_no_family():
    found = checks_of(independent(2_000, [0.4, 0.3, 0.35, 0.3], seed=1))
    assert {one.family for one in found} == {"decomposable", "latent_class", "log_linear"}
    assert not any(one.surprising for one in found)
    for one in found:
        assert one.expected == pytest.approx(one.found, rel=0.2, abs=10)


def test_each_case_is_counted_once_by_how_many_lists_it_is_on():
    table = independent(2_000, [0.4, 0.3, 0.35, 0.3], seed=1)
    for family in ("decomposable", "log_linear"):
        numbers = [one for one in checks_of(table) if one.family == family and one.on]
        assert [one.on for one in numbers] == [1, 2, 3, 4]
        assert sum(one.found for one in numbers) == table.documented
        assert sum(one.expected for one in numbers) == pytest.approx(table.documented)
        assert all(one.found > other.found for one, other in pairwise(numbers[1:]))


def test_two_hidden_groups_surprise_models_of_pairs():
    found = checks_of(two_groups())
    surprising = [one for one in found if one.family == "decomposable" and one.surprising]
    assert any(one.on for one in surprising)


def test_an_empty_list_is_passed_over_and_no_fits_say_nothing():
    counts = independent(900, [0.4, 0.4, 0.4], seed=1).counts.tolist() + [0] * 8
    assert not any("D" in one.lists for one in checks_of(table_of(counts)))
    assert predictive_checks(table_of(counts), Families(()), seed=1) == ()
