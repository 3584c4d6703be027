"""What every test shares: no skipped tests, no network but this machine, and Debian's Chromium."""

from __future__ import annotations

import ipaddress
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("causeway", deadline=None, print_blob=True)
hypothesis.settings.load_profile("causeway")

_left_out: list[str] = []


# ---- A test that does not run cannot fail: skips and expected failures make the whole run fail. ----


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped or hasattr(report, "wasxfail"):
        _left_out.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _left_out.append(report.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _left_out and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _left_out:
        terminalreporter.section("left out, so the run fails")
        for name in _left_out:
            terminalreporter.write_line(name)


# ---- No network but this machine ----


def _is_here(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost", "testserver"):
        return True
    try:
        return ipaddress.ip_address(os.fsdecode(host) if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_here(address[0]):
            raise RuntimeError("a test tried to reach another machine")
    elif event == "socket.getaddrinfo" and not _is_here(arguments[0]):
        raise RuntimeError("a test asked the network for a name")


sys.addaudithook(_stay_here)


# ---- The browser ----


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"chromium_path", "browser_type"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
    # Playwright's fixture keeps an event loop in this thread until the run ends: no other can run there then.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """Debian's Chromium, or the one that CAUSEWAY_CHROMIUM names."""
    named = os.environ.get("CAUSEWAY_CHROMIUM") or shutil.which("chromium")
    assert named, "Chromium is missing: run `make setup`, or name one in CAUSEWAY_CHROMIUM"
    return Path(named)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium_path: Path) -> dict[str, Any]:
    """Have pytest-playwright start that Chromium; root, as in a container, has no sandbox."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": str(chromium_path), "args": arguments}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder for whatever the test starts."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(folder))
    for name in [name for name in os.environ if name.startswith(("CAUSEWAY_", "XDG_"))]:
        if name != "CAUSEWAY_CHROMIUM":
            monkeypatch.delenv(name)
    return folder
