import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from causeway.cli.routes_exposure import command
from causeway.routes.reading import BrokenFile
from tests.routes.tiny_plans import arrests, tiny_plan


def run(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, [str(path), "--seconds", "2", *arguments], catch_exceptions=False)


@pytest.mark.slow
def test_who_serves_what_and_what_an_arrest_gives_away(tmp_path: Path):
    plan, path = tiny_plan(5), tmp_path / "plan.json"
    path.write_bytes(msgspec.json.encode(plan))
    found = json.loads(run(path, "--json").stdout)
    assert [one["part"] for one in found["assigned"]] == [part.id for part in plan.parts]
    given = arrests(plan, tuple(one["helper"] for one in found["assigned"]))
    for one in found["arrests"]:
        assert (one["direct"], one["two_hops"]) == tuple(len(people) for people in given[one["helper"]])
    assert found["risk"] <= found["budget"]
    assert found["bound"]["direct"] <= found["greatest"]["direct"]
    assert found["greatest"]["two_hops"] <= found["least_risk"]["greatest"]["two_hops"]
    said = run(path).stdout
    assert "One arrest gives away at most" in said


def test_helpers_who_do_not_suffice_are_an_answer(tmp_path: Path):
    path = tmp_path / "plan.json"
    path.write_bytes(msgspec.json.encode(tiny_plan(7)))
    done = run(path, "--json")
    assert done.exit_code == 0
    assert "No helper can serve" in json.loads(done.stdout)["reason"]
    assert "No helper can serve" in run(path).stdout


def test_a_broken_plan_says_where(tmp_path: Path):
    path = tmp_path / "plan.json"
    path.write_bytes(b'{"format": "causeway-exposure/1",\n"people": 3}')
    with pytest.raises(BrokenFile) as raised:
        run(path)
    assert raised.value.problems[0].line is not None
