from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from causeway.cli.cmd_count import command
from causeway.linkage.encoded_list import parse_encoded_list

LIST = "Фамилия,Имя,Дата рождения\nШамов,Юсуп,12.03.1985\nКадиев,Ваха,soon\nShamov,Iusup,1985\n"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "list.csv").write_text(LIST)
    assert run("key", "new", tmp_path / "key").exit_code == 0
    return tmp_path


def test_a_list_is_encoded_and_no_name_is_in_it(folder: Path) -> None:
    out = folder / "north.encoded"
    done = run("encode", folder / "list.csv", "--key", folder / "key", "--out", out, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["rows"] == 3
    assert said["scripts"] == {"cyrillic": 2, "latin": 1, "mixed": 0, "other": 0}
    assert said["unread_dates"] == 1
    assert (said["columns"], said["unused_columns"]) == (["family", "given", "born"], [])
    assert len(said["notes"]) == 2
    encoded = parse_encoded_list(out.read_bytes())
    assert encoded.name == "north"
    written = out.read_bytes() + (folder / "north.encoded.tickets.csv").read_bytes() + done.output.encode()
    for secret in ("Шамов", "Юсуп", "Shamov", "1985", "soon", (folder / "key").read_text().split()[4]):
        for encoding in ("utf-8", "utf-16-le", "cp1251"):
            assert secret.encode(encoding) not in written
    header, *rows = (folder / "north.encoded.tickets.csv").read_text().splitlines()
    assert header == "ticket,line"
    assert [row.split(",")[0] for row in rows] == [ticket.tobytes().hex() for ticket in encoded.tickets]
    assert sorted(row.split(",")[1] for row in rows) == ["2", "3", "4"]


def test_what_is_not_encoded_is_said_by_line_and_column_and_never_by_value(folder: Path) -> None:
    (folder / "list.csv").write_text("ФИО,Дата рождения,Паспорт\nШамов Юсуп,1985,96 01\n,,96 02\nШамов,,\n")
    out = folder / "north.encoded"
    done = run("encode", folder / "list.csv", "--key", folder / "key", "--out", out)
    assert done.exit_code == 0, done.output
    assert "1 rows encoded." in done.output
    assert "Columns read: full, born." in done.output
    assert "not known: column 3." in done.output
    assert "nothing else, on line 3, 4." in done.output
    assert len((folder / "north.encoded.tickets.csv").read_text().splitlines()) == 2
    for secret in ("Шамов", "96", "Паспорт", "1985"):
        assert secret not in done.output


def test_files_are_for_their_owner_and_never_written_over(folder: Path) -> None:
    out = folder / "north.encoded"
    words = ("encode", folder / "list.csv", "--key", folder / "key", "--out", out)
    assert run(*words).exit_code == 0
    for path in (out, folder / "key", folder / "north.encoded.tickets.csv"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = out.read_bytes()
    again = run(*words)
    assert again.exit_code != 0
    assert out.read_bytes() == before
    assert run("key", "new", folder / "key").exit_code != 0


def test_two_keys_give_two_checks(folder: Path) -> None:
    run("key", "new", folder / "other")
    checks = []
    for key in ("key", "other"):
        out = folder / f"by-{key}.encoded"
        assert run("encode", folder / "list.csv", "--key", folder / key, "--out", out).exit_code == 0
        checks.append(parse_encoded_list(out.read_bytes()).key_check)
    assert checks[0] != checks[1]


@pytest.mark.parametrize("column", ["family", "nonsense=x", "=x"])
def test_a_column_that_is_none(folder: Path, column: str) -> None:
    done = run(
        "encode", folder / "list.csv", "--key", folder / "key", "--out", folder / "x", "--column", column
    )
    assert done.exit_code == 2
    assert "COLUMN=HEADER" in done.output


def test_schemes_for_comparison_say_so(folder: Path) -> None:
    out = folder / "raw.encoded"
    done = run("encode", folder / "list.csv", "--key", folder / "key", "--out", out, "--raw", "--unhardened")
    assert "as it was typed" in done.output
    assert parse_encoded_list(out.read_bytes()).scheme == "clk-1024/1 raw unhardened"


def test_help_names_each_command() -> None:
    assert run("--help").exit_code == 0
    assert run("nonsense").exit_code == 2
