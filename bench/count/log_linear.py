"""The log-linear family against the clock and on published tables: functions that return numbers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from causeway.count.log_linear import log_linear_fit
from causeway.count.log_linear_results import LimitsBy, LogLinearFit
from causeway.count.read_table import read_table
from causeway.count.selection import Search, default_order
from causeway.count.table import CaptureTable

__all__ = ["answers", "coverage", "simulated", "speed"]

_PUBLISHED = (
    "kosovo",
    "uk2013_5",
    "uk2013_6",
    "new_orleans_5",
    "diabetes_casale",
    "hav_taiwan",
    "artificial_3",
    "philippines_caloocan_unidentified",
)
DATA = Path(__file__).parents[2] / "tests" / "count" / "data"


def published(name: str) -> CaptureTable:
    return read_table((DATA / f"{name}.csv").read_bytes())


def speed(*, rounds: int = 20) -> dict[str, float]:
    """Return milliseconds for fitting every model, after warming up.

    four_ms     Kosovo, 113 hierarchical models
    five_ms     United Kingdom, 1,024 models of pairs
    bootstrap_s Kosovo, the choice repeated in 1,000 resamples, seconds
    """
    out: dict[str, float] = {}
    for key, name in (("four_ms", "kosovo"), ("five_ms", "uk2013_5")):
        table = published(name)
        lists = len(table.lists)
        search = Search(lists, order=default_order(lists), criterion="bic")
        counts = table.counts.astype(np.float64)
        search.choose_again(counts, ())
        start = time.perf_counter()
        for _ in range(rounds):
            search.choose_again(counts, ())
        out[key] = round(1_000 * (time.perf_counter() - start) / rounds, 2)
    start = time.perf_counter()
    _fit(published("kosovo"), replicates=1_000)
    out["bootstrap_s"] = round(time.perf_counter() - start, 2)
    return out


def answers(names: Sequence[str] = _PUBLISHED, *, replicates: int | None = None) -> dict[str, Any]:
    """Return what published tables of tests/count/data give, as [estimate, low, high, usable, model]."""
    out: dict[str, Any] = {}
    for name in names:
        found = _fit(published(name), replicates=replicates)
        interval = found.interval
        limits = [round(interval.low), round(interval.high)] if interval else [None, None]
        out[name] = [round(found.model.total), *limits, found.estimate().usable, found.model.name]
    return out


def coverage(*, tables: int = 40, total: int = 1_000, lists: int = 4, seed: int = 1) -> dict[str, float]:
    """Return how often the two kinds of bootstrap limits hold a known total.

    percentile_independent, bca_independent         lists independent of each other
    percentile_heterogeneous, bca_heterogeneous     some people easier to find than others, in logits ±0.8
    """
    out: dict[str, float] = {}
    for kind, spread in (("independent", 0.0), ("heterogeneous", 0.8)):
        held = {"percentile": 0, "bca": 0}
        for number in range(tables):
            table = simulated(total, lists, spread=spread, seed=seed + number)
            for limits in held:
                by: LimitsBy = "bca" if limits == "bca" else "percentile"
                interval = _fit(table, replicates=200, limits=by).interval
                held[limits] += interval is not None and interval.low <= total <= interval.high
        out |= {f"{limits}_{kind}": round(times / tables, 2) for limits, times in held.items()}
    return out


def simulated(total: int, lists: int, *, spread: float, seed: int) -> CaptureTable:
    """Return a table of people who are easier and harder to find, normally in logits."""
    chance = np.random.default_rng(seed)
    base = chance.uniform(0.1, 0.4, lists)
    logits = np.log(base / (1 - base)) + chance.normal(0, spread, (total, 1))
    found = chance.random((total, lists)) < 1 / (1 + np.exp(-logits))
    counts = np.bincount(found @ (1 << np.arange(lists)), minlength=1 << lists).astype(np.int64)
    counts[0] = 0
    return CaptureTable(tuple("ABCDEFG"[:lists]), counts)


def _fit(
    table: CaptureTable, *, replicates: int | None = None, limits: LimitsBy = "percentile"
) -> LogLinearFit:
    found = log_linear_fit(table, seed=1, replicates=replicates, limits=limits)
    if not isinstance(found, LogLinearFit):
        raise TypeError(str(found.reasons[0]))
    return found
