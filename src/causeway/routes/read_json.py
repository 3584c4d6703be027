"""Networks, cases and rules from JSON, and back.

A good file is read at once. Only when that fails is it looked at again, part by part, for everything that
is wrong with it and the lines where that stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

import msgspec
from msgspec import inspect

from causeway.routes._expected import UNKNOWN_FIELD, error_path, expected, plain_type
from causeway.routes._lines import line_and_column, positions
from causeway.routes.cases import Case
from causeway.routes.checking import Flaw, check_network, check_rules
from causeway.routes.network import Network
from causeway.routes.reading import MAX_PROBLEMS, NOT_AS_ASKED, BrokenFile, Path, Problem, Unsaid, path_words
from causeway.routes.rules import RuleBook
from causeway.sentences import say

__all__ = [
    "check_again",
    "invalid_struct",
    "read_case",
    "read_file",
    "read_network",
    "read_rules",
    "write_rules",
]

T = TypeVar("T")

_BOM: Final = b"\xef\xbb\xbf"
_MALFORMED: Final = re.compile(r"^JSON is malformed: (?P<what>.*) \(byte (?P<byte>\d+)\)$")


def read_network(data: bytes) -> Network:
    """Return the network that a file holds.

    Raises:
        BrokenFile: With the line of everything found wrong.
    """
    return read_file(data, Network, check_network)


def read_rules(data: bytes) -> RuleBook:
    """Return the book of rules that a file holds.

    Raises:
        BrokenFile: With the line of everything found wrong.
    """
    return read_file(data, RuleBook, check_rules)


def read_case(data: bytes) -> Case:
    """Return the case that a file holds.

    Raises:
        BrokenFile: With the line of everything found wrong.
    """
    return read_file(data, Case)


def read_file(data: bytes, kind: type[T], check: Callable[[T], Iterator[Flaw]] = lambda _: iter(())) -> T:
    """Return a file of any of our shapes.

    Args:
        check: What its parts may not say together.

    Raises:
        BrokenFile: With the line of everything found wrong.
    """
    data = data.removeprefix(_BOM)
    try:
        found = _decode(data, kind)
    except RecursionError:
        deep = Problem(say("Brackets nest deeper here than any file of ours does."))
        raise BrokenFile(NOT_AS_ASKED, [deep]) from None
    flaws = list(islice(check(found), MAX_PROBLEMS))
    if flaws:
        raise _broken(data, flaws)
    return found


def check_again(network: Network) -> Network:
    """Return a network put together of parts, once its parts fit each other.

    Raises:
        BrokenFile: Without lines, since no file holds it yet.
    """
    flaws = list(islice(check_network(network), MAX_PROBLEMS))
    if flaws:
        raise BrokenFile(NOT_AS_ASKED, [Problem(what, path_words(path)) for path, what in flaws])
    return network


def write_rules(book: RuleBook) -> bytes:
    """Return a book of rules as JSON, one rule on a line, so that two editions can be compared."""
    head = msgspec.to_builtins(book)
    parts = [b'{"format":' + msgspec.json.encode(book.format)]
    for name in ("sources", "entry", "transit", "ground"):
        if rows := head.get(name):
            listed = b",\n".join(msgspec.json.encode(row) for row in rows)
            parts.append(msgspec.json.encode(name) + b":[\n" + listed + b"\n]")
    return b",\n".join(parts) + b"}\n"


def _decode(data: bytes, kind: type[T]) -> T:
    try:
        try:
            return msgspec.json.decode(data, type=kind)
        except msgspec.ValidationError:
            flaws = list(islice(_invalid(data, kind), MAX_PROBLEMS))
        raise _broken(data, flaws)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(data, str(error)) from None


def invalid_struct(value: Any, kind: type[Any], above: Path) -> Iterator[Flaw]:
    """Yield everything wrong with one object of ours and with the objects in it."""
    if not isinstance(value, dict):
        yield above, say("Expected {what}.", what="an object")
        return
    fields = msgspec.structs.fields(kind)
    for field in fields:
        name = field.encode_name
        if name in value:
            yield from _invalid_field(value[name], field.type, (*above, name))
        elif field.required:
            yield above, say("The field “{field}” is missing.", field=name)
    for name in value:
        if name not in {field.encode_name for field in fields}:
            yield (*above, Unsaid(name)), UNKNOWN_FIELD


def _invalid_field(value: Any, kind: Any, path: Path) -> Iterator[Flaw]:
    struct, listed = _struct_in(kind)
    if struct is not None and listed and isinstance(value, list) and value:
        for number, one in enumerate(value):
            yield from invalid_struct(one, struct, (*path, number))
    elif struct is not None and not listed and value is not None:
        yield from invalid_struct(value, struct, path)
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            below = error_path(str(error))
            yield (*path, *below), expected(str(error), below, kind)


def _struct_in(kind: Any) -> tuple[type[Any] | None, bool]:
    """Return the struct that a field holds, and whether it holds a list of them."""
    found = plain_type(kind)
    if isinstance(found, inspect.VarTupleType):
        item = plain_type(found.item_type)
        return (item.cls, True) if isinstance(item, inspect.StructType) else (None, False)
    return (found.cls, False) if isinstance(found, inspect.StructType) else (None, False)


def _invalid(data: bytes, kind: type[Any]) -> Iterator[Flaw]:
    try:
        whole = msgspec.json.decode(data)
    except msgspec.ValidationError:
        yield (), say("Expected no number as large as one that stands here.")
        return
    found = False
    for flaw in invalid_struct(whole, kind, ()):
        found = True
        yield flaw
    if not found:
        yield (), say("Something in this file is not as its format asks.")


def _broken(data: bytes, flaws: Sequence[Flaw]) -> BrokenFile:
    at = positions(data.decode(errors="replace"), [path for path, _ in flaws])
    problems = [Problem(what, path_words(path), *at[path]) for path, what in flaws]
    problems.sort(key=lambda one: (one.line or 0, one.column or 0))
    return BrokenFile(NOT_AS_ASKED, problems)


def _malformed(data: bytes, message: str) -> BrokenFile:
    """Return what is said of text that is no JSON; the library's messages name what was expected alone."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        offset, what = error.start, say("Expected text in UTF-8.")
    else:
        said = _MALFORMED.search(message)
        offset = int(said["byte"]) if said else len(data)
        what = say("This is no JSON from here on: {what}.", what=said["what"] if said else "it breaks off")
    text = data[:offset].decode(errors="replace")
    return BrokenFile("The file is not JSON.", [Problem(what, "", *line_and_column(text, len(text)))])
