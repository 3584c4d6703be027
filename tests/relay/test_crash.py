"""Killed at any point, the relay has all that it said it had."""

from __future__ import annotations

import random
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path

import httpx2
import pytest

from tests.relay.running import CAPABILITY, await_socket, bearer, setup, sha256, slot_body, slot_id, spawn

KILLS = 20
WRITERS = 4
SEED = 1933


class Acknowledged:
    """Numbers of the slots that were answered with 201, and a kill once enough of them were."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._lock = threading.Lock()
        self._kill_at = 0
        self._process: subprocess.Popen[str] | None = None

    def arm(self, process: subprocess.Popen[str], *, after: int) -> None:
        with self._lock:
            self._process = process
            self._kill_at = len(self.numbers) + after

    def add(self, number: int) -> None:
        with self._lock:
            self.numbers.append(number)
            if self._process is not None and len(self.numbers) >= self._kill_at:
                self._process.kill()
                self._process = None


def _client(folder: Path) -> httpx2.Client:
    return httpx2.Client(
        transport=httpx2.HTTPTransport(uds=str(folder / "s")),
        base_url="http://relay",
        headers={"Authorization": bearer(CAPABILITY)},
        timeout=60,
    )


class _UnixConnection(HTTPConnection):
    """The standard library's, since httpx2 leaves a socket open that could not connect."""

    def __init__(self, path: Path) -> None:
        super().__init__("relay", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(str(self._path))


def _write_until_it_dies(folder: Path, numbers: Iterator[int], acknowledged: Acknowledged) -> None:
    headers = {"Authorization": bearer(CAPABILITY)}
    with closing(_UnixConnection(folder / "s")) as connection:
        for number in numbers:
            kind = "record" if number % 3 == 0 else "intake"
            try:
                connection.request("PUT", f"/v1/{kind}/{slot_id(number).hex()}", slot_body(number), headers)
                with connection.getresponse() as answer:
                    status = answer.status
            except (OSError, HTTPException):
                return
            assert status == 201
            acknowledged.add(number)


def _check_all(folder: Path, numbers: list[int]) -> None:
    with _client(folder) as client:
        for kind, own in (
            ("record", [number for number in numbers if number % 3 == 0]),
            ("intake", [number for number in numbers if number % 3]),
        ):
            for start in range(0, len(own), 64):
                part = own[start : start + 64]
                asked = ",".join(slot_id(number).hex() for number in part)
                taken = client.get(f"/v1/slots/{kind}?ids={asked}").content
                assert taken == b"".join(slot_id(number) + slot_body(number) for number in part)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_it_is_killed() -> None:
    points = random.Random(SEED)  # noqa: S311 - the same points with every run
    numbers = count()
    acknowledged = Acknowledged()
    with tempfile.TemporaryDirectory(prefix="relay-") as name:
        folder = Path(name)
        process = spawn(folder)
        try:
            assert process.stdout is not None
            code = process.stdout.readline().strip()
            await_socket(process, folder)
            with _client(folder) as client:
                client.put("/v1/claim", content=sha256(CAPABILITY), headers=setup(code))
            for _ in range(KILLS):
                acknowledged.arm(process, after=points.randint(1, 150))
                writers = [
                    threading.Thread(target=_write_until_it_dies, args=(folder, numbers, acknowledged))
                    for _ in range(WRITERS)
                ]
                for writer in writers:
                    writer.start()
                for writer in writers:
                    writer.join()
                process.communicate(timeout=60)
                assert process.returncode == -9
                process = spawn(folder)
                await_socket(process, folder)
                _check_all(folder, acknowledged.numbers)
            assert len(acknowledged.numbers) > KILLS
            with _client(folder) as client:
                for number in acknowledged.numbers[:: len(acknowledged.numbers) // 20]:
                    kind = "record" if number % 3 == 0 else "intake"
                    path = f"/v1/{kind}/{slot_id(number).hex()}"
                    assert client.put(path, content=slot_body(number)).status_code == 200
                    assert client.put(path, content=slot_body(number + 1)).status_code == 409
        finally:
            process.kill()
            process.communicate()
