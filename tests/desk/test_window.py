"""The window of its own: which flags, which folder, and that both go."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from causeway.desk.browser import NO_SANDBOX, Window, open_window, sweep

URL = "http://127.0.0.1:8765/open?token=abc"
# A browser that notes how it was called, and stays until it is ended.
PROGRAM = '#!/bin/sh\nprintf "%s\\n" "$@" > {notes}.part && mv {notes}.part {notes}\nexec sleep 1000\n'


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a folder in memory, and no browser yet."""
    for name in ("run", "bin"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv(NO_SANDBOX, raising=False)
    return tmp_path


def install(rooms: Path, name: str) -> Path:
    program, notes = rooms / "bin" / name, rooms / f"{name}.txt"
    program.write_text(
        PROGRAM.format(notes=notes).replace("mv ", "/bin/mv ").replace("exec sleep", "exec /bin/sleep")
    )
    program.chmod(0o755)
    return notes


def opened(notes: Path) -> tuple[Window, list[str]]:
    window = open_window(URL)
    assert window is not None
    while not notes.exists():
        os.sched_yield()
    return window, notes.read_text().splitlines()


def test_chromium_gets_a_profile_in_memory_and_the_address_through_a_file(rooms: Path) -> None:
    window, arguments = opened(install(rooms, "chromium"))
    try:
        assert f"--user-data-dir={window.profile}" in arguments
        assert {"--incognito", "--no-first-run", "--disable-sync", "--disk-cache-size=1"} <= set(arguments)
        assert "--no-sandbox" not in arguments
        assert not any("token" in argument for argument in arguments)
        assert window.profile.parent == rooms / "run"
        assert stat.S_IMODE(window.profile.stat().st_mode) == 0o700
        page = Path(arguments[-1].removeprefix("file://"))
        assert page.parent == window.profile
        assert f"url={URL}" in page.read_text()
    finally:
        window.end()
    assert not window.profile.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(window.pid, 0)


def test_firefox_where_there_is_no_chromium(rooms: Path) -> None:
    window, arguments = opened(install(rooms, "firefox-esr"))
    assert arguments[:2] == ["-profile", str(window.profile)]
    assert {"-no-remote", "-private-window"} <= set(arguments)
    window.end()


def test_no_sandbox_only_where_it_is_asked_for(rooms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NO_SANDBOX, "1")
    window, arguments = opened(install(rooms, "chromium"))
    assert "--no-sandbox" in arguments
    window.end()


def test_no_browser_no_window(rooms: Path) -> None:
    assert open_window(URL) is None
    assert list((rooms / "run").iterdir()) == []


def test_waiting_ends_with_the_browser_and_its_number_stays_taken(rooms: Path) -> None:
    window, _ = opened(install(rooms, "chromium"))
    os.kill(window.pid, 9)
    window.wait()
    os.kill(window.pid, 0)
    window.end()
    assert not window.profile.exists()
    window.wait()


def test_profiles_that_a_dead_desk_left_behind_go(rooms: Path) -> None:
    window, _ = opened(install(rooms, "chromium"))
    left = rooms / "run" / f"causeway-desk-{window.pid}-left"
    window.end()
    alive = rooms / "run" / f"causeway-desk-{os.getpid()}-mine"
    other = rooms / "run" / "somebody-elses"
    for folder in (left, alive, other):
        folder.mkdir()
    sweep()
    assert not left.exists()
    assert alive.exists()
    assert other.exists()
