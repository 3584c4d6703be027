"""The relay as a process: its socket, its end, a limit on file sizes, and the command."""

from __future__ import annotations

import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.relay.running import (
    CAPABILITY,
    RunningRelay,
    await_socket,
    bearer,
    setup,
    sha256,
    slot_body,
    slot_id,
    spawn,
)

COMMAND = """
import sys
from causeway.cli.cmd_relay import command
command(["--data", sys.argv[1], "--socket", sys.argv[2]])
"""

# Two megabytes for a file, which is what a quota or a full disk does to a write.
SMALL_FILES = """
import resource, sys
from pathlib import Path
from causeway.relay import Config, serve
resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, resource.RLIM_INFINITY))
serve(Config(data=Path(sys.argv[1])), Path(sys.argv[2]), announce=lambda code: print(code, flush=True))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="relay-") as name:
        yield Path(name)


def _client(folder: Path) -> httpx2.Client:
    return httpx2.Client(
        transport=httpx2.HTTPTransport(uds=str(folder / "s")), base_url="http://relay", timeout=30
    )


def _code(process: subprocess.Popen[str]) -> str:
    """Read the setup code, which comes before the socket is there."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _stop(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.mark.slow
def test_the_command_announces_listens_and_ends_in_order(folder: Path) -> None:
    process = spawn(folder, program=COMMAND)
    await_socket(process, folder)
    mode = (folder / "s").stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o660
    assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700
    for path in (folder / "data").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    # A second one takes neither the folder nor the socket.
    second = spawn(folder, program=COMMAND)
    _out, err = second.communicate(timeout=60)
    assert second.returncode != 0
    assert "another relay is using this folder" in err
    with _client(folder) as client:
        assert client.get("/v1/attendance").status_code == 200
    code, err = _stop(process)
    assert code == 0
    assert not (folder / "s").exists()
    assert sorted(path.name for path in (folder / "data").iterdir()) == ["lock", "relay.sqlite"]
    (setup_code,) = [line.strip() for line in err.splitlines() if line.startswith("    ")]
    again = spawn(folder, program=COMMAND)
    await_socket(again, folder)
    with _client(folder) as client:
        claim = client.put("/v1/claim", content=sha256(CAPABILITY), headers=setup(setup_code))
        assert claim.status_code == 204
    # Neither the code again nor a line about any request.
    assert _stop(again) == (0, "")


@pytest.mark.slow
def test_a_put_in_flight_is_answered_before_the_end(folder: Path) -> None:
    process = spawn(folder)
    code = _code(process)
    await_socket(process, folder)
    relay = RunningRelay.__new__(RunningRelay)
    relay.socket_path = folder / "s"
    with _client(folder) as client:
        client.put("/v1/claim", content=sha256(CAPABILITY), headers=setup(code))
        with relay.raw() as connection:
            connection.sendall(
                f"PUT /v1/intake/{slot_id(1).hex()} HTTP/1.1\r\n"
                "Content-Length: 32768\r\nExpect: 100-continue\r\n\r\n".encode()
            )
            assert b"100 Continue" in connection.recv(100)
            process.send_signal(signal.SIGTERM)
            connection.sendall(slot_body(1))
            assert connection.recv(100).startswith(b"HTTP/1.1 201")
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.slow
def test_a_limit_on_file_sizes_is_no_space_and_reading_goes_on(folder: Path) -> None:
    process = spawn(folder, program=SMALL_FILES)
    code = _code(process)
    await_socket(process, folder)
    with _client(folder) as client:
        client.put("/v1/claim", content=sha256(CAPABILITY), headers=setup(code))
        client.headers["Authorization"] = bearer(CAPABILITY)
        statuses = {
            number: client.put(f"/v1/intake/{slot_id(number).hex()}", content=slot_body(number)).status_code
            for number in range(120)
        }
        stored = [number for number, status in statuses.items() if status == 201]
        assert set(statuses.values()) == {201, 507}
        assert len(stored) > 10
        status = client.get("/v1/status").json()
        assert status["slots"]["intake"] == len(stored)
        listed = client.get(f"/v1/ids/intake/{status['day']}").content
        assert listed == b"".join(sorted(map(slot_id, stored)))
        last = stored[-1]
        taken = client.get(f"/v1/slots/intake?ids={slot_id(last).hex()}").content
        assert taken == slot_id(last) + slot_body(last)
    assert _stop(process)[0] == 0
