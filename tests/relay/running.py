"""A real relay on a real Unix socket, in a thread of the test or in a process of its own."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

from causeway.relay import Config, Rate, RelayServer, lane_limits, open_keeper
from causeway.units import DAY_SECONDS
from causeway.wire.sizes import SLOT_BYTES

TODAY = 20_800
CAPABILITY = bytes(range(32))


class Clock:
    """Unix time that stands still until a test moves it."""

    def __init__(self, day: int = TODAY) -> None:
        self.seconds = day * DAY_SECONDS + 3_600.0

    def __call__(self) -> float:
        return self.seconds

    def pass_days(self, days: int) -> None:
        self.seconds += days * DAY_SECONDS


class RunningRelay:
    def __init__(self, socket_path: Path, config: Config, clock: Clock, codes: list[str]) -> None:
        self.socket_path = socket_path
        self.config = config
        self.clock = clock
        self.codes = codes
        self.transport = httpx2.HTTPTransport(uds=str(socket_path))
        self.visitor = httpx2.Client(transport=self.transport, base_url="http://relay")
        self.desk = self.client_with(CAPABILITY)

    def client_with(self, capability: bytes) -> httpx2.Client:
        return httpx2.Client(
            transport=httpx2.HTTPTransport(uds=str(self.socket_path)),
            base_url="http://relay",
            headers={"Authorization": bearer(capability)},
        )

    def claim(self) -> None:
        answer = self.visitor.put("/v1/claim", content=sha256(CAPABILITY), headers=setup(self.codes[0]))
        assert answer.status_code == 204

    def raw(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(20)
        connection.connect(str(self.socket_path))
        return connection

    def close(self) -> None:
        self.visitor.close()
        self.desk.close()


@contextlib.contextmanager
def running_relay(
    *, claimed: bool = True, clock: Clock | None = None, **settings: Any
) -> Iterator[RunningRelay]:
    """Run a relay in a thread of this process, in a folder that goes with it."""
    with contextlib.ExitStack() as stack:
        # Short: a Unix socket's path has at most 108 bytes, and pytest's own folders are long.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="relay-")))
        config = quick_config(settings.pop("data", folder / "data"), **settings)
        clock = clock or Clock()
        codes: list[str] = []
        keeper = stack.enter_context(open_keeper(config, clock=clock, announce=codes.append))
        server = RelayServer(keeper)
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(folder / "s"))
        listener.listen(256)
        thread = threading.Thread(target=server.run, args=(listener,))
        thread.start()
        relay = RunningRelay(folder / "s", config, clock, codes)
        try:
            if claimed:
                assert relay.visitor.get("/v1/attendance").status_code == 200
                relay.claim()
            yield relay
        finally:
            relay.close()
            server.stop()
            thread.join()


def quick_config(data: Path, **settings: Any) -> Config:
    """Settings that delay nothing and leave room for all that a test does."""
    roomy = lane_limits(puts=100_000, reads=100_000, slots=100_000, chunks=100)
    defaults: dict[str, Any] = {
        "data": data,
        "onion": roomy,
        "clear": roomy,
        "plain": roomy,
        "desk": roomy,
        "claim": Rate(1_000, 1_000),
        "wrong_code_seconds": 0.0,
    }
    return Config(**(defaults | settings))


_IN_A_PROCESS = """
import sys
from pathlib import Path
from causeway.relay import Config, lane_limits, serve
from causeway.relay.logs import log_to_stderr
log_to_stderr()
roomy = lane_limits(puts=100_000, reads=100_000, slots=100_000, chunks=100)
serve(
    Config(data=Path(sys.argv[1]), onion=roomy, clear=roomy, desk=roomy),
    Path(sys.argv[2]),
    announce=lambda code: print(code, flush=True),
)
"""


def spawn(folder: Path, *, program: str = _IN_A_PROCESS) -> subprocess.Popen[str]:
    """Start a relay in a process of its own; a new one prints its setup code on stdout."""
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder / "data"), str(folder / "s")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def await_socket(process: subprocess.Popen[str], folder: Path) -> None:
    """Return once the relay listens; fail if it ends instead."""
    while process.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(str(folder / "s"))
            return
        time.sleep(0.005)  # leaves the processor to the relay that is starting
    raise AssertionError("the relay ended by itself")


def bearer(capability: bytes) -> str:
    return "Bearer " + base64.urlsafe_b64encode(capability).decode().rstrip("=")


def setup(code: str) -> dict[str, str]:
    return {"Authorization": f"Setup {code}"}


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def slot_id(number: int) -> bytes:
    """Ids that look random and repeat with every run."""
    return sha256(b"id %d" % number)[:16]


def slot_body(number: int) -> bytes:
    """Bytes as random as a real slot's, the same with every run."""
    return hashlib.shake_256(b"body %d" % number).digest(SLOT_BYTES)
