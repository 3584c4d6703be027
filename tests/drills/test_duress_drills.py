"""The drills of a duress passphrase and of a stolen backup: they find nobody, and find out what leaks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from causeway.desk.engine import Desk
from causeway.drills.backup_drill import drill_backup
from causeway.drills.duress_drill import drill_duress
from causeway.drills.duress_installations import ORDINARY, Comparison, compare_installations, install
from causeway.drills.opened_store import opened_sources
from causeway.sealed.passphrase import CHEAP_FOR_TESTS, Decoy
from causeway.units import Day
from causeway.vault import Vault

ALIKE = Comparison(
    installations=0,
    files=(("store", 4096, 0, 0),),
    size_p=1.0,
    slot_p=1.0,
    unlock_p=1.0,
    unlock_median_seconds=(0.1, 0.1),
    tells=(),
)


def not_compared(count: int, **_: Any) -> Comparison:
    return ALIKE


@pytest.mark.slow
def test_after_the_duress_passphrase_nobody_is_found():
    report = drill_duress(people=5, comparing=not_compared, timed=1)
    assert report.missed == ()
    assert report.found == ()
    assert (report.people_before, report.people_exposed) == (5, 0)
    assert report.passed
    assert report.canaries > 80
    assert any("memory" in line for line in report.searched)
    told = json.loads(json.dumps(report.as_json()))
    assert told["people_before"] == 5
    assert set(told["unlock_seconds"]["slots"]) == {"wrong", "ordinary", "duress"}
    assert len(report.tables()) == 4
    wrong, ordinary, duress = report.times.slots
    # One stretching each: none takes another's time twice.
    assert max(wrong, ordinary, duress) < 2 * min(wrong, ordinary, duress)


@pytest.mark.slow
def test_a_duress_passphrase_that_leaves_something_is_found_out():
    def leak(vault: Path, people: Any) -> None:
        """As an implementation would that keeps the old files under other names."""
        for name in ("keyslots", "store"):
            shutil.copyfile(vault.parent / "ordinary" / name, vault / f"{name}.old")

    report = drill_duress(people=4, with_memory=False, comparing=not_compared, timed=1, before_taking=leak)
    assert report.missed == ()
    assert report.people_exposed == 4
    assert not report.passed
    assert "memory" in report.not_searched[0]


def test_installations_are_alike():
    compared = compare_installations(5)
    assert compared.tells == ()
    assert compared.installations == 5
    assert {name for name, *_ in compared.files} == {"keyslots", "lock", "store"}
    assert all(size == 36_864 for name, size, *_ in compared.files if name == "keyslots")


def test_a_file_more_is_found_out():
    def more(folder: Path, *, with_duress: bool) -> None:
        install(folder, with_duress=with_duress)
        if with_duress:
            (folder / "duress.toml").touch()

    assert "The names of files differ." in compare_installations(4, make=more).tells


def test_a_larger_file_is_found_out():
    def larger(folder: Path, *, with_duress: bool) -> None:
        install(folder, with_duress=with_duress)
        if with_duress:
            with (folder / "store").open("ab") as store:
                store.write(bytes(4096))

    compared = compare_installations(5, make=larger)
    assert any("sizes of files" in one for one in compared.tells)


def test_a_slot_that_does_not_look_random_is_found_out():
    def marked(folder: Path, *, with_duress: bool) -> None:
        install(folder, with_duress=with_duress)
        if with_duress:
            slots = bytearray((folder / "keyslots").read_bytes())
            slots[64:4096] = bytes(4032)
            (folder / "keyslots").write_bytes(slots)

    compared = compare_installations(4, make=marked)
    assert any("bytes of the key slots" in one for one in compared.tells)


def test_a_slower_unlocking_is_found_out(monkeypatch: pytest.MonkeyPatch):
    opening = Desk.open

    def slower(folder: Path, **settings: Any) -> Desk:
        desk = opening(folder, **settings)
        if desk.duress.is_set():
            for _ in range(2_000):
                desk.centre()
        return desk

    monkeypatch.setattr(Desk, "open", slower)
    assert any("times to unlock" in one for one in compare_installations(6).tells)


@pytest.mark.slow
def test_a_stolen_backup_gives_nobody_away():
    report = drill_backup(people=5)
    assert report.missed == ()
    assert report.found == ()
    assert (report.people_before, report.people_exposed) == (5, 0)
    assert report.passed
    assert report.canaries > 80
    assert report.as_json()["people_before"] == 5
    assert report.tables()[0].rows == (
        ("with its passphrase", "5 of 5"),
        ("without", "0 of 5"),
    )


@pytest.mark.slow
def test_a_leaky_backup_is_found_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("causeway.desk.engine.backup.CARRIED_SECRETS", ("epoch", "case", "root", "device"))

    def leak(stick: Path, people: Any) -> None:
        (stick / "index.txt").write_text(people[2].name, "utf-16")

    report = drill_backup(people=4, before_taking=leak)
    assert report.people_exposed == 1
    assert not report.passed
    kinds = {found.what for found in report.found if found.where.startswith("stick: store")}
    assert kinds == {"key of the kind “root”, number 1", "key of the kind “device”, number 1"}


def test_what_a_passphrase_opens_is_seen_even_after_it_was_deleted(tmp_path: Path):
    said = b"a line that was written and taken out again"
    with Vault.create(tmp_path / "desk", passphrase=ORDINARY, profile=CHEAP_FOR_TESTS) as vault:
        vault.passphrases.set_duress(ORDINARY, duress="a harmless passphrase", decoy=Decoy("a", "b"))
        vault.db.run("PRAGMA secure_delete = OFF")
        vault.aside.put(bytes(17), reason="kept", day=Day(1), content=said[::-1])
        vault.aside.put(bytes(16), reason="deleted", day=Day(1), content=said)
        vault.aside.remove(bytes(16))

    def found(*passphrases: str) -> bytes:
        sources = opened_sources(tmp_path, passphrases=passphrases, called="x", profile=CHEAP_FOR_TESTS)
        return b"".join(source.read(0, source.size) for source in sources)

    assert said in found(ORDINARY)
    assert said[::-1] in found("wrong", ORDINARY)
    assert found("wrong", "a harmless passphrase") == b""
    # It is looked at, not obeyed.
    Vault.open(tmp_path / "desk", passphrase=ORDINARY, profile=CHEAP_FOR_TESTS).close()
