"""An estimate as plain values, ready for JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from causeway.count.effort import Effort
from causeway.count.estimate import Estimate
from causeway.count.results import FamilyEstimate, Interval
from causeway.count.sensitivity import Changed, Refused
from causeway.count.verdict import Verdict

__all__ = ["estimate_as_json"]


def estimate_as_json(estimate: Estimate, *, gettext: Callable[[str], str] = str) -> dict[str, Any]:
    """Return an estimate with names, numbers and sentences, without its draws.

    Args:
        estimate: The whole.
        gettext: A catalogue for the sentences; English by default.

    Returns:
        documented          cases on at least one list
        lists               their names
        verdict             `range` or `none`
        reason              a sentence
        low, high           ends of the range, whole; null where there is none
        assumptions         what it rests on
        widened_by          assumptions that moved an end of it
        notes               what else a reader must know
        families            all four: `family`, `median`, `low`, `high` (null where they can't be computed),
                            `usable`, `notes`, `humps` (`median`, `low`, `high`, `mass`)
        widenings           `kind`, `assumption`, `median`, `low`, `high`, `contradicted`
        findings            `kind`, `lists`, `sentence`, `blocks`
        pairs               `lists`, `shared`, `median`, `low`, `high`
        checks              `family`, `lists` or `on`, `found`, `expected`, `chance`, `surprising`
        without             for each list left out; or `refused`, a sentence; null where it was not asked for
        merged              the same for each two lists made one
        highest             `coefficients`, `totals`, `low`, `high`; null without a range
        strata              `stratum`, `documented`, `verdict`, `reason`, `low`, `high`, `families`
        without_strata      the verdict on all strata as one table; null where there are none
        linkage             `tables`, `used`, `documented_low`, `documented_high`; null where none were given
        seed, effort, versions, table_sha256
    """

    def told(verdict: Verdict) -> dict[str, Any]:
        return {
            "verdict": verdict.verdict,
            "reason": verdict.reason.in_language(gettext),
            "low": verdict.low,
            "high": verdict.high,
        }

    def family(one: FamilyEstimate) -> dict[str, Any]:
        return {
            "family": one.family,
            **_interval(one.interval),
            "usable": one.usable,
            "notes": [note.in_language(gettext) for note in one.notes],
            "humps": [asdict(hump) for hump in one.humps],
        }

    def changed(tables: tuple[Changed, ...] | Refused | None) -> dict[str, str] | list[dict[str, Any]] | None:
        if isinstance(tables, Refused):
            return {"refused": tables.reason.in_language(gettext)}
        if tables is None:
            return None
        return [
            {
                "lists": list(one.lists),
                "documented": one.documented,
                **told(one.verdict),
                "families": [family(own) for own in one.families],
            }
            for one in tables
        ]

    outcome = estimate.outcome
    return {
        "documented": estimate.documented,
        "lists": list(estimate.lists),
        **told(outcome),
        "assumptions": [one.in_language(gettext) for one in outcome.assumptions],
        "widened_by": [one.in_language(gettext) for one in outcome.widened_by],
        "notes": [one.in_language(gettext) for one in outcome.notes],
        "families": [family(one) for one in estimate.families],
        "widenings": [
            {
                "kind": one.kind,
                "assumption": one.assumption.in_language(gettext),
                **_interval(one.interval),
                "contradicted": one.contradicted,
            }
            for one in estimate.widenings
        ],
        "findings": [
            {
                "kind": one.kind,
                "lists": list(one.lists),
                "sentence": one.sentence.in_language(gettext),
                "blocks": one.blocks,
            }
            for one in estimate.findings
        ],
        "pairs": [
            {"lists": list(one.lists), "shared": one.shared, **_interval(one.interval)}
            for one in estimate.pairs
        ],
        "checks": [{**asdict(one), "lists": list(one.lists)} for one in estimate.checks],
        "without": changed(estimate.without),
        "merged": changed(estimate.merged),
        "highest": (
            None
            if estimate.highest is None
            else {
                "coefficients": estimate.highest.coefficients.tolist(),
                "totals": estimate.highest.totals.tolist(),
                "low": estimate.highest.low.tolist(),
                "high": estimate.highest.high.tolist(),
            }
        ),
        "strata": [
            {
                "stratum": one.name,
                "documented": one.documented,
                **told(one.verdict),
                "families": [family(own) for own in one.families],
            }
            for one in estimate.strata
        ],
        "without_strata": None if estimate.without_strata is None else told(estimate.without_strata),
        "linkage": None if estimate.linkage is None else asdict(estimate.linkage),
        "seed": estimate.seed,
        "effort": _effort(estimate.effort),
        "versions": dict(estimate.versions),
        "table_sha256": estimate.table_sha256,
    }


def _interval(interval: Interval | None) -> dict[str, float | None]:
    if interval is None:
        return {"median": None, "low": None, "high": None}
    # JSON has no infinity.
    return {
        name: value if math.isfinite(value) else None
        for name, value in (("median", interval.median), ("low", interval.low), ("high", interval.high))
    }


def _effort(effort: Effort) -> dict[str, Any]:
    """Return the numbers of the main estimate, and whether there are tables of changed lists."""
    return {
        "chains": effort.chains,
        "most_sweeps": effort.most_sweeps,
        "other_classes": list(effort.other_classes),
        "replicates": effort.replicates,
        "draws": effort.draws,
        "linkages": effort.linkages,
        "changed_lists": effort.sensitivity is not None,
    }
