"""A child: takes one connection, serves its one request, and ends. Plaintext lives here and nowhere else."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import resource
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import urlsplit

from causeway.door.config import Lane
from causeway.door.pages import EVERY, Edition, choose_language, render
from causeway.door.plain.files import FileSink
from causeway.door.plain.form import read_form
from causeway.door.plain.forms import FIELDS, TAKES_FILES, Desk, answer_form
from causeway.door.plain.http import BODY_BYTES_MAX, UPLOAD_SECONDS, Connection, Head, RequestRefused
from causeway.door.plain.relay import Relay
from causeway.door.plain.results import put_result, take_result
from causeway.sealed.aead import KEY_BYTES, SealBroken, open_sealed, seal
from causeway.units import KIB, MIB, day_of
from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.errors import FormatError
from causeway.wire.sizes import ID_BYTES

__all__ = ["NOTE_BYTES", "REQUEST_SECONDS", "UPLOADS_MAX", "Channels", "Settings", "run_child", "serve_one"]

NOTE_BYTES: Final = 4
"""Bytes that a child writes when it takes a connection: its process id."""

REQUEST_SECONDS: Final = 60.0
"""After which the kernel ends a child, whatever it is doing."""

UPLOADS_MAX: Final = 6
"""Children that may be taking files at one time; the others are for those who only write."""

_PAGE_STEP = 24 * KIB
"""Results are filled up to a multiple of this, so that their size does not tell an answer from none."""

_MEMORY_BYTES = 256 * MIB
"""Address space: about 60 MiB are there from the start, and a request needs a few more."""
_CPU_SECONDS = 30
_DESCRIPTORS = 64
_TOKEN = re.compile(r"/r/([A-Za-z0-9_-]{64})", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the nursery was told.

    Attributes:
        relay: The relay's Unix socket.
        root: Fingerprint of the centre's root, 16 bytes, or `None`.
        exit_label: What the exit button shows next.
        edition: The languages and texts of the door.
    """

    relay: Path
    root: bytes | None
    exit_label: str
    edition: Edition = EVERY

    def page(self, view: str, *, language: str, **shown: object) -> bytes:
        """Return a page with this door's exit on it."""
        return render(view, language=language, edition=self.edition, exit_label=self.exit_label, **shown)


@dataclass(frozen=True, kw_only=True, slots=True)
class Channels:
    """A child's ends.

    Attributes:
        connections: Where connections come from; shared by all children.
        results: Where results wait; shared by all children.
        taken: Pipe to the nursery.
        generation: Pipe that the nursery closes when children of this generation are to end unused.
        uploads: A file in memory of which each byte is one permit to take files; the kernel gives a permit
            back when its holder ends, however it ends.
    """

    connections: socket.socket
    results: socket.socket
    taken: int
    generation: int
    uploads: int


def run_child(channels: Channels, *, settings: Settings, ticket_keys: Sequence[bytes]) -> NoReturn:
    """Wait for one connection, serve it, end the process."""
    status = 0
    try:
        sock, lane = _take_connection(channels)
        os.write(channels.taken, os.getpid().to_bytes(NOTE_BYTES, "big"))
        _limit_process()
        serve_one(
            sock,
            lane=lane,
            results=channels.results,
            settings=settings,
            ticket_keys=ticket_keys,
            may_upload=lambda: _take_permit(channels),
        )
    except _Unused:
        pass
    except BaseException as error:
        # The kind alone: a message or a traceback may hold what somebody wrote.
        status = 1
        with contextlib.suppress(OSError):
            os.write(2, f"door.plain: a request ended with {type(error).__name__}\n".encode())
    finally:
        os._exit(status)


class _Unused(Exception):
    """Nobody came before this child's generation was over."""


def _take_connection(channels: Channels) -> tuple[socket.socket, Lane]:
    poll = select.poll()
    poll.register(channels.connections, select.POLLIN)
    poll.register(channels.generation, select.POLLIN)
    while True:
        ready = {number for number, _ in poll.poll()}
        if channels.generation in ready:
            raise _Unused
        try:
            lane, descriptors, _, _ = socket.recv_fds(channels.connections, 1, 1, socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            continue  # another child was quicker
        if not lane:
            raise _Unused  # the web process has gone
        if descriptors:
            return socket.socket(fileno=descriptors[0]), Lane.from_byte(lane)


def _take_permit(channels: Channels) -> bool:
    """Take one of the few permits for files, and the time that they need; `False` where none is left."""
    for permit in range(UPLOADS_MAX):
        with contextlib.suppress(OSError):
            fcntl.lockf(channels.uploads, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, permit)
            # The nursery as well has to wait for longer.
            os.write(channels.taken, os.getpid().to_bytes(NOTE_BYTES, "big"))
            signal.setitimer(signal.ITIMER_REAL, UPLOAD_SECONDS + REQUEST_SECONDS)
            return True
    return False


def _limit_process() -> None:
    """Bound what one request may cost, and forbid what none may do."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the nursery waits a moment for whoever serves somebody
    signal.setitimer(signal.ITIMER_REAL, REQUEST_SECONDS)
    for limit, value in (
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
        (resource.RLIMIT_FSIZE, 0),  # no file can be written
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def serve_one(
    sock: socket.socket,
    *,
    lane: Lane,
    results: socket.socket,
    settings: Settings,
    ticket_keys: Sequence[bytes],
    may_upload: Callable[[], bool],
) -> None:
    """Serve the one request of a connection and close it."""
    connection = Connection(sock)
    languages = settings.edition.languages
    language = languages[0]
    try:
        head = connection.head()
        language = choose_language(head.headers.get("accept-language", ""), languages=languages)
        if head.method == "GET":
            page = _take_page(head.path, results=results)
            if page is None:
                connection.answer(404, settings.page("gone", language=language))
            else:
                connection.answer(200, page)
            return
        relay = Relay(settings.relay, lane)
        fields, files = _fields(connection, head, relay=relay, may_upload=may_upload)
        desk = Desk(
            relay=relay,
            root=settings.root,
            ticket_keys=ticket_keys,
            today=day_of(time.time()),
            languages=languages,
        )
        view, language = answer_form(head.path, fields, desk=desk, files=files)
        page = settings.page(view.name, language=language, **view.shown)
        _leave_result(connection, page + b" " * (-len(page) % _PAGE_STEP), results=results)
    except RequestRefused as refused:
        page = settings.page("problem", language=language, problem_key=refused.problem)
        connection.answer(refused.status, page)
    finally:
        connection.close()


def _fields(
    connection: Connection, head: Head, *, relay: Relay, may_upload: Callable[[], bool]
) -> tuple[dict[str, str], FileSink | None]:
    """Read the form, and pass its files on. Small files need no permit: they are here in no time.

    Raises:
        RequestRefused: No form of ours, from another site, or broken.
    """
    if head.method != "POST" or head.path not in FIELDS:
        raise RequestRefused(404, "not_found")
    if not _same_origin(head):
        raise RequestRefused(403, "broken_form")
    files: FileSink | None = None
    upload = False
    if head.path in TAKES_FILES:
        upload = head.length_above(BODY_BYTES_MAX)
        files = FileSink(relay, problem="files_busy" if upload and not may_upload() else None)
    fields = read_form(
        connection.body(head, upload=upload),
        content_type=head.headers.get("content-type", ""),
        allowed=FIELDS[head.path],
        files=files,
    )
    return fields, files


def _same_origin(head: Head) -> bool:
    """Return whether one of our own pages sent this, as far as the browser says.

    `Origin` is "null" on our forms, since our pages send no referrer; so `Sec-Fetch-Site` comes first.
    """
    if head.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = head.headers.get("origin", "null")
    if origin == "null":
        return True
    try:
        return urlsplit(origin).netloc.lower() == head.headers.get("host", "").lower()
    except ValueError:
        return False


def _leave_result(connection: Connection, page: bytes, *, results: socket.socket) -> None:
    result_id, key = os.urandom(ID_BYTES), os.urandom(KEY_BYTES)
    if not put_result(results, result_id=result_id, sealed=seal(key, page, aad=result_id)):
        raise RequestRefused(503, "busy")
    connection.answer(303, b"", location="/r/" + b64encode(result_id + key))


def _take_page(path: str, *, results: socket.socket) -> bytes | None:
    found = _TOKEN.fullmatch(path)
    if found is None:
        return None
    try:
        token = b64decode(found[1], size=ID_BYTES + KEY_BYTES)
    except FormatError:
        return None
    result_id, key = token[:ID_BYTES], token[ID_BYTES:]
    sealed = take_result(results, result_id=result_id)
    if sealed is None:
        return None
    try:
        return open_sealed(key, sealed, aad=result_id)
    except SealBroken:
        return None
