"""What a field of ours should hold, in words, from its type.

A library's own message may repeat what stood in the file; this one is made from our types alone.
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import inspect

from causeway.routes.reading import Path
from causeway.sentences import Sentence, say

__all__ = ["UNKNOWN_FIELD", "error_path", "expected", "plain_type"]

_AT: Final = re.compile(r" - at `(?P<key>key in )?\$(?P<path>[^`]*)`$")
_STEP: Final = re.compile(r"\.(?P<name>[A-Za-z_]+)|\[(?P<number>\d+)\]|\[\.\.\.\]")
UNKNOWN_FIELD: Final = say("This format knows no such field.")
_MISSING: Final = re.compile(r"^Object missing required field `(?P<name>[A-Za-z_]+)`")


def error_path(message: str) -> Path:
    """Return where a message of msgspec points to: `… - at `$.legs[3].at[0]``."""
    at = _AT.search(message)
    steps: list[str | int] = []
    for step in _STEP.finditer(at["path"] if at else ""):
        if step["name"]:
            steps.append(step["name"])
        elif step["number"]:
            steps.append(int(step["number"]))
        else:  # a key of a table, which the message does not name, and neither do we
            break
    return tuple(steps)


def expected(message: str, path: Path, whole: Any) -> Sentence:
    """Return what was expected where a message of msgspec points to.

    Args:
        message: Read for its kind alone.
        path: From `error_path`.
        whole: The type of the file.
    """
    missing = _MISSING.match(message)
    if missing:
        return say("The field “{field}” is missing.", field=missing["name"])
    if message.startswith("Object contains unknown field"):
        return UNKNOWN_FIELD
    kind = whole if isinstance(whole, inspect.Type) else inspect.type_info(whole)
    for step in path:
        kind = _below(kind, step)
    return say("Expected {what}.", what=_words(kind))


def _below(kind: inspect.Type, step: str | int) -> inspect.Type:
    kind = plain_type(kind)
    if isinstance(kind, inspect.StructType) and isinstance(step, str):
        return next((one.type for one in kind.fields if one.encode_name == step), inspect.AnyType())
    if isinstance(kind, inspect.VarTupleType):
        return kind.item_type
    return inspect.AnyType()


def plain_type(kind: Any) -> inspect.Type:
    """Return a type without its metadata and without its None."""
    found: inspect.Type = kind if isinstance(kind, inspect.Type) else inspect.type_info(kind)
    while isinstance(found, (inspect.Metadata, inspect.UnionType)):
        if isinstance(found, inspect.Metadata):
            found = found.type
        else:
            found = next(one for one in found.types if not isinstance(one, inspect.NoneType))
    return found


def _words(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.UnionType):
        return _words(next(one for one in kind.types if not isinstance(one, inspect.NoneType)))
    if isinstance(kind, inspect.Metadata):
        said = (kind.extra_json_schema or {}).get("description")
        return str(said) if said else _words(kind.type)
    if isinstance(kind, inspect.LiteralType):
        return "one of: " + ", ".join(str(value) for value in kind.values)
    if isinstance(kind, (inspect.IntType, inspect.FloatType)):
        return ("a whole number" if isinstance(kind, inspect.IntType) else "a number") + _bounds(kind)
    if isinstance(kind, inspect.VarTupleType):
        return "a list" + (" with something in it" if kind.min_length else "")
    return _SIMPLE.get(type(kind), "something else")


def _bounds(kind: inspect.IntType | inspect.FloatType) -> str:
    low = (
        f" from {kind.ge:g}" if kind.ge is not None else f" above {kind.gt:g}" if kind.gt is not None else ""
    )
    high = (
        f" to {kind.le:,g}" if kind.le is not None else f" below {kind.lt:g}" if kind.lt is not None else ""
    )
    return low + high


_SIMPLE: Final[dict[type[inspect.Type], str]] = {
    inspect.BoolType: "true or false",
    inspect.DateType: "a date such as 2027-03-01",
    inspect.DateTimeType: "a moment such as 2027-03-01T08:15:00, without a zone",
    inspect.StrType: "a text",
    inspect.StructType: "an object",
    inspect.DictType: "an object",
}
