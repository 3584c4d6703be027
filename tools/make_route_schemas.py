"""Make the JSON Schemas of the planner's files from the types that read them.

Usage: ``python tools/make_route_schemas.py`` writes `src/causeway/routes/schema/*.json`, ``--check`` compares
and exits with 1 where they differ.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from causeway.routes.cases import Case
from causeway.routes.exposure_plan import ExposurePlan
from causeway.routes.network import Network
from causeway.routes.programme import Programme
from causeway.routes.read_gtfs import FeedChoice
from causeway.routes.rules import RuleBook

__all__ = ["SCHEMAS", "main", "schema_text"]

_FOLDER: Final = Path(__file__).resolve().parent.parent / "src" / "causeway" / "routes" / "schema"
SCHEMAS: Final[dict[str, type[Any]]] = {
    "network": Network,
    "case": Case,
    "rules": RuleBook,
    "feed-choice": FeedChoice,
    "programme": Programme,
    "exposure": ExposurePlan,
}
_FIELD: Final = re.compile(r"^        (?P<name>[a-z_]+): (?P<text>.+?)(?=^        [a-z_]+: |\Z)", re.M | re.S)


def schema_text(kind: type[Any]) -> str:
    """Return the JSON Schema of one kind of file, with what our docstrings say of each field."""
    made = msgspec.json.schema(kind)
    for definition in made["$defs"].values():
        said, _, fields = definition.get("description", "").partition("\n\n    Args:\n")
        definition["description"] = " ".join(said.split())
        for field in _FIELD.finditer(fields):
            where = definition["properties"].get(_ENCODED.get(field["name"], field["name"]))
            if where is not None:
                text = " ".join(field["text"].split())
                expected = where.get("description")
                where["description"] = f"{text} Expected: {expected}." if expected else text
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind.__name__, **made}
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


# Fields whose names in a file Python keeps for itself.
_ENCODED: Final = {"from_country": "from", "to_country": "to"}


def main(arguments: list[str] | None = None) -> int:
    """Write the schemas, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args(arguments).check
    wrong = False
    for name, kind in SCHEMAS.items():
        path, text = _FOLDER / f"{name}.json", schema_text(kind)
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{path.name} is not what the types say.", file=sys.stderr)
            wrong = True
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
