"""The nursery: imports all that a child needs, keeps a few of them warm, and never sees a byte of a form.

It holds the ticket keys, counts who is busy, ends who takes too long, and ends with the web process.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import select
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from causeway.door.channels import READY, TAKEN
from causeway.door.pages import Edition
from causeway.door.plain.child import NOTE_BYTES, REQUEST_SECONDS, Channels, Settings, run_child
from causeway.door.plain.http import UPLOAD_SECONDS
from causeway.sealed.aead import KEY_BYTES
from causeway.sealed.receipt import Receipt
from causeway.sealed.words import DIGITS
from causeway.sealed.words import LANGUAGES as WORD_LANGUAGES

__all__ = ["Nursery", "Orders"]

_KEY_SECONDS = 3_600.0
_OVERDUE_SECONDS = REQUEST_SECONDS + 5.0
_GRACE_SECONDS = 5.0
_STUMBLE_SECONDS = 0.5
"""Pause before the next fork when a child ended before its time."""
_VIEWS = ("write", "return", "answers", "sent", "done", "gone", "problem")


class Orders(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the web process tells the nursery at the start, as one line of JSON.

    Attributes:
        relay: Path of the relay's socket.
        root: Fingerprint of the centre's root.
        exit_label: What the exit button shows next.
        warm: Children that wait.
        busy_max: Children that may be at work at once.
        languages: What the door offers.
        own_texts: The centre's texts, by language and by the text of ours.
    """

    relay: str
    root: bytes | None
    exit_label: str
    warm: int
    busy_max: int
    languages: tuple[str, ...]
    own_texts: dict[str, dict[str, str]]


@dataclass(slots=True)
class _TicketKeys:
    """This hour's key and the last one's. Both are overwritten in place when their time is over."""

    current: bytearray
    previous: bytearray

    @classmethod
    def fresh(cls) -> _TicketKeys:
        keys = cls(bytearray(KEY_BYTES), bytearray(KEY_BYTES))
        keys.turn()
        keys.turn()
        return keys

    def turn(self) -> None:
        self.previous[:] = self.current
        # Read into place: `os.urandom` would leave a copy of the key behind.
        with open("/dev/urandom", "rb", buffering=0) as source:
            source.readinto(self.current)


class Nursery:
    """Keeps children.

    Args:
        connections: The children's end of the channel of connections.
        results: The children's end of the channel of results.
        life: Stream to the web process; its end is the nursery's end.
        orders: What the web process said.
        key_seconds: How long a ticket key is the current one.
    """

    def __init__(
        self,
        *,
        connections: socket.socket,
        results: socket.socket,
        life: socket.socket,
        orders: Orders,
        key_seconds: float = _KEY_SECONDS,
    ) -> None:
        self._connections = connections
        self._results = results
        self._life = life
        self._orders = orders
        self._key_seconds = key_seconds
        self._settings = Settings(
            relay=Path(orders.relay),
            root=orders.root,
            exit_label=orders.exit_label,
            edition=Edition(orders.languages, orders.own_texts),
        )
        self._keys = _TicketKeys.fresh()
        self._turn_at = time.monotonic() + key_seconds
        self._warm: set[int] = set()
        self._busy: dict[int, float] = {}
        self._fork_at = 0.0
        self._stopping = False
        self._taken_read, self._taken_write = os.pipe()
        self._generation_read, self._generation_write = os.pipe()
        self._woken_read, self._woken_write = os.pipe()
        self._uploads = os.memfd_create("uploads")
        for descriptor in (self._taken_read, self._woken_read, self._woken_write):
            os.set_blocking(descriptor, False)

    def run(self) -> None:
        """Keep children until the web process goes away or a SIGTERM comes."""
        # The form parsers log what they stumble over, and what they stumble over is somebody's text.
        logging.disable(logging.CRITICAL)
        self._warm_up()
        signal.set_wakeup_fd(self._woken_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        self._fork_missing()
        self._tell(READY)
        poll = select.poll()
        for descriptor in (self._life.fileno(), self._taken_read, self._woken_read):
            poll.register(descriptor, select.POLLIN)
        while not self._stopping:
            ready = {descriptor for descriptor, _ in poll.poll(self._milliseconds_to_next())}
            self._note_taken()
            self._bury()
            self._turn_keys()
            self._end_overdue()
            self._fork_missing()
            if self._life.fileno() in ready and not self._life.recv(1):
                break
        self._stop()

    def _warm_up(self) -> None:
        """Do once what every child would do again: compile pages, set up ciphers, settle memory."""
        for language in self._settings.edition.languages:
            for view in _VIEWS:
                self._settings.page(view, language=language)
        for language in (*WORD_LANGUAGES, DIGITS):
            Receipt.from_text(" ".join(Receipt.generate().words(language))).keys()
        gc.collect()
        gc.freeze()
        gc.disable()  # a collection in a child would copy every page it looks at

    def _on_stop(self, number: int, frame: object) -> None:
        self._stopping = True

    def _tell(self, notice: bytes) -> None:
        with contextlib.suppress(OSError):
            self._life.sendall(notice)

    def _milliseconds_to_next(self) -> int:
        now = time.monotonic()
        times = [self._turn_at, *self._busy.values()]
        if self._missing():
            times.append(self._fork_at)
        return max(0, int((min(times) - now) * 1_000) + 1)

    def _missing(self) -> int:
        wanted = min(self._orders.warm, self._orders.busy_max - len(self._busy))
        return max(0, wanted - len(self._warm))

    def _fork_missing(self) -> None:
        if time.monotonic() < self._fork_at:
            return
        for _ in range(self._missing()):
            self._fork()

    def _fork(self) -> None:
        child = os.fork()
        if child:
            self._warm.add(child)
            return
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            # What would keep somebody else's end open.
            self._life.close()
            for descriptor in (
                self._taken_read,
                self._generation_write,
                self._woken_read,
                self._woken_write,
            ):
                os.close(descriptor)
            channels = Channels(
                connections=self._connections,
                results=self._results,
                taken=self._taken_write,
                generation=self._generation_read,
                uploads=self._uploads,
            )
            keys = [bytes(self._keys.current), bytes(self._keys.previous)]
            run_child(channels, settings=self._settings, ticket_keys=keys)
        finally:
            os._exit(1)

    def _note_taken(self) -> None:
        try:
            notes = os.read(self._taken_read, 4_096)  # a multiple of one note, and notes are written whole
        except BlockingIOError:
            return
        taken = 0
        for at in range(0, len(notes), NOTE_BYTES):
            child = int.from_bytes(notes[at : at + NOTE_BYTES], "big")
            # A second note from the same child: it takes files, which needs time.
            uploads = child in self._busy
            taken += not uploads
            self._warm.discard(child)
            self._busy[child] = time.monotonic() + _OVERDUE_SECONDS + (UPLOAD_SECONDS if uploads else 0)
        self._tell(TAKEN * taken)

    def _bury(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken_read, 4_096)
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not child:
                return
            # A child may end between its note and the reading of it: so notes are read first.
            self._note_taken()
            self._busy.pop(child, None)
            if child in self._warm:
                self._warm.discard(child)
                if status:
                    self._fork_at = time.monotonic() + _STUMBLE_SECONDS

    def _turn_keys(self) -> None:
        if time.monotonic() < self._turn_at:
            return
        self._turn_at = time.monotonic() + self._key_seconds
        self._keys.turn()
        # Children of the old generation that have nobody see this and end; those at work go on.
        old_read, old_write = self._generation_read, self._generation_write
        self._generation_read, self._generation_write = os.pipe()
        os.close(old_write)
        os.close(old_read)
        self._warm.clear()

    def _end_overdue(self) -> None:
        now = time.monotonic()
        for child, due in self._busy.items():
            if due <= now:
                os.kill(child, signal.SIGKILL)  # not waited for yet, so the number is still its own
                self._busy[child] = now + _OVERDUE_SECONDS

    def _stop(self) -> None:
        """End warm children at once, give the others a moment."""
        os.close(self._generation_write)
        for child in self._warm:
            os.kill(child, signal.SIGTERM)
        until = time.monotonic() + _GRACE_SECONDS
        poll = select.poll()
        poll.register(self._woken_read, select.POLLIN)
        self._bury()
        while (self._busy or self._warm) and (left := until - time.monotonic()) > 0:
            poll.poll(int(left * 1_000) + 1)
            self._bury()
        for child in [*self._warm, *self._busy]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
