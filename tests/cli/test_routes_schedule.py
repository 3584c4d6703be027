from __future__ import annotations

import json
import signal
import subprocess
import sys

import msgspec
import pytest
from click.testing import CliRunner

from bench.planner.programmes import invent
from causeway.cli.routes_replan import command as replan_command
from causeway.cli.routes_schedule import command as schedule_command
from causeway.errors import Error
from causeway.routes.programme import Programme, Rest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("programme")
    programme = invent(40, seed=1, days=8)
    (folder / "programme.json").write_bytes(msgspec.json.encode(programme))
    ran = CliRunner().invoke(
        schedule_command, [str(folder / "programme.json"), "--json", "--seconds", "0"], catch_exceptions=False
    )
    assert ran.exit_code == 0
    (folder / "plan.json").write_text(ran.stdout)
    return folder


def test_a_plan_is_printed_as_json(folder):
    plan = json.loads((folder / "plan.json").read_text())
    assert set(plan) == {"objective", "bound", "gap", "seconds", "chosen", "waiting", "notes"}
    assert 0 < plan["objective"] <= plan["bound"]
    assert len(plan["chosen"]) + len(plan["waiting"]) == 40
    assert all(one["reasons"] for one in plan["waiting"])


def test_people_can_read_it(folder):
    ran = CliRunner().invoke(schedule_command, [str(folder / "programme.json"), "--seconds", "0"])
    assert "wait. Worth" in ran.stdout
    assert "it is not said on which rules they rest" in ran.stdout


def test_rules_that_are_old_are_named_in_every_plan(folder):
    programme = invent(12, seed=1, days=8)
    rest = Rest(rule="No visa.", source="A list", date=programme.starts)
    rested = msgspec.structs.replace(
        programme,
        people=tuple(
            msgspec.structs.replace(
                person,
                itineraries=tuple(msgspec.structs.replace(way, rests=(rest,)) for way in person.itineraries),
            )
            for person in programme.people
        ),
    )
    file, plan = str(folder / "rested.json"), str(folder / "rested-plan.json")
    (folder / "rested.json").write_bytes(msgspec.json.encode(rested))
    late, soon = ["--now", "2027-04-01"], ["--now", "2027-03-31"]
    printed = CliRunner().invoke(schedule_command, [file, "--json", "--seconds", "0", *late]).stdout
    (folder / "rested-plan.json").write_text(printed)
    assert all("31 days ago, from A list" in one["notes"][0] for one in json.loads(printed)["chosen"])
    printed = CliRunner().invoke(schedule_command, [file, "--json", "--seconds", "0", *soon]).stdout
    assert not any(one["notes"] for one in json.loads(printed)["chosen"])
    assert "31 days ago" in CliRunner().invoke(schedule_command, [file, "--seconds", "0", *late]).stdout
    again = CliRunner().invoke(replan_command, [file, plan, "person:p0", *late]).stdout
    assert "31 days ago" in again


def test_a_new_plan_can_be_planned_anew(folder):
    plan = json.loads((folder / "plan.json").read_text())
    programme = msgspec.json.decode((folder / "programme.json").read_bytes(), type=Programme)
    ways = {way.id: way for person in programme.people for way in person.itineraries}
    house = ways[plan["chosen"][0]["itinerary"]].nights[0].house
    arguments = [str(folder / "programme.json"), str(folder / "plan.json"), f"house:{house}"]
    ran = CliRunner().invoke(replan_command, [*arguments, "--json", "--seconds", "8"], catch_exceptions=False)
    answer = json.loads(ran.stdout)
    assert answer["rescued"] or answer["stranded"]
    assert all(one["reasons"] for one in (*answer["rescued"], *answer["moved"]))
    assert not any(
        night.house == house for choice in answer["chosen"] for night in ways[choice["itinerary"]].nights
    )
    (folder / "again.json").write_text(ran.stdout)
    again = [str(folder / "programme.json"), str(folder / "again.json"), f"house:{house}"]
    ran = CliRunner().invoke(replan_command, [*again, "--seconds", "8"], catch_exceptions=False)
    assert "0 whose way broke" in ran.stdout


def test_an_unknown_event_is_refused(folder):
    arguments = [str(folder / "programme.json"), str(folder / "plan.json"), "house:nowhere"]
    with pytest.raises(Error, match="in the programme"):
        CliRunner().invoke(replan_command, arguments, catch_exceptions=False)


@pytest.mark.slow
def test_a_search_that_is_left_ends_in_good_order(folder):
    programme = folder / "large.json"
    programme.write_bytes(msgspec.json.encode(invent(260, seed=2)))
    script = "import sys; from causeway.cli.routes_schedule import command; command(sys.argv[1:])"
    command = [sys.executable, "-c", script, str(programme), "--json", "--seconds", "30", "--enough", "0.02"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0
    assert json.loads(done.stdout)["gap"] <= 0.02
    interrupted = subprocess.Popen(
        [*command[:-2], "--enough", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with pytest.raises(subprocess.TimeoutExpired):
        interrupted.wait(6)
    interrupted.send_signal(signal.SIGINT)
    printed, _ = interrupted.communicate(timeout=5)
    assert interrupted.returncode == 0
    assert json.loads(printed)["chosen"]
