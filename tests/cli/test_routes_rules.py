from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

from causeway.cli.cmd_routes import command
from causeway.cli.routes_files import write_whole
from causeway.errors import LocalError
from causeway.routes.read_json import read_network, read_rules
from causeway.routes.reading import BrokenFile
from tests.routes.inputs import STARTER, encoded, network_dict, network_of
from tests.routes.test_public_table import EXCERPT
from tests.routes.test_read_csv import TABLES
from tests.routes.test_read_gtfs import CHOICE, FEED


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments])


def written(path: Path, value: Any) -> Path:
    path.write_bytes(value if isinstance(value, bytes) else encoded(value))
    return path


def test_the_subcommands_are_listed_without_loading_them() -> None:
    with click.Context(command) as context:
        assert command.list_commands(context) == [
            "exposure",
            "find",
            "import",
            "policy",
            "replan",
            "rules",
            "schedule",
        ]
        assert command.get_command(context, "smuggle") is None
    assert run("smuggle").exit_code == 2


def test_import_writes_rules(tmp_path: Path) -> None:
    table = written(tmp_path / "table.csv", EXCERPT)
    out = tmp_path / "rules.json"
    arguments = ("--source", "Passport Index dataset, February 2026", "--date", "2026-02-01")
    assert run("rules", "import", table, "--out", out, *arguments).exit_code == 0
    book = read_rules(out.read_bytes())
    assert len(book.entry) == 82
    assert (book.sources[0].date.isoformat(), book.sources[0].confidence) == ("2026-02-01", 0.9)
    few = ("--country", "ARM", "--country", "GEO", "--document", "id_card", "--confidence", "0.5")
    assert run("rules", "import", table, "--out", out, *arguments, *few).exit_code == 0
    assert len(read_rules(out.read_bytes()).entry) == 4


def test_import_of_a_broken_table_names_the_line(tmp_path: Path) -> None:
    table = written(tmp_path / "table.csv", EXCERPT + b"AAA,BBB,maybe\n")
    out = tmp_path / "rules.json"
    result = run("rules", "import", table, "--out", out, "--source", "S", "--date", "2026-02-01")
    assert isinstance(result.exception, BrokenFile)
    assert "line 84:3" in result.exception.diagnostics()
    assert "maybe" not in result.exception.diagnostics()
    assert not out.exists()


def test_check_of_the_starter() -> None:
    result = run("rules", "check", str(STARTER / "example-network.json"), "--now", "2027-02-25")
    assert result.exit_code == 0
    assert "46 days ago" in result.output
    assert "7 rules, 1 of them old" in result.output


def test_check_says_what_is_broken_with_its_line(tmp_path: Path) -> None:
    whole = network_dict()
    whole["legs"][0]["to"] = "c"
    path = written(tmp_path / "n.json", whole)
    rules = written(tmp_path / "r.json", b'{"format": "causeway-rules/1",\n "entry": 3}')
    result = run("rules", "check", path, "--rules", rules, "--json", "--now", "2027-02-25")
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert not answer["ok"]
    first, second = answer["problems"]
    assert (first["file"], first["field"]) == ("n.json", "legs[0]")
    assert path.read_text().splitlines()[first["line"] - 1].strip() == "{"
    assert "crossing point" in first["what"]
    assert (second["file"], second["line"], second["what"]) == ("r.json", 2, "Expected a list.")
    shown = run("rules", "check", path, "--rules", rules)
    assert shown.exit_code == 1
    assert f"n.json:{first['line']}:{first['column']}: legs[0]: " in shown.output


@pytest.mark.parametrize(("now", "old"), [("2027-03-22", 0), ("2027-03-23", 2)])
def test_check_lists_old_rules_and_borders_without_any(tmp_path: Path, now: str, old: int) -> None:
    whole = network_dict()
    result = run("rules", "check", written(tmp_path / "n.json", whole), "--json", "--now", now)
    answer = json.loads(result.output)
    assert result.exit_code == 0
    assert (answer["rules"], len(answer["stale"]), answer["without_rules"]) == (2, old, [])
    whole["rules"]["entry"] = []
    result = run("rules", "check", written(tmp_path / "n.json", whole), "--json", "--now", now)
    assert ["BBB" in one for one in json.loads(result.output)["without_rules"]] == [True]


def test_a_folder_of_tables_becomes_a_network(tmp_path: Path) -> None:
    for name, text in TABLES.items():
        written(tmp_path / f"{name}.csv", text.encode())
    out = tmp_path / "n.json"
    assert run("import", tmp_path, "--out", out).exit_code == 0
    assert read_network(out.read_bytes()) == network_of(network_dict())


@pytest.mark.parametrize("zipped", [True, False])
def test_a_feed_is_added_to_a_network(tmp_path: Path, zipped: bool) -> None:
    feed = tmp_path / ("feed.zip" if zipped else "feed")
    if zipped:
        with zipfile.ZipFile(feed, "w") as archive:
            for name, text in FEED.items():
                archive.writestr(f"{name}.txt", text)
    else:
        feed.mkdir()
        for name, text in FEED.items():
            written(feed / f"{name}.txt", text.encode())
    base = written(tmp_path / "n.json", network_dict())
    choice = written(tmp_path / "choice.json", CHOICE)
    out = tmp_path / "out.json"
    result = run("import", feed, "--choice", choice, "--network", base, "--out", out)
    assert result.exit_code == 0
    assert "frequency" in result.stderr
    network = read_network(out.read_bytes())
    assert len(network.legs) == 7
    assert network.places == network_of(network_dict()).places


def test_a_feed_needs_its_choice_and_a_real_zip(tmp_path: Path) -> None:
    base = written(tmp_path / "n.json", network_dict())
    assert run("import", tmp_path, "--network", base, "--out", tmp_path / "o.json").exit_code == 2
    choice = written(tmp_path / "choice.json", CHOICE)
    result = run("import", base, "--choice", choice, "--network", base, "--out", tmp_path / "o.json")
    assert isinstance(result.exception, LocalError)
    assert "neither a folder nor a zip" in str(result.exception)
    assert msgspec.json.decode(base.read_bytes())["days"] == 7


def test_what_cannot_be_written_leaves_everything_as_it_was(tmp_path: Path) -> None:
    there = tmp_path / "rules.json"
    there.write_bytes(b"kept")
    write_whole(there, b"new")
    assert there.read_bytes() == b"new"
    for out in (tmp_path / "missing" / "rules.json", tmp_path):
        with pytest.raises(LocalError, match="can't be written"):
            write_whole(out, b"lost")
    assert [path.name for path in tmp_path.iterdir()] == ["rules.json"]
    assert there.read_bytes() == b"new"
