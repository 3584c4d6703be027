"""Strata: groups of cases that lists find unlike easily, estimated each for itself and summed.

Where chances differ between places, months or sexes, one estimate for all is wrong in the way that any
heterogeneity makes it; within strata it is less so.

Source: Sekar & Deming (1949), On a method of estimating birth and death rates and the extent of registration,
    JASA 44(245), 101-115.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causeway.count.effort import Effort, Stages
from causeway.count.families import Families, Widening, estimate_families
from causeway.count.pooling import draws_of, humps_of, interval_of_draws, sums
from causeway.count.read_table import read_table
from causeway.count.results import FamilyEstimate
from causeway.count.table import CaptureTable, TableError
from causeway.count.verdict import Verdict, combine, decide
from causeway.errors import LocalError
from causeway.sentences import say

__all__ = ["MOST_STRATA", "Stratum", "added_up", "over_strata", "read_strata"]

MOST_STRATA = 50

_MAX_NAME = 60


@dataclass(frozen=True, eq=False)
class Stratum:
    """One stratum's estimate.

    Args:
        name: What it is called in the table.
        documented: Its cases on at least one list.
        verdict: On it alone.
        families: Each family's answer from it alone.
    """

    name: str
    documented: int
    verdict: Verdict
    families: tuple[FamilyEstimate, ...]


def read_strata(data: bytes, *, column: str) -> dict[str, CaptureTable]:
    """Read a table that has a column more, the stratum of each line, as a table for each stratum.

    Raises:
        TableError: There is no such column, a line has no stratum, or a stratum's lines are no table; a
            line's number is then that among the stratum's own lines.
    """
    try:
        text = data.decode("utf-8-sig").lstrip("\r\n")
    except UnicodeDecodeError:
        raise TableError("The table is not text in UTF-8.") from None
    heading = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row
        ]
    except csv.Error:
        raise TableError("A line of the table is not well-formed CSV.") from None
    names = [name.strip() for name in rows[0]] if rows else []
    if names.count(column) != 1:
        raise TableError("The table has no column of that name for its strata, or has it twice.")
    at = names.index(column)
    lines: dict[str, list[list[str]]] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(names):
            raise TableError("A line has more or fewer columns than the heading.", line=number)
        stratum = row[at].strip()
        if not stratum or len(stratum) > _MAX_NAME:
            raise TableError("A line has no stratum, or its name is too long.", line=number)
        lines.setdefault(stratum, []).append(row[:at] + row[at + 1 :])
    if not 2 <= len(lines) <= MOST_STRATA:
        raise TableError("Strata are from two to fifty.", found=len(lines))
    return {name: _one_table(names[:at] + names[at + 1 :], own) for name, own in lines.items()}


def _one_table(heading: list[str], rows: Sequence[list[str]]) -> CaptureTable:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([heading, *rows])
    return read_table(out.getvalue().encode())


def added_up(strata: Mapping[str, CaptureTable]) -> CaptureTable:
    """Return all strata as one table.

    Raises:
        LocalError: There are none, or their lists differ.
    """
    tables = list(strata.values())
    if len(tables) < 2 or len({one.lists for one in tables}) > 1:
        raise LocalError("Strata must be two or more, of the same lists in the same order.")
    return CaptureTable(tables[0].lists, np.sum([one.counts for one in tables], axis=0))


def over_strata(
    strata: Mapping[str, CaptureTable], *, seed: int, effort: Effort, stages: Stages
) -> tuple[tuple[FamilyEstimate, ...], tuple[Widening, ...], Verdict, tuple[Stratum, ...]]:
    """Estimate each stratum and add the totals up, draw by draw.

    A family is usable for the sum if it is for every stratum. Where too few families are, but each stratum
    has a range of its own, the sums of their ends are the range, which is wider than it need be.

    Args:
        strata: At least two, of the same lists.
        seed: For all of them.
        effort: For each of them.
        stages: Takes `FAMILIES_WEIGHT` for each.

    Raises:
        Cancelled: The caller wanted to stop.
    """
    each = {
        name: estimate_families(table, seed=seed + place, effort=effort, stages=stages)
        for place, (name, table) in enumerate(strata.items())
    }
    own = tuple(
        Stratum(name, table.documented, decide(table, each[name]), each[name].estimates)
        for name, table in strata.items()
    )
    rng = np.random.default_rng([seed, 3])
    counts = [table.documented for table in strata.values()]
    whole = list(each.values())
    estimates = tuple(
        _summed([one.estimates[place] for one in whole], list(strata), counts, effort.draws, rng)
        for place in range(len(whole[0].estimates))
    )
    widenings = _widened(whole, effort.draws, rng)
    verdict = combine(estimates, widenings, documented=sum(counts))
    without = [one.name for one in own if one.verdict.verdict == "none"]
    if verdict.verdict == "none" and not without:
        verdict = _ends_added(own, verdict)
    elif verdict.verdict == "none":
        reason = say(
            "No estimate for the sum: these strata have none of their own: {strata}.",
            strata=", ".join(without),
        )
        verdict = Verdict("none", reason, None, None, notes=verdict.notes)
    return estimates, widenings, verdict, own


def _summed(
    parts: Sequence[FamilyEstimate],
    names: Sequence[str],
    counts: Sequence[int],
    draws: int,
    rng: np.random.Generator,
) -> FamilyEstimate:
    family = parts[0].family
    lacking = [name for name, part in zip(names, parts, strict=True) if not part.usable]
    notes = (
        (
            say(
                "The family's interval does not stand in these strata, so its sum does not: {strata}.",
                strata=", ".join(lacking),
            ),
        )
        if lacking
        else (say("The sum over {count} strata.", count=len(parts)),)
    )
    own = [draws_of(part, documented=count, rng=rng) for part, count in zip(parts, counts, strict=True)]
    found = [part for part in own if part is not None]
    if len(found) < len(parts):
        return FamilyEstimate(family, None, usable=False, notes=notes)
    summed = sums(found, draws=draws, rng=rng)
    bayesian = family in ("decomposable", "latent_class")
    return FamilyEstimate(
        family,
        interval_of_draws(summed),
        usable=not lacking,
        notes=notes,
        humps=humps_of(summed, documented=sum(counts)) if bayesian else (),
        draws=None if family == "chao" else np.rint(summed).astype(np.int64),
    )


def _widened(whole: Sequence[Families], draws: int, rng: np.random.Generator) -> tuple[Widening, ...]:
    out = []
    for one in whole[0].widenings:
        same = [other for families in whole for other in families.widenings if other.kind == one.kind]
        if len(same) == len(whole):
            summed = sums([other.totals for other in same], draws=draws, rng=rng)
            contradicted = any(other.contradicted for other in same)
            interval = interval_of_draws(summed)
            out.append(Widening(one.kind, one.assumption, interval, summed, contradicted))
    return tuple(out)


def _ends_added(own: Sequence[Stratum], verdict: Verdict) -> Verdict:
    low = sum(one.verdict.low or 0 for one in own)
    high = sum(one.verdict.high or 0 for one in own)
    reason = say(
        "Between {low} and {high} cases in all: the ends of the strata's own ranges added up, since no two "
        "families of models answer in every stratum.",
        low=low,
        high=high,
    )
    assumptions = own[0].verdict.assumptions
    return Verdict("range", reason, low, high, assumptions=assumptions, notes=verdict.notes)
