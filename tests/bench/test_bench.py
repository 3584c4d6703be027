from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

BENCH = Path(__file__).parents[2] / "bench"


def run(name: str, *options: str) -> dict[str, Any]:
    command = [sys.executable, str(BENCH / name), "--quick", "--json", *options]
    printed = subprocess.run(command, check=True, capture_output=True, timeout=240).stdout
    numbers: dict[str, Any] = json.loads(printed)
    return numbers


def promised(name: str) -> set[str]:
    """Return the keys that a bench's own description explains."""
    description = (BENCH / name).read_text().split('"""')[1]
    return set(re.findall(r"^ *([a-z_0-9]+)(?= {2}|$|:)", description, re.MULTILINE))


def test_the_line_is_measured_step_by_step():
    numbers = run("line.py")
    assert numbers["bench"] == "line"
    assert numbers["messages"] > 0
    for path in ("script", "plain"):
        steps = numbers[path]["steps_ms"]
        assert all(value >= 0 for value in steps.values())
        assert numbers[path]["whole_ms"] > 0
        assert {"list_take", "open", "commit", "round", "search", "answer", "board", "send", "look"} < set(
            steps
        )
    assert set(numbers["script"]["steps_ms"]) <= promised("line.py")
    assert {"start", "send", "read_back"} < set(numbers["plain"]["steps_ms"])


def test_a_full_desk_is_measured():
    numbers = run("desk.py")
    assert set(numbers) == promised("desk.py")
    assert numbers["conversations"] == 300
    assert all(value > 0 for name, value in numbers.items() if name not in ("bench", "open_ms"))


def test_the_door_is_measured_and_nothing_that_was_sent_is_lost():
    numbers = run("door.py")
    assert set(numbers) == promised("door.py")
    assert numbers["sent"] == numbers["accepted"] == numbers["readable"]
    assert numbers["after_junk_accepted"] == 2
    assert numbers["junk_reports"] > 0
    assert numbers["text_when_full_seconds"] is not None
    assert all(value > 0 for value in numbers.values() if isinstance(value, float))


def test_a_disk_in_memory_is_refused():
    command = [sys.executable, str(BENCH / "door.py"), "--quick", "--json", "--folder", "/dev/shm"]
    refused = subprocess.run(command, capture_output=True, timeout=60, text=True)
    assert refused.returncode == 1
    assert "file system in memory (tmpfs)" in refused.stderr


@pytest.mark.browser
def test_the_pages_are_measured_on_a_bad_line(chromium_path, monkeypatch):
    monkeypatch.setenv("CAUSEWAY_CHROMIUM", str(chromium_path))
    numbers = run("page.py")
    assert set(numbers) == promised("page.py")
    # The slow machine of a test counts in seconds, never in bytes.
    assert numbers["usable_bytes"] <= 20_000
    assert numbers["nojs_bytes"] <= 15_000
    assert numbers["sendable_bytes"] <= 60_000
    assert numbers["answer_read_bytes"] <= 200_000
    assert numbers["usable_seconds"] >= 0.8
