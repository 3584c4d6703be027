"""How many, including those that nobody documented: one call for the whole estimate."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numba
import numpy as np
import scipy

from causeway.count.chao import PairEstimate, estimate_pairs
from causeway.count.checks import Check, predictive_checks
from causeway.count.effort import STANDARD, Cancel, Effort, Progress, Stages
from causeway.count.families import FAMILIES_WEIGHT, Widening, estimate_families
from causeway.count.highest_interaction import HighestInteraction, highest_interaction
from causeway.count.identifiability import Finding, findings
from causeway.count.linkage_error import LinkageSpread, over_linkages, spread_evenly
from causeway.count.read_table import write_table
from causeway.count.results import FamilyEstimate, Interval
from causeway.count.sensitivity import Changed, Refused, runs, with_two_merged, without_each_list
from causeway.count.strata import Stratum, added_up, over_strata
from causeway.count.table import CaptureTable
from causeway.count.verdict import Verdict, combine, decide
from causeway.count.watch import Cancelled
from causeway.errors import LocalError
from causeway.sentences import Sentence, say

__all__ = ["Estimate", "Stopped", "estimate"]


@dataclass(frozen=True)
class Stopped:
    """The caller stopped it: there is no estimate, and no part of one."""

    reason: Sentence


@dataclass(frozen=True, eq=False)
class Estimate:
    """Everything that a statistician can ask and a report shows.

    Args:
        lists: Names of the lists, empty ones among them.
        documented: Cases on at least one.
        outcome: The verdict with its reason, its assumptions and notes.
        families: All four, each with its interval wherever one can be computed, usable or not.
        widenings: What the total may be under assumptions that the families do not make.
        findings: What the table lacks.
        pairs: What each two lists alone say.
        checks: Whether the families' models foretell what was found.
        without: The estimate without each list in turn, or why not; None where it was not asked for.
        merged: The same with two lists made one.
        highest: How the range moves with the interaction of all lists; None without a range.
        strata: Each stratum's own estimate; none where the table has no strata.
        without_strata: The verdict on all strata as one table.
        linkage: How far plausible linkages differ; None where none were given.
        seed: The same table, seed and effort give the same estimate.
        effort: How much computing there was.
        versions: Of the libraries that compute.
        table_sha256: Of the table as `write_table` writes it, in hexadecimal digits.
    """

    lists: tuple[str, ...]
    documented: int
    outcome: Verdict
    families: tuple[FamilyEstimate, ...]
    widenings: tuple[Widening, ...]
    findings: tuple[Finding, ...]
    pairs: tuple[PairEstimate, ...]
    checks: tuple[Check, ...]
    without: tuple[Changed, ...] | Refused | None
    merged: tuple[Changed, ...] | Refused | None
    highest: HighestInteraction | None
    strata: tuple[Stratum, ...]
    without_strata: Verdict | None
    linkage: LinkageSpread | None
    seed: int
    effort: Effort
    versions: Mapping[str, str]
    table_sha256: str

    @property
    def verdict(self) -> Literal["range", "none"]:
        """`range`, or `none` where there is no estimate."""
        return self.outcome.verdict

    @property
    def reason(self) -> Sentence:
        """Why, in a sentence."""
        return self.outcome.reason

    @property
    def low(self) -> int | None:
        """Least total that is not ruled out; None without an estimate."""
        return self.outcome.low

    @property
    def high(self) -> int | None:
        """Largest total that is not ruled out; None without an estimate."""
        return self.outcome.high


def estimate(
    table: CaptureTable,
    *,
    seed: int,
    strata: Mapping[str, CaptureTable] | None = None,
    linkage_tables: Sequence[CaptureTable] | None = None,
    effort: Effort = STANDARD,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Estimate | Stopped:
    """Estimate a total by several families of models, and say what can be said.

    Args:
        table: Counts by capture history, two to sixteen lists.
        seed: For everything that is drawn; the same seed gives the same estimate on any number of threads.
        strata: The same cases by stratum, two or more; they must add up to the table.
        linkage_tables: Plausible tables of an uncertain linkage, of the same lists; not with strata.
        effort: `STANDARD`, or `QUICK` with fewer chains and resamples and without the tables of changed
            lists. The gates are the same.
        progress: Called with the part done, from 0 to 1, and what is at work.
        cancel: Asked now and then; the answer is `Stopped` once it says True.

    Raises:
        LocalError: Strata that do not add up, plausible tables of other lists, or both at once.
    """
    strata, linkage_tables = strata or {}, linkage_tables or ()
    _check(table, strata, linkage_tables)
    changed = runs(table) if effort.sensitivity else 0
    more = len(strata) + len(spread_evenly(linkage_tables, effort.linkages))
    stages = Stages(progress, cancel, weight=FAMILIES_WEIGHT * (1 + changed + more) + 1.0)
    try:
        return _estimate(table, seed, strata, linkage_tables, effort, stages)
    except Cancelled:
        return Stopped(say("The estimate was stopped before it was done."))


def _estimate(
    table: CaptureTable,
    seed: int,
    strata: Mapping[str, CaptureTable],
    linkage_tables: Sequence[CaptureTable],
    effort: Effort,
    stages: Stages,
) -> Estimate:
    families = estimate_families(table, seed=seed, effort=effort, stages=stages)
    estimates, widenings = families.estimates, families.widenings
    verdict = decide(table, families)
    own: tuple[Stratum, ...] = ()
    pooled: Verdict | None = None
    spread: LinkageSpread | None = None
    if strata:
        pooled = verdict
        estimates, widenings, verdict, own = over_strata(strata, seed=seed, effort=effort, stages=stages)
    elif linkage_tables:
        estimates, widenings, spread = over_linkages(
            families,
            linkage_tables,
            documented=table.documented,
            seed=seed,
            effort=effort,
            stages=stages,
        )
        if not any(finding.blocks for finding in findings(table)):
            verdict = combine(estimates, widenings, documented=spread.documented_low)
    without, merged = _changes(table, seed, effort, stages)
    stages.next(say("Checking what the models foretell"), 1.0)
    return Estimate(
        lists=table.lists,
        documented=table.documented,
        outcome=verdict,
        families=estimates,
        widenings=widenings,
        findings=findings(table),
        pairs=estimate_pairs(table),
        checks=predictive_checks(table, families, seed=seed),
        without=without,
        merged=merged,
        highest=_highest(table, verdict, estimates),
        strata=own,
        without_strata=pooled,
        linkage=spread,
        seed=seed,
        effort=effort,
        versions=_versions(),
        table_sha256=hashlib.sha256(write_table(table)).hexdigest(),
    )


def _changes(
    table: CaptureTable, seed: int, effort: Effort, stages: Stages
) -> tuple[tuple[Changed, ...] | Refused | None, tuple[Changed, ...] | Refused | None]:
    less = effort.sensitivity
    if less is None:
        return None, None
    without = without_each_list(table, seed=seed, effort=less, stages=stages)
    return without, with_two_merged(table, seed=seed, effort=less, stages=stages)


def _highest(
    table: CaptureTable, verdict: Verdict, estimates: Sequence[FamilyEstimate]
) -> HighestInteraction | None:
    """Move the range, with the middle of the families' medians in it."""
    if verdict.low is None or verdict.high is None:
        return None
    medians = [
        one.interval.median for one in estimates if one.usable and one.interval and one.family != "chao"
    ]
    middle = float(np.median(medians)) if medians else 0.5 * (verdict.low + verdict.high)
    used = int((table.counts @ table.histories > 0).sum())
    interval = Interval(median=middle, low=float(verdict.low), high=float(verdict.high))
    return highest_interaction(interval, documented=table.documented, lists=used)


def _check(
    table: CaptureTable, strata: Mapping[str, CaptureTable], linkage_tables: Sequence[CaptureTable]
) -> None:
    if strata and linkage_tables:
        raise LocalError("Plausible tables of a linkage cannot be used together with strata.")
    if strata:
        whole = added_up(strata)
        if whole.lists != table.lists or (whole.counts != table.counts).any():
            raise LocalError("The strata do not add up to the table.")
    if any(one.lists != table.lists for one in linkage_tables):
        raise LocalError("The plausible tables are of other lists, or of the same in another order.")


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "numba": numba.__version__,
    }
