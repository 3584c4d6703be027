"""A child's few requests to the relay, one connection each, over the relay's Unix socket."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

import h11

from causeway.door.config import Lane
from causeway.errors import RemoteError
from causeway.units import KIB, MIB
from causeway.wire.sizes import BUCKET_BYTES, SHEET_BYTES_MAX

__all__ = ["Relay", "RelayAway", "RelayRefused"]

_SECONDS = 15.0
_BOARD_BYTES_MAX = 1 * MIB
"""Sixteen indexes of 20,556 bytes are 329 KB."""
_REFUSAL_BYTES_MAX = 4 * KIB
_OK = 200
_CREATED = 201
_NOT_FOUND = 404
_OTHER_BYTES = 409
_TOO_MANY = 429
_NOT_READY = 503
_NO_SPACE = 507


class RelayAway(RemoteError):
    """The relay can't be reached, or does not speak as it should."""


class RelayRefused(RemoteError):
    """The relay took no message: `busy` says that its lane is full now, `full` that there is no space."""

    def __init__(self, status: int) -> None:
        super().__init__("The relay refused a message.", status=status)
        self.busy = status == _TOO_MANY
        self.full = status == _NO_SPACE


def _expect(status: int, body: bytes) -> bytes:
    if status != _OK:
        raise RelayAway("The relay does not serve what it should.", status=status)
    return body


@dataclass(frozen=True, slots=True)
class Relay:
    """The relay behind a Unix socket, on one lane."""

    path: Path
    lane: Lane

    def sheet(self) -> bytes | None:
        """Return the door sheet; `None` where no centre has opened this door yet."""
        status, blob = self._ask("GET", "/v1/sheet", body=b"", room=SHEET_BYTES_MAX)
        return None if status in {_NOT_FOUND, _NOT_READY} else _expect(status, blob)

    def board(self) -> bytes:
        """Return all indexes."""
        return _expect(*self._ask("GET", "/v1/board", body=b"", room=_BOARD_BYTES_MAX))

    def bucket(self, bucket_hash: bytes) -> bytes | None:
        """Return one bucket; `None` where the board has changed since the index was read."""
        status, bucket = self._ask("GET", f"/v1/bucket/{bucket_hash.hex()}", body=b"", room=BUCKET_BYTES)
        return None if status == _NOT_FOUND else _expect(status, bucket)

    def put_intake(self, message_id: bytes, slot: bytes) -> None:
        """Put a message.

        It is delivered as well where its id holds other bytes: nobody else can know the id, and a message
        is sealed anew at every try.

        Raises:
            RelayRefused: The lane or the disk is full.
            RelayAway: No relay.
        """
        status, _ = self._ask("PUT", f"/v1/intake/{message_id.hex()}", body=slot, room=_REFUSAL_BYTES_MAX)
        if status not in {_OK, _CREATED, _OTHER_BYTES}:
            raise RelayRefused(status)

    def put_chunk(self, chunk_id: bytes, chunk: bytes) -> None:
        """Put a piece of a file.

        Raises:
            RelayRefused: The lane's share of attachments is full.
            RelayAway: No relay.
        """
        status, _ = self._ask("PUT", f"/v1/chunk/{chunk_id.hex()}", body=chunk, room=_REFUSAL_BYTES_MAX)
        if status not in {_OK, _CREATED}:
            raise RelayRefused(status)

    def _ask(self, method: str, path: str, *, body: bytes, room: int) -> tuple[int, bytes]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.settimeout(_SECONDS)
                sock.connect(os.fspath(self.path))
                return self._exchange(sock, method, path, body=body, room=room)
        except (OSError, h11.ProtocolError):
            raise RelayAway("The relay does not answer.") from None

    def _exchange(
        self, sock: socket.socket, method: str, path: str, *, body: bytes, room: int
    ) -> tuple[int, bytes]:
        http = h11.Connection(h11.CLIENT)
        headers = [
            ("host", "relay"),
            ("causeway-lane", self.lane.value),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        sent = [
            http.send(h11.Request(method=method, target=path, headers=headers)),
            http.send(h11.Data(data=body)),
            http.send(h11.EndOfMessage()),
        ]
        sock.sendall(b"".join(part for part in sent if part))
        status = 0
        received = bytearray()
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                http.receive_data(sock.recv(64 * KIB))
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                received += event.data
                if len(received) > max(room, _REFUSAL_BYTES_MAX):
                    raise RelayAway("The relay answers with more than it has.", room=room)
            elif isinstance(event, h11.EndOfMessage):
                return status, bytes(received)
            elif not isinstance(event, h11.InformationalResponse):
                raise RelayAway("The relay broke off.")
