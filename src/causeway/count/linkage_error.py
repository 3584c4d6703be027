"""Linkage error carried through: the estimate repeated over plausible tables, and its draws pooled.

Who is the same person on two lists is itself uncertain. The linkage gives tables that are all plausible; a
family's posterior given all of them is the mixture of its posteriors given each.

Source: Sadinle (2018), Bayesian propagation of record linkage uncertainty into population size estimation of
    human rights violations, Annals of Applied Statistics 12(2), 1013-1038.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.count.effort import Effort, Stages
from causeway.count.families import Families, Widening, estimate_families
from causeway.count.pooling import draws_of, humps_of, interval_of_draws, mixture
from causeway.count.results import Family, FamilyEstimate
from causeway.count.table import MAX_COUNT, CaptureTable, TableError
from causeway.sentences import say

__all__ = ["LEAST_USABLE", "LinkageSpread", "over_linkages", "read_linkage_tables", "spread_evenly"]

Floats = NDArray[np.float64]

LEAST_USABLE = 0.8
"""A family must stand by its interval for this part of the plausible tables."""


@dataclass(frozen=True)
class LinkageSpread:
    """How far plausible linkages differ.

    Args:
        tables: How many were given.
        used: How many were estimated from, evenly spread.
        documented_low: Fewest documented people in any given.
        documented_high: Most.
    """

    tables: int
    used: int
    documented_low: int
    documented_high: int


def read_linkage_tables(data: bytes, *, lists: Sequence[str]) -> tuple[CaptureTable, ...]:
    """Read the plausible tables from what `causeway count link` writes beside its table.

    Args:
        data: JSON with `lists`, `histories` (bit i for list i), and `tables`, a row of counts for each draw.
        lists: Names of the table's lists, which must be the same.

    Raises:
        TableError: It is something else, or of other lists.
    """
    try:
        found: Any = json.loads(data)
        names = tuple(found["lists"])
        cells = np.array(found["histories"])
        rows = np.array(found["tables"])
    except (ValueError, KeyError, TypeError):
        raise TableError("The file holds no plausible tables of a linkage.") from None
    if names != tuple(lists):
        raise TableError("The plausible tables are of other lists, or of the same in another order.")
    shapes = rows.ndim == 2 and cells.ndim == 1 and rows.shape[1] == cells.size and len(rows) > 0
    if not shapes or rows.dtype.kind != "i" or cells.dtype.kind != "i":
        raise TableError("The plausible tables of the linkage are not rows of whole numbers.")
    inside = (cells > 0).all() and (cells < 1 << len(names)).all() and np.unique(cells).size == cells.size
    if not inside or (rows < 0).any() or (rows > MAX_COUNT).any():
        raise TableError("The plausible tables of the linkage hold counts or histories that cannot be.")
    counts = np.zeros((len(rows), 1 << len(names)), np.int64)
    counts[:, cells] = rows
    return tuple(CaptureTable(names, row.copy()) for row in counts)


def spread_evenly(tables: Sequence[CaptureTable], most: int) -> list[CaptureTable]:
    """Return at most so many of them, evenly spread over their order."""
    places = np.linspace(0, len(tables) - 1, min(most, len(tables))).astype(int)
    return [tables[place] for place in places]


def over_linkages(
    families: Families,
    tables: Sequence[CaptureTable],
    *,
    documented: int,
    seed: int,
    effort: Effort,
    stages: Stages,
) -> tuple[tuple[FamilyEstimate, ...], tuple[Widening, ...], LinkageSpread]:
    """Return the families' answers with the uncertainty of the linkage in them.

    Args:
        families: From the one table that is thought best.
        tables: Plausible ones, at least one.
        documented: Of the one table.
        seed: For all of them.
        effort: Its `linkages` are looked at, each with its `linkage`.
        stages: Takes `FAMILIES_WEIGHT` for each that is looked at.

    Raises:
        Cancelled: The caller wanted to stop.
    """
    used = spread_evenly(tables, effort.linkages)
    each = [
        estimate_families(one, seed=seed + place + 1, effort=effort.linkage or effort, stages=stages)
        for place, one in enumerate(used)
    ]
    rng = np.random.default_rng([seed, 2])
    sizes = [one.documented for one in tables]
    spread = LinkageSpread(len(tables), len(used), min(sizes), max(sizes))
    per_table = max(1, effort.draws // len(used))
    counts = [one.documented for one in used]
    pooled = tuple(
        _pooled(one, [other.of(one.family) for other in each], counts, per_table, rng, documented)
        for one in families.estimates
    )
    widenings = tuple(
        Widening(one.kind, one.assumption, interval_of_draws(draws), draws, one.contradicted)
        for one in families.widenings
        if (draws := _widened(one, each, per_table)) is not None
    )
    return pooled, widenings, spread


def _pooled(
    one: FamilyEstimate,
    others: Sequence[FamilyEstimate],
    counts: Sequence[int],
    each: int,
    rng: np.random.Generator,
    documented: int,
) -> FamilyEstimate:
    stand = [(other, count) for other, count in zip(others, counts, strict=True) if other.usable]
    parts = [draws_of(other, documented=count, rng=rng) for other, count in stand]
    found = [part for part in parts if part is not None]
    if not one.usable or len(found) < LEAST_USABLE * len(others):
        note = say(
            "The family stands by its interval for {stands} of {tables} plausible linkages.",
            stands=len(found),
            tables=len(others),
        )
        return FamilyEstimate(one.family, one.interval, False, (note, *one.notes), one.humps, one.draws)
    draws = mixture(found, each=each)
    note = say(
        "Its limits hold the uncertainty of the linkage, from {tables} plausible tables.", tables=len(found)
    )
    bayesian: tuple[Family, ...] = ("decomposable", "latent_class")
    return FamilyEstimate(
        one.family,
        interval_of_draws(draws),
        usable=True,
        notes=(*one.notes, note),
        humps=humps_of(draws, documented=min([documented, *counts])) if one.family in bayesian else (),
        draws=None if one.family == "chao" else np.rint(draws).astype(np.int64),
    )


def _widened(one: Widening, each: Sequence[Families], per_table: int) -> Floats | None:
    parts = [other.totals for families in each for other in families.widenings if other.kind == one.kind]
    return mixture(parts, each=per_table) if len(parts) >= LEAST_USABLE * len(each) else None
