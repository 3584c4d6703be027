"""A small invented network, whose parts a test can change."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from importlib import resources
from typing import Any

import msgspec

from causeway.routes.cases import Case
from causeway.routes.compiling import Compiled, compile_case
from causeway.routes.network import Network
from causeway.routes.read_json import read_case, read_network
from causeway.routes.reading import BrokenFile
from causeway.routes.rules import RuleTable

NOW = dt.date(2027, 2, 25)
STARTER = resources.files("causeway.routes") / "starter"

_NETWORK: dict[str, Any] = {
    "format": "causeway-network/1",
    "name": "Invented",
    "starts": "2027-03-01",  # a Monday
    "days": 7,
    "places": [
        {"id": "a", "name": "A", "country": "AAA"},
        {"id": "b", "name": "B", "country": "AAA", "wait_risk": 0.01, "wait_money_cents": 700},
        {"id": "c", "name": "C", "country": "BBB"},
        {"id": "d", "name": "D", "country": "BBB"},
    ],
    "legs": [
        {"id": "ab", "mode": "bus", "from": "a", "to": "b", "takes": 60, "at": ["08:00", "20:00"]},
        {
            "id": "bc",
            "mode": "border",
            "from": "b",
            "to": "c",
            "takes": 30,
            "at": ["12:00"],
            "chance": 0.9,
            "lost": 0.25,
            "border": {"from": "AAA", "to": "BBB", "crossing": "bridge"},
        },
        {"id": "cd", "mode": "train", "from": "c", "to": "d", "takes": 45, "at": ["14:00"]},
    ],
    "rules": {
        "format": "causeway-rules/1",
        "sources": [{"id": "s", "name": "Invented", "date": "2027-02-20", "confidence": 0.8}],
        "entry": [
            {
                "document": "passport",
                "issuer": "AAA",
                "country": "BBB",
                "requirement": "visa_free",
                "days": 3,
                "source": "s",
            }
        ],
        "ground": [{"country": "BBB", "source": "s"}],
    },
}
_CASE: dict[str, Any] = {
    "format": "causeway-case/1",
    "name": "Invented",
    "travellers": [
        {"name": "Ilo", "citizenship": ["AAA"], "documents": [{"kind": "passport", "issuer": "AAA"}]}
    ],
    "origin": "a",
}


def network_dict() -> dict[str, Any]:
    return copy.deepcopy(_NETWORK)


def case_dict() -> dict[str, Any]:
    return copy.deepcopy(_CASE)


def encoded(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def network_of(value: dict[str, Any]) -> Network:
    return read_network(encoded(value))


def case_of(value: dict[str, Any]) -> Case:
    return read_case(encoded(value))


def compiled(network: dict[str, Any], case: dict[str, Any], **options: Any) -> Compiled:
    made = network_of(network)
    return compile_case(made, RuleTable.of(made.rules), case_of(case), now=NOW, **options)


def raises_only_ours(read: Callable[[], object]) -> None:
    """Read what may be broken: the only error is ours, and it names a problem."""
    try:
        read()
    except BrokenFile as error:
        if not error.problems:
            raise AssertionError("no problem named") from error


def departures_of(found: Compiled, leg: str) -> list[int]:
    """Minutes at which a leg sets out."""
    number = next(at for at, one in enumerate(found.legs) if one.id == leg)
    return [int(one) for one in found.timetable.departs[found.timetable.leg == number]]


def closing(found: Compiled, leg: str) -> list[tuple[str, str]]:
    """Kind and reason of what closes a leg."""
    number = next(at for at, one in enumerate(found.legs) if one.id == leg)
    return [(one.kind, str(one.reason)) for one in found.closed.get(number, ())]
