"""A relay, a centre without a desk, and a door, each a process of its own on this machine."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from causeway.door.pages import LANGUAGES
from causeway.sealed.attendance import sign_attendance
from causeway.sealed.board import CellToPublish, build_publication
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.intake import open_intake
from causeway.sealed.sheet import appoint, root_fingerprint, sign_sheet
from causeway.sealed.signing import HybridSigningKey, SigningKey
from causeway.units import Day, Week, day_of, week_of
from causeway.wire.attendance import Attendance
from causeway.wire.base64url import b64encode
from causeway.wire.ids import split_ids
from causeway.wire.intake import IntakeMessage
from causeway.wire.sheet import DoorSheet, IntakeKey
from causeway.wire.sizes import ID_BYTES, SLOT_BYTES

ROOT = HybridSigningKey(b"r" * 32)
ROOT_PQ = hashlib.sha256(ROOT.pq_public).digest()
FINGERPRINT = root_fingerprint(ROOT.public, root_pq=ROOT_PQ)
DEVICE = SigningKey(b"d" * 32)
BOARDS = [SigningKey(bytes([i]) * 32) for i in range(16)]
INTAKE = HybridSecret.from_seed(b"i" * 32)
CAPABILITY = b"c" * 32


def today() -> Day:
    return day_of(time.time())


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class _UnixHttp(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("relay", timeout=20)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(20)
        self.sock.connect(os.fspath(self._path))


def ask(
    where: tuple[str, int] | Path,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    connection = (
        _UnixHttp(where) if isinstance(where, Path) else http.client.HTTPConnection(*where, timeout=20)
    )
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


class Process:
    """A command of ours; its talk is kept for the test to look at."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        self.talk_path = folder / f"{arguments[0]}.talk"
        with self.talk_path.open("wb") as talk:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "causeway.cli", *arguments],
                stderr=talk,
                stdout=talk,
                stdin=subprocess.DEVNULL,
                cwd=folder,
            )
        self.pid = self._process.pid

    @property
    def talk(self) -> str:
        return self.talk_path.read_text()

    def wait_for(self, pattern: str, *, seconds: float = 60.0) -> re.Match[str]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := re.search(pattern, self.talk):
                return found
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"it never said {pattern!r}: {self.talk}")

    def stop(self) -> int:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(20)

    def wait(self) -> int:
        return self._process.wait(20)


class Centre:
    """A relay, and what its desks would do there."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "relay"
        self.process = Process(
            "relay", "--data", str(folder / "store"), "--socket", str(self.socket), folder=folder
        )
        self._setup_code = self.process.wait_for(r"\b[0-9a-f]{32}\b")[0]
        until = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < until, self.process.talk
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            return ask(self.socket, "GET", "/v1/board").status == 200
        except OSError:
            return False

    def put(self, path: str, body: bytes, *, where: tuple[str, int] | Path | None = None) -> Reply:
        authorization = {"authorization": f"Bearer {b64encode(CAPABILITY)}"}
        return ask(where or self.socket, "PUT", path, body=body, headers=authorization)

    def get(self, path: str) -> bytes:
        authorization = {"authorization": f"Bearer {b64encode(CAPABILITY)}"}
        answer = ask(self.socket, "GET", path, headers=authorization)
        assert answer.status == 200, answer
        return answer.body

    def claim(self) -> None:
        digest = hashlib.sha256(CAPABILITY).digest()
        setup = {"authorization": f"Setup {self._setup_code}"}
        assert ask(self.socket, "PUT", "/v1/claim", body=digest, headers=setup).status == 204

    def open_door(self, *, day: Day | None = None) -> None:
        """Claim the relay, publish a sheet and say that somebody read today."""
        self.claim()
        this_week = week_of(today())
        blob = sign_sheet(
            DoorSheet(
                serial=1,
                day=day or today(),
                root=ROOT.public,
                root_pq=ROOT_PQ,
                device=DEVICE.public,
                appointment=appoint(DEVICE.public, root=ROOT, last_day=Day(today() + 400)),
                intake=tuple(IntakeKey(week=Week(this_week + i), key=bytes(INTAKE.public)) for i in range(3)),
                boards=tuple(board.public for board in BOARDS),
                bundle=b"b" * 32,
                texts=b"t" * 32,
            ),
            device=DEVICE,
        )
        assert self.put("/v1/sheet", blob).status == 204
        line = sign_attendance(Attendance(slot=0, day=today()), board=BOARDS[0])
        assert self.put("/v1/attendance/0", line).status == 204

    def publication(self, cells: Sequence[CellToPublish]) -> bytes:
        return build_publication(cells, slot=0, day=today(), board=BOARDS[0])

    def publish(self, *cells: CellToPublish) -> None:
        assert self.put("/v1/board/0", self.publication(cells)).status == 204

    def messages(self) -> list[IntakeMessage]:
        ids = split_ids(self.get(f"/v1/ids/intake/{today()}"))
        if not ids:
            return []
        taken = self.get("/v1/slots/intake?ids=" + ",".join(one.hex() for one in ids))
        step = ID_BYTES + SLOT_BYTES
        return [
            open_intake(taken[at + ID_BYTES : at + step], slot_id=taken[at : at + ID_BYTES], secrets=[INTAKE])
            for at in range(0, len(taken), step)
        ]


class Door:
    """A door in front of a relay."""

    def __init__(self, folder: Path, relay: Path, *more: str) -> None:
        self.onion = folder / "onion"
        self.process = Process(
            "door",
            *("--relay", str(relay), "--listen", "127.0.0.1:0", "--onion-listen", str(self.onion)),
            *("--root", b64encode(FINGERPRINT), "--offer", ",".join(LANGUAGES), *more),
            folder=folder,
        )
        self.process.wait_for(rf"open: {re.escape(str(self.onion))}")
        port = self.process.wait_for(r"http://127\.0\.0\.1:(\d+)")[1]
        self.address = ("127.0.0.1", int(port))
        self.pid = self.process.pid
        (self.nursery,) = children_of(self.pid)

    def ask(self, method: str, path: str, **more: object) -> Reply:
        return ask(self.address, method, path, **more)  # type: ignore[arg-type]

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=30)

    def form(self, path: str, **fields: str) -> Reply:
        """Send a form and return the redirect."""
        return self.ask(
            "POST",
            path,
            body=urlencode(fields).encode(),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )

    def page(self, path: str, **fields: str) -> Reply:
        """Send a form and follow its redirect."""
        redirect = self.form(path, **fields)
        assert redirect.status == 303, redirect
        assert redirect.body == b""
        return self.ask("GET", redirect.headers["location"])

    def children(self) -> set[int]:
        return set(children_of(self.nursery))

    def stop(self) -> int:
        return self.process.stop()


def children_of(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, "the page has no such field"
    return found[1]


def words_of(page: str) -> list[str]:
    """Return the words that a page shows."""
    shown = re.search(r"<ol[^>]*data-words>(.*?)</ol>", page, re.DOTALL)
    assert shown, "the page shows no words"
    return re.findall(r"<li>([^<]+)</li>", shown[1])


def read_all(sock: socket.socket) -> bytes:
    parts = []
    while part := sock.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def eventually(condition: object, *, seconds: float = 20.0) -> bool:
    """Return whether something becomes true in time; for what other processes do."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False
