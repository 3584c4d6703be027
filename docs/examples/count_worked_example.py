"""How many hares, diabetics or victims are there? A worked example of `causeway.count` as a library.

Run it with the name of a table, or without one for snowshoe hares:

    python docs/examples/count_worked_example.py [TABLE.csv]

A table has a 0/1 column for each list and a column `count`. Each line says how many cases stand on exactly
those lists. Cases that are on no list are what is unknown, so there is no line for them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from causeway.count import (
    QUICK,
    CaptureTable,
    Stopped,
    added_up,
    decomposable_posterior,
    estimate,
    estimate_pairs,
    findings,
    log_linear_fit,
    read_table,
    write_table,
)
from causeway.count.decomposable_results import DecomposablePosterior
from causeway.count.graphs import edge_pairs
from causeway.count.log_linear_results import LogLinearFit

SEED = 1989

# Snowshoe hares, six nights of trapping: a classic with few hares and many combinations. Cormack (1989),
# Log-linear models for capture-recapture, Biometrics 45, 395-413. A night is a list.
HARES = Path(__file__).parents[2] / "tests" / "count" / "data" / "hare.csv"


def main(path: str | None) -> None:
    """Estimate a total from a table of capture histories, step by step."""
    # ---- 1. The table. Look at it before any model does. ----
    table = read_table(Path(path or HARES).read_bytes())
    print(f"1. {table.documented} cases on at least one of {len(table.lists)} lists.")
    for finding in findings(table):
        print(f"   {'STOP' if finding.blocks else 'note'}: {finding.sentence}")

    # ---- 2. What each two lists alone say. Far apart, they depend on each other or reach other people. ----
    print("2. Two lists at a time:")
    for pair in estimate_pairs(table):
        at = pair.interval
        print(
            f"   {' and '.join(pair.lists)}: {pair.shared} shared, {at.median:.0f} in all "
            f"({at.low:.0f} to {at.high:.0f})"
        )

    # ---- 3. The whole estimate: four families of models and a verdict. ----
    found = estimate(table, seed=SEED, effort=QUICK)
    if isinstance(found, Stopped):
        raise SystemExit(str(found.reason))
    print(f"3. {found.verdict}: {found.reason}")
    for one in found.families:
        if one.interval is None:
            print(f"   {one.family}: {one.notes[0]}")
            continue
        at = one.interval
        stands = "" if one.usable else ", not used"
        print(f"   {one.family}: {at.median:.0f} ({at.low:.0f} to {at.high:.0f}){stands}")
    for assumption in found.outcome.assumptions:
        print(f"   It assumes: {assumption}")

    # ---- 4. Inside a family: which lists depend on each other? ----
    posterior = decomposable_posterior(table)
    if isinstance(posterior, DecomposablePosterior):
        print("4. How likely each two lists depend on each other, by decomposable models:")
        for bit, (one_list, other) in enumerate(edge_pairs(len(posterior.lists))):
            joined = posterior.graph_edges >> np.uint32(bit) & 1 == 1
            chance = posterior.graph_mass[joined].sum()
            print(f"   {posterior.lists[one_list]} and {posterior.lists[other]}: {chance:.2f}")
    fit = log_linear_fit(table, seed=SEED, replicates=200)
    if isinstance(fit, LogLinearFit):
        print(
            f"   Best log-linear model: {fit.model.name}, deviance {fit.model.deviance:.1f} on "
            f"{fit.model.freedom} degrees of freedom."
        )

    # ---- 5. How far does it hang on one list? ----
    print("5. Without one list:")
    for name in table.lists:
        less = estimate(table.without(name), seed=SEED, effort=QUICK)
        if not isinstance(less, Stopped):
            print(f"   without {name}: {less.low} to {less.high}")

    # ---- 6. What no table can show: that all lists together do not interact. ----
    if found.highest is not None:
        print("6. If they do:")
        for coefficient, total in zip(found.highest.coefficients, found.highest.totals, strict=True):
            print(f"   interaction {coefficient:+.2f}: {total:.0f} in all")

    # ---- 7. Strata: groups that lists find unlike easily are estimated each for itself. ----
    halves = halved(table)
    split = estimate(added_up(halves), seed=SEED, strata=halves, effort=QUICK)
    if not isinstance(split, Stopped):
        print(f"7. In two strata: {split.verdict}, {split.low} to {split.high}.")
        for stratum in split.strata:
            print(f"   {stratum.name}: {stratum.documented} documented, {stratum.verdict.reason}")

    # ---- 8. To be repeated by others. ----
    print(f"8. Seed {found.seed}, table {found.table_sha256[:16]}…, {dict(found.versions)}")
    print(f"   The table as it was used has {len(write_table(table).splitlines()) - 1} lines.")


def halved(table: CaptureTable) -> dict[str, CaptureTable]:
    """Return two strata, cases dealt out by chance: a stand-in for places, months or sexes."""
    half = np.random.default_rng(SEED).binomial(table.counts, 0.5)
    return {
        "one half": CaptureTable(table.lists, half),
        "the other": CaptureTable(table.lists, table.counts - half),
    }


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
