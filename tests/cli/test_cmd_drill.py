from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from causeway.cli import main


@pytest.mark.slow
def test_a_drill_prints_json_on_stdout_alone():
    ran = CliRunner().invoke(main, ["drill", "relay", "--json", "--people", "4", "--without-memory"])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert told["drill"] == "relay"
    assert told["people_exposed"] == 0
    assert told["found"] == []
    assert told["searched_bytes"] > 0
    assert told["searched"]
    assert any("memory" in line for line in told["not_searched"])
    assert told["canaries_missed"] == []


@pytest.mark.slow
def test_without_json_it_is_a_table_for_people():
    ran = CliRunner().invoke(main, ["drill", "relay", "--people", "4", "--without-memory"])
    assert ran.exit_code == 0
    assert "0 of 4 people exposed" in ran.stdout
    assert "Not searched:" in ran.stdout


def test_there_is_no_other_drill():
    ran = CliRunner().invoke(main, ["drill", "teapot"])
    assert ran.exit_code == 2
