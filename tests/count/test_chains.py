from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.count.chains import LEAST_EFFECTIVE, MOST_RHAT, Run, diagnose, run_chains
from causeway.count.watch import Cancelled, Watch

Floats = NDArray[np.float64]


class Walk:
    """A chain that remembers a part of its last state, and may sit at a level of its own."""

    def __init__(self, seed: int, *, memory: float = 0.0, level: float = 0.0) -> None:
        self._rng = np.random.default_rng(seed)
        self._memory, self._level, self._last = memory, level, 0.0
        self.kept = 0

    def run(self, kept: int) -> Floats:
        out = np.empty((2, kept))
        for i in range(kept):
            self._last = self._memory * self._last + self._rng.normal()
            out[:, i] = self._level + self._last
        self.kept += kept
        return out


def run(make: Callable[[int], Walk], most: int = 9_000) -> Run:
    return run_chains([make(seed) for seed in range(4)], most=most, watch=Watch())


def test_independent_draws_are_worth_themselves() -> None:
    draws = np.random.default_rng(1).normal(size=(4, 1_000))
    found = diagnose(draws)
    assert found.mixed
    assert found.rhat == pytest.approx(1, abs=0.005)
    assert found.ess_bulk == pytest.approx(4_000, rel=0.15)


def test_correlated_draws_are_worth_what_theory_says() -> None:
    # an autoregression with memory φ is worth (1 - φ) / (1 + φ) of its draws
    draws = run(lambda seed: Walk(seed, memory=0.9), most=20_000).draws[0]
    assert diagnose(draws).ess_bulk == pytest.approx(draws.size / 19, rel=0.3)


def test_chains_of_different_minds_are_not_mixed() -> None:
    found = run(lambda seed: Walk(seed, level=0.4 * seed))
    assert not found.mixed
    assert found.diagnoses[0].rhat > MOST_RHAT
    assert found.states == 9_000


def test_chains_that_crawl_are_not_mixed() -> None:
    found = run(lambda seed: Walk(seed, memory=0.9995), most=2_000)
    assert not found.mixed
    assert found.diagnoses[0].effective < LEAST_EFFECTIVE


def test_draws_that_never_move_are_not_mixed() -> None:
    assert not diagnose(np.ones((4, 500))).mixed


def test_chains_that_agree_end_early_and_leave_out_their_first_third() -> None:
    found = run(Walk)
    assert found.mixed
    assert found.states == 600
    assert found.draws.shape == (2, 4, 400)


def test_a_round_is_as_long_as_all_before_it() -> None:
    found = run(lambda seed: Walk(seed, memory=0.97), most=100_000)
    assert found.mixed
    assert found.states in (1_200, 2_400, 4_800, 9_600, 19_200, 38_400)


def test_the_caller_is_told_and_can_stop() -> None:
    told: list[float] = []
    walks = [Walk(seed, level=float(seed)) for seed in range(3)]
    with pytest.raises(Cancelled):
        run_chains(walks, most=1_000, watch=Watch(told.append, lambda: len(told) == 4))
    assert told == sorted(told)
    assert walks[0].kept < 1_000
