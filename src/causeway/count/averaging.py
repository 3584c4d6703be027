"""Sums over hundreds of thousands of graphs, at the points of a grid, by compiled code on two threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causeway.count.graphs import Graphs
from causeway.count.watch import Watch

__all__ = ["average", "shares"]

Floats = NDArray[np.float64]
_Answer = TypeVar("_Answer")

# Graphs per piece of work: some tenths of a second, so that progress shows and cancelling is felt.
_PIECE = 16_384
# What lies this far below the largest term, in logarithms, is nothing in double precision: 2^-53 is e^-36.7,
# and six hundred thousand graphs are e^13.3.
_NOTHING = -51.0


def average(graphs: Graphs, values: Floats, *, stop: int, watch: Watch) -> Floats:
    """Return the logarithm of the sum over graphs of exp(graph's sum of subsets), at each point.

    Args:
        graphs: All decomposable graphs.
        values: (2 ** lists, points), the subsets' log marginal likelihoods.
        stop: Graphs from here on are left out.
        watch: Told of progress, asked to stop.

    Returns:
        Shape (points,).
    """
    largest = np.full(values.shape[1], -np.inf)
    total = np.zeros(values.shape[1])

    def piece(bounds: tuple[int, int]) -> tuple[Floats, Floats]:
        most, sums = np.full(values.shape[1], -np.inf), np.zeros(values.shape[1])
        _sum_piece(graphs.subsets, graphs.factors, graphs.terms, *bounds, values, most, sums)
        return most, sums

    # Pieces are added in their order, whichever thread was first: the same table gives the same digits.
    for done, (most, sums) in _in_order(piece, stop):
        watch.look(done)
        together = np.maximum(largest, most)
        total = total * np.exp(largest - together) + sums * np.exp(most - together)
        largest = together
    return largest + np.log(total)


def shares(
    graphs: Graphs, values: Floats, log_average: Floats, weights: Floats, *, stop: int, watch: Watch
) -> Floats:
    """Return each graph's part of the posterior.

    Args:
        graphs: All decomposable graphs.
        values: As in `average`.
        log_average: (points,), its answer.
        weights: (points,), the posterior's mass at each point.
        stop: As in `average`.
        watch: Told of progress, asked to stop.

    Returns:
        Shape (stop,): sums to the sum of `weights`.
    """
    out = np.zeros(stop)
    matter = weights > 0
    at, log_at, mass = np.ascontiguousarray(values[:, matter]), log_average[matter], weights[matter]

    def piece(bounds: tuple[int, int]) -> None:
        _share_piece(graphs.subsets, graphs.factors, graphs.terms, *bounds, at, log_at, mass, out)

    for done, _ in _in_order(piece, stop):
        watch.look(done)
    return out


def _in_order(work: Callable[[tuple[int, int]], _Answer], stop: int) -> Iterator[tuple[float, _Answer]]:
    """Yield the part done and the answer for each piece of graphs, in order."""
    pieces = [(start, min(start + _PIECE, stop)) for start in range(0, stop, _PIECE)]
    if len(pieces) == 1:
        yield 1.0, work(pieces[0])
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for number, answer in enumerate(pool.map(work, pieces), start=1):
                yield number / len(pieces), answer
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@njit(cache=True, nogil=True)
def _sum_piece(
    subsets: NDArray[np.uint8],
    factors: NDArray[np.int8],
    terms: NDArray[np.uint8],
    start: int,
    stop: int,
    values: Floats,
    most: Floats,
    sums: Floats,
) -> None:
    """Add exp of each graph's sum into `sums`, which stands relative to `most`."""
    points = values.shape[1]
    row = np.empty(points)
    for graph in range(start, stop):
        _one_graph(subsets[graph], factors[graph], terms[graph], values, row)
        for point in range(points):
            above = row[point] - most[point]
            if above > 0:
                sums[point] = sums[point] * np.exp(-above) + 1.0
                most[point] = row[point]
            elif above > _NOTHING:
                sums[point] += np.exp(above)


@njit(cache=True, nogil=True)
def _share_piece(
    subsets: NDArray[np.uint8],
    factors: NDArray[np.int8],
    terms: NDArray[np.uint8],
    start: int,
    stop: int,
    values: Floats,
    log_average: Floats,
    weights: Floats,
    out: Floats,
) -> None:
    """Write each graph's share."""
    points = values.shape[1]
    row = np.empty(points)
    for graph in range(start, stop):
        _one_graph(subsets[graph], factors[graph], terms[graph], values, row)
        share = 0.0
        for point in range(points):
            above = row[point] - log_average[point]
            if above > _NOTHING:
                share += weights[point] * np.exp(above)
        out[graph] = share


@njit(cache=True, nogil=True)
def _one_graph(
    subsets: NDArray[np.uint8], factors: NDArray[np.int8], terms: int, values: Floats, row: Floats
) -> None:
    """Write one graph's log marginal likelihood at every point."""
    row[:] = values[subsets[0]] * factors[0]
    for term in range(1, terms):
        factor = float(factors[term])
        line = values[subsets[term]]
        for point in range(row.size):
            row[point] += factor * line[point]
