from __future__ import annotations

import numpy as np
import pytest

from causeway.count.averaging import average, shares
from causeway.count.graphs import decomposable_graphs
from causeway.count.watch import Cancelled, Watch

SIX = decomposable_graphs(6)


def every_graph(values: np.ndarray) -> np.ndarray:
    """Return each graph's sum at each point, by an array of all of them."""
    kept = np.arange(SIX.subsets.shape[1]) < SIX.terms[:, None]
    return np.asarray(np.einsum("gt,gtp->gp", SIX.factors * kept, values[SIX.subsets]))


@pytest.fixture(name="values")
def some_values() -> np.ndarray:
    values = np.random.default_rng(2).normal(0, 30, (64, 5))
    # The second piece of graphs holds the largest at one point, the first at another.
    values[0b111111, 3] += 500
    values[0b000011, 4] += 500
    values[0] = 0
    return values


@pytest.mark.parametrize("stop", [1, 16_384, SIX.edges.size - 1, SIX.edges.size])
def test_the_average_over_several_pieces_is_the_plain_sum(values, stop):
    logs = every_graph(values)[:stop]
    most = logs.max(axis=0)
    wanted = most + np.log(np.exp(logs - most).sum(axis=0))
    assert average(SIX, values, stop=stop, watch=Watch()) == pytest.approx(wanted, abs=1e-9)


def test_shares_are_each_graphs_part(values):
    logs = every_graph(values)
    log_average = average(SIX, values, stop=SIX.edges.size, watch=Watch())
    weights = np.array([0.1, 0.2, 0.0, 0.3, 0.4])
    got = shares(SIX, values, log_average, weights, stop=SIX.edges.size, watch=Watch())
    assert got == pytest.approx((np.exp(logs - log_average) * weights).sum(axis=1), abs=1e-12)
    assert got.sum() == pytest.approx(1.0)


def test_progress_is_told_piece_by_piece(values):
    told: list[float] = []
    average(SIX, values, stop=SIX.edges.size, watch=Watch(progress=told.append))
    assert told == [0.5, 1.0]


def test_cancelling_stops_between_pieces(values):
    with pytest.raises(Cancelled):
        average(SIX, values, stop=SIX.edges.size, watch=Watch(cancel=lambda: True))
