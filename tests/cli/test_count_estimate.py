from __future__ import annotations

import csv
import json
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.progress import Progress

from causeway.cli import main
from causeway.count import read_table, write_table
from tests.count.test_linkage_error import TABLE, details
from tests.count.test_strata import PLACES, as_csv

DATA = Path(__file__).parents[1] / "count" / "data"
SPINA_BIFIDA = DATA / "madigan_york_3.csv"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["count", "estimate", *map(str, arguments)])


def told(*arguments: str | Path) -> dict[str, Any]:
    answer = run(*arguments, "--json", "--quick")
    assert answer.exit_code == 0, answer.stderr
    whole: dict[str, Any] = json.loads(answer.stdout)
    return whole


def test_json_has_the_verdict_the_range_and_all_families():
    whole = told(SPINA_BIFIDA)
    assert whole["documented"] == 626
    assert whole["verdict"] == "range"
    assert whole["low"] < 731 < whole["high"]
    assert [one["family"] for one in whole["families"]] == [
        "decomposable",
        "latent_class",
        "log_linear",
        "chao",
    ]
    assert "causeway" in whole["versions"]


def test_a_table_without_an_estimate_says_so_and_is_no_error():
    whole = told(DATA / "artificial_3.csv")
    assert whole["verdict"] == "none"
    assert whole["low"] is None
    assert "list C" in whole["reason"]


def test_words_for_somebody_who_writes_about_it():
    answer = run(SPINA_BIFIDA, "--quick")
    assert answer.exit_code == 0
    for part in ("cases in all", "626 of them are documented", "What this assumes", "Seed 1", "SHA-256"):
        assert part in answer.stdout
    assert "[" not in answer.stdout.replace("[0m", "")


def test_three_lists_are_told_why_none_is_left_out():
    answer = run(SPINA_BIFIDA)
    assert "Leaving a list out would leave fewer than three" in answer.stdout
    assert "Making two lists one would leave fewer than three" in answer.stdout


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"A,B,count\n1,0,-5\n", "negative"),
        (b"A,B,count\n1,0,5.5\n", "whole"),
        (b"A,B\n1,0\n", "count"),
        (b"A,count\n1,5\n", "two"),
        (b"A,B,count\n1,0,1000000000\n", "larger than any"),
        (b"A,B,count\n1,0,5\n1,0,6\n", "same combination"),
        (b"A,B,count\n0,0,5\n", "no list"),
        (b"A,B,count\n1,2,5\n", "something else than 1"),
        (b"", "empty"),
        (b"\x00\xff\xfe", "UTF-8"),
    ],
    ids=[
        "negative",
        "fraction",
        "no-count",
        "one-list",
        "billion",
        "twice",
        "unseen",
        "two",
        "empty",
        "bytes",
    ],
)
def test_garbage_gets_a_sentence(tmp_path, data, sentence):
    path = tmp_path / "garbage.csv"
    path.write_bytes(data)
    answer = run(path, "--json")
    assert answer.exit_code == 3
    assert answer.stdout == ""
    assert sentence in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


def test_a_file_that_is_not_there_gets_a_sentence(tmp_path):
    answer = run(tmp_path / "nothing.csv")
    assert answer.exit_code == 2
    assert "can't be read" in answer.stderr


def test_strata_by_a_column(tmp_path):
    path = tmp_path / "places.csv"
    path.write_bytes(as_csv(PLACES))
    whole = told(path, "--strata", "place")
    assert [one["stratum"] for one in whole["strata"]] == ["north", "south"]
    assert whole["low"] < 1_500 < whole["high"]
    answer = run(path, "--strata", "colour")
    assert answer.exit_code == 3
    assert "no column of that name" in answer.stderr
    assert "north" in run(path, "--strata", "place", "--quick").stdout


def test_linkage_error_by_what_the_linker_wrote(tmp_path):
    table, linked = tmp_path / "table.csv", tmp_path / "table.linkage.json"
    table.write_bytes(write_table(TABLE))
    linked.write_bytes(details())
    whole = told(table, "--linkage-tables", linked)
    assert whole["linkage"]["tables"] == 2
    assert whole["linkage"]["documented_high"] > whole["documented"]
    both = run(table, "--linkage-tables", linked, "--strata", "place")
    assert both.exit_code == 2
    assert "together with strata" in both.stderr


def test_draws_are_written_once_for_whoever_draws_their_own_pictures(tmp_path):
    out = tmp_path / "draws.csv"
    told(SPINA_BIFIDA, "--draws", out)
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert {row["family"] for row in rows} == {"decomposable", "latent_class", "log_linear"}
    assert all(int(row["total"]) >= read_table(SPINA_BIFIDA.read_bytes()).documented for row in rows)
    again = run(SPINA_BIFIDA, "--quick", "--draws", out)
    assert again.exit_code == 2
    assert "nothing was estimated" in again.stderr


def test_ctrl_c_stops_it_with_a_word(monkeypatch, tmp_path):
    update = Progress.update

    def interrupted(self, *arguments, **options):
        # As if somebody had pressed it while the first family was at work.
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            signal.raise_signal(signal.SIGINT)
        update(self, *arguments, **options)

    monkeypatch.setattr(Progress, "update", interrupted)
    before = signal.getsignal(signal.SIGINT)
    out = tmp_path / "draws.csv"
    answer = run(DATA / "kosovo.csv", "--draws", out)
    assert answer.exit_code == 130
    assert "Stopped" in answer.stderr
    assert answer.stdout == ""
    assert not out.exists()
    assert signal.getsignal(signal.SIGINT) is before
