"""`causeway routes replan`: a new plan after something has happened, which keeps its promises."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from causeway.cli.routes_schedule import chosen_as_json, day_of, print_notes, waiting_as_json
from causeway.cli.solver_noise import solver_noise_aside
from causeway.routes.events import parse_event
from causeway.routes.programme_reading import read_plan, read_programme
from causeway.routes.replan import Replan, replan
from causeway.routes.replan_said import Changed

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["as_json", "command"]

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("replan")
@click.argument("programme", type=_FILE)
@click.argument("plan", type=_FILE)
@click.argument("events", nargs=-1, required=True, metavar="EVENT…")
@click.option("--json", "json_wanted", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Who was to set out before this day is on the way. Nobody is, if nothing is said.",
)
@click.option(
    "--now",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day against which the age of rules counts; today's otherwise.",
)
@click.option(
    "--most-lost",
    type=click.FloatRange(0, 1),
    default=0.02,
    show_default=True,
    help="The share of what standing promises are worth that moving people may cost.",
)
@click.option("--seconds", type=click.FloatRange(0.1), default=60.0, show_default=True, help="For all steps.")
def command(
    programme: Path,
    plan: Path,
    events: tuple[str, ...],
    json_wanted: bool,
    today: dt.datetime | None,
    now: dt.datetime | None,
    most_lost: float,
    seconds: float,
) -> None:
    """Plan anew after something happened to a PROGRAMME whose PLAN people were told.

    EVENT is house:ID or helper:ID, lost altogether or, with @2027-03-05, from that day on; leg:ID or
    vehicle:ID, failing on the day after the @ or altogether; person:ID, who cannot set out before that day,
    or at all.
    Whose promise became impossible comes first; of all others as few as can be are moved.
    """
    wanted = read_programme(programme.read_bytes())
    promised = read_plan(plan.read_bytes(), programme=wanted)
    happened = [parse_event(event, programme=wanted) for event in events]
    with solver_noise_aside():
        answer = replan(
            wanted,
            promised=promised,
            events=happened,
            today=today.date() if today is not None else None,
            now=day_of(now),
            most_lost=most_lost,
            seconds=seconds,
        )
    if json_wanted:
        click.echo(json.dumps(as_json(answer), ensure_ascii=False, indent=2))
    else:
        from rich.console import Console

        _print(answer, Console(soft_wrap=True))


def as_json(answer: Replan) -> dict[str, Any]:
    """Return a new plan as what `--json` prints; it can be re-planned again."""
    return {
        "chosen": chosen_as_json(answer),
        "waiting": [waiting_as_json(one) for one in answer.waiting],
        "rescued": [_changed(one) for one in answer.rescued],
        "moved": [_changed(one) for one in answer.moved],
        "stranded": list(answer.stranded),
        "joined": list(answer.joined),
        "untouched": answer.untouched,
        "moved_share": answer.moved_share,
        "moved_at_least": answer.moved_at_least,
        "rescue_proved": answer.rescue_proved,
        "objective_before": answer.objective_before,
        "objective": answer.objective,
        "seconds": round(answer.seconds, 3),
        "notes": [str(note) for note in answer.notes],
    }


def _changed(one: Changed) -> dict[str, Any]:
    reasons = [str(reason) for reason in one.reasons]
    return {"person": one.person, "before": one.before, "after": one.after, "reasons": reasons}


def _print(answer: Replan, console: Console) -> None:
    console.print(
        f"{len(answer.rescued)} whose way broke have another, {len(answer.stranded)} have none. "
        f"{len(answer.moved)} of {answer.untouched} others move ({answer.moved_share:.1%})."
    )
    if answer.moved and answer.moved_at_least == len(answer.moved):
        console.print("Fewer would leave more of those without a way behind: that is proved.")
    elif answer.moved:
        console.print(f"Fewer than {answer.moved_at_least} would not do; whether fewer would is not proved.")
    if answer.stranded and not answer.rescue_proved:
        console.print("Whether more could have a way is not proved; more --seconds may find one.")
    print_notes(answer, console)
    for title, changed in (("another way", answer.rescued), ("moved", answer.moved)):
        for one in changed:
            console.print(f"{one.person}, {title}: {one.before} -> {one.after}", markup=False)
            for reason in one.reasons:
                console.print(f"  {reason}", markup=False)
    for one_waiting in answer.waiting:
        if one_waiting.person in answer.stranded:
            console.print(f"{one_waiting.person} has no way now:", markup=False)
            for reason in one_waiting.reasons:
                console.print(f"  {reason}", markup=False)
