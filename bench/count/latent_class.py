"""The latent class family against the clock and on published tables: functions that return numbers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from causeway.count.latent_class import LatentClassPosterior, latent_class_posterior
from causeway.count.read_table import read_table
from causeway.count.table import CaptureTable

__all__ = ["answers", "speed"]

DATA = Path(__file__).parents[2] / "tests" / "count" / "data"


def published(name: str) -> CaptureTable:
    return read_table((DATA / f"{name}.csv").read_bytes())


def speed(*, seed: int = 1) -> dict[str, float]:
    """Return the pace on the United Kingdom's five lists, ten classes, four chains, warm-up and all.

    effective_per_second    effective draws of the total, of bulk or tails whichever are fewer; LCMCR: 29
    bulk_per_second         of the bulk alone
    seconds                 until the chains agreed
    rhat                    of the total
    """
    table = published("uk2013_5")
    _posterior(table, seed=seed, most_sweeps=100)
    start = time.perf_counter()
    found = _posterior(table, seed=seed)
    seconds = time.perf_counter() - start
    return {
        "effective_per_second": round(found.total.effective / seconds, 1),
        "bulk_per_second": round(found.total.ess_bulk / seconds, 1),
        "seconds": round(seconds, 2),
        "rhat": round(found.total.rhat, 4),
    }


def answers(*, quick: bool = False) -> dict[str, Any]:
    """Return what published tables give, as [median, low, high, usable, R-hat, effective draws].

    Each is a table of tests/count/data; `quick` leaves out the one of eleven lists.
    """
    names = [
        "kosovo",
        "uk2013_5",
        "uk2013_6",
        "new_orleans_5",
        "diabetes_casale",
        "hav_taiwan",
        "artificial_3",
    ]
    if not quick:
        names.append("philippines_caloocan_unidentified")
    out: dict[str, Any] = {}
    for name in names:
        found = _posterior(published(name), seed=1)
        interval = found.interval
        out[name] = [
            interval.median,
            interval.low,
            interval.high,
            found.estimate().usable,
            round(found.total.rhat, 4),
            int(found.total.effective),
        ]
    return out


def _posterior(table: CaptureTable, *, seed: int, most_sweeps: int = 100_000) -> LatentClassPosterior:
    found = latent_class_posterior(table, seed=seed, other_classes=(), most_sweeps=most_sweeps)
    if not isinstance(found, LatentClassPosterior):
        raise TypeError(str(found.reasons[0]))
    return found
