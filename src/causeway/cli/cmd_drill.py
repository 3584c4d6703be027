"""`causeway drill`: take a thing, search it, and count the people it gives away."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from causeway.drills.report import DrillReport, TextTable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["command"]

_NAMES: Final = ("relay", "laptop", "phone", "member", "removed-member", "backup", "duress", "fork")
_EXPOSED: Final = 1
_SHOWN: Final = 40


@click.command("drill")
@click.argument("name", type=click.Choice(_NAMES), metavar="|".join(_NAMES))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option(
    "--people",
    type=click.IntRange(4, 200),
    default=12,
    show_default=True,
    help="Invented people. The phone has one for each of its visits.",
)
@click.option(
    "--without-memory",
    is_flag=True,
    help="Search no memory of processes, where the system does not allow it. The result says so.",
)
def command(name: str, as_json: bool, people: int, without_memory: bool) -> None:
    """Seize a relay's server, a laptop, a phone, a backup, or all that a removed member has, and search it.

    Starts real processes on this machine, has invented people write, takes everything and searches it, in
    every encoding it knows. `fork` attacks a centre, and looks at what its honest desks notice. Ends with 0
    when nobody was found, every canary was, and no attack went unnoticed.
    """
    # Here, since the other commands need none of this.
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def on_step(step: str) -> None:
            progress.update(task, description=step)

        report = _drill(name)(people=people, with_memory=not without_memory, on_step=on_step)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        _print(report, Console())
    if not report.passed:
        sys.exit(_EXPOSED)


def _drill(name: str) -> Callable[..., DrillReport]:
    if name == "relay":
        from causeway.drills.relay_drill import drill_relay

        return drill_relay
    if name == "phone":
        from causeway.drills.phone_drill import drill_phone

        # A browser's memory is not what the drill is about, and each visit has its own person.
        return lambda *, on_step, **_of_the_others: drill_phone(on_step=on_step)
    if name == "duress":
        from causeway.drills.duress_drill import drill_duress

        return drill_duress
    if name == "member":
        from causeway.drills.member_drill import drill_member

        return drill_member
    if name == "removed-member":
        from causeway.drills.removed_drill import drill_removed_member

        return drill_removed_member
    if name == "fork":
        from causeway.drills.fork_drill import drill_fork

        return drill_fork
    if name == "backup":
        from causeway.drills.backup_drill import drill_backup

        return drill_backup
    from causeway.drills.laptop_drill import drill_laptop

    return drill_laptop


def _print(report: DrillReport, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    console.print(Text(_headline(report), style="bold green" if report.passed else "bold red"))
    if report.found:
        table = Table("what", "where", "how", title="Found")
        for one in report.found[:_SHOWN]:
            table.add_row(one.what, one.where, one.why)
        console.print(table)
        if len(report.found) > _SHOWN:
            console.print(f"… and {len(report.found) - _SHOWN} more; --json lists all.")
    for content in report.tables():
        console.print(_table(content))
    if report.missed:
        console.print(Text("Had to be found and was not, so this drill says nothing:", style="bold red"))
    for title, lines in (
        ("", report.missed),
        ("Searched:", report.searched),
        ("Not searched:", report.not_searched),
    ):
        if title:
            console.print(Text(f"\n{title}", style="bold"))
        for line in lines:
            console.print(Text(f"  · {line}"))


def _table(content: TextTable) -> Table:
    from rich.table import Table

    table = Table(*content.columns, title=content.title)
    for row in content.rows:
        table.add_row(*row)
    return table


def _headline(report: DrillReport) -> str:
    megabytes = report.searched_bytes / 1_000_000
    return (
        f"Drill “{report.drill}”: {report.people_exposed} of {report.people} people exposed, in "
        f"{megabytes:,.0f} MB; {report.canaries} canaries planted, {len(report.missed)} missed."
    )
