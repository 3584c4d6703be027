"""`causeway count report`: an estimate as a page or a paper that somebody can be handed."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import click

from causeway.cli.count_estimating import estimated_from, estimating_options
from causeway.cli.count_files import write_private
from causeway.errors import LocalError

__all__ = ["command"]

_LANGUAGES: Final = ("en", "ru")


@click.command("report")
@estimating_options
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Where it goes: a name in .html or .pdf.",
)
@click.option("--language", type=click.Choice(_LANGUAGES), default="en", show_default=True)
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
    # Here, since help and refusals of options need none of this.
    from causeway.dossier import count_report

    tables, found = estimated_from(
        table, seed=seed, strata=strata, linkage_tables=linkage_tables, quick=quick, new=(out, draws)
    )
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
