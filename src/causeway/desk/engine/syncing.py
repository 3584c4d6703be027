"""Syncing of an open desk: rounds, one at a time, in the background or in the caller's thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import final

from causeway.desk.engine.parts import Parts
from causeway.desk.engine.relaystore import RelayStore
from causeway.desk.engine.upkeep import keep_up
from causeway.errors import Error
from causeway.sealed.parcel import RelayAccess
from causeway.sync.background import Background
from causeway.sync.client import RelayClient
from causeway.sync.runner import Relay, sync_once

__all__ = ["Progress", "Syncing"]

_NO_DOOR = "This desk does not know yet where the door is. Say it on the page Centre."
_UNFORESEEN = "Something went wrong while this desk was syncing. It will try again."


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Whether a round goes on, whether the last one came through, and the sentence if it did not."""

    syncing: bool = False
    reached: bool = False
    problem: str = ""


@final
class Syncing:
    """Runs rounds."""

    def __init__(self, parts: Parts, *, store: RelayStore) -> None:
        self._parts = parts
        self._store = store
        self._background: Background | None = None
        self._one_at_a_time = threading.Lock()
        self.progress = Progress()

    def start(self, interval_seconds: float) -> None:
        """Sync in the background from now on."""
        if self._background is None:
            self._background = Background(self._quietly, interval_seconds=interval_seconds)

    def stop(self) -> None:
        """Stop syncing in the background."""
        background, self._background = self._background, None
        if background is not None:
            background.stop()

    def wake(self, *, after_seconds: float = 0.0) -> None:
        """Have the background thread begin a round then; returns at once."""
        background = self._background
        if background is not None:
            background.wake(after_seconds=after_seconds)

    def round(self, *, visit: bool) -> None:
        """Do one round in this thread; see `sync_once`."""
        with self._one_at_a_time:
            if not self._parts.settings.door.url:
                self.progress = Progress(problem=_NO_DOOR)
                return
            self.progress = Progress(
                syncing=True, reached=self.progress.reached, problem=self.progress.problem
            )
            ended = Progress(problem=_UNFORESEEN)
            try:
                keep_up(self._parts)
                sync_once(self._store, connect=self._connect, visit=visit)
                self._parts.settings.last_reached = self._parts.clock()
                ended = Progress(reached=True)
            except Error as error:
                ended = Progress(problem=error.what)
                raise
            finally:
                self.progress = ended

    def _connect(self, access: RelayAccess) -> Relay:
        door = self._parts.settings.door
        return RelayClient(door.url, socks=door.socks or None, capability=access.capability)

    def _quietly(self) -> bool:
        try:
            self.round(visit=False)
        except Exception:  # whatever it was, `progress` says so, and the thread must go on trying
            return False
        return True
