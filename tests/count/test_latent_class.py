"""The latent class family as a whole: what it answers, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaln, gammaln

from causeway.count.latent_class import (
    LatentClassPosterior,
    estimate_latent_class,
    latent_class_posterior,
)
from causeway.count.results import NoPosterior
from causeway.count.table import CaptureTable
from causeway.errors import LocalError
from tests.count.tables import independent, published, table_of


def posterior(table: CaptureTable, **settings: object) -> LatentClassPosterior:
    found = latent_class_posterior(table, seed=1, **{"other_classes": (), **settings})  # type: ignore[arg-type]
    assert isinstance(found, LatentClassPosterior)
    return found


def two_classes(total: int, *, seed: int) -> CaptureTable:
    """A third of all people is found often, the others seldom."""
    rng = np.random.default_rng(seed)
    often = rng.random((total, 1)) < 1 / 3
    found = rng.random((total, 5)) < np.where(often, [0.6, 0.5, 0.4, 0.5, 0.6], [0.08, 0.1, 0.12, 0.1, 0.08])
    counts = np.bincount(found @ (1 << np.arange(5)), minlength=32).astype(np.int64)
    counts[0] = 0
    return CaptureTable(tuple("ABCDE"), counts)


def test_one_class_has_the_posterior_of_independent_lists() -> None:
    table = independent(900, (0.3, 0.2, 0.25, 0.15), seed=4)
    found = posterior(table, classes=1)
    # p(N | table) ∝ (N - 1)! / (N - n)! Π_j B(n_j + 1, N - n_j + 1)
    totals = np.arange(table.documented, 3_000)
    sizes = table.counts @ table.histories
    logs = gammaln(totals) - gammaln(totals - table.documented + 1)
    logs += sum(betaln(size + 1, totals - size + 1) for size in sizes)
    below = np.cumsum(np.exp(logs - logs.max()))
    exact = totals[np.searchsorted(below / below[-1], [0.025, 0.5, 0.975])]
    got = found.interval
    assert (got.low, got.median, got.high) == pytest.approx(tuple(exact), rel=0.012)
    assert found.estimate().usable


@pytest.fixture(scope="module")
def of_two_classes() -> LatentClassPosterior:
    table = two_classes(2_000, seed=3)
    return posterior(table, classes=4, other_classes=(1, 4, 2), most_sweeps=20_000)


def test_a_population_of_two_classes_is_recovered_where_independence_fails(
    of_two_classes: LatentClassPosterior,
) -> None:
    found = of_two_classes
    assert found.interval.low < 2_000 < found.interval.high
    assert found.interval.high - found.interval.low < 1_500
    estimate = found.estimate()
    assert estimate.usable
    assert estimate.draws is not None
    assert estimate.draws.dtype == np.int64
    assert np.median(estimate.draws) == pytest.approx(found.interval.median, rel=0.02)
    assert not any(check.surprising for check in found.checks)
    assert found.occupied.sum() == pytest.approx(1)
    assert found.occupied[1] > 0.1


def test_a_sampler_that_has_not_mixed_says_so_with_its_figure() -> None:
    estimate = estimate_latent_class(published("uk2013_5"), seed=1, most_sweeps=200, other_classes=())
    assert not estimate.usable
    assert estimate.interval is not None
    assert "did not settle within 200 rounds" in str(estimate.notes[0])
    assert int(estimate.notes[0].values["effective"]) < 400


def test_three_lists_get_an_interval_that_is_not_used() -> None:
    estimate = estimate_latent_class(published("hav_taiwan"), seed=1, other_classes=())
    assert not estimate.usable
    assert estimate.interval is not None
    assert "rests on its prior" in str(estimate.notes[0])
    # not the 292 of a model that explains everything
    assert estimate.interval.median > 400


def test_a_list_without_ties_blocks_the_answer() -> None:
    estimate = estimate_latent_class(published("artificial_3"), seed=1, other_classes=())
    assert not estimate.usable
    assert estimate.interval is not None
    assert "Nothing ties it to the rest" in str(estimate.notes[0])


def test_other_numbers_of_classes_are_told(of_two_classes: LatentClassPosterior) -> None:
    found = of_two_classes
    assert [tried.classes for tried in found.tried] == [1, 2]
    assert found.tried[0].interval.high < 1_700
    sentences = [str(note) for note in found.estimate().notes]
    assert any(sentence.startswith("With at most 1 to 4 hidden classes") for sentence in sentences)


def test_the_same_seed_gives_the_same_draws() -> None:
    table = independent(300, (0.3, 0.3, 0.3, 0.3), seed=5)
    one, two = (posterior(table, classes=3, most_sweeps=2_000) for _ in range(2))
    assert (one.totals == two.totals).all()
    other = latent_class_posterior(table, seed=2, classes=3, most_sweeps=2_000, other_classes=())
    assert isinstance(other, LatentClassPosterior)
    assert not np.array_equal(one.totals, other.totals)


def test_progress_rises_to_one_and_cancelling_is_an_answer() -> None:
    told: list[float] = []
    table = independent(300, (0.3, 0.3, 0.3, 0.3), seed=5)
    posterior(table, classes=3, other_classes=(2,), most_sweeps=4_000, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    stopped = latent_class_posterior(table, seed=1, cancel=lambda: True)
    assert isinstance(stopped, NoPosterior)
    assert "stopped" in str(stopped.reasons[0])


def test_lists_without_cases_are_left_out_and_no_cases_have_no_posterior() -> None:
    with_empty = table_of([0, 40, 30, 20, 25, 10, 12, 9, *([0] * 8)])
    assert posterior(with_empty, most_sweeps=2_000).lists == ("A", "B", "C")
    assert isinstance(latent_class_posterior(table_of([0] * 8), seed=1), NoPosterior)
    assert estimate_latent_class(table_of([0, 5, 0, 0, 0, 0, 0, 0]), seed=1).interval is None


@pytest.mark.parametrize("settings", [{"classes": 0}, {"chains": 1}, {"other_classes": (0,)}])
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(LocalError):
        latent_class_posterior(published("kosovo"), seed=1, **settings)  # type: ignore[arg-type]


@pytest.mark.slow
def test_eleven_lists_run() -> None:
    found = posterior(published("philippines_caloocan_unidentified"), most_sweeps=4_000)
    assert found.documented < found.interval.low < found.interval.median < 1_000
    assert len(found.lists) == 11


@pytest.mark.slow
def test_united_kingdom_mixes_where_a_plain_sampler_crawls() -> None:
    found = posterior(published("uk2013_5"))
    assert found.mixed
    # within a sixth of the patience
    assert found.sweeps < 17_000
    assert 20_500 < found.interval.median < 24_000
