"""`causeway routes policy`: what to do next, at every place and time, when a leg fails."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, Final

import click

from causeway.routes.compiling import Compiled, compile_case
from causeway.routes.explain import clock_of
from causeway.routes.policy_table import PolicyTable, TableStep, policy_table
from causeway.routes.read_json import read_case, read_network, read_rules
from causeway.routes.rules import RestsOn, RuleTable
from causeway.routes.scenarios import MET_FAILING
from causeway.routes.stages import keep_to_stages
from causeway.routes.steps import Arrived, NoWay, OnTo, Rare, Then

__all__ = ["command"]

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_DAY: Final = click.DateTime(["%Y-%m-%d"])
# A centre's network is far smaller than the benchmark's: it can afford to remember more.
_CELLS: Final = 8_000_000


@click.command("policy")
@click.argument("network", type=_FILE)
@click.argument("case", type=_FILE)
@click.option("--rules", "books", multiple=True, type=_FILE, help="Rules laid over the network's own.")
@click.option("--now", type=_DAY, help="The day against which the age of rules counts; today's otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    network: Path, case: Path, books: tuple[Path, ...], now: dt.datetime | None, as_json: bool
) -> None:
    """Say what a CASE's group does at each place and time of a NETWORK, also when a leg fails.

    For each step, the chance of arrival of those who stand there. A chance of nought is an answer too, with
    its reason.
    """
    day = now.date() if now is not None else dt.datetime.now(tz=dt.UTC).date()
    ways = read_network(network.read_bytes())
    table = RuleTable.of(ways.rules, *(read_rules(book.read_bytes()) for book in books))
    compiled = keep_to_stages(compile_case(ways, table, read_case(case.read_bytes()), now=day), ways)
    found = policy_table(compiled, max_cells=_CELLS)
    if as_json:
        click.echo(json.dumps(_as_json(compiled, found), ensure_ascii=False, indent=2))
    elif isinstance(found, NoWay):
        click.echo(str(found.reason))
        click.echo("“causeway routes find” says what would open one.")
    else:
        _print(found)


def _as_json(compiled: Compiled, found: PolicyTable | NoWay) -> dict[str, Any]:
    if isinstance(found, NoWay):
        return {
            "chance": 0.0,
            "reason": str(found.reason),
            "places": [],
            "notes": [str(note) for note in compiled.notes],
        }
    told = found.instructions
    return {
        "chance": told.chance,
        "missing": told.missing,
        "start": compiled.places[told.start].id,
        "at": _time(compiled, told.at, told.start),
        "first": _then(told.first),
        "places": [
            {
                "place": compiled.places[one.place].id,
                "name": compiled.places[one.place].name,
                "steps": [_step(compiled, step) for step in one.steps],
            }
            for one in found.places
        ],
        "left_out": told.left_out,
        "rules": [_rule(rule) for rule in found.rests],
        "notes": [str(note) for note in found.notes],
    }


def _step(compiled: Compiled, told: TableStep) -> dict[str, Any]:
    step = told.step
    back = None
    if step.back is not None:
        back = {"at": _time(compiled, step.back_at, step.place), "then": _then(step.back)}
    return {
        "step": step.number,
        "met": {
            compiled.causes[cause].id: "failing" if met == MET_FAILING else "open" for cause, met in step.met
        },
        "since": _time(compiled, step.since, step.place),
        "departs": _time(compiled, step.departs, step.place),
        "leg": compiled.legs[int(compiled.timetable.leg[step.departure])].id,
        "to": compiled.places[step.target].id,
        "arrives": _time(compiled, step.arrives, step.target),
        "reached": step.reached,
        "chance": step.chance,
        "through": step.through,
        "lost": step.lost,
        "then": _then(step.then),
        "turned_back": back,
        "says": [str(sentence) for sentence in told.says],
    }


def _then(then: Then) -> int | str:
    match then:
        case OnTo(number):
            return number
        case Arrived():
            return "arrived"
        case Rare():
            return "rare"
    return "nothing"


def _rule(rule: RestsOn) -> dict[str, Any]:
    return {
        "rule": str(rule.said),
        "source": rule.source,
        "date": rule.date.isoformat(),
        "confidence": rule.confidence,
        "stale": None if rule.stale is None else str(rule.stale),
    }


def _time(compiled: Compiled, minute: int, place: int) -> str:
    return clock_of(compiled, place, minute).isoformat(timespec="minutes")


def _print(found: PolicyTable) -> None:
    # Here, since JSON needs none of it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console, told, compiled = Console(), found.instructions, found.compiled
    start = compiled.places[told.start].name
    console.print(Text(f"Chance of arrival from {start}: {told.chance:.1%}", style="bold"))
    for one in found.places:
        table = Table("step", "what to do", "reached", "chance", title=compiled.places[one.place].name)
        for step in one.steps:
            table.add_row(
                str(step.step.number),
                Text("\n".join(str(sentence) for sentence in step.says)),
                f"{step.step.reached:.1%}",
                f"{step.step.chance:.1%}",
            )
        console.print(table)
    for rule in found.rests:
        console.print(Text(f"· {rule.said} ({rule.source}, {rule.date.isoformat()})"))
    for note in found.notes:
        console.print(Text(str(note)))
