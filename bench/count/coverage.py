"""How often the reported range holds the truth, over simulated tables."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from typing import Any

from bench.count.simulate import KINDS, LISTS, Case
from causeway.count.effort import QUICK
from causeway.count.estimate import Estimate, estimate

__all__ = ["HELD_OUT", "TUNED_ON", "Outcome", "as_markdown", "measure", "summary"]

TUNED_ON = (*range(8), *range(1_000, 1_010))
"""Seeds that the rule of the verdict was chosen on."""

HELD_OUT = range(3_000, 3_010)
"""Seeds that it is measured on."""

_FEW = 4


@dataclass(frozen=True)
class Outcome:
    """One table's answer beside the truth."""

    kind: str
    lists: int
    seed: int
    total: int
    documented: int
    identifiable: bool
    low: int | None
    high: int | None
    families: dict[str, tuple[float, float, float, bool]]

    @property
    def answered(self) -> bool:
        return self.low is not None

    @property
    def covered(self) -> bool:
        return self.low is not None and self.high is not None and self.low <= self.total <= self.high

    @property
    def width(self) -> float:
        """Of the range, in true totals."""
        return ((self.high or 0) - (self.low or 0)) / self.total


def measure(wanted: Sequence[Case], *, watch: Callable[[int], None] | None = None) -> list[Outcome]:
    """Estimate from every table; the same gates as always, fewer chains and resamples."""
    out = []
    # Spawned: compiled code and its threads do not survive a fork.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        # For a few tables, starting a process takes longer than they do.
        for outcome in (pool.map if len(wanted) > _FEW else map)(_outcome, wanted):
            out.append(outcome)
            if watch is not None:
                watch(len(out))
    return out


def _outcome(case: Case) -> Outcome:
    found = estimate(case.table, seed=case.seed, effort=QUICK)
    if not isinstance(found, Estimate):
        raise TypeError("Nobody stopped it.")
    families: dict[str, tuple[float, float, float, bool]] = {
        one.family: (one.interval.median, one.interval.low, one.interval.high, one.usable)
        for one in found.families
        if one.interval is not None
    }
    return Outcome(
        case.kind,
        len(case.table.lists),
        case.seed,
        case.total,
        case.table.documented,
        case.identifiable,
        found.low,
        found.high,
        families,
    )


def summary(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return a row for each kind, each number of lists, and all.

    tables              how many
    answered            with a range
    covered             part of the answered whose range holds the truth
    median_width        of the answered ranges, in true totals
    refused             part of the identifiable tables that got no estimate
    """
    groups: list[tuple[str, list[Outcome]]] = [
        (kind, [o for o in outcomes if o.kind == kind]) for kind in KINDS
    ]
    groups += [(f"{lists} lists", [o for o in outcomes if o.lists == lists]) for lists in LISTS]
    groups.append(("all", list(outcomes)))
    return [_row(name, group) for name, group in groups if group]


def _row(name: str, group: Sequence[Outcome]) -> dict[str, Any]:
    answered = [one for one in group if one.answered]
    tellable = [one for one in group if one.identifiable]
    return {
        "what": name,
        "tables": len(group),
        "answered": len(answered),
        "covered": round(sum(one.covered for one in answered) / len(answered), 3) if answered else None,
        "median_width": round(statistics.median(one.width for one in answered), 2) if answered else None,
        "refused": (
            round(sum(not one.answered for one in tellable) / len(tellable), 3) if tellable else None
        ),
        "families": _families(group),
    }


def _families(group: Sequence[Outcome]) -> dict[str, float | None]:
    """Return how often each family's own interval holds the truth where its gates let it stand."""
    out: dict[str, float | None] = {}
    for family in ("decomposable", "latent_class", "log_linear"):
        stand = [
            (one, *one.families[family]) for one in group if one.families.get(family, (0, 0, 0, False))[3]
        ]
        hits = [low <= one.total <= high for one, _, low, high, _ in stand]
        out[family] = round(sum(hits) / len(hits), 3) if hits else None
    return out


def as_markdown(rows: Sequence[dict[str, Any]]) -> str:
    """Return the table as the documentation has it."""
    lines = [
        "| tables | how many | answered | range covers the truth | median width ÷ total "
        "| refused, identifiable | decomposable alone | latent class alone | log-linear alone |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        own = row["families"]
        lines.append(
            f"| {row['what']} | {row['tables']} | {row['answered']} | {_percent(row['covered'])} "
            f"| {row['median_width']} | {_percent(row['refused'])} | {_percent(own['decomposable'])} "
            f"| {_percent(own['latent_class'])} | {_percent(own['log_linear'])} |"
        )
    return "\n".join(lines)


def _percent(part: float | None) -> str:
    return "–" if part is None else f"{round(100 * part)} %"


def as_rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return every outcome, to be kept."""
    return [asdict(one) for one in outcomes]
