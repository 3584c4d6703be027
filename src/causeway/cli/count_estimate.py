"""`causeway count estimate`: from a table of counts to a range, or to no estimate and why."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import click

from causeway.cli.count_estimating import estimated_from, estimating_options
from causeway.cli.count_files import write_private

__all__ = ["command"]


@click.command("estimate")
@estimating_options
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
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
    from causeway.count import estimate_as_json as told
    from causeway.dossier.count_report import draws_as_csv

    _, found = estimated_from(
        table, seed=seed, strata=strata, linkage_tables=linkage_tables, quick=quick, new=(draws,)
    )
    if draws is not None:
        write_private(draws, draws_as_csv(found))
    if as_json:
        whole = told(found)
        whole["versions"]["causeway"] = version("causeway")
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        say_estimate(found)
