"""`causeway routes rules`: rules of entry, and what is wrong or too old in a network's files."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any, Final

import click

from causeway.cli.routes_files import write_whole
from causeway.routes.checking import missing_rules
from causeway.routes.documents import TRAVEL_DOCUMENTS
from causeway.routes.network import Network
from causeway.routes.public_table import import_entry_table
from causeway.routes.read_json import read_network, read_rules, write_rules
from causeway.routes.reading import BrokenFile
from causeway.routes.rules import RuleBook, RuleTable, Source, rests_on

__all__ = ["command"]

_BROKEN: Final = 1
_SHOWN: Final = 40
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.group("rules")
def command() -> None:
    """Import rules of entry, and check them."""


@command.command("import")
@click.argument("table", type=_FILE)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
@click.option("--source", required=True, help="Who says so, such as “Passport Index dataset, February 2026”.")
@click.option("--date", "when", required=True, type=_DAY, help="The day on which it was true.")
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.9,
    show_default=True,
    help="The chance that an official goes by a rule of this table.",
)
@click.option(
    "--document",
    type=click.Choice(TRAVEL_DOCUMENTS),
    default="passport",
    show_default=True,
    help="The kind of document that the table speaks of.",
)
@click.option("--country", "countries", multiple=True, help="Only rules between these; may be repeated.")
def import_(
    table: Path,
    out: Path,
    source: str,
    when: dt.datetime,
    confidence: float,
    document: Any,
    countries: tuple[str, ...],
) -> None:
    """Make rules of a public TABLE with the columns Passport, Destination, Requirement."""
    origin = Source(id="table", name=source, date=when.date(), confidence=confidence)
    book = import_entry_table(
        table.read_bytes(), source=origin, document=document, countries=frozenset(countries) or None
    )
    write_whole(out, write_rules(book))
    click.echo(f"{len(book.entry)} rules written.", err=True)


@command.command("check")
@click.argument("network", type=_FILE)
@click.option("--rules", "books", multiple=True, type=_FILE, help="Rules laid over the network's own.")
@click.option("--now", type=_DAY, help="The day against which the age of rules counts; today's otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check(network: Path, books: tuple[Path, ...], now: dt.datetime | None, as_json: bool) -> None:
    """Say what is wrong in a NETWORK and its rules, with the line, and which rules are too old.

    Ends with 1 when a file is broken; old rules alone do not count as that.
    """
    day = now.date() if now is not None else dt.datetime.now(tz=dt.UTC).date()
    problems: list[dict[str, Any]] = []
    found = _read_or_note(network, read_network, problems)
    rules = [_read_or_note(book, read_rules, problems) for book in books]
    result = {
        "ok": not problems,
        "problems": problems,
        **_ages(found, rules, day),
    }
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        _print(result)
    if problems:
        sys.exit(_BROKEN)


def _read_or_note(path: Path, read: Any, problems: list[dict[str, Any]]) -> Any:
    try:
        return read(path.read_bytes())
    except BrokenFile as error:
        for problem in error.problems:
            problems.append(
                {
                    "file": path.name,
                    "line": problem.line,
                    "column": problem.column,
                    "field": problem.field,
                    "what": str(problem.what),
                }
            )
        return None


def _ages(network: Network | None, books: list[RuleBook | None], now: dt.date) -> dict[str, Any]:
    """Return the rules that are too old, and borders that no rule speaks of."""
    own = None if network is None else network.rules
    table = RuleTable.of(own, *books)
    answers = [rests_on(rule, source, now=now) for rule, source in table.entry.values()]
    answers += [rests_on(rule, source, now=now) for rule, source in table.transit.values()]
    answers += [rests_on(one, source, now=now) for one, source in table.ground]
    stale = [
        {
            "rule": str(answer.said),
            "source": answer.source,
            "date": answer.date.isoformat(),
            "says": str(answer.stale),
        }
        for answer in answers
        if answer.stale is not None
    ]
    silent = [] if network is None else [str(one) for one in missing_rules(network, table)]
    return {"rules": len(answers), "stale": stale, "without_rules": silent}


def _print(result: dict[str, Any]) -> None:
    for problem in result["problems"]:
        place = problem["file"] if problem["line"] is None else f"{problem['file']}:{problem['line']}"
        if problem["line"] is not None and problem["column"] is not None:
            place += f":{problem['column']}"
        field = f" {problem['field']}" if problem["field"] else ""
        click.echo(f"{place}:{field}: {problem['what']}".replace("::", ":"))
    for one in result["stale"][:_SHOWN]:
        click.echo(f"old: {one['rule']}: {one['says']}")
    if len(result["stale"]) > _SHOWN:
        click.echo(f"… and {len(result['stale']) - _SHOWN} more that are old; --json lists all.")
    for sentence in result["without_rules"][:_SHOWN]:
        click.echo(sentence)
    if result["ok"]:
        click.echo(
            f"The files are as they should be; {result['rules']} rules, {len(result['stale'])} of them old."
        )
