from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from causeway.cli import cmd_drill
from causeway.drills import phone_drill
from causeway.drills.control_site import VOICE
from causeway.drills.phone_drill import drill_phone
from causeway.drills.phone_report import PhoneReport

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(autouse=True)
def _browser(chromium_path, monkeypatch):
    monkeypatch.setenv("CAUSEWAY_CHROMIUM", str(chromium_path))


def test_a_seized_phone_gives_nobody_away_and_a_leaky_one_is_found_out():
    """One run for both: a phone on which something was left, among others on which nothing was."""

    def leak(visited):
        if visited.visit.number == 1:
            folder = visited.phone / "profile" / "Default"
            (folder / "Sessions" / "Session_1").write_bytes(visited.visit.person.message.encode("utf-16-le"))
        if visited.visit.number == 2:
            (visited.phone / "tmp" / "voice").write_bytes(VOICE)

    report = drill_phone(quick=True, before_taking=leak)
    assert isinstance(report, PhoneReport)
    assert report.missed == ()
    assert report.canaries > 250
    assert report.people_exposed == 2
    kinds = [row.found for row in report.visits]
    assert {"name", "address", "sentence of the message", "piece of the message"} <= set(kinds[1])
    assert kinds[2] == ("recorded voice",)
    assert [kinds[number] for number in (0, 3, 4)] == [(), (), ()]
    assert not report.passed
    # What stays is known: the host, and nothing in a store that nobody has looked into.
    assert all(row.host_in for row in report.visits)
    told = report.as_json()
    assert told["people_exposed"] == 2
    assert told["browser"].startswith("Chrome/")
    assert {row["store"] for row in told["canaries"]} > {"localStorage", "HTTP cache, zstd", "autofill"}
    assert all(row["found"] == row["planted"] for row in told["canaries"])
    assert any("keyboards" in line for line in told["not_searched"])
    assert [table.title for table in report.tables()][1:] == [
        "Canaries that had to be found",
        "What stays of the door itself",
    ]


def test_the_command_tells_it_and_ends_with_what_was_found(monkeypatch):
    report = PhoneReport(
        drill="phone",
        people=1,
        people_exposed=0,
        found=(),
        searched_bytes=1,
        searched=(),
        not_searched=(),
        canaries=1,
        missed=("hex in localStorage (control, killed)",),
        browser="Chrome/1",
        visits=(),
        stores=(),
        trace=("The host stays.",),
    )
    monkeypatch.setattr(phone_drill, "drill_phone", lambda **_: report)
    told = CliRunner().invoke(cmd_drill.command, ["phone", "--json"])
    assert told.exit_code == 1
    assert json.loads(told.stdout)["canaries_missed"] == ["hex in localStorage (control, killed)"]
    shown = CliRunner().invoke(cmd_drill.command, ["phone"])
    assert "The host stays." in shown.stdout
