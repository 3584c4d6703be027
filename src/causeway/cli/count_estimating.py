"""What `estimate` and `report` share: options, tables from files, progress on stderr, Ctrl-C as a stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from causeway.cli.count_files import read_file
from causeway.errors import LocalError

if TYPE_CHECKING:
    from causeway.count import CaptureTable, Effort, Estimate
    from causeway.sentences import Sentence

__all__ = ["Tables", "estimated_from", "estimating_options"]

_PATH: Final = click.Path(dir_okay=False, path_type=Path)

# What a shell reports for a program that Ctrl-C has ended.
_INTERRUPTED: Final = 130


@dataclass(frozen=True, eq=False)
class Tables:
    """What is estimated from: the whole table, and its strata or its plausible linkages, if any."""

    whole: CaptureTable
    strata: dict[str, CaptureTable]
    linked: tuple[CaptureTable, ...]


def estimating_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the table and the options of an estimate to a command: `table` and what `estimated_from` takes."""
    for add in reversed(
        (
            click.argument("table", metavar="TABLE.csv", type=_PATH),
            click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True),
            click.option("--strata", metavar="COLUMN", help="A column that says each line's stratum."),
            click.option(
                "--linkage-tables",
                type=_PATH,
                help="The details that `causeway count link` wrote: linkage error goes into the range.",
            ),
            click.option("--draws", type=_PATH, help="Write draws of the total by family here, as CSV."),
            click.option(
                "--quick",
                is_flag=True,
                help="Fewer chains and resamples, the same gates, and no tables of changed lists: "
                "some seconds.",
            ),
        )
    ):
        function = add(function)
    return function


def estimated_from(
    table: Path,
    *,
    seed: int,
    strata: str | None,
    linkage_tables: Path | None,
    quick: bool,
    new: tuple[Path | None, ...],
) -> tuple[Tables, Estimate]:
    """Estimate from files, unless a file that is to be written is there already.

    Raises:
        LocalError: `new` names such a file, a file can't be read, or strata and linkages come together.
        TableError: A file holds no table.
        SystemExit: It was stopped, and there is nothing to show.
    """
    from causeway.count import QUICK, STANDARD

    for path in new:
        if path is not None and path.exists():
            raise LocalError("There is a file of that name already; nothing was estimated.", file=path.name)
    tables = _read_tables(table, strata=strata, linkage_tables=linkage_tables)
    return tables, _watched(tables, seed=seed, effort=QUICK if quick else STANDARD)


def _read_tables(table: Path, *, strata: str | None, linkage_tables: Path | None) -> Tables:
    from causeway.count import added_up, read_linkage_tables, read_strata, read_table

    if strata is not None and linkage_tables is not None:
        raise LocalError("Plausible tables of a linkage cannot be used together with strata.")
    content = read_file(table)
    by_stratum = read_strata(content, column=strata) if strata is not None else {}
    whole = added_up(by_stratum) if by_stratum else read_table(content)
    linked = (
        read_linkage_tables(read_file(linkage_tables), lists=whole.lists)
        if linkage_tables is not None
        else ()
    )
    return Tables(whole, by_stratum, linked)


def _watched(tables: Tables, *, seed: int, effort: Effort) -> Estimate:
    """Estimate; the first Ctrl-C asks it to stop and ends the command, a second one means it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    from causeway.count import Stopped, estimate

    stopped = threading.Event()

    def on_interrupt(*_: object) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Estimating", total=1.0)

            def tell(part: float, what: Sentence) -> None:
                bar.update(task, completed=part, description=str(what))

            found = estimate(
                tables.whole,
                seed=seed,
                strata=tables.strata,
                linkage_tables=tables.linked,
                effort=effort,
                progress=tell,
                cancel=stopped.is_set,
            )
    finally:
        signal.signal(signal.SIGINT, before)
    if isinstance(found, Stopped):
        click.echo("Stopped. Nothing was written: a part of an estimate is none.", err=True)
        raise SystemExit(_INTERRUPTED)
    return found
