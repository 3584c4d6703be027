"""A network as a set of tables, one for each list of its JSON file, with the same names for columns.

`network.csv` has one row (name, starts, days); `places.csv` and `legs.csv` have to be there; `countries`,
`houses`, `helpers`, `causes` and the tables of rules (`sources`, `entry`, `transit`, `ground`) may be. A cell
with several values parts them with `|`; windows read `06:00-22:00`, nights `2027-03-01=3`, guests
`2027-03-01=Wren&Teal`, pairs that must not meet `Wren&Teal`, and a border has the columns `border_from`,
`border_to`, `border_crossing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import inspect

from causeway.routes._expected import UNKNOWN_FIELD, error_path, expected, plain_type
from causeway.routes.checking import check_network
from causeway.routes.network import NETWORK_FORMAT, Cause, Country, Helper, House, Leg, Network, Place
from causeway.routes.read_tables import Row, broken_table, rows_of
from causeway.routes.reading import MAX_PROBLEMS, BrokenFile, Path, Problem, path_words
from causeway.routes.rules import RULES_FORMAT, EntryRule, Ground, RuleBook, Source, TransitRule
from causeway.sentences import say

__all__ = ["CSV_TABLES", "read_csv_network"]

_LISTS: Final[dict[str, type[Any]]] = {
    "places": Place,
    "legs": Leg,
    "countries": Country,
    "houses": House,
    "helpers": Helper,
    "causes": Cause,
}
_RULES: Final[dict[str, type[Any]]] = {
    "sources": Source,
    "entry": EntryRule,
    "transit": TransitRule,
    "ground": Ground,
}
_HEAD: Final = "network"
CSV_TABLES: Final = (_HEAD, *_LISTS, *_RULES)
_YES: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_BORDER: Final = "border_"
_EMPTY: Final = say("This cell has to hold something.")


def read_csv_network(files: Mapping[str, bytes]) -> Network:
    """Return the network that a set of tables holds.

    Args:
        files: By name, without `.csv`: those of `CSV_TABLES` that there are.

    Raises:
        BrokenFile: With file and line of everything found wrong.
    """
    missing = [name for name in (_HEAD, "places", "legs") if name not in files]
    if missing:
        raise broken_table(*(Problem(say("This table is missing."), file=f"{name}.csv") for name in missing))
    found: dict[str, list[Any]] = {}
    lines: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    for name, kind in (_LISTS | _RULES).items():
        if name in files:
            found[name], lines[name] = [], []
            for row, one in _structs(files[name], kind, name, problems):
                found[name].append(one)
                lines[name].append(row)
    head = _head(files[_HEAD], problems)
    if problems:
        raise BrokenFile("The tables are not as their format asks.", problems)
    rules = {name: tuple(found.pop(name)) for name in _RULES if name in found}
    network = Network(
        format=NETWORK_FORMAT,
        name=head["name"],
        starts=head["starts"],
        days=head["days"],
        rules=RuleBook(format=RULES_FORMAT, **rules) if rules else None,
        **{name: tuple(rows) for name, rows in found.items()},
    )
    for path, what in check_network(network):
        problems.append(_located(path, what, lines))
        if len(problems) == MAX_PROBLEMS:
            break
    if problems:
        raise BrokenFile("The tables are not as their format asks.", problems)
    return network


def _head(data: bytes, problems: list[Problem]) -> dict[str, Any]:
    fields = {field.name: field.type for field in msgspec.structs.fields(Network)}
    rows = list(rows_of(data, file=f"{_HEAD}.csv", columns=("name", "starts", "days")))
    if len(rows) != 1:
        problems.append(Problem(say("Expected one row below the heads."), file=f"{_HEAD}.csv"))
        return {}
    head = {}
    for name in ("name", "starts", "days"):
        text = rows[0].cells.get(name)
        try:
            head[name] = msgspec.convert(text, fields[name], strict=False)
        except msgspec.ValidationError as error:
            problems.append(rows[0].problem(expected(str(error), (), fields[name]), name))
    return head


def _structs(data: bytes, kind: type[Any], name: str, problems: list[Problem]) -> Iterator[tuple[Row, Any]]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    needed = tuple(head for head, field in fields.items() if field.required)
    for row in rows_of(data, file=f"{name}.csv", columns=needed):
        if len(problems) >= MAX_PROBLEMS:
            return
        heads = {_BORDER.rstrip("_") if head.startswith(_BORDER) else head for head in row.columns}
        if not heads <= set(fields):
            at = next(number for head, number in row.columns.items() if _top(head) not in fields)
            problems.append(Problem(UNKNOWN_FIELD, line=1, column=at, file=row.file))
            return
        found = _struct(row, kind, fields, problems)
        if found is not None:
            yield row, found


def _top(head: str) -> str:
    return "border" if head.startswith(_BORDER) else head


def _struct(
    row: Row, kind: type[Any], fields: Mapping[str, msgspec.structs.FieldInfo], problems: list[Problem]
) -> Any:
    """Return one row as one of our objects, or None after saying what is wrong with it."""
    before = len(problems)
    values: dict[str, Any] = {}
    border = {
        head.removeprefix(_BORDER): cell for head, cell in row.cells.items() if head.startswith(_BORDER)
    }
    if border:
        values["border"] = border
        needed = [f"{_BORDER}{name}" for name in ("from", "to", "crossing") if name not in border]
        problems += [row.problem(_EMPTY, head) for head in needed]
    for head, cell in row.cells.items():
        if head in fields:
            values[head] = _value(cell, plain_type(fields[head].type))
    for head, value in values.items():
        if head == "border" and len(problems) > before:
            continue
        try:
            msgspec.convert(value, fields[head].type, strict=False)
        except msgspec.ValidationError as error:
            path = error_path(str(error))
            column = f"{_BORDER}{path[0]}" if head == "border" and path else head
            problems.append(row.problem(expected(str(error), path, fields[head].type), column))
    for head, field in fields.items():
        if field.required and head not in values:
            problems.append(row.problem(_EMPTY, head))
    return msgspec.convert(values, kind, strict=False) if len(problems) == before else None


def _value(cell: str, kind: inspect.Type) -> Any:
    """Return a cell as what JSON would have held there."""
    if isinstance(kind, inspect.BoolType):
        return _YES.get(cell.lower(), cell)
    if isinstance(kind, inspect.DictType):
        pairs = (part.split("=", 1) for part in cell.split("|"))
        several = isinstance(kind.value_type, inspect.VarTupleType)
        return {pair[0].strip(): _names(pair[-1]) if several else pair[-1].strip() for pair in pairs}
    if not isinstance(kind, inspect.VarTupleType):
        return cell
    parts = [part.strip() for part in cell.split("|")]
    if isinstance(plain_type(kind.item_type), inspect.StructType):
        return [dict(zip(("from", "until"), part.split("-", 1), strict=False)) for part in parts]
    if isinstance(kind.item_type, inspect.TupleType):
        return [_names(part) for part in parts]
    return parts


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split("&")]


def _located(path: Path, what: Any, lines: Mapping[str, list[Row]]) -> Problem:
    """Return a problem of a network with the file and line that it comes from."""
    if path and path[0] == "rules":
        path = path[1:]
    name = str(path[0]) if path else _HEAD
    number = path[1] if len(path) > 1 else None
    if name not in lines or not isinstance(number, int):
        return Problem(what, file=f"{name}.csv")
    below = path[2:]
    column = path_words(below[:1]) if below else ""
    if column == "border" and len(below) > 1:
        column = f"{_BORDER}{below[1]}"
    return lines[name][number].problem(what, column)
