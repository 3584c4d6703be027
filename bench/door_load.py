"""Load on a door: sealed slots, many clients at once, a bare loop to compare with, the servers' memory."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from causeway.drills.family import family_of
from causeway.sealed.hybrid import HybridPublic
from causeway.sealed.intake import seal_intake
from causeway.sealed.receipt import Receipt
from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.intake import Action, IntakeMessage, SendingPath

_SECONDS = 60.0
_PUZZLE = re.compile(rb"causeway-puzzle: *([0-9]+)\.([A-Za-z0-9_-]{22})", re.IGNORECASE)
_RETRY = re.compile(rb"retry-after: *([0-9]+)", re.IGNORECASE)
_DOMAIN = b"causeway/puzzle/1\x00"


@dataclass(frozen=True)
class Slot:
    """A sealed message, ready to be put."""

    name: bytes
    body: bytes

    def request(self, host: str, *, work: str = "") -> bytes:
        """Return the bytes that put it."""
        lines = [f"PUT /v1/intake/{self.name.hex()} HTTP/1.1", f"Host: {host}"]
        if work:
            lines.append(f"Causeway-Work: {work}")
        lines += ["Content-Type: application/octet-stream", f"Content-Length: {len(self.body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


@dataclass(frozen=True)
class Said:
    """What a door answered."""

    status: int
    head: bytes


class Sealer:
    """Seals many short messages of one conversation: deriving keys anew for each would take the time."""

    def __init__(self, recipient: HybridPublic) -> None:
        """Take the centre's key of this week."""
        self._keys = Receipt.generate().keys()
        self._recipient = recipient

    def seal(self, text: str) -> Slot:
        """Return a really sealed slot."""
        keys = self._keys
        message = IntakeMessage(
            conversation=keys.conversation,
            message=os.urandom(16),
            tag_key=keys.tag_key,
            answer_key=bytes(keys.answer.public),
            verify_key=keys.signing.public,
            path=SendingPath.SCRIPT,
            language="en",
            action=Action.WRITE,
            last_answer=0,
            text=text,
        )
        return Slot(message.message, seal_intake(message, signing=keys.signing, recipient=self._recipient))


def ask(address: tuple[str, int], request: bytes) -> Said:
    """Send one request over a connection of its own, as the door has it; return what came."""
    with socket.socket() as connection:  # an address needs no looking up
        connection.settimeout(_SECONDS)
        connection.connect(address)
        connection.sendall(request)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    head = b"".join(parts).partition(b"\r\n\r\n")[0]
    return Said(int(head[9:12]), head)


def at_once(clients: int, jobs: Sequence[Callable[[], bool]]) -> tuple[float, list[float], int]:
    """Do jobs with so many clients at once.

    Returns:
        Seconds for all, seconds of each, and how many said that they had gone well.
    """
    waiting = list(jobs)
    times: list[float] = []
    well: list[bool] = []
    start = threading.Barrier(clients + 1)

    def client() -> None:
        start.wait()
        while True:
            try:
                job = waiting.pop()
            except IndexError:
                return
            begun = time.perf_counter()
            done = job()
            times.append(time.perf_counter() - begun)
            well.append(done)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun, times, sum(well)


def bare_loop(folder: Path, slots: Iterable[Slot]) -> float:
    """Insert slots into a database of their own on the same disk, one a commit; return the seconds."""
    path = folder / "bare.sqlite"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE slot (id BLOB PRIMARY KEY, day INTEGER, body BLOB) WITHOUT ROWID")
        begun = time.perf_counter()
        for slot in slots:
            database.execute("INSERT INTO slot VALUES (?, 1, ?)", (slot.name, slot.body))
        seconds = time.perf_counter() - begun
    for leftover in folder.glob("bare.sqlite*"):
        leftover.unlink()
    return seconds


@dataclass(frozen=True)
class Memory:
    """What some processes hold; bytes.

    Attributes:
        pss: What they share counted once, in equal parts (proc(5), smaps_rollup).
        rss: The sum of what each has in memory: what they share is counted once for each.
    """

    pss: int
    rss: int

    @classmethod
    def of(cls, pids: Iterable[int]) -> Memory:
        """Look at processes; one that has ended holds nothing."""
        pss = rss = 0
        for pid in pids:
            with contextlib.suppress(OSError):
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                for name, kib in re.findall(r"^(Pss|Rss): +(\d+) kB", rollup, re.MULTILINE):
                    pss += int(kib) * 1_024 if name == "Pss" else 0
                    rss += int(kib) * 1_024 if name == "Rss" else 0
        return cls(pss, rss)


@contextlib.contextmanager
def watching_memory(roots: Sequence[int], *, every: float = 0.3) -> Iterator[list[Memory]]:
    """Collect the memory of some processes and all that descend from them while the block runs."""
    seen = [Memory(0, 0)]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(every):
            seen.append(Memory.of(pid for root in roots for pid in family_of(root)))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def processor_seconds(pid: int) -> float:
    """Return what a process's threads have used so far, as fine as the scheduler counts (schedstat)."""
    used = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            used += int((thread / "schedstat").read_text().split()[0])
    return used / 1e9


def solve(bits: int, salt: bytes, name: bytes) -> str:
    """Return the header that solves a puzzle, found as the browser's worker finds it."""
    begin = _DOMAIN + salt + name
    for number in range(1 << 40):
        nonce = number.to_bytes(8, "big")
        if int.from_bytes(hashlib.sha256(begin + nonce).digest()) >> (256 - bits) == 0:
            return f"{b64encode(salt)}.{b64encode(nonce)}"
    raise AssertionError("no solution in 2**40 tries")


def put_patiently(address: tuple[str, int], host: str, slot: Slot, *, seconds: float) -> float | None:
    """Put a slot as the page's script does: solve what is asked, wait as long as is said, try again.

    Returns:
        Seconds until it was taken; `None` where it was not in time.
    """
    begun = time.perf_counter()
    work = ""
    while time.perf_counter() - begun < seconds:
        said = ask(address, slot.request(host, work=work))
        if said.status in (200, 201):
            return time.perf_counter() - begun
        if puzzle := _PUZZLE.search(said.head):
            work = solve(int(puzzle[1]), b64decode(puzzle[2].decode(), size=16), slot.name)
            continue
        found = _RETRY.search(said.head)
        time.sleep(min(5.0, float(found[1]) if found else 1.0))
    return None


def drain(relay: Path, *, lane: str, slots: Iterable[Slot]) -> int:
    """Put slots straight at the relay's socket, as a door does for a lane; return how many were taken."""
    taken = 0
    for slot in slots:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SECONDS)
            connection.connect(str(relay))
            head, _, body = slot.request("relay").partition(b"\r\n\r\n")
            extra = f"\r\nCauseway-Lane: {lane}\r\nConnection: close\r\n\r\n".encode()
            connection.sendall(head + extra + body)
            answer = b""
            while part := connection.recv(4_096):
                answer += part
            taken += answer[9:12] == b"201"
    return taken
