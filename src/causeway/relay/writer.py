"""The one thread that writes. What arrives while a transaction is being made durable goes into the next one.

A caller hears of its write only after the commit that holds it, so an answer of 2xx outlives a power
cut. One durable commit costs about as much for fifty slots as for one.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from causeway.relay.config import Config
from causeway.relay.refusals import Refused
from causeway.relay.schema import connect_writer
from causeway.relay.store import Store
from causeway.relay.upkeep import daily, empty_log
from causeway.units import Day, day_of

__all__ = ["Done", "Failed", "Job", "Outcome", "Tell", "Work", "Writer"]

_log = logging.getLogger(__name__)

Work = Callable[[Store, Day], Any]
"""Runs in a transaction, with the day that counts as today; raises `Refused` before it writes anything."""


@dataclass(frozen=True, slots=True)
class Done:
    """The work's result; it is durable."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing of the work was stored."""

    error: Exception


Outcome = Done | Failed
Tell = Callable[[Outcome], None]
Job = tuple[Work, Tell, bool]
"""Work, who is told, and whether it is a desk's."""

_NO_SPACE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}
"""A full disk, and what a quota or a limit on file sizes looks like."""

_DAY_CHECK_SECONDS = 30.0


class Writer:
    """Group commit.

    Args:
        config: Where the store lies, and how large batches get.
        clock: Unix seconds.
        deliver: Calls what it is given on the callers' thread, later; once for each batch.
    """

    def __init__(
        self, config: Config, *, clock: Callable[[], float], deliver: Callable[[Callable[[], None]], object]
    ) -> None:
        self._config = config
        self._clock = clock
        self._deliver = deliver
        self._changed = threading.Condition()
        self._desk_jobs: deque[tuple[Work, Tell]] = deque()
        self._visitor_jobs: deque[tuple[Work, Tell]] = deque()
        self._stopping = False
        self._log_dirty = True
        self._tidied: Day | None = None
        self._thread = threading.Thread(target=self._run, name="relay-writer")

    def start(self) -> None:
        """Start the thread; it does the daily upkeep first."""
        self._thread.start()

    def close(self) -> None:
        """Write what is waiting, empty the log, close the store, end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def submit(self, work: Work, tell: Tell, *, for_desk: bool) -> None:
        """Queue work; desks' goes before visitors'."""
        self.submit_all([(work, tell, for_desk)])

    def submit_all(self, jobs: Iterable[Job]) -> None:
        """Queue several at once.

        Raises:
            Refused: 503 at the end; none was queued.
        """
        with self._changed:
            if self._stopping:
                raise Refused(503, "the relay is stopping", retry_after=5)
            for work, tell, for_desk in jobs:
                (self._desk_jobs if for_desk else self._visitor_jobs).append((work, tell))
            self._changed.notify()

    def _run(self) -> None:
        connection = connect_writer(
            self._config.data, disk_bytes=self._config.disk_bytes, page_bytes=self._config.page_bytes
        )
        try:
            self._upkeep(connection)
            while (batch := self._next_batch()) is not None:
                self._upkeep(connection)
                if batch:
                    self._commit(connection, batch)
                elif self._log_dirty:
                    self._empty_log(connection)
            self._empty_log(connection)
        finally:
            connection.close()

    def _next_batch(self) -> list[tuple[Work, Tell]] | None:
        """Wait for work; an empty list after a quiet while, `None` at the end."""
        quiet = self._config.idle_seconds if self._log_dirty else _DAY_CHECK_SECONDS
        with self._changed:
            self._changed.wait_for(self._has_news, timeout=quiet)
            batch: list[tuple[Work, Tell]] = []
            for jobs in (self._desk_jobs, self._visitor_jobs):
                while jobs and len(batch) < self._config.batch_max:
                    batch.append(jobs.popleft())
            return None if self._stopping and not batch else batch

    def _has_news(self) -> bool:
        return bool(self._desk_jobs or self._visitor_jobs or self._stopping)

    def _upkeep(self, connection: sqlite3.Connection) -> None:
        today = day_of(self._clock())
        if today == self._tidied:
            return
        self._tidied = today
        try:
            daily(connection, today=today)
        except sqlite3.Error as error:
            _log.error("daily upkeep failed: %s", type(error).__name__)

    def _empty_log(self, connection: sqlite3.Connection) -> None:
        try:
            self._log_dirty = not empty_log(connection)
        except sqlite3.Error as error:
            _log.error("the write-ahead log could not be emptied: %s", type(error).__name__)

    def _commit(self, connection: sqlite3.Connection, batch: list[tuple[Work, Tell]]) -> None:
        self._log_dirty = True
        works = [work for work, _tell in batch]
        outcomes = self._attempt(connection, works)
        if len(works) > 1 and isinstance(outcomes, Failed):
            # One took the others down (a full disk, a fault of ours): each gets a transaction of its own.
            outcomes = [self._alone(connection, work) for work in works]
        results = [outcomes] if isinstance(outcomes, Failed) else outcomes
        told = [(tell, outcome) for (_work, tell), outcome in zip(batch, results, strict=True)]
        self._deliver(lambda: _tell_all(told))

    def _alone(self, connection: sqlite3.Connection, work: Work) -> Outcome:
        outcomes = self._attempt(connection, [work])
        return outcomes if isinstance(outcomes, Failed) else outcomes[0]

    def _attempt(self, connection: sqlite3.Connection, works: list[Work]) -> list[Outcome] | Failed:
        """Run works in one transaction; `Failed` where nothing at all was stored."""
        store = Store(connection)
        today = day_of(self._clock())
        outcomes: list[Outcome] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for work in works:
                try:
                    outcomes.append(Done(work(store, today)))
                except Refused as refused:
                    outcomes.append(Failed(refused))
            store.finish()
            connection.execute("COMMIT")
        except Exception as error:  # whatever it was, it must not end the thread that all writing needs
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return Failed(_as_refusal(error))
        return outcomes


def _as_refusal(error: Exception) -> Exception:
    if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode in _NO_SPACE:
        return Refused(507, "no space left")
    return error


def _tell_all(told: list[tuple[Tell, Outcome]]) -> None:
    for tell, outcome in told:
        tell(outcome)
