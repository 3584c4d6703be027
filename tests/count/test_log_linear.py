"""The log-linear family as a whole: what it answers, and what it refuses."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from causeway.count.log_linear import MOST_LISTS, estimate_log_linear, log_linear_fit
from causeway.count.log_linear_results import LogLinearFit, NoFit
from causeway.count.table import CaptureTable
from causeway.errors import LocalError
from tests.count.tables import independent, published, table_of


def fitted(table: CaptureTable, **settings: object) -> LogLinearFit:
    found = log_linear_fit(table, seed=1, **{"replicates": 200, **settings})  # type: ignore[arg-type]
    assert isinstance(found, LogLinearFit)
    return found


def test_kosovo_has_the_published_total() -> None:
    """Ball, Betts, Scheuren, Dudukovich & Asher (2002), Killings and refugee flow in Kosovo: about 10,357."""
    found = fitted(published("kosovo"))
    assert round(found.model.total) == 10_357
    assert found.model.name == "EXH×ABA×OSCE, EXH×HRW, OSCE×HRW"
    assert found.exhaustive
    estimate = found.estimate()
    assert estimate.usable
    assert estimate.interval is not None
    # models that fit about as well reach far higher, and so does the interval
    assert [round(model.total, -2) for model in found.rivals] == [12_700, 18_400]
    assert estimate.interval.low < 9_000
    assert estimate.interval.high > 15_000
    assert "with totals from 10357 to 18393" in " ".join(map(str, estimate.notes))


def test_deviance_and_degrees_of_freedom_are_those_of_a_table_of_fitted_means() -> None:
    table = published("kosovo")
    found = fitted(table)
    values = {tuple(sorted(c.lists)): c.value for c in found.coefficients}
    means = np.zeros(16)
    for cell, history in enumerate(table.histories):
        on = {name for name, flag in zip(table.lists, history, strict=True) if flag}
        means[cell] = math.exp(sum(value for lists, value in values.items() if set(lists) <= on))
    assert means[0] == pytest.approx(found.model.total - table.documented)
    assert means[1:].sum() == pytest.approx(table.documented)
    counts = table.counts[1:]
    assert found.model.deviance == pytest.approx(2 * np.sum(counts * np.log(counts / means[1:])))
    assert found.model.freedom == 15 - len(values) == 4


def test_lists_that_all_depend_on_each_other_are_not_answered() -> None:
    estimate = estimate_log_linear(published("hav_taiwan"), seed=1, replicates=200)
    assert not estimate.usable
    assert estimate.interval is not None
    assert "as many terms as there are counts" in str(estimate.notes[0])


def test_a_list_without_ties_blocks_the_answer() -> None:
    estimate = estimate_log_linear(published("artificial_3"), seed=1, replicates=200)
    assert not estimate.usable
    assert "Nothing ties it to the rest" in str(estimate.notes[0])


def test_pairs_at_minus_infinity_use_up_no_freedom_that_is_there() -> None:
    table = independent(3_000, (0.2, 0.25, 0.3, 0.3), seed=3)
    counts = table.counts.copy()
    counts[(np.arange(16) & 0b1100) == 0b1100] = 0
    found = fitted(CaptureTable(table.lists, counts), replicates=20)
    assert [c.lists for c in found.coefficients if c.value == -math.inf] == [("C", "D")]
    # four of the fifteen cells are emptied by the pair, and its own term with them
    assert found.model.freedom == 15 - 4 - (len(found.coefficients) - 1)
    assert found.model.deviance < 40


def test_an_upper_limit_far_beyond_the_estimate_is_not_used() -> None:
    found = fitted(published("madigan_york_3"))
    assert found.estimate().usable
    wide = replace(found.bootstrap, totals=found.bootstrap.totals * np.linspace(1, 12, 200))
    estimate = replace(found, bootstrap=wide).estimate()
    assert not estimate.usable
    assert "hardly bound the total" in str(estimate.notes[0])


def test_independent_lists_are_recovered() -> None:
    found = fitted(independent(1_500, (0.3, 0.25, 0.2, 0.3), seed=2))
    assert found.interval is not None
    assert found.interval.low < 1_500 < found.interval.high
    assert found.interval.high - found.interval.low < 700
    estimate = found.estimate()
    assert estimate.usable
    assert estimate.draws is not None
    assert estimate.draws.shape == (200,)
    assert np.quantile(estimate.draws, 0.975) == pytest.approx(found.interval.high, rel=0.03)


def test_resamples_choose_anew() -> None:
    found = fitted(published("kosovo"))
    assert len(found.bootstrap.models) > 2
    assert sum(times for _, times in found.bootstrap.models) == 200
    assert "another model was chosen" in str(found.estimate().notes[-1])


def test_corrected_limits_can_be_asked_for() -> None:
    plain, corrected = (fitted(published("kosovo"), limits=by).interval for by in ("percentile", "bca"))
    assert plain is not None
    assert corrected is not None
    assert plain.median == corrected.median
    assert corrected.high != plain.high


def test_too_few_overlaps_leave_the_upper_limit_open() -> None:
    # three cases on two lists: one resample in twenty has none of them
    estimate = estimate_log_linear(table_of([0, 60, 50, 3]), seed=1, replicates=400)
    assert not estimate.usable
    assert estimate.interval is None
    assert "no log-linear model has an estimate" in str(estimate.notes[1])


def test_the_same_seed_gives_the_same_resamples() -> None:
    table = published("madigan_york_3")
    assert (fitted(table).bootstrap.totals == fitted(table).bootstrap.totals).all()
    other = log_linear_fit(table, seed=2, replicates=200)
    assert isinstance(other, LogLinearFit)
    assert not (fitted(table).bootstrap.totals == other.bootstrap.totals).all()


def test_progress_rises_to_one_and_cancelling_is_an_answer() -> None:
    told: list[float] = []
    fitted(published("madigan_york_3"), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    stopped = log_linear_fit(published("kosovo"), seed=1, cancel=lambda: True)
    assert isinstance(stopped, NoFit)
    assert "stopped" in str(stopped.reasons[0])


def test_tables_that_cannot_be_fitted_get_a_reason() -> None:
    assert isinstance(log_linear_fit(table_of([0] * 8), seed=1), NoFit)
    apart = log_linear_fit(table_of([0, 20, 30, 0]), seed=1)
    assert isinstance(apart, NoFit)
    assert "No log-linear model" in str(apart.reasons[-1])
    many = MOST_LISTS + 1
    counts = np.zeros(1 << many, np.int64)
    counts[[1 << place for place in range(many)]] = 5
    counts[-1] = 5
    refused = estimate_log_linear(CaptureTable(tuple("ABCDEFGHIJKLM"), counts), seed=1)
    assert refused.interval is None
    assert str(refused.notes[0]).startswith("Too many lists for log-linear models: 13")


@pytest.mark.parametrize("settings", [{"order": 4}, {"order": 0}, {"replicates": 0}])
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(LocalError):
        log_linear_fit(published("kosovo"), seed=1, **settings)  # type: ignore[arg-type]


@pytest.mark.slow
def test_eleven_lists_are_searched() -> None:
    found = fitted(published("philippines_caloocan_unidentified"), replicates=8)
    assert not found.exhaustive
    assert found.interval is not None
    assert 600 < found.interval.low <= 791 <= found.interval.high < 1_200
    assert round(found.model.total) == 791
