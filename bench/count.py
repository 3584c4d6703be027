"""The count against the clock, against published numbers and against known truths. `--json` prints:

bench               "count"
quick               true where fewer tables, rounds and lists were taken
decomposable        milliseconds for five and six lists; without --quick seconds and MiB for seven
latent_class        effective draws a second on uk2013_5, where R's LCMCR had 29
log_linear          milliseconds for all models, seconds for a bootstrap
published           beside what peers publish: `ours`, `theirs`, each [median, low, high] or one number
verdicts            for each published table, the verdict with its ends, and seconds; three with --quick
coverage            simulated tables: rows of tables, answered, covered, median_width, refused, families;
                    four with --quick, which say nothing
encoding            records a second, ours and clkhash's
comparing           pairs a second, ours and anonlink's with two processes
linking             quality on lists in two scripts, ours and peers'; on fewer people with --quick
not_measured        which peers are missing, and why; their numbers are null
missed              aims that were measured and are not reached, in words; empty where none is. Quick runs
                    are not held to coverage

clkhash and anonlink are measured in environments of their own, for which the machine needs a network.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

# The parts stand in the folder of the same name, which goes before this file where both could be meant.
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.count import coverage, decomposable, latent_class, log_linear
from bench.count.peers import NO_PEERS, peers
from bench.count.simulate import cases
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
_QUICK_VERDICTS = ("kosovo", "hav_taiwan", "artificial_3")

# At least nine in ten covered, as wide as the truth at most, at most a fifth refused.
_LEAST_COVERED, _MOST_WIDE, _MOST_REFUSED = 0.9, 1.0, 0.2
_MOST = {"five_ms": 20.0, "six_ms": 1_000.0, "seven_seconds": 60.0, "seven_mib": 2_048.0}
_LEAST_EFFECTIVE = 60.0
_TIMES_CLKHASH, _TIMES_ANONLINK = 10.0, 1.0


def published() -> dict[str, Any]:
    """Return our numbers beside published ones.

    dga 2.0.1 and LCMCR 0.4 were run on the same tables; the log-linear model is that of the best BIC.
    """
    averaged = decomposable.answers()
    chosen = log_linear.answers(("kosovo",), replicates=200)
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
    for name in _QUICK_VERDICTS if quick else _VERDICTS:
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


def missed(numbers: dict[str, Any]) -> Iterator[str]:
    """Say which aims the numbers fall short of; those of the simulated tables over all kinds together."""
    whole = numbers["coverage"][-1]
    if not numbers["quick"]:
        if whole["covered"] is None or whole["covered"] < _LEAST_COVERED:
            yield "The range covers the truth too seldom."
        if whole["median_width"] is None or whole["median_width"] > _MOST_WIDE:
            yield "The range is too wide."
        if whole["refused"] is not None and whole["refused"] > _MOST_REFUSED:
            yield "Too many tables are refused."
    if any(numbers["decomposable"].get(name, 0) > most for name, most in _MOST.items()):
        yield "The exact average takes too much time or memory."
    if numbers["latent_class"]["effective_per_second"] < _LEAST_EFFECTIVE:
        yield "Latent classes mix too slowly."
    if any(_below(numbers["encoding"][kind]["times_faster"], _TIMES_CLKHASH) for kind in ("clean", "noisy")):
        yield "Encoding is less than ten times as fast as clkhash."
    if _below(numbers["comparing"]["times_faster"], _TIMES_ANONLINK):
        yield "Comparing is slower than anonlink."
    quality = numbers["linking"]
    peers_ = [quality[f"{peer}_{kind}"] for peer in ("anonlink", "splink") for kind in ("raw", "simple")]
    if any(peer and peer["f1"] >= quality["ours_normalised"]["f1"] for peer in peers_):
        yield "A peer links better."


def _below(value: float | None, least: float) -> bool:
    """Whether something was measured and falls short."""
    return value is not None and value < least


def measure(*, quick: bool, without_peers: bool, console: Console) -> dict[str, Any]:
    """Run everything, in order."""
    tables = list(cases(coverage.HELD_OUT[:1], lists=(3,)) if quick else cases(coverage.HELD_OUT))
    with (
        Progress(console=console, transient=True) as bar,
        nullcontext(NO_PEERS) if without_peers else peers() as beside,
    ):
        task = bar.add_task("speed", total=6 + len(tables))
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
        outcomes = coverage.measure(tables, watch=lambda done: bar.update(task, completed=3 + done))
        numbers["coverage"] = coverage.summary(outcomes)
        bar.update(task, description="encodings")
        # Here, since the processes of the simulated tables load this file again.
        from bench.count import encode, link

        numbers["encoding"] = encode.speed(beside.clkhash, rows=5_000 if quick else 100_000)
        bar.update(task, advance=1, description="comparisons")
        numbers["comparing"] = link.comparison_speed(beside.anonlink, records=4_000 if quick else 20_000)
        bar.update(task, advance=1, description="linking")
        numbers["linking"] = (
            link.linking_quality(beside, people=600, seeds=(21,)) if quick else link.linking_quality(beside)
        )
        numbers["not_measured"] = list(beside.why)
    numbers["missed"] = list(missed(numbers))
    return numbers


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--quick", is_flag=True, help="Little of everything, no seven lists, to see that it runs.")
@click.option("--without-peers", is_flag=True, help="Leave out what other programs are needed for.")
def main(as_json: bool, quick: bool, without_peers: bool) -> None:
    """Measure the count."""
    console = Console(stderr=True)
    numbers = measure(quick=quick, without_peers=without_peers, console=console)
    for said in numbers["not_measured"]:
        console.print(said, markup=False, highlight=False)
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
