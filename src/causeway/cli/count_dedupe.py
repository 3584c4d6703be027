"""`causeway count dedupe`: people whom one list names twice, where it may lawfully be read in plain."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from causeway.cli.count_files import read_file, write_private
from causeway.errors import LocalError

if TYPE_CHECKING:
    from causeway.linkage.dedupe import Deduplication
    from causeway.linkage.persons import PersonList

__all__ = ["command"]

_PATH: Final = click.Path(dir_okay=False, path_type=Path)


@click.command("dedupe")
@click.argument("path", metavar="LIST.csv", type=_PATH)
@click.option("--out", type=_PATH, required=True, help="Where the pairs go: two line numbers, a probability.")
@click.option("--once", type=_PATH, help="Write the list here with each person's first row only.")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="Spark for lists of millions, which one machine's memory can't hold.",
)
@click.option(
    "--least",
    type=click.FloatRange(0.5, 1),
    default=0.9,
    show_default=True,
    help="Probability from which two rows are taken for one person.",
)
@click.option(
    "--memory", type=click.IntRange(512), default=2048, show_default=True, help="For the engine, MiB."
)
@click.option("--cores", type=click.IntRange(1, 256), default=os.cpu_count() or 2, help="[default: all]")
@click.option("--encoding", help="Of the file, where it is not UTF-8: cp1251, for instance.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON: numbers, no names.")
def command(
    path: Path,
    out: Path,
    once: Path | None,
    engine: str,
    least: float,
    memory: int,
    cores: int,
    encoding: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Find people whom a list names twice, before it is encoded: the count assumes that it names each once.

    The list is read in plain, so run this only where the list belongs and by whom it may be read. Splink does
    the work, in memory; Spark may use a temporary folder, encrypted, that is removed at the end.
    """
    from rich.console import Console

    from causeway.cli.splink_engines import splink_database
    from causeway.linkage.dedupe import deduplicate
    from causeway.linkage.persons import read_persons

    for target in (out, *([once] if once else ())):
        if target.exists():
            raise LocalError("There is a file of that name already; nothing was done.", file=target.name)
    persons = read_persons(read_file(path), encoding=encoding)
    console = Console(stderr=True)
    with (
        console.status("Starting") as status,
        splink_database(engine, rows=len(persons), cores=cores, memory_mib=memory) as database,
    ):
        found = deduplicate(
            persons, database=database, seed=seed, least=least, on_step=lambda step: status.update(step)
        )
    write_private(out, _pairs_csv(found).encode())
    if once is not None:
        write_private(once, _first_rows_csv(persons, found).encode())
    if as_json:
        click.echo(json.dumps(_as_json(persons, found, engine)))
    click.echo(
        f"{len(persons):,} rows, {len(found.first):,} people. {out.name} lists {len(found.pairs):,} pairs of "
        "lines to look at, the likeliest first.",
        err=True,
    )


def _pairs_csv(found: Deduplication) -> str:
    rows = (f"{pair.line},{pair.other},{pair.probability:.4f}\n" for pair in found.pairs)
    return "".join(("line,other_line,probability\n", *rows))


def _first_rows_csv(persons: PersonList, found: Deduplication) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(persons.columns)
    columns = list(persons.columns.values())
    for row in found.first:
        writer.writerow([column[row] for column in columns])
    return text.getvalue()


def _as_json(persons: PersonList, found: Deduplication, engine: str) -> dict[str, object]:
    return {
        "rows": len(persons),
        "people": len(found.first),
        "pairs": [
            {"line": pair.line, "other_line": pair.other, "probability": pair.probability}
            for pair in found.pairs
        ],
        "least": found.least,
        "engine": engine,
    }
