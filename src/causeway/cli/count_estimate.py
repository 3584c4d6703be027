"""`causeway count estimate`: from a table of counts to a range, or to no estimate and why."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Final

import click

from causeway.cli.count_files import write_private
from causeway.cli.count_watch import read_tables, watched
from causeway.errors import LocalError

__all__ = ["command"]

_PATH: Final = click.Path(dir_okay=False, path_type=Path)


@click.command("estimate")
@click.argument("table", metavar="TABLE.csv", type=_PATH)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True)
@click.option("--strata", metavar="COLUMN", help="A column that says each line's stratum.")
@click.option(
    "--linkage-tables",
    type=_PATH,
    help="The details that `causeway count link` wrote: linkage error goes into the range.",
)
@click.option("--draws", type=_PATH, help="Write draws of the total by family here, as CSV.")
@click.option(
    "--quick",
    is_flag=True,
    help="Fewer chains and resamples, the same gates, and no tables of changed lists: some seconds.",
)
def command(
    table: Path,
    as_json: bool,
    seed: int,
    strata: str | None,
    linkage_tables: Path | None,
    draws: Path | None,
    quick: bool,
) -> None:
    """Estimate how many cases there are in all from TABLE.csv: a 0/1 column for each list, and `count`.

    Several families of models answer; the verdict is the range that they span, or no estimate and why. The
    same table and seed give the same numbers. Ctrl-C stops it.
    """
    # Here, since help and refusals of options need none of this.
    from causeway.cli.count_said import say_estimate
    from causeway.count import QUICK, STANDARD
    from causeway.count import estimate_as_json as told
    from causeway.dossier.count_report import draws_as_csv

    if draws is not None and draws.exists():
        raise LocalError("There is a file of that name already; nothing was estimated.", file=draws.name)
    tables = read_tables(table, strata=strata, linkage_tables=linkage_tables)
    found = watched(tables, seed=seed, effort=QUICK if quick else STANDARD)
    if draws is not None:
        write_private(draws, draws_as_csv(found))
    if as_json:
        whole = told(found)
        whole["versions"]["causeway"] = version("causeway")
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        say_estimate(found)
