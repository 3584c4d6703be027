"""`causeway routes schedule`: who goes when by which itinerary, and what stands in everybody else's way."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from causeway.cli.solver_noise import solver_noise_aside
from causeway.routes.programme import Programme
from causeway.routes.programme_reading import read_programme
from causeway.routes.race import engines_running
from causeway.routes.schedule import Plan, Progress, schedule
from causeway.routes.waiting import Waiting

if TYPE_CHECKING:
    from rich.console import Console

    from causeway.routes.replan import Replan

__all__ = ["as_json", "chosen_as_json", "command", "day_of", "print_notes", "waiting_as_json"]

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN: Final = 40
_REASONS: Final = 3


@click.command("schedule")
@click.argument("programme", type=_FILE)
@click.option("--json", "json_wanted", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--seconds",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="How long to look for a better plan; 0 takes the first. Ctrl-C takes the best so far.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Which of equals comes first."
)
@click.option(
    "--enough",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="A gap between plan and bound at which to leave off.",
)
@click.option(
    "--now",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day against which the age of rules counts; today's otherwise.",
)
@click.option("--with-ortools", is_flag=True, help="Also run CP-SAT, where OR-Tools is installed.")
def command(
    programme: Path,
    json_wanted: bool,
    seconds: float,
    seed: int,
    enough: float,
    now: dt.datetime | None,
    with_ortools: bool,
) -> None:
    """Plan who of a PROGRAMME goes when by which of their itineraries.

    Beds, seats, helpers, money and who must not meet are kept, always. What the plan is worth, and what no
    plan can exceed, stand in the output. Whoever does not go is listed with what stands in the way.
    """
    wanted = read_programme(programme.read_bytes())
    with solver_noise_aside():
        plan = _watched(wanted, seconds, now=day_of(now), seed=seed, enough=enough, cpsat=with_ortools)
    if json_wanted:
        click.echo(json.dumps(as_json(plan), ensure_ascii=False, indent=2))
    else:
        from rich.console import Console

        _print(plan, Console(soft_wrap=True))
    if engines_running():
        # Nothing is left to do but to wait for HiGHS, whose threads would abort an ordinary end.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _watched(programme: Programme, seconds: float, **how: Any) -> Plan:
    """Run the search with its progress on stderr; Ctrl-C ends it with the best plan so far."""
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("relaxation", total=None)

        def on_progress(at: Progress) -> None:
            said = f"worth {at.objective:,}, at most {at.bound:,}, gap {at.gap:.2%}"
            bar.update(task, description=said)

        stopped = threading.Event()

        def on_interrupt(*_: object) -> None:
            stopped.set()
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a second Ctrl-C means it

        before = signal.signal(signal.SIGINT, on_interrupt)
        try:
            return schedule(
                programme, seconds=seconds, on_progress=on_progress, should_stop=stopped.is_set, **how
            )
        finally:
            signal.signal(signal.SIGINT, before)


def day_of(now: dt.datetime | None) -> dt.date:
    """Return the day that somebody named, or today."""
    return now.date() if now is not None else dt.datetime.now(tz=dt.UTC).date()


def as_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as what `--json` prints; `replan` reads its `chosen`."""
    return {
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap,
        "seconds": round(plan.seconds, 3),
        "chosen": chosen_as_json(plan),
        "waiting": [waiting_as_json(one) for one in plan.waiting],
        "notes": [str(note) for note in plan.notes],
    }


def chosen_as_json(plan: Plan | Replan) -> list[dict[str, Any]]:
    """Return who goes, with what has to be said each time of the rules that this rests on."""
    return [
        {
            "person": choice.person,
            "itinerary": choice.itinerary,
            "notes": [str(note) for note in plan.old.get(choice.person, ())],
        }
        for choice in plan.chosen
    ]


def print_notes(plan: Plan | Replan, console: Console) -> None:
    """Print what has to be said of old rules: each once, with everybody whom it concerns."""
    concerned: dict[str, list[str]] = {}
    for person, notes in plan.old.items():
        for note in notes:
            concerned.setdefault(str(note), []).append(person)
    for said, people in concerned.items():
        console.print(f"! {', '.join(people)}: {said}", markup=False)
    for note in plan.notes:
        console.print(f"! {note}", markup=False)


def waiting_as_json(one: Waiting) -> dict[str, Any]:
    """Return somebody who does not go, with the reasons and how many itineraries each closes."""
    return {
        "person": one.person,
        "reasons": [
            {"reason": str(reason), "closes": many}
            for reason, many in zip(one.reasons, one.closed, strict=True)
        ],
    }


def _print(plan: Plan, console: Console) -> None:
    console.print(
        f"{len(plan.chosen)} go, {len(plan.waiting)} wait. Worth {plan.objective:,}, at most {plan.bound:,} "
        f"(gap {plan.gap:.2%})."
    )
    for choice in plan.chosen:
        console.print(f"  {choice.person}: {choice.itinerary}", markup=False)
    print_notes(plan, console)
    for one in plan.waiting[:_SHOWN]:
        console.print(f"{one.person} waits:", markup=False)
        for reason in one.reasons[:_REASONS]:
            console.print(f"  {reason}", markup=False)
    if len(plan.waiting) > _SHOWN:
        console.print(f"… and {len(plan.waiting) - _SHOWN} more who wait; --json has them all.")
