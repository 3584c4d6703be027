"""`causeway routes find` from files, as text and as JSON."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from causeway.cli.routes_find import command
from tests.routes.inputs import STARTER, case_dict, encoded, network_dict

NETWORK = str(STARTER / "example-network.json")
CASE = str(STARTER / "example-case.json")


def run(*options: str) -> Result:
    return CliRunner().invoke(command, [*options, "--now", "2027-02-25"], catch_exceptions=True)


def written(folder: Path, network: dict[str, Any], case: dict[str, Any]) -> tuple[str, str]:
    (folder / "network.json").write_bytes(encoded(network))
    (folder / "case.json").write_bytes(encoded(case))
    return str(folder / "network.json"), str(folder / "case.json")


def test_the_starter_s_example_has_ways_out():
    found = run(NETWORK, CASE, "--json", "--seed", "0")
    assert found.exit_code == 0
    answer = json.loads(found.stdout)
    assert answer["exact"]
    assert answer["routes"]
    costs = [
        tuple(route[name] for name in ("arrival", "risk", "money", "handovers")) for route in answer["routes"]
    ]
    assert costs == sorted(costs)
    assert not any(
        one != other and all(a <= b for a, b in zip(one, other, strict=True))
        for one in costs
        for other in costs
    )
    for route in answer["routes"]:
        legs = route["legs"]
        assert legs[0]["from"] == "mill"
        assert legs[-1]["to"] == route["end"]
        assert legs[-1]["arrives"] == route["arrival"]
        assert sum(leg["handovers"] for leg in legs) == route["handovers"]
        assert all(one["to"] == other["from"] for one, other in pairwise(legs))
        assert any(leg["rests"] for leg in legs)
    assert any("never a yes" in note for note in answer["notes"])


def test_the_seed_of_the_case_draws_and_another_draws_others():
    once, again = run(NETWORK, CASE, "--json"), run(NETWORK, CASE, "--json", "--seed", "7")
    assert once.stdout == again.stdout
    assert not json.loads(once.stdout)["exact"]
    assert run(NETWORK, CASE, "--json", "--seed", "8").stdout != once.stdout


def test_the_text_shows_routes_leg_by_leg_and_that_an_answer_is_no_yes():
    shown = run(NETWORK, CASE, "--seed", "0")
    assert shown.exit_code == 0
    assert "An answer is a chance, never a yes" in shown.stdout
    assert "the best in each respect, and other ways;" in shown.stdout
    assert "Route 1, to " in shown.stdout
    assert "Cross from " in shown.stdout


def test_no_way_out_is_an_answer_with_its_reason(tmp_path: Path):
    network = network_dict()
    network["rules"]["entry"][0] |= {"requirement": "no_admission"}
    del network["rules"]["entry"][0]["days"]
    files = written(tmp_path, network, case_dict())
    found = run(*files, "--json")
    assert found.exit_code == 1
    answer = json.loads(found.stdout)
    assert answer["routes"] == []
    assert "leads from A to an end" in answer["reason"]
    (near,) = answer["nearest"]
    assert near["remedy"] == ["A document for Ilo that BBB recognises."]
    assert near["arrives_at"] == "2027-03-01T12:30:00"
    text = run(*files)
    assert "A document for Ilo that BBB recognises. First arrival 2027-03-01 12:30, by ab, bc." in text.stdout
    assert "never a yes" in text.stdout


def test_rules_are_laid_over_the_network_s_own(tmp_path: Path):
    network = network_dict()
    book = {**network["rules"], "ground": []}
    network["rules"]["entry"] = []
    files = written(tmp_path, network, case_dict())
    assert run(*files).exit_code == 1
    (tmp_path / "rules.json").write_bytes(encoded(book))
    assert run(*files, "--rules", str(tmp_path / "rules.json")).exit_code == 0


def test_a_broken_file_is_refused_with_its_line(tmp_path: Path):
    network, case = written(tmp_path, network_dict(), case_dict())
    Path(case).write_text('{\n "format": "causeway-case/1",\n "name": 7\n}')
    found = run(network, case)
    assert found.exception is not None
    assert "line 3" in found.exception.diagnostics()  # type: ignore[attr-defined]
