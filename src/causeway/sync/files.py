"""Fetching files: after the texts and beside them, a chunk at a time, from where the last time broke off.

What the relay has is learned from its lists: a message may name files that nobody ever sent, and asking for
each of their chunks would keep a desk busy for whoever writes such messages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from causeway.errors import RemoteError
from causeway.sealed.chunks import chunk_id, open_chunk
from causeway.sealed.parcel import RelayAccess
from causeway.sync.core import parse_days, parse_ids, parse_slots
from causeway.sync.runner import Relay
from causeway.sync.store import FileStore, WantedFile
from causeway.wire.sizes import CHUNK_BYTES, TAKE_CHUNKS_MAX

__all__ = ["fetch_files"]

_QUICK_SECONDS: Final = 10.0
"""A call that took longer is followed by one for a single chunk: less to lose when the line breaks."""


def fetch_files(
    store: FileStore,
    *,
    connect: Callable[[RelayAccess], Relay],
    again: bool = False,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Fetch what is wanted and there.

    Args:
        store: Knows what is wanted; see `sync.store.FileStore`.
        connect: Makes a client with an access.
        again: Look also for what the relay did not have when it was last asked.
        monotonic: Seconds, to tell a slow line.

    Raises:
        RelayUnreachable: No answer; what was taken so far stays.
        RelayRefused: The relay said no.
        FormatError: The relay's answer is none.
    """
    wanted = store.wanted_files(again=again, after=None)
    if not wanted:
        return
    relay = connect(store.access())
    try:
        there = _listed(relay)
        fetching = _Fetching(store, relay, monotonic=monotonic)
        while wanted:
            for file in wanted:
                fetching.take(file, there=there)
            wanted = store.wanted_files(again=again, after=wanted[-1])
    finally:
        relay.close()


def _listed(relay: Relay) -> frozenset[bytes]:
    """Return the ids of all chunks at the relay: some thousand at most, by the room that it has for them."""
    days = parse_days(relay.days("chunk"))
    return frozenset(one for day in days for one in parse_ids(relay.ids("chunk", day=day)))


class _Fetching:
    """One pass; remembers how quick the line is."""

    def __init__(self, store: FileStore, relay: Relay, *, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._relay = relay
        self._monotonic = monotonic
        self._at_once = 1

    def take(self, file: WantedFile, *, there: frozenset[bytes]) -> None:
        """Take those chunks of a file that are there, and note what is not."""
        ends = file.lacking[0], file.lacking[-1]
        if there.isdisjoint(chunk_id(file.key, number) for number in ends):
            # Most likely nothing of it: whoever names thousands of such files should not cost more than this.
            self._store.note_file(file, absent=len(file.lacking), broken=0)
            return
        ids = {number: chunk_id(file.key, number) for number in file.lacking}
        listed = [number for number, one in ids.items() if one in there]
        broken = 0
        taken = 0
        while listed:
            asked, listed = listed[: self._at_once], listed[self._at_once :]
            for number, piece in self._ask(file, {ids[number]: number for number in asked}).items():
                if piece is None:
                    broken += 1
                else:
                    self._store.take_piece(file, number=number, piece=piece)
                    taken += 1
        self._store.note_file(file, absent=len(ids) - taken - broken, broken=broken)

    def _ask(self, file: WantedFile, numbers: dict[bytes, int]) -> dict[int, bytes | None]:
        """Return the pieces in the chunks that were served; `None` for one that was altered."""
        since = self._monotonic()
        body = self._relay.chunks(list(numbers))
        self._at_once = TAKE_CHUNKS_MAX if self._monotonic() - since < _QUICK_SECONDS else 1
        pieces: dict[int, bytes | None] = {}
        for one, chunk in parse_slots(body, asked=numbers, slot_bytes=CHUNK_BYTES):
            number = numbers[one]
            try:
                pieces[number] = open_chunk(chunk, file_key=file.key, number=number, size=file.size)
            except RemoteError:
                pieces[number] = None
        return pieces
