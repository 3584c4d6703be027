"""How a child leaves a sealed page with the web process, and takes one."""

from __future__ import annotations

import socket

from causeway.door.channels import ANSWER_SECONDS, KEPT, PUT, RESULT_BYTES_MAX, TAKE
from causeway.units import KIB

__all__ = ["put_result", "take_result"]


def _ask(channel: socket.socket, message: bytes) -> bytes:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            socket.send_fds(channel, [message], [theirs.fileno()])
        ours.settimeout(ANSWER_SECONDS)
        parts = []
        while part := ours.recv(64 * KIB):
            parts.append(part)
        return b"".join(parts)


def put_result(channel: socket.socket, *, result_id: bytes, sealed: bytes) -> bool:
    """Leave a result with the web process, from a child; whether it was kept."""
    if not 0 < len(sealed) <= RESULT_BYTES_MAX:
        return False
    try:
        return _ask(channel, PUT + result_id + sealed) == KEPT
    except OSError:
        return False


def take_result(channel: socket.socket, *, result_id: bytes) -> bytes | None:
    """Take a result from the web process, from a child; `None` where there is none."""
    try:
        return _ask(channel, TAKE + result_id) or None
    except OSError:
        return None
