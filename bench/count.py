"""The count against the clock, against published numbers and against known truths. `--json` prints:

bench               "count"
quick               true where fewer tables, rounds and lists were taken
decomposable        milliseconds for five and six lists; without --quick seconds and MiB for seven
latent_class        effective draws a second on uk2013_5, where R's LCMCR had 29
log_linear          milliseconds for all models, seconds for a bootstrap
published           beside what peers publish: `ours`, `theirs`, each [median, low, high] or one number
verdicts            for each published table, the verdict with its ends, and seconds it took with --quick
coverage            simulated tables: rows of tables, answered, covered, median_width, refused, families
missed              parts of coverage that fall short of the aims, in words; empty where none does
encoding            records a second, ours and clkhash's
comparing           pairs a second, ours and anonlink's
linking             quality on lists in two scripts, without --quick
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

# The parts stand in the folder of the same name, which goes before this file where both could be meant.
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.count import coverage, decomposable, latent_class, log_linear
from causeway.count import QUICK, Estimate, estimate

_VERDICTS = (
    "kosovo",
    "uk2013_5",
    "uk2013_6",
    "new_orleans_5",
    "hare",
    "diabetes_casale",
    "madigan_york_3",
    "hav_taiwan",
    "artificial_3",
    "philippines_caloocan_unidentified",
)
_LARGE = ("philippines_caloocan_unidentified",)

# Of the task: at least nine in ten covered, as wide as the truth at most, at most a fifth refused.
_LEAST_COVERED, _MOST_WIDE, _MOST_REFUSED = 0.9, 1.0, 0.2


def published() -> dict[str, Any]:
    """Return our numbers beside published ones.

    dga 2.0.1 and LCMCR 0.4 were run on the same tables; the log-linear model is that of the best BIC.
    """
    averaged = decomposable.answers()
    chosen = log_linear.answers(quick=True)
    return {
        "kosovo_dga": {"ours": averaged["kosovo_dga"], "theirs": [12_595, 9_827, 16_544]},
        "kosovo_best_bic": {"ours": chosen["kosovo"][0], "theirs": 10_357},
        "uk2013_5_short_grid": {"ours": averaged["uk_short"][0], "theirs": 11_767},
        "uk2013_5_long_grid": {"ours": averaged["uk_long"], "theirs": [22_990, 10_387, 33_510]},
        "uk2013_5_humps": averaged["uk_humps"],
        "taiwan_saturated_counted": averaged["taiwan_saturated"],
        "caloocan_refused": averaged["caloocan"],
    }


def verdicts(*, quick: bool) -> dict[str, Any]:
    """Return what the whole estimate says of published tables."""
    out: dict[str, Any] = {}
    for name in _VERDICTS:
        if quick and name in _LARGE:
            continue
        started = time.perf_counter()
        found = estimate(decomposable.published(name), seed=1, effort=QUICK)
        if not isinstance(found, Estimate):
            raise TypeError("Nobody stopped it.")
        out[name] = {
            "verdict": found.verdict,
            "low": found.low,
            "high": found.high,
            "documented": found.documented,
            "usable": [one.family for one in found.families if one.usable],
            "seconds": round(time.perf_counter() - started, 1),
        }
    return out


def missed(rows: list[dict[str, Any]]) -> list[str]:
    """Return which aims the simulated tables fall short of, over all kinds together."""
    whole = rows[-1]
    out = []
    if whole["covered"] is None or whole["covered"] < _LEAST_COVERED:
        out.append("The range covers the truth too seldom.")
    if whole["median_width"] is None or whole["median_width"] > _MOST_WIDE:
        out.append("The range is too wide.")
    if whole["refused"] is not None and whole["refused"] > _MOST_REFUSED:
        out.append("Too many tables are refused.")
    return out


def measure(*, quick: bool, console: Console) -> dict[str, Any]:
    """Run everything, in order."""
    seeds = coverage.HELD_OUT[:1] if quick else coverage.HELD_OUT
    tables = len(list(coverage.cases(seeds)))
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("speed", total=5 + tables)
        numbers: dict[str, Any] = {"bench": "count", "quick": quick}
        numbers["decomposable"] = decomposable.speed(rounds=5 if quick else 15)
        if not quick:
            numbers["decomposable"] |= decomposable.seven_lists()
        numbers["latent_class"] = latent_class.speed()
        numbers["log_linear"] = log_linear.speed(rounds=5 if quick else 20)
        bar.update(task, completed=1, description="published tables")
        numbers["published"] = published()
        bar.update(task, completed=2, description="verdicts")
        numbers["verdicts"] = verdicts(quick=quick)
        bar.update(task, completed=3, description="simulated tables")
        outcomes = coverage.measure(seeds, watch=lambda done: bar.update(task, completed=3 + done))
        numbers["coverage"] = coverage.summary(outcomes)
        numbers["missed"] = missed(numbers["coverage"])
        bar.update(task, description="encodings")
        # Here, since the processes of the simulated tables load this file again.
        from bench.count import encode, link

        numbers["encoding"] = encode.speed(rows=5_000 if quick else 100_000)
        bar.update(task, advance=1, description="comparisons")
        numbers["comparing"] = link.comparison_speed(records=4_000 if quick else 20_000)
        if not quick:
            numbers["linking"] = link.linking_quality()
    return numbers


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--quick", is_flag=True, help="One seed of tables, no seven lists, to see that it runs.")
def main(as_json: bool, quick: bool) -> None:
    """Measure the count."""
    console = Console(stderr=True)
    numbers = measure(quick=quick, console=console)
    if as_json:
        json.dump(numbers, sys.stdout, indent=2)
        print()
        return
    table = Table("what", "value")
    for name, value in numbers.items():
        if name != "coverage":
            table.add_row(name, json.dumps(value, indent=1) if isinstance(value, dict) else str(value))
    Console().print(table)
    print(coverage.as_markdown(numbers["coverage"]))


if __name__ == "__main__":
    main()
