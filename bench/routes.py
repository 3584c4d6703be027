"""The planner against the clock, against peers and against what it promises. `--json` prints:

bench               "routes"
quick               true where smaller instances and less time were taken
find                the search against Martins on networkx, larger instances and plain Python: with
                    `martins_ratio`, `martins_least`, `cost_sets_equal`, `large_ratio`, `plain_ratio`
                    (planner/find.py)
policy              policies for all places against one search, chances against simulated journeys: with
                    `costs_less`, `chance_error` in points, `scarce` (planner/policy.py)
schedule            1,000 and 10,000 people, a harder instance, memory, CP-SAT alone, HiGHS alone,
                    re-planning: with `thousand`, `ten_thousand`, `hard`, `replan` (planner/schedule.py)
exposure            helpers against planning by risk alone: with `direct_ratio`, `two_hops_ratio`, `cells`
                    and the bounds (planner/exposure.py)
exact               small random lands with stays, groups and documents that differ from a brute force
                    (tests/routes): `lands`, `different`
missed              in words, what falls short of the aims; empty where nothing does. Quick runs are held to
                    what does not depend on the size
seconds             in all

Each part's own description says what its numbers mean. Seeds are fixed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

# The parts stand in a folder beside this file.
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.planner import exposure, find, policy, schedule
from causeway.cli.solver_noise import solver_noise_aside
from tests.routes.small_lands import random_land
from tests.routes.test_find_exact import differs

# What the planner has to reach.
_MARTINS, _LARGE, _PLAIN = 200, 10, 25
_POINTS = 1.0
_FIRST_GAP, _FIRST_LPS, _LATER_GAP, _MANY_GAP = 0.01, 3.0, 0.001, 0.01
_MOVED = 0.05
_DIRECT, _TWO_HOPS, _MORE_RISK = 1 / 2, 1 / 3, 0.03


def _exact(*, quick: bool) -> dict[str, int]:
    lands = 1_000 if quick else 10_000
    return {"lands": lands, "different": sum(differs(random_land(seed)) for seed in range(lands))}


def missed(numbers: dict[str, Any]) -> Iterator[str]:
    """Say what falls short; of a quick run only what does not depend on the size."""
    search, next_, helpers = (numbers[part] for part in ("find", "policy", "exposure"))
    if numbers["exact"]["different"]:
        yield f"{numbers['exact']['different']} small lands have other answers than the brute force"
    if not search["cost_sets_equal"]:
        yield "Martins finds other costs"
    if not search["plain_equal"]:
        yield "plain Python finds other journeys"
    if next_["chance_error"] > _POINTS:
        yield f"a chance of arrival is {next_['chance_error']} points from the simulated share"
    if next_["overstayed"]:
        yield "somebody overstays in a simulation"
    if helpers["cells"]["more_risk"] > _MORE_RISK:
        yield "exposure takes more risk than it may"
    if not numbers["quick"]:
        yield from _missed_at_size(search, next_, numbers["schedule"], helpers)


def _missed_at_size(
    search: dict[str, Any], next_: dict[str, Any], many: dict[str, Any], helpers: dict[str, Any]
) -> Iterator[str]:
    if search["martins_ratio"] < _MARTINS:
        yield f"the search is {search['martins_ratio']} times as fast as Martins"
    if search["large_ratio"] > _LARGE:
        yield f"four times the legs take {search['large_ratio']} times as long"
    if search["plain_ratio"] > _PLAIN:
        yield f"plain Python takes {search['plain_ratio']} times as long"
    if not next_["costs_less"]:
        yield "a policy costs more than a search"
    for one in many["thousand"]:
        if one["gap_first"] > _FIRST_GAP:
            yield f"the first plan's gap is {one['gap_first']:.2%}"
        if one["first_in_lps"] > _FIRST_LPS:
            yield f"the first plan takes {one['first_in_lps']} times the linear relaxation's time"
        if one["gap_5min"] > _LATER_GAP:
            yield f"after five minutes the gap is {one['gap_5min']:.2%}"
    for event in many["replan"]:
        if event["moved_share"] > _MOVED and event["moved_at_least"] <= _MOVED * event["untouched"]:
            yield f"after a fallen {event['event']}, {event['moved_share']:.1%} of the untouched move"
    if many["ten_thousand"]["gap_last"] > _MANY_GAP:
        yield f"10,000 people: the gap is {many['ten_thousand']['gap_last']:.2%}"
    if helpers["direct_ratio"] > _DIRECT:
        yield f"one arrest gives away {helpers['direct_ratio']:.0%} of what risk alone would, directly"
    if helpers["two_hops_ratio"] > _TWO_HOPS:
        yield f"one arrest gives away {helpers['two_hops_ratio']:.0%} of what risk alone would, by two hops"


def measure(console: Console, *, quick: bool) -> dict[str, Any]:
    """Run everything, each part after the other: they share the cores."""
    began = time.perf_counter()
    parts = {
        "find": find.measure,
        "policy": policy.run,
        "schedule": schedule.run,
        "exposure": exposure.run,
        "exact": _exact,
    }
    numbers: dict[str, Any] = {"bench": "routes", "quick": quick}
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=len(parts))
        for name, part in parts.items():
            progress.update(task, description=name)
            # HiGHS prints a line of its own at times, which would spoil the JSON.
            with solver_noise_aside():
                numbers[name] = part(quick=quick)
            progress.advance(task)
    numbers["missed"] = list(missed(numbers))
    numbers["seconds"] = round(time.perf_counter() - began, 1)
    return numbers


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--quick", is_flag=True, help="Small instances, to see that it runs.")
def main(as_json: bool, quick: bool) -> None:
    """Measure the planner; without --quick, for about fifty minutes."""
    numbers = measure(Console(stderr=True), quick=quick)
    if as_json:
        json.dump(numbers, sys.stdout, indent=2)
        print()
        return
    table = Table("part", "what", "value")
    for part, values in numbers.items():
        rows = values.items() if isinstance(values, dict) else [("", values)]
        for name, value in rows:
            table.add_row(part, name, json.dumps(value))
    Console().print(table)


if __name__ == "__main__":
    main()
