import json
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

from causeway.cli.routes_policy import command

STARTER = resources.files("causeway.routes") / "starter"


def run(*arguments: str) -> str:
    files = [str(STARTER / "example-network.json"), str(STARTER / "example-case.json")]
    done = CliRunner().invoke(command, [*files, *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_every_step_says_what_comes_next():
    rules = str(STARTER / "rules-2026-02.json")
    found = json.loads(run("--rules", rules, "--now", "2027-02-25", "--json"))
    assert 0 < found["chance"] < 1
    steps = {step["step"]: step for place in found["places"] for step in place["steps"]}
    assert found["first"] == 1
    assert steps[1]["reached"] == 1.0
    assert steps[1]["chance"] == pytest.approx(found["chance"])
    for step in steps.values():
        assert step["departs"] < step["arrives"]
        follows = [step["then"], *([step["turned_back"]["then"]] if step["turned_back"] else [])]
        assert all(one in steps or one in ("arrived", "rare", "nothing") for one in follows)
        assert len(step["says"]) >= 2
    assert any(step["turned_back"] for step in steps.values())
    assert any(step["then"] == "arrived" for step in steps.values())
    assert {rule["source"] for rule in found["rules"]}
    assert any("no promise" in note for note in found["notes"])


def test_an_old_rule_is_said_to_be_old_every_time():
    fresh, old = (json.loads(run("--now", day, "--json")) for day in ("2027-02-25", "2027-06-01"))
    assert sum(rule["stale"] is not None for rule in old["rules"]) > sum(
        rule["stale"] is not None for rule in fresh["rules"]
    )
    for rule in old["rules"]:
        assert rule["stale"] is None or rule["stale"] in old["notes"]


def test_it_is_a_table_for_a_person_too():
    said = run("--now", "2027-02-25")
    assert said.startswith("Chance of arrival from")
    assert "If you are turned back" in said


def test_no_way_is_an_answer(tmp_path: Path):
    case = json.loads((STARTER / "example-case.json").read_text(encoding="utf-8"))
    case["latest"] = "2027-03-01T07:00:00"
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case), encoding="utf-8")
    network = str(STARTER / "example-network.json")
    done = CliRunner().invoke(command, [network, str(path), "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["chance"] == 0
    assert "nothing here leads" in found["reason"]
    plain = CliRunner().invoke(command, [network, str(path)], catch_exceptions=False)
    assert "routes find" in plain.stdout


def test_helpers_serve_their_part_of_the_way_only(tmp_path: Path):
    network = json.loads((STARTER / "example-network.json").read_text(encoding="utf-8"))
    stages = {helper["id"]: helper["stages"] for helper in network["helpers"]}
    helper_of = {leg["id"]: leg["helper"] for leg in network["legs"] if "helper" in leg}

    def firsts() -> set[str]:
        path = tmp_path / "network.json"
        path.write_text(json.dumps(network), encoding="utf-8")
        files = [str(path), str(STARTER / "example-case.json"), "--now", "2027-02-25", "--json"]
        found = json.loads(CliRunner().invoke(command, files, catch_exceptions=False).stdout)
        steps = {step["step"]: step for place in found["places"] for step in place["steps"]}
        for step in steps.values():
            if step["then"] == "arrived" and step["leg"] in helper_of:
                assert "last" in stages[helper_of[step["leg"]]]
        return {step["leg"] for step in steps.values() if step["step"] == found["first"]}

    assert firsts() == {"mill-ostrel"}
    network["helpers"][0]["frozen"] = True  # only Plover is left, who serves the middle of the way
    assert firsts() == set()
    network["helpers"][1]["stages"] = ["first"]
    assert firsts() == {"mill-hemmen"}
