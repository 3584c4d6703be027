from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.routes.inputs import STARTER, case_dict, network_dict
from tools.make_route_schemas import SCHEMAS, main, schema_text


def schema_of(name: str) -> dict[str, Any]:
    text = (resources.files("causeway.routes") / "schema" / f"{name}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def is_valid(name: str, value: Any) -> bool:
    return Draft202012Validator(schema_of(name), format_checker=FormatChecker()).is_valid(value)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shipped_schemas_are_what_the_types_say(name: str) -> None:
    schema = schema_of(name)
    assert json.loads(schema_text(SCHEMAS[name])) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)
    assert main(["--check"]) == 0


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("network", "example-network.json"),
        ("case", "example-case.json"),
        ("rules", "rules-2026-02.json"),
        ("programme", "example-programme.json"),
        ("exposure", "example-exposure.json"),
    ],
)
def test_the_starter_files_fit_their_schemas(name: str, file: str) -> None:
    assert is_valid(name, json.loads((STARTER / file).read_text(encoding="utf-8")))


def test_schemas_refuse_what_readers_refuse() -> None:
    network, case = network_dict(), case_dict()
    assert is_valid("network", network)
    assert is_valid("case", case)
    network["legs"][0]["at"] = ["8 am"]
    case["travellers"] = []
    assert not is_valid("network", network)
    assert not is_valid("case", case)
    assert not is_valid("network", network_dict() | {"more": 1})


def test_fields_say_what_they_mean() -> None:
    leg = schema_of("network")["$defs"]["Leg"]["properties"]
    assert leg["chance"]["description"].startswith("The chance of getting through")
    assert leg["lost"]["description"].startswith("Which share of the failures")
