"""`causeway count report`: an estimate as a page or a paper that somebody can be handed."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import click

from causeway.cli.count_files import write_private
from causeway.cli.count_watch import read_tables, watched
from causeway.errors import LocalError

__all__ = ["command"]

_PATH: Final = click.Path(dir_okay=False, path_type=Path)
_LANGUAGES: Final = ("en", "ru")


@click.command("report")
@click.argument("table", metavar="TABLE.csv", type=_PATH)
@click.option("--out", type=_PATH, required=True, help="Where it goes: a name in .html or .pdf.")
@click.option("--language", type=click.Choice(_LANGUAGES), default="en", show_default=True)
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
    out: Path,
    language: str,
    seed: int,
    strata: str | None,
    linkage_tables: Path | None,
    draws: Path | None,
    quick: bool,
) -> None:
    """Estimate from TABLE.csv as `causeway count estimate` does, and write a report on it.

    The report is complete in itself and loads nothing. It shows the table's counts: small ones are marked,
    since they may point to single people. Ctrl-C stops it.
    """
    kind = out.suffix.lower()
    if kind not in (".html", ".pdf"):
        raise LocalError("A report is written as .html or .pdf; give it such a name.", file=out.name)
    for path in (out, draws):
        if path is not None and path.exists():
            raise LocalError("There is a file of that name already; nothing was estimated.", file=path.name)
    # Here, since help and refusals of options need none of this.
    from causeway.count import QUICK, STANDARD
    from causeway.dossier import count_report

    tables = read_tables(table, strata=strata, linkage_tables=linkage_tables)
    found = watched(tables, seed=seed, effort=QUICK if quick else STANDARD)
    report = count_report.make_report(
        found,
        table=tables.whole,
        language=count_report.language(language),
        version=version("causeway"),
        made=datetime.now(UTC).date(),
    )
    write_private(
        out,
        count_report.as_pdf(report) if kind == ".pdf" else count_report.as_html(report).encode(),
    )
    if draws is not None:
        write_private(draws, count_report.draws_as_csv(found))
    click.echo(report.answer, err=True)
    click.echo(f"Written: {out}", err=True)
