"""The web process's side of the nursery: starts it as a program of its own, and hears from it.

It is started with `exec`, not forked: what this process has in memory, and the libraries it has loaded, stay
here, and the crypto library stays there.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import subprocess
import sys
from collections.abc import Callable

from causeway.door.channels import READY, TAKEN
from causeway.door.config import DoorConfig
from causeway.errors import LocalError

__all__ = ["NurseryLine"]

_START_SECONDS = 60.0
_STOP_SECONDS = 8.0


class NurseryLine:
    """The nursery, seen from the web process.

    Args:
        config: The door's.

    Attributes:
        connections: Where to send connections.
        results: Where requests about results arrive.
        pid: The nursery's process.
    """

    def __init__(self, config: DoorConfig) -> None:
        self.connections, connections = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.results, results = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._life, life = socket.socketpair()
        theirs = [connections.fileno(), results.fileno(), life.fileno()]
        # A session of its own: a Ctrl-C at the terminal reaches this process alone, which ends the nursery.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "causeway.door.plain", *map(str, theirs)],
            pass_fds=theirs,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        for end in (connections, results, life):
            end.close()
        self.pid = self._process.pid
        orders = {
            "relay": str(config.relay.absolute()),
            "root": None if config.root is None else base64.b64encode(config.root).decode("ascii"),
            "exit_label": config.exit_label,
            "warm": config.warm,
            "busy_max": config.busy_max,
            "languages": config.edition.languages,
            "own_texts": config.edition.own,
        }
        self._life.sendall(json.dumps(orders).encode() + b"\n")

    async def ready(self) -> None:
        """Wait until children are warm.

        Raises:
            LocalError: The nursery did not start.
        """
        self._life.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_START_SECONDS):
                said = await loop.sock_recv(self._life, 1)
        except TimeoutError:
            said = b""
        if said != READY:
            raise LocalError("The process that serves forms did not start.")

    def listen(self, *, on_taken: Callable[[int], None], on_gone: Callable[[], None]) -> None:
        """Report how many connections children have taken, and when the nursery is gone."""
        loop = asyncio.get_running_loop()

        def on_readable() -> None:
            try:
                said = self._life.recv(4_096)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                said = b""
            if said:
                on_taken(said.count(TAKEN))
            else:
                loop.remove_reader(self._life.fileno())
                on_gone()

        loop.add_reader(self._life.fileno(), on_readable)

    def stop(self) -> None:
        """End the nursery and all children, and wait for it."""
        for end in (self._life, self.connections, self.results):
            end.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
