"""Each Metropolis step by itself: with a table of no cases it must leave the prior as it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray
from scipy import stats

from causeway.count.latent_class_steps import (
    Cells,
    State,
    class_seen,
    exchange_step,
    log_likelihood,
    log_stick_density,
    ridge_step,
    trade_step,
)

Floats = NDArray[np.float64]

CLASSES, LISTS, DRAWS, STEPS = 4, 1, 8_000, 30
EMPTY = Cells(np.zeros((0, LISTS), np.bool_), np.zeros(0), 0.0)


@njit
def _ridges(rng: np.random.Generator, cells: Cells, state: State, times: int) -> None:
    for _ in range(times):
        ridge_step(rng, cells, state, 0.0)


@njit
def _exchanges(rng: np.random.Generator, cells: Cells, state: State, times: int) -> None:
    for _ in range(times):
        exchange_step(rng, cells, state, 0.0)


@njit
def _trades(rng: np.random.Generator, cells: Cells, state: State, times: int) -> None:
    for _ in range(times):
        trade_step(rng, state)


def prior(rng: np.random.Generator, alpha: float) -> State:
    sticks = np.append(rng.beta(1, alpha, CLASSES - 1), 1.0)
    pi = sticks * np.cumprod(np.append(1.0, 1.0 - sticks[:-1]))
    on = rng.uniform(size=(CLASSES, LISTS))
    off = 1.0 - on
    seen = np.array([class_seen(a, b) for a, b in zip(on, off, strict=True)])
    return State(np.log(pi), pi, on, off, seen, np.ones((0, CLASSES)), np.array([alpha]))


@pytest.mark.parametrize("steps", [_ridges, _exchanges, _trades])
@pytest.mark.parametrize("alpha", [0.6, 2.5])
def test_a_step_leaves_the_prior_as_it_is(
    steps: Callable[[np.random.Generator, Cells, State, int], None], alpha: float
) -> None:
    rng = np.random.default_rng(11)
    before, after = [], []
    for _ in range(DRAWS):
        state = prior(rng, alpha)
        before.append(np.concatenate([state.pi, state.on.ravel()]))
        steps(rng, EMPTY, state, STEPS)
        assert np.exp(state.log_pi) == pytest.approx(state.pi)
        assert state.on + state.off == pytest.approx(np.ones((CLASSES, LISTS)))
        after.append(np.concatenate([state.pi, state.on.ravel()]))
    one, other = np.array(before), np.array(after)
    assert np.mean(one != other) > 0.2
    fresh = np.array(
        [np.concatenate([s.pi, s.on.ravel()]) for s in (prior(rng, alpha) for _ in range(DRAWS))]
    )
    for place in range(one.shape[1]):
        assert stats.ks_2samp(other[:, place], fresh[:, place]).pvalue > 1e-4
    # and how they go together: the largest class's chances, and two classes' on one list
    for drawn in (lambda x: x[:, 0] * x[:, 4], lambda x: x[:, 4] * x[:, 5], lambda x: x[:, 2] * x[:, 6]):
        assert stats.ks_2samp(drawn(other), drawn(fresh)).pvalue > 1e-4


def test_the_likelihood_is_that_of_seen_cases() -> None:
    rng = np.random.default_rng(3)
    state = prior(rng, 1.0)
    state = state._replace(on=rng.uniform(0.1, 0.9, (CLASSES, 2)))
    state = state._replace(off=1 - state.on, seen=1 - np.prod(1 - state.on, axis=1))
    histories = np.array([[True, False], [False, True], [True, True]])
    chances = np.array(
        [[np.where(h, a, b).prod() for a, b in zip(state.on, state.off, strict=True)] for h in histories]
    )
    counts = np.array([4.0, 3.0, 2.0])
    cells = chances @ state.pi
    expected = counts @ np.log(cells / cells.sum())
    got = log_likelihood(Cells(histories, counts, 9.0), state.pi, chances, state.seen)
    assert got == pytest.approx(expected)


def test_density_of_weights_integrates_to_one() -> None:
    # over the triangle of three classes' weights, α = 2.5
    points = (np.arange(400) + 0.5) / 400
    first, second = np.meshgrid(points, points)
    third = 1 - first - second
    inside = third > 0
    weights = np.stack([first[inside], second[inside], third[inside]], axis=1)
    total = np.mean([np.exp(log_stick_density(np.log(w), 2.5)) for w in weights]) * 0.5
    assert total == pytest.approx(1, abs=0.02)
