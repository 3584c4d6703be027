"""What the package shows, and that it works where numba and OR-Tools cannot be installed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import causeway.routes

STARTER = resources.files("causeway.routes") / "starter"
NETWORK, CASE = str(STARTER / "example-network.json"), str(STARTER / "example-case.json")
PROGRAMME = str(STARTER / "example-programme.json")

# Runs a command with these packages as good as not installed, and lets nothing but its output through.
WITHOUT = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from causeway.cli import main
main({arguments}, standalone_mode=False)
"""


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_without(blocked: set[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        run(WITHOUT.format(blocked=sorted(blocked), arguments=["routes", *arguments, "--json"]))
    )
    return found


def test_every_name_is_there():
    for name in causeway.routes.__all__:
        assert getattr(causeway.routes, name) is not None
    with pytest.raises(AttributeError):
        _ = causeway.routes.nothing_of_the_kind


def test_a_function_hides_its_module():
    # `find` and the like are named as their modules are: the package shows the function.
    for name in ("find", "search", "simulate", "near_equal", "policy_table", "instructions"):
        assert callable(getattr(causeway.routes, name))


def test_importing_it_loads_neither_numba_nor_solvers():
    heavy = ("numba", "ortools", "scipy", "networkx")
    said = run(f"import sys, causeway.routes; print([one for one in {heavy} if one in sys.modules])")
    assert said.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("blocked", [{"numba"}, {"ortools"}, {"numba", "ortools"}], ids="+".join)
def test_it_works_without(blocked: set[str], tmp_path: Path):
    day = ("--now", "2027-02-25")
    found = run_without(blocked, "find", NETWORK, CASE, *day, "--seed", "0")
    assert {"arrival", "risk", "money", "handovers", "legs"} <= set(found["routes"][0])
    told = run_without(blocked, "policy", NETWORK, CASE, *day)
    assert 0 < told["chance"] < 1
    plan = run_without(blocked, "schedule", PROGRAMME, "--seconds", "2")
    assert {"chosen", "waiting", "objective", "bound", "gap"} <= set(plan)
    assert plan["chosen"]
    assert all(one["reasons"] for one in plan["waiting"])
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    again = (PROGRAMME, str(tmp_path / "plan.json"), "vehicle:sollin-karn", "house:ostrel-flat")
    anew = run_without(blocked, "replan", *again, "--seconds", "2")
    assert anew["stranded"] or anew["rescued"]
    helped = run_without(blocked, "exposure", str(STARTER / "example-exposure.json"), "--seconds", "4")
    assert helped["assigned"]
    assert helped["bound"]["direct"] >= 1


def test_an_example_of_an_exposure_plan_is_there():
    plan = causeway.routes.read_exposure_plan((STARTER / "example-exposure.json").read_bytes())
    found = causeway.routes.minimise_exposure(plan, steps=2_000, starts=1, improve_seconds=0.0)
    assert isinstance(found, causeway.routes.Exposure)
    assert max(found.given.two_hops) < max(found.least_risk_given.two_hops)


@pytest.mark.slow
def test_missing_packages_change_no_answer():
    day = ("--now", "2027-02-25", "--seed", "0")
    whole, less = (
        run_without(blocked, "find", NETWORK, CASE, *day) for blocked in (set[str](), {"numba", "ortools"})
    )
    assert whole == less
