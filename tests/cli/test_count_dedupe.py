from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner

from causeway.cli.count_dedupe import command
from causeway.errors import Error
from causeway.linkage.dedupe import plain_columns
from causeway.linkage.errors import PersonListError
from causeway.linkage.persons import PersonList
from tests.linkage.invented_list import list_naming_some_twice

SRC = Path(__file__).parents[2] / "src"


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A list as a file, and whom each of its lines names."""
    persons, who = list_naming_some_twice(220, twice=60, seed=1)
    path = tmp_path_factory.mktemp("list") / "list.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(persons.columns)
        writer.writerows(zip(*persons.columns.values(), strict=True))
    return path, dict(zip(persons.lines, who, strict=True))


def check(found, who):
    """Look whether the pairs are those of people named twice."""
    taken = {
        (pair["line"], pair["other_line"]) for pair in found["pairs"] if pair["probability"] >= found["least"]
    }
    true = {pair for pair in combinations(sorted(who), 2) if who[pair[0]] == who[pair[1]]}
    assert len(taken & true) / len(taken) > 0.9
    assert len(taken & true) / len(true) > 0.85
    assert abs(found["people"] - len(set(who.values()))) <= 10
    assert found["rows"] == len(who)


@pytest.mark.slow
def test_people_named_twice_in_two_scripts_are_found_on_duckdb(people, tmp_path):
    path, who = people
    once = tmp_path / "once.csv"
    out = tmp_path / "pairs.csv"
    arguments = [str(path), "--out", str(out), "--once", str(once), "--json", "--cores", "2"]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    check(found, who)
    assert out.read_text().splitlines()[0] == "line,other_line,probability"
    rows = list(csv.reader(once.read_text().splitlines()))
    assert rows[0] == ["family", "given", "patronymic", "born", "place"]
    assert len(rows) - 1 == found["people"]
    original = path.read_text().splitlines()
    assert {",".join(row) for row in rows[1:]} <= set(original)
    assert not [name for name in rows[1][:2] if name in result.stdout + result.stderr + out.read_text()]


@pytest.mark.slow
def test_the_same_on_spark(people, tmp_path):
    # In a process of its own: what PySpark and Java say and leave open is not ours.
    path, who = people
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    program = "from causeway.cli.count_dedupe import command; command()"
    arguments = [
        str(path),
        "--out",
        str(tmp_path / "pairs.csv"),
        "--engine",
        "spark",
        "--cores",
        "2",
        "--json",
    ]
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        check=False,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SRC), "TMPDIR": str(temporary)},
    )
    assert result.returncode == 0, result.stderr
    check(json.loads(result.stdout), who)
    # Nothing of the list is left behind.
    assert not [left for left in temporary.rglob("*") if left.is_file()]
    assert sorted(left.name for left in tmp_path.iterdir()) == ["pairs.csv", "tmp"]


def test_a_short_list_or_one_that_is_none_gets_a_sentence(tmp_path):
    path = tmp_path / "list.csv"
    for content, told in (("family,given\nХ,Y\n", "by eye"), ("1;2\n", "column")):
        path.write_text(content)
        with pytest.raises(Error, match=told):
            CliRunner().invoke(command, [str(path), "--out", str(tmp_path / "o")], catch_exceptions=False)
    assert not (tmp_path / "o").exists()


def test_a_list_in_which_nobody_agrees_gets_a_sentence(tmp_path):
    path = tmp_path / "list.csv"
    letters = "бвгджзклмнпрстфхцчшщ"
    rows = [
        f"{a}а{b}у{a}ов,{b}о{a}и{b},1{i:03}\n"
        for i, (a, b) in enumerate(zip(letters, letters[::-1], strict=True))
    ]
    path.write_text("family,given,born\n" + "".join(rows) + "Лис,,\n")
    with pytest.raises(Error, match="nothing to learn"):
        CliRunner().invoke(command, [str(path), "--out", str(tmp_path / "o")], catch_exceptions=False)


def test_columns_are_normalised_before_they_are_compared():
    persons = PersonList(
        {
            "family": ["Ахмадова", "Akhmadov"],
            "given": ["Руслан", "Ruslan"],
            "year": ["1980", ""],
            "place": ["", "с. Лог"],
        },
        [2, 3],
    )
    columns = plain_columns(persons)
    assert columns["family"][0] == columns["family"][1]
    assert columns["given"][0] == columns["given"][1]
    assert columns["born_year"] == [1980, None]
    assert columns["father"] == [None, None]
    assert columns["place"][0] is None
    assert columns["place"][1]


def test_a_list_without_names_is_refused():
    with pytest.raises(PersonListError):
        PersonList({"born": ["1980"]}, [2])
