from __future__ import annotations

import json
from pathlib import Path

import pytest

from causeway.drills.laptop_drill import drill_laptop
from causeway.drills.people import secrets_of
from causeway.drills.relay_drill import drill_relay

pytestmark = pytest.mark.slow


def test_a_seized_relay_gives_nobody_away():
    report = drill_relay(people=6)
    assert report.missed == ()
    assert report.found == ()
    assert report.people_exposed == 0
    assert report.passed
    assert report.canaries > 100
    assert report.searched_bytes > 50_000_000
    processes = [line for line in report.searched if line.startswith("process ")]
    assert any("cli relay" in line for line in processes)
    assert any("cli door" in line for line in processes)
    assert sum("door.plain" in line for line in processes) >= 2  # the nursery, and a child that waits
    assert all("swap" not in line for line in report.searched)


def test_a_leaky_relay_is_found_out():
    leaked = []

    def leak(centre, cast):
        person, _ = cast.people[1]
        leaked.append(person)
        (centre.relay.data / "notes.tmp").write_bytes(person.message.encode("utf-16-le"))
        # A log that names a conversation exposes somebody, too.
        other, keys = cast.people[3]
        leaked.append(other)
        with centre.door.child.log.open("a") as log:
            log.write(_conversation(other, keys.entropy) + "\n")

    report = drill_relay(people=4, with_memory=False, before_taking=leak)
    assert report.people_exposed == 2
    assert report.missed == ()
    assert not report.passed
    assert {found.what.partition(" of person")[0] for found in report.found} >= {
        "name",
        "telephone number",
        "address",
        "sentence of the message",
        "conversation id",
        "an id or an address",
    }
    assert "memory" in report.not_searched[0]


def _conversation(person, entropy):
    secret = next(one for one in secrets_of(person, entropy=entropy) if one.what == "conversation id")
    (conversation,) = secret.forms
    assert isinstance(conversation, bytes)
    return conversation.hex()


@pytest.mark.browser
def test_a_seized_laptop_gives_nobody_away(chromium_path, monkeypatch):
    monkeypatch.setenv("CAUSEWAY_CHROMIUM", str(chromium_path))
    report = drill_laptop(people=5)
    assert report.missed == ()
    assert report.found == ()
    assert report.passed
    assert report.canaries > 200
    assert any("bytes of memory" in line for line in report.searched)


@pytest.mark.browser
def test_a_leaky_laptop_is_found_out(chromium_path, monkeypatch):
    monkeypatch.setenv("CAUSEWAY_CHROMIUM", str(chromium_path))

    def leak(laptop: Path, people):
        (laptop / "home" / ".cache" / "thumbnail").write_text(json.dumps({"last": people[0].sentence}))
        (laptop / "home" / people[3].name).touch()

    report = drill_laptop(people=4, with_memory=False, before_taking=leak)
    assert report.people_exposed == 2
    assert {found.where.partition(":")[0] for found in report.found} == {"locked, disk", "cut off, disk"}
    assert not report.passed
