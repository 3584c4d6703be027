"""As much of tor's control protocol (control-spec) as the private network needs: commands, and events."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

__all__ = ["TorControl", "TorControlError"]


class TorControlError(Exception):
    """Tor refused a command."""


class TorControl:
    """A connection to the control port of a tor on this machine.

    Args:
        port: Its ControlPort on 127.0.0.1.
        directory: Its DataDirectory, where the cookie lies.
    """

    def __init__(self, port: int, *, directory: Path) -> None:
        cookie = (directory / "control_auth_cookie").read_bytes()
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._unread = b""
        try:
            self.ask(f"AUTHENTICATE {cookie.hex()}")
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, command: str) -> list[str]:
        """Send a command and return its reply's lines; events in between are dropped."""
        self._socket.sendall(command.encode() + b"\r\n")
        lines: list[str] = []
        while True:
            line = self._line(deadline=time.monotonic() + 10)
            if line.startswith("650"):
                continue
            lines.append(line[4:])
            if line[3:4] == " ":
                if not line.startswith("250"):
                    raise TorControlError(f"{command.split()[0]}: {line}")
                return lines

    def events(self, *, deadline: float) -> Iterator[list[str]]:
        """Yield the words of each event until the deadline, then raise TimeoutError."""
        while True:
            line = self._line(deadline=deadline)
            if line.startswith("650"):
                yield line[4:].split()

    def _line(self, *, deadline: float) -> str:
        while b"\r\n" not in self._unread:
            ready, _, _ = select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            received = self._socket.recv(4096)
            if not received:
                raise ConnectionError("tor closed its control connection")
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\r\n")
        return line.decode()
