"""A centre without a desk, for measuring: its keys are here, so what arrives can be opened."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from causeway.drills.visitors import DoorClient
from causeway.errors import RemoteError
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
from causeway.wire.sizes import ID_BYTES, SLOT_BYTES, TAKE_IDS_MAX

MEMORY_FILE_SYSTEMS = ("tmpfs", "ramfs", "devtmpfs", "zram")


def today() -> Day:
    """Return the UTC day."""
    return day_of(time.time())


def file_system_of(folder: Path) -> str:
    """Return the kind of file system that a folder lies on (proc(5), mountinfo)."""
    best, kind = "", ""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        point = before.split()[4]
        if len(point) >= len(best) and folder.resolve().is_relative_to(point):
            best, kind = point, after.split()[0]
    return kind


def is_in_memory(folder: Path) -> bool:
    """Whether what is written into a folder never reaches a disk."""
    return file_system_of(folder) in MEMORY_FILE_SYSTEMS


class OpenCentre:
    """All secrets of a centre, and what its desks do at the door."""

    def __init__(self) -> None:
        """Make new keys."""
        self._root = HybridSigningKey(os.urandom(32))
        self._root_pq = hashlib.sha256(self._root.pq_public).digest()
        self._device = SigningKey(os.urandom(32))
        self._boards = [SigningKey(os.urandom(32)) for _ in range(16)]
        self.intake = HybridSecret.generate()
        self._capability = os.urandom(32)
        self.fingerprint = root_fingerprint(self._root.public, root_pq=self._root_pq)

    def open_door(self, url: str, *, setup_code: str) -> None:
        """Claim the relay behind a door, publish a sheet, say that somebody read today."""
        digest = hashlib.sha256(self._capability).digest()
        headers = {"Authorization": f"Setup {setup_code}"}
        status, _, _ = DoorClient(url).ask("PUT", "/v1/claim", body=digest, headers=headers)
        assert status == 204, status
        this_week = week_of(today())
        sheet = DoorSheet(
            serial=1,
            day=today(),
            root=self._root.public,
            root_pq=self._root_pq,
            device=self._device.public,
            appointment=appoint(self._device.public, root=self._root, last_day=Day(today() + 400)),
            intake=tuple(
                IntakeKey(week=Week(this_week + number), key=bytes(self.intake.public)) for number in range(3)
            ),
            boards=tuple(board.public for board in self._boards),
            bundle=bytes(32),
            texts=bytes(32),
        )
        self._put(url, "/v1/sheet", sign_sheet(sheet, device=self._device))
        line = sign_attendance(Attendance(slot=0, day=today()), board=self._boards[0])
        self._put(url, "/v1/attendance/0", line)

    def publish(self, url: str, cells: Sequence[CellToPublish]) -> None:
        """Put answers on the board."""
        publication = build_publication(cells, slot=0, day=today(), board=self._boards[0])
        self._put(url, "/v1/board/0", publication)

    def messages(self, url: str) -> Iterator[IntakeMessage]:
        """Take everything that is there and open it, as a desk does; what can't be opened is left out."""
        for day in (today() - 1, today()):  # midnight may come in between
            ids = split_ids(self._get(url, f"/v1/ids/intake/{day}"))
            for start in range(0, len(ids), TAKE_IDS_MAX):
                yield from self._opened(url, ids[start : start + TAKE_IDS_MAX])

    def _opened(self, url: str, ids: Sequence[bytes]) -> Iterator[IntakeMessage]:
        taken = self._get(url, "/v1/slots/intake?ids=" + ",".join(one.hex() for one in ids))
        step = ID_BYTES + SLOT_BYTES
        assert len(taken) == step * len(ids)
        for at in range(0, len(taken), step):
            slot_id, slot = taken[at : at + ID_BYTES], taken[at + ID_BYTES : at + step]
            with contextlib.suppress(RemoteError):
                yield open_intake(slot, slot_id=slot_id, secrets=[self.intake])

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {b64encode(self._capability)}"}

    def _put(self, url: str, path: str, body: bytes) -> None:
        status, _, _ = DoorClient(url).ask("PUT", path, body=body, headers=self._headers())
        assert status == 204, (path, status)

    def _get(self, url: str, path: str) -> bytes:
        status, body, _ = DoorClient(url).ask("GET", path, headers=self._headers())
        assert status == 200, (path, status)
        return body
