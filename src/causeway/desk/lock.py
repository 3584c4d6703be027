"""Locking for real: the process gives way to a fresh one, which inherits the listening socket and no content.

Python can't wipe a string. What was read, typed and decrypted lies about in its heap until the memory is used
again, and a swap file or a cold memory chip may give it up. `execv` throws the whole address space away; the
kernel clears pages before it hands them out again. What the next process has to know goes through a pipe,
never through arguments or the environment, which other programs can read.
"""

from __future__ import annotations

import os
import socket
import sys

import msgspec

from causeway.errors import LocalError

__all__ = ["DoorOptions", "Handover", "Settings", "give_way", "listen", "take_over"]


class DoorOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a desk was told what its door says.

    Attributes:
        offer: Tags of languages, with commas.
        texts: Folder of the centre's own texts; empty for none.
        exit_url: Where the exit leads.
        addresses: Other addresses of the centre.
    """

    offer: str
    texts: str
    exit_url: str
    addresses: tuple[str, ...]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a desk was started.

    Attributes:
        directory: Folder of the vault.
        socks: `host:port`; empty for none.
        language: Preferred tag; empty leaves it to the browser.
        resume: Module that goes on after a lock, as `python -m MODULE FD`.
        door: What the door says; `None` leaves it to what the desk remembers.
    """

    directory: str
    socks: str
    socks_given: bool
    lock_after_seconds: float
    language: str
    resume: str
    door: DoorOptions | None


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """All that outlives a lock.

    Attributes:
        listener: File descriptor of the listening socket.
        token: SHA-256 of the token that still opens, if none has been let in yet.
        cookie: SHA-256 of the cookie of who was let in.
        browser: Process id of the window that was opened, and the folder of its profile.
    """

    settings: Settings
    listener: int
    token: bytes | None
    cookie: bytes | None
    browser: tuple[int, str] | None


def give_way(handover: Handover) -> None:
    """Replace this process by a fresh interpreter; does not return.

    Raises:
        LocalError: The system did not let it.
    """
    try:
        # Some hundred bytes: a pipe holds them until the next process reads.
        passed, filled = os.pipe()
        os.write(filled, msgspec.msgpack.encode(handover))
        os.close(filled)
        for inherited in (passed, handover.listener):
            os.set_inheritable(inherited, True)
        # `-P`: a file in the folder where the desk was started must not stand in for a module.
        os.execv(sys.executable, [sys.executable, "-P", "-m", handover.settings.resume, str(passed)])  # noqa: S606
    except OSError as error:
        raise LocalError("The desk could not lock by itself, and ends instead.") from error


def take_over(passed: int) -> Handover:
    """Return what the process before left, from the inherited file descriptor; it is closed."""
    with os.fdopen(passed, "rb") as file:
        handover = msgspec.msgpack.decode(file.read(), type=Handover)
    os.set_inheritable(handover.listener, False)
    return handover


def listen(port: int) -> socket.socket:
    """Return a listening socket on this machine alone; port 0 takes a free one.

    Raises:
        LocalError: The port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Not SO_REUSEADDR's cousin SO_REUSEPORT: nobody else may listen here while we do.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise LocalError(
            "Another program listens on this port. Choose another, or none.", port=port
        ) from error
    return listener
