"""The decomposable family against the clock and against published answers: functions that return numbers."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from causeway.count.decomposable import decomposable_posterior, estimate_decomposable
from causeway.count.decomposable_results import DecomposablePosterior
from causeway.count.graphs import CHORDAL_GRAPHS
from causeway.count.read_table import read_table
from causeway.count.table import CaptureTable

__all__ = ["answers", "published", "seven_lists", "simulated", "speed"]

DATA = Path(__file__).parents[2] / "tests" / "count" / "data"


def published(name: str) -> CaptureTable:
    return read_table((DATA / f"{name}.csv").read_bytes())


def simulated(total: int, lists: int, *, seed: int) -> CaptureTable:
    """Return a table of lists of several sizes that two kinds of people are on more and less often."""
    chance = np.random.default_rng(seed)
    ease = np.where(chance.random((total, 1)) < 0.4, 1.6, 0.6)
    found = chance.random((total, lists)) < ease * chance.uniform(0.05, 0.3, lists)
    counts = np.bincount(found @ (1 << np.arange(lists)), minlength=1 << lists).astype(np.int64)
    counts[0] = 0
    return CaptureTable(tuple("ABCDEFG"[:lists]), counts)


def answers() -> dict[str, Any]:
    """Return what published tables give, as [median, low, high].

    kosovo_dga          on dga's own grid and prior, the saturated graph in; dga: 12595, 9827, 16544
    uk_short            five lists, a grid that ends at five times the documented; dga: 11767
    uk_long             five lists, a grid that grows by need; dga on thirty times: 22990, 10387, 33510
    uk_humps            medians of its humps, the heaviest first
    uk_six              six lists
    taiwan              hepatitis A, the saturated graph left out
    taiwan_saturated    the same with it counted: nobody missing
    caloocan            the sentence that refuses eleven lists
    artificial_usable   whether the table without an estimate has one
    """
    kosovo, five, taiwan = published("kosovo"), published("uk2013_5"), published("hav_taiwan")
    long = _posterior(five)
    refused = estimate_decomposable(published("philippines_caloocan_unidentified"), seed=1)
    return {
        "kosovo_dga": _three(_posterior(kosovo, grid=np.arange(1, 22_000), include_saturated=True)),
        "uk_short": _three(_posterior(five, grid=np.arange(5 * five.documented))),
        "uk_long": _three(long),
        "uk_humps": [hump.median for hump in long.humps],
        "uk_six": _three(_posterior(published("uk2013_6"))),
        "taiwan": _three(_posterior(taiwan)),
        "taiwan_saturated": _three(_posterior(taiwan, include_saturated=True)),
        "caloocan": str(refused.notes[0]),
        "artificial_usable": estimate_decomposable(published("artificial_3"), seed=1).usable,
    }


def speed(*, rounds: int = 15) -> dict[str, float]:
    """Return milliseconds for one exact average with its draws, the median of many after warming up.

    five_ms             uk2013_5, 821 graphs
    six_ms              uk2013_6, 18,153 graphs
    """
    return {
        "five_ms": _milliseconds(lambda: estimate_decomposable(published("uk2013_5"), seed=1), rounds),
        "six_ms": _milliseconds(lambda: estimate_decomposable(published("uk2013_6"), seed=1), rounds),
    }


def seven_lists() -> dict[str, float]:
    """Return seconds and memory for 617,674 graphs, enumerated and averaged in a fresh process.

    seven_seconds       wall clock, the enumeration included
    seven_mib           the process's peak
    seven_graphs        how many graphs were averaged
    """
    command = [sys.executable, "-c", "from bench.count.decomposable import _seven; _seven()"]
    root = Path(__file__).parents[2]
    printed = subprocess.run(command, check=True, capture_output=True, cwd=root, text=True).stdout.split()
    seconds, mib, graphs = map(float, printed)
    return {"seven_seconds": seconds, "seven_mib": mib, "seven_graphs": graphs}


def _seven() -> None:
    """Print what `seven_lists` reads."""
    _posterior(simulated(300, 3, seed=1))
    table = simulated(6_000, 7, seed=1)
    start = time.perf_counter()
    posterior = _posterior(table)
    seconds = time.perf_counter() - start
    if posterior.graph_edges.size != CHORDAL_GRAPHS[7] - 1:
        raise RuntimeError("Not all graphs were averaged.")
    # Linux counts in KiB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:.3f} {peak:.0f} {posterior.graph_edges.size}")


def _posterior(table: CaptureTable, **options: Any) -> DecomposablePosterior:
    posterior = decomposable_posterior(table, **options)
    if not isinstance(posterior, DecomposablePosterior):
        raise TypeError(str(posterior.reasons[0]))
    return posterior


def _three(posterior: DecomposablePosterior) -> list[float]:
    interval = posterior.interval
    return [interval.median, interval.low, interval.high]


def _milliseconds(work: Callable[[], object], rounds: int) -> float:
    work()
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return round(1_000 * statistics.median(took), 2)
