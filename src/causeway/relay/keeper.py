"""A running relay without its routes: the store, its writer and readers, the lanes, and who may come in."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import hmac
import os
import secrets
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from causeway.errors import LocalError
from causeway.relay.config import CHUNKS_INSIDE, Config
from causeway.relay.gate import Gate
from causeway.relay.lanes import Lane, Load
from causeway.relay.puzzle import Puzzles
from causeway.relay.refusals import Refused
from causeway.relay.schema import STORE_NAME, connect_reader, connect_writer, migrate
from causeway.relay.store import Reader, Store
from causeway.relay.writer import Failed, Job, Outcome, Tell, Work, Writer

__all__ = ["Keeper", "announce_on_stderr", "hash_setup_code", "open_keeper"]

T = TypeVar("T")

_SETUP_CODE_BYTES = 16
_READERS = 2
_CLAIMS_INSIDE = 8


class Keeper:
    """The relay's parts, for its routes. Made by `open_keeper`."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        capability_hash: bytes | None,
    ) -> None:
        self.config = config
        self.clock = clock
        self._capability_hash = capability_hash
        self._writer: Writer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._gathered: list[Job] = []
        # Readers of their own, so that a crowd at the door never stands before a desk.
        self._visitor_reads = ThreadPoolExecutor(_READERS, thread_name_prefix="relay-visitors")
        self._desk_reads = ThreadPoolExecutor(_READERS, thread_name_prefix="relay-desks")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._gates: dict[tuple[Lane, Load], Gate] = {}
        for lane in Lane:
            limits = config.limits(lane)
            for load, rate, inside in (
                (Load.READ, limits.reads, limits.inside),
                (Load.STORE, limits.puts, limits.inside),
                (Load.CHUNK, limits.chunk_puts, CHUNKS_INSIDE),
            ):
                self._gates[lane, load] = Gate(
                    rate, inside=inside, wait_max=config.wait_seconds, monotonic=monotonic
                )
        self.puzzles = Puzzles(random=os.urandom, monotonic=monotonic)
        self.claims = Gate(
            config.claim, inside=_CLAIMS_INSIDE, wait_max=config.wait_seconds, monotonic=monotonic
        )

    @property
    def claimed(self) -> bool:
        """Whether desks hold a capability for this relay; before, nobody could read what is put here."""
        return self._capability_hash is not None

    def gate(self, lane: Lane, load: Load) -> Gate:
        """Return the gate of a lane for calls of this kind."""
        return self._gates[lane, load]

    def admits(self, capability_hash: bytes) -> bool:
        """Say whether this is the SHA-256 of the desks' capability."""
        held = self._capability_hash
        return held is not None and hmac.compare_digest(held, capability_hash)

    def replace_capability(self, capability_hash: bytes) -> None:
        """Let in only who holds the new capability; called once the store holds it."""
        self._capability_hash = capability_hash

    def start(self) -> None:
        """Start the writer; called on the loop that its results are delivered on."""
        self._loop = asyncio.get_running_loop()
        self._writer = Writer(self.config, clock=self.clock, deliver=self._loop.call_soon_threadsafe)
        self._writer.start()

    async def stop(self) -> None:
        """Let the writer finish, while the loop still hears its results."""
        if self._writer is not None:
            self._hand_over()
            await asyncio.to_thread(self._writer.close)

    def submit(self, work: Work, tell: Tell, *, for_desk: bool) -> None:
        """Run work in the next transaction, and tell its outcome on the loop once that is durable.

        Raises:
            Refused: 503 at the end.
        """
        if self._writer is None or self._loop is None:
            raise Refused(503, "the relay is not ready", retry_after=1)
        if not self._gathered:
            # All that one turn of the loop brings goes over together: waking the writer costs as much for
            # one as for ten, and ten in one transaction cost less than ten alone.
            self._loop.call_soon(self._hand_over)
        self._gathered.append((work, tell, for_desk))

    async def write(self, work: Work, *, for_desk: bool) -> Any:
        """Run work in the next transaction and return its result once that is durable.

        Raises:
            Refused: As the work says, 507 for a full disk, 503 at the end.
        """
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def tell(outcome: Outcome) -> None:
            if future.done():
                return
            if isinstance(outcome, Failed):
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome.value)

        self.submit(work, tell, for_desk=for_desk)
        return await future

    def _hand_over(self) -> None:
        gathered, self._gathered = self._gathered, []
        if not gathered or self._writer is None:
            return
        try:
            self._writer.submit_all(gathered)
        except Refused as refused:
            for _work, tell, _for_desk in gathered:
                tell(Failed(refused))

    async def read(self, query: Callable[[Reader], T], *, for_desk: bool) -> T:
        """Run a query on a reading connection, off the loop."""
        pool = self._desk_reads if for_desk else self._visitor_reads
        return await asyncio.get_running_loop().run_in_executor(pool, lambda: query(self._reader()))

    async def compute(self, work: Callable[[], T]) -> T:
        """Run a desk's computation that would hold up the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._desk_reads, work)

    def close(self) -> None:
        """End the readers and close their connections."""
        for pool in (self._visitor_reads, self._desk_reads):
            pool.shutdown()
        for connection in self._connections:
            connection.close()

    def _reader(self) -> Reader:
        reader: Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            connection = connect_reader(self.config.data)
            self._connections.append(connection)
            reader = self._local.reader = Reader(connection)
        return reader


def announce_on_stderr(code: str) -> None:
    """Show the setup code to whoever starts the relay for the first time."""
    print(
        f"This relay belongs to nobody yet. Its setup code, shown this once:\n\n    {code}\n\n"
        "Whoever enters it first at a desk owns the relay. If it is lost, stop the relay,\n"
        "remove its folder and start again.",
        file=sys.stderr,
        flush=True,
    )


def hash_setup_code(code: bytes) -> bytes:
    """Return what the store keeps of a setup code."""
    return hashlib.sha256(code).digest()


@contextmanager
def open_keeper(
    config: Config,
    *,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    announce: Callable[[str], None] = announce_on_stderr,
) -> Iterator[Keeper]:
    """Open the store, alone, and yield a keeper that has not been started.

    Args:
        config: Folder and limits.
        clock: Unix seconds; only the UTC day is used.
        monotonic: Seconds for the lanes.
        announce: Told the setup code when the store is new.

    Raises:
        LocalError: The folder can't be used, another relay has it, or a newer one wrote it.
    """
    with _sole_use(config):
        capability_hash = _prepare(config, announce=announce)
        keeper = Keeper(config, clock=clock, monotonic=monotonic, capability_hash=capability_hash)
        try:
            yield keeper
        finally:
            keeper.close()


@contextmanager
def _sole_use(config: Config) -> Iterator[None]:
    try:
        made = [one for one in (config.data, *config.data.parents) if not one.exists()]
        config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in made:
            _sync_folder(one.parent)
        lock = os.open(config.data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LocalError("the relay's folder can't be used", reason=error.strerror or "unknown") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LocalError("another relay is using this folder") from None
        yield
    finally:
        os.close(lock)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prepare(config: Config, *, announce: Callable[[str], None]) -> bytes | None:
    """Bring the store up to date; return the capability's hash, or offer a new store for claiming."""
    with closing(
        connect_writer(config.data, disk_bytes=config.disk_bytes, page_bytes=config.page_bytes)
    ) as connection:
        (config.data / STORE_NAME).chmod(0o600)
        migrate(connection)
        reader = Reader(connection)
        capability_hash = reader.kept("capability")
        if capability_hash is None and reader.kept("setup") is None:
            code = secrets.token_hex(_SETUP_CODE_BYTES)
            connection.execute("BEGIN IMMEDIATE")
            Store(connection).offer_claim(hash_setup_code(code.encode()))
            connection.execute("COMMIT")
            announce(code)
        return capability_hash
