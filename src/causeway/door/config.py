"""What the command line tells the door, checked once before anything listens."""

from __future__ import annotations

import os
import re
import socket
import stat
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from causeway.door.pages import EVERY, Edition
from causeway.errors import LocalError

__all__ = ["Address", "DoorConfig", "Lane", "exit_address", "exit_label"]

_BACKLOG = 1_024
_HOST_AND_PORT = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^:\[\]/]+)):([0-9]{1,5})", re.ASCII)
_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
_PORT_MAX = 65_535


class Lane(StrEnum):
    """Which reserve of the relay a message draws on."""

    ONION = "onion"
    CLEAR = "clear"
    PLAIN = "plain"

    @property
    def byte(self) -> bytes:
        """The one byte that travels with a connection's descriptor."""
        return self.value[:1].encode()

    @classmethod
    def from_byte(cls, byte: bytes) -> Lane:
        """Return the lane of a connection that was handed over."""
        return next(lane for lane in cls if lane.byte == byte)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a door listens: a host and a port, or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: Path | None = None

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `HOST:PORT` or, where there is a slash in it, a path.

        Raises:
            LocalError: Neither of the two.
        """
        if "/" in text:
            return cls(path=Path(text))
        found = _HOST_AND_PORT.fullmatch(text)
        if found is None or int(found[3]) > _PORT_MAX:
            raise LocalError("An address to listen on is HOST:PORT or a path with a slash in it.")
        return cls(host=found[1] or found[2], port=int(found[3]))

    def listen(self) -> socket.socket:
        """Return a socket that listens here and does not block.

        Raises:
            LocalError: The address is taken, or is not this machine's.
        """
        try:
            listener = self._bound()
        except OSError as error:
            raise LocalError("This address can't be listened on.", reason=error.strerror or "?") from None
        listener.listen(_BACKLOG)
        listener.setblocking(False)
        return listener

    def _bound(self) -> socket.socket:
        if self.path is None:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, self.port))
            return listener
        self._remove_stale()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o117)  # owner and group may connect: the group is how tor or a proxy gets in
        try:
            listener.bind(os.fspath(self.path))
        finally:
            os.umask(before)
        return listener

    def _remove_stale(self) -> None:
        """Remove a socket that nobody answers at; leave one that is in use to `bind`, which refuses it."""
        if self.path is None or not self.path.exists() or not stat.S_ISSOCK(self.path.stat().st_mode):
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(os.fspath(self.path))
            except ConnectionRefusedError:
                self.path.unlink(missing_ok=True)

    def release(self) -> None:
        """Remove the Unix socket's file, once its listener is closed."""
        if self.path is not None:
            with suppress(FileNotFoundError):
                self.path.unlink()

    @staticmethod
    def of(listener: socket.socket) -> str:
        """Return where a listener listens, as people write it."""
        name = listener.getsockname()
        if isinstance(name, str):
            return name
        host, port = name[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def exit_address(text: str) -> str:
    """Return the address that the exit button leads to, as it may stand in a header.

    Raises:
        LocalError: Not an http or https address.
    """
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _PRINTABLE.fullmatch(text):
        raise LocalError("The exit address is a whole http or https address, in ASCII.")
    return text


def exit_label(exit_url: str) -> str:
    """Return what the exit button shows of its address, as people write it."""
    return urlsplit(exit_url).hostname or exit_url


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorConfig:
    """All that a door knows before it starts. It keeps nothing when it ends.

    Attributes:
        relay: The relay's Unix socket.
        listen: Where the clear web comes in.
        onion_listen: Where tor comes in, if it does.
        root: Fingerprint of the centre's root, 16 bytes; `None` serves whatever centre the relay holds.
        exit_url: Where the exit button leads.
        addresses: Other addresses of the centre, shown when nobody seems to be here.
        warm: Processes that wait for a form, each good for one.
        busy_max: Processes that may serve forms at once.
        edition: The languages that are offered, and the texts.
    """

    relay: Path
    listen: Address
    exit_url: str
    onion_listen: Address | None = None
    root: bytes | None = None
    addresses: tuple[str, ...] = ()
    warm: int = 3
    busy_max: int = 32
    edition: Edition = EVERY

    @property
    def exit_label(self) -> str:
        """What the exit button shows next, as people write it."""
        return exit_label(self.exit_url)
