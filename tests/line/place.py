"""A whole place on this machine: relay and door as processes, a desk, and a person's browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from causeway.desk.engine import Desk
from causeway.desk.views import ConversationRow
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from tests.door.parts import Process

T = TypeVar("T")

PASSPHRASE = "twelve tall pines"


class Place:
    """Relay and door, each a process; `kill_relay` and `start_relay` do what they say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "relay.sock"
        self._starts = 0
        self.relay = self.start_relay()
        self.setup_code = self.relay.wait_for(r"\b[0-9a-f]{32}\b")[0]
        self.onion_socket = folder / "onion.sock"
        self.door = Process(
            "door",
            *("--relay", str(self.socket), "--listen", "127.0.0.1:0"),
            *("--onion-listen", str(self.onion_socket), "--offer", "ru"),
            folder=folder,
        )
        self.url = self.door.wait_for(r"http://127\.0\.0\.1:\d+")[0]
        self.door.wait_for(re.escape(str(self.onion_socket)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.door.stop()
        self.relay.stop()

    def start_relay(self) -> Process:
        self._starts += 1
        own = self.folder / f"relay-{self._starts}"
        own.mkdir()
        arguments = ("--data", str(self.folder / "store"), "--socket", str(self.socket))
        self.relay = Process("relay", *arguments, folder=own)
        return self.relay

    def kill_relay(self) -> None:
        self.relay.kill()

    def make_desk(self, name: str = "desk", **changes: Any) -> Desk:
        settings: dict[str, Any] = {
            "passphrase": PASSPHRASE,
            "centre": "Lantern House",
            "member": "Mira",
            "door_url": self.url,
            "setup_code": self.setup_code,
            "socks": None,
            "profile": CHEAP_FOR_TESTS,
        }
        return Desk.create(self.folder / name, **(settings | changes))


def until(condition: Callable[[], T | None], *, seconds: float = 30.0) -> T:
    """Return what a condition gives once it gives something; for what other processes do."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return value


def waiting(desk: Desk, text: str) -> ConversationRow:
    """Sync until a conversation with this text has arrived, and return its row."""

    def found() -> ConversationRow | None:
        desk.sync_now()
        rows = desk.search(text)
        return rows[0] if rows else None

    return until(found)
