from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from causeway.cli.count_link import command
from causeway.errors import Error
from causeway.linkage.encoded_list import write_encoded_list
from causeway.linkage.errors import EncodedListError
from tests.linkage.bits import encoded, families, lists_of


@pytest.fixture
def folder(tmp_path):
    people = families(np.random.default_rng(1), 300)
    for bits, name in zip(
        lists_of(people, shares=(0.5, 0.6), seed=2, noise=0.2)[0], ("north", "south"), strict=True
    ):
        (tmp_path / f"{name}.enc").write_bytes(write_encoded_list(encoded(bits, name)))
    return tmp_path


def link(folder, *more):
    arguments = [
        str(folder / "north.enc"),
        str(folder / "south.enc"),
        "--out",
        str(folder / "table.csv"),
        "--draws",
        "40",
    ]
    return CliRunner().invoke(command, [*arguments, *map(str, more)], catch_exceptions=False)


def test_only_counts_are_left(folder):
    result = link(folder, "--json")
    assert result.exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["table.csv", "table.linkage.json"]
    lines = (folder / "table.csv").read_text().splitlines()
    assert lines[0] == "north,south,count"
    told = json.loads((folder / "table.linkage.json").read_text())
    assert json.loads(result.stdout) == told
    assert sum(int(line.split(",")[-1]) for line in lines[1:]) == told["documented"]
    assert len(told["tables"]) == 40
    assert "overwritten and deleted" in result.stderr
    assert (folder / "table.linkage.json").stat().st_mode & 0o077 == 0


def test_encodings_are_overwritten_before_they_are_removed(folder):
    original = (folder / "north.enc").read_bytes()
    (folder / "same.enc").hardlink_to(folder / "north.enc")
    assert link(folder).exit_code == 0
    left = (folder / "same.enc").read_bytes()
    assert len(left) == len(original)
    assert np.mean(np.frombuffer(left, np.uint8) == np.frombuffer(original, np.uint8)) < 0.02


def test_they_are_kept_when_asked(folder):
    assert "not anonymous" in link(folder, "--keep").stderr
    assert (folder / "north.enc").exists()


def test_uncertain_pairs_wait_for_answers_which_then_are_taken_in(folder):
    first = link(folder, "--uncertain", folder / "uncertain.csv")
    assert "link again with --review" in first.stderr
    assert (folder / "south.enc").exists()
    pairs = (folder / "uncertain.csv").read_text().splitlines()
    assert len(pairs) > 3
    (folder / "answers.csv").write_text("\n".join([pairs[0], *(pair + "no" for pair in pairs[1:])]))
    for name in ("table.csv", "table.linkage.json"):
        (folder / name).unlink()
    second = link(folder, "--review", folder / "answers.csv", "--json")
    assert json.loads(second.stdout)["denied"] == len(pairs) - 1
    assert not (folder / "south.enc").exists()


def test_nothing_is_linked_or_deleted_over_an_old_table(folder):
    (folder / "table.csv").write_text("old")
    with pytest.raises(Error, match="already"):
        link(folder)
    assert (folder / "table.csv").read_text() == "old"
    assert (folder / "north.enc").exists()


def test_what_is_no_encoded_list_gets_a_sentence_and_stays(folder):
    (folder / "south.enc").write_bytes(b"name,born\n")
    with pytest.raises(EncodedListError, match="not an encoded list"):
        link(folder)
    assert (folder / "north.enc").exists()
