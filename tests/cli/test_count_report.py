from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from causeway.cli import main
from causeway.cli.count_report import command
from causeway.errors import Error

TABLE = Path(__file__).parents[1] / "count/data/artificial_3.csv"


def report(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(TABLE), "--quick", *map(str, arguments)], catch_exceptions=False)


def test_a_page_and_draws_are_written_for_their_owner_alone(tmp_path):
    page, draws = tmp_path / "report.html", tmp_path / "draws.csv"
    result = report("--out", page, "--draws", draws, "--language", "ru")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "Written:" in result.stderr
    assert '<html lang="ru"' in page.read_text()
    assert draws.read_text().startswith("family,total\n")
    assert {oct(os.stat(path).st_mode & 0o777) for path in (page, draws)} == {"0o600"}


def test_a_paper(tmp_path):
    assert report("--out", tmp_path / "r.PDF", "--seed", "3").exit_code == 0
    assert (tmp_path / "r.PDF").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("report.docx", "written as .html or .pdf"), ("there.html", "There is a file of that name already")],
)
def test_refused_before_anything_is_estimated(tmp_path, monkeypatch, name, sentence):
    (tmp_path / "there.html").write_text("mine")
    estimating = "causeway.cli.count_estimating._watched"
    monkeypatch.setattr(estimating, lambda *_, **__: pytest.fail("it estimated"))
    with pytest.raises(Error, match=sentence):
        report("--out", tmp_path / name)
    assert (tmp_path / "there.html").read_text() == "mine"


def test_a_list_with_names_gets_a_sentence_and_no_echo(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("name,count\nZelim Ashurov,1\n")
    result = CliRunner().invoke(main, ["count", "report", str(table), "--out", str(tmp_path / "r.html")])
    assert result.exit_code == 3
    assert "A table needs at least two lists" in result.stderr
    assert "Ashurov" not in result.output
    assert list(tmp_path.iterdir()) == [table]
