"""`causeway count encode`: turn a list of names into encodings, on the organisation's own machine."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from causeway.cli.count_files import read_file, write_private
from causeway.linkage.encode import Encoding, Scheme, encode_list
from causeway.linkage.encoded_list import TICKET_BYTES, write_encoded_list
from causeway.linkage.key import parse_key
from causeway.linkage.persons import COLUMNS, Column, PersonList, read_persons
from causeway.linkage.script_notes import notes_on

__all__ = ["command"]

_LINES_SHOWN: Final = 10


def _chosen(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[Column, str]:
    """Read COLUMN=HEADER pairs."""
    chosen: dict[Column, str] = {}
    for value in values:
        column, found, header = value.partition("=")
        if not found or column not in COLUMNS:
            raise click.BadParameter(f"COLUMN=HEADER, where COLUMN is one of {', '.join(COLUMNS)}.")
        chosen[column] = header
    return chosen


@click.command("encode")
@click.argument("path", metavar="LIST.csv", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "key_path",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    envvar="CAUSEWAY_COUNT_KEY",
    help="File of the key that all organisations share.",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where the encodings go."
)
@click.option(
    "--tickets",
    "tickets_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the table from ticket to line goes, which stays with you. [default: OUT.tickets.csv]",
)
@click.option("--name", help="The list's name in the table of counts. [default: OUT without its ending]")
@click.option(
    "--column",
    "chosen",
    multiple=True,
    callback=_chosen,
    metavar="COLUMN=HEADER",
    help=f"Which header is which, where its words don't tell: {', '.join(COLUMNS)}. May be given often.",
)
@click.option("--encoding", help="Of the file, where it is not UTF-8: cp1251, for instance.")
@click.option("--raw", is_flag=True, help="Encode as typed. Links nothing across scripts; for comparisons.")
@click.option("--unhardened", is_flag=True, help="Without hardening; for comparisons on invented lists only.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(
    path: Path,
    key_path: Path,
    out: Path,
    tickets_path: Path | None,
    name: str | None,
    chosen: dict[Column, str],
    encoding: str | None,
    raw: bool,
    unhardened: bool,
    as_json: bool,
) -> None:
    """Encode a list of names, so that it can be linked with others' lists without showing them.

    The encodings are not anonymous: who has the key, or a register of the population and patience, can find
    people in them. Give them to the linker only, and see that they are deleted after the count.
    """
    tickets_path = tickets_path or out.with_name(out.name + ".tickets.csv")
    persons = read_persons(read_file(path), chosen=chosen, encoding=encoding)
    encoding_ = encode_list(
        persons,
        key=parse_key(read_file(key_path)),
        name=out.stem if name is None else name,
        tickets=secrets.token_bytes(TICKET_BYTES * len(persons)),
        scheme=Scheme(normalised=not raw, hardened=not unhardened),
    )
    write_private(tickets_path, _tickets_table(encoding_))
    write_private(out, write_encoded_list(encoding_.encoded))
    notes = [str(note) for note in notes_on(encoding_.encoded.scripts, normalised=not raw)]
    notes += _lines_note("The date of birth can't be read", encoding_.unread_dates)
    notes += _left_out_notes(encoding_)
    notes += _columns_notes(persons)
    if as_json:
        click.echo(json.dumps(_as_json(persons, encoding_, notes), ensure_ascii=False, indent=2))
    else:
        click.echo(
            f"{len(encoding_.encoded):,} rows encoded. Keep {tickets_path.name}: it stays with you.", err=True
        )
        click.echo(f"Columns read: {', '.join(persons.columns)}.", err=True)
        for note in notes:
            click.echo(note, err=True)


def _tickets_table(encoding: Encoding) -> bytes:
    rows = zip(encoding.encoded.tickets, encoding.lines.tolist(), strict=True)
    return "".join(
        ["ticket,line\n", *(f"{ticket.tobytes().hex()},{line}\n" for ticket, line in rows)]
    ).encode()


def _left_out_notes(encoding: Encoding) -> list[str]:
    if not encoding.left_out:
        return []
    lines = _lines_note("There is no name, or one part of it and nothing else,", encoding.left_out)
    return [
        f"{lines[0]} Such rows can't be told from one another: they are not encoded, and not in the count.",
    ]


def _columns_notes(persons: PersonList) -> list[str]:
    """Say how the header was understood: a column that is not known would be left out in silence."""
    notes = []
    if persons.unused:
        notes.append(
            f"Not read, since their headers are not known: column {', '.join(map(str, persons.unused))}. If "
            "one of them holds a name, a birth or a place, say so with --column."
        )
    if not {"born", "year"} & persons.columns.keys():
        notes.append("There is no date of birth: people of one name can't be told from each other.")
    return notes


def _lines_note(what: str, lines: Sequence[int]) -> list[str]:
    if not lines:
        return []
    shown = ", ".join(map(str, lines[:_LINES_SHOWN]))
    more = f" and {len(lines) - _LINES_SHOWN} more" if len(lines) > _LINES_SHOWN else ""
    return [f"{what} on line {shown}{more}."]


def _as_json(persons: PersonList, encoding: Encoding, notes: list[str]) -> dict[str, object]:
    encoded = encoding.encoded
    return {
        "name": encoded.name,
        "rows": len(encoded),
        "columns": list(persons.columns),
        "unused_columns": list(persons.unused),
        "scheme": encoded.scheme,
        "scripts": asdict(encoded.scripts),
        "unread_dates": len(encoding.unread_dates),
        "left_out": len(encoding.left_out),
        "notes": notes,
    }
