"""The rules that tests/conftest.py lays on every run."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(folder: Path, body: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests/conftest.py", folder / "tests")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests/test_body.py").write_text("import pytest, warnings\n" + body)
    (folder / "tests/test_fine.py").write_text("def test_fine(): pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_a_passing_run_passes(tmp_path: Path) -> None:
    done = run(tmp_path, "def test_one(): pass\n")
    assert done.returncode == 0, done.stdout
    assert "left out" not in done.stdout


@pytest.mark.parametrize(
    "body",
    [
        "@pytest.mark.skip\ndef test_one(): pass\n",
        "def test_one(): pytest.skip('later')\n",
        "@pytest.mark.xfail\ndef test_one(): raise ValueError\n",
        "@pytest.mark.xfail\ndef test_one(): pass\n",
        "pytest.importorskip('no_such_module')\ndef test_one(): pass\n",
        "@pytest.mark.parametrize('n', [])\ndef test_one(n): pass\n",
    ],
    ids=["mark", "call", "xfail", "xpass", "import", "empty"],
)
def test_a_test_left_out_fails_the_run_and_is_named(tmp_path: Path, body: str) -> None:
    done = run(tmp_path, body)
    assert done.returncode == 1, done.stdout
    assert "left out, so the run fails" in done.stdout
    assert "tests/test_body.py" in done.stdout.rsplit("left out, so the run fails")[1]


def test_leaving_tests_out_by_marker_is_allowed(tmp_path: Path) -> None:
    body = "@pytest.mark.slow\ndef test_one(): raise ValueError\n"
    done = run(tmp_path, body, "-m", "not slow")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "body",
    ["def test_one(): warnings.warn('old')\n", "@pytest.mark.mistyped\ndef test_one(): pass\n"],
    ids=["warning", "marker"],
)
def test_warnings_and_unknown_markers_fail(tmp_path: Path, body: str) -> None:
    assert run(tmp_path, body).returncode != 0


def test_other_machines_are_out_of_reach() -> None:
    with socket.socket() as talk, pytest.raises(RuntimeError, match="another machine"):
        talk.connect(("192.0.2.1", 9))
    with pytest.raises(RuntimeError, match="for a name"):
        socket.getaddrinfo("nowhere.invalid", 80)


def test_this_machine_is_in_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
