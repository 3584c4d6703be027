"""`causeway routes exposure`: who helps whom, so that one arrest gives away as few as possible."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

import click

from causeway.routes.exposure import Exposure, NotServed, Progress, minimise_exposure
from causeway.routes.exposure_model import Given
from causeway.routes.exposure_plan import read_exposure_plan

__all__ = ["command"]

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("exposure")
@click.argument("plan", type=_FILE)
@click.option("--seconds", type=click.FloatRange(0), default=60.0, show_default=True, help="Stop by then.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(plan: Path, seconds: float, seed: int, as_json: bool) -> None:
    """Assign helpers to the parts of a PLAN's journeys.

    The most people whom one arrest gives away, directly and by two hops, become as few as can be found within
    the plan's budget of risk. That helpers do not suffice is an answer too.
    """
    # Here, since other commands need none of this.
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    asked = read_exposure_plan(plan.read_bytes())
    until = time.monotonic() + seconds
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def tell(progress: Progress) -> None:
            said = f"at most {progress.direct} directly, {progress.two_hops} by two hops"
            bar.update(task, completed=progress.done, description=said)

        found = minimise_exposure(
            asked,
            seed=seed,
            seconds=max(1.0, seconds / 4),
            improve_seconds=seconds / 2,
            on_progress=tell,
            stopped=lambda: time.monotonic() > until,
        )
    if as_json:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    elif isinstance(found, NotServed):
        click.echo(str(found.reason))
    else:
        _print(found)


def _as_json(found: Exposure | NotServed) -> dict[str, Any]:
    if isinstance(found, NotServed):
        return {"assigned": [], "reason": str(found.reason)}
    plan = found.plan
    return {
        "assigned": [
            {"part": part.id, "helper": plan.helpers[helper].id}
            for part, helper in zip(plan.parts, found.helpers, strict=True)
        ],
        "risk": found.risk,
        "more_risk": found.more_risk,
        "budget": found.budget,
        "arrests": [
            {"helper": helper.id, "direct": direct, "two_hops": two_hops}
            for helper, direct, two_hops in zip(
                plan.helpers, found.given.direct, found.given.two_hops, strict=True
            )
        ],
        "greatest": _greatest(found.given),
        "bound": {
            "direct": found.bound_direct,
            "two_hops": found.bound_two_hops,
            "together": found.bound_together,
        },
        "least_risk": {"risk": found.least_risk, "greatest": _greatest(found.least_risk_given)},
    }


def _greatest(given: Given) -> dict[str, int]:
    return {"direct": max(given.direct, default=0), "two_hops": max(given.two_hops, default=0)}


def _print(found: Exposure) -> None:
    from rich.console import Console
    from rich.table import Table

    console, plan = Console(), found.plan
    now, before = _greatest(found.given), _greatest(found.least_risk_given)
    console.print(
        f"One arrest gives away at most {now['direct']} people directly, {now['two_hops']} by two hops, for "
        f"{found.more_risk:.1%} more risk; by risk alone it would be {before['direct']} and "
        f"{before['two_hops']}."
    )
    if found.bound_direct:
        console.print(
            f"No plan within the budget gets below {found.bound_direct} and {found.bound_two_hops}."
        )
    else:
        console.print("There was no time for a bound; give it more with --seconds.")
    table = Table("helper", "parts", "directly", "by two hops")
    for number, helper in enumerate(plan.helpers):
        parts = [part.id for part, served in zip(plan.parts, found.helpers, strict=True) if served == number]
        table.add_row(
            helper.id,
            ", ".join(parts),
            str(found.given.direct[number]),
            str(found.given.two_hops[number]),
        )
    console.print(table)
