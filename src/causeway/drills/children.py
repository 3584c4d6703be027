"""The parts of Causeway as child processes on this machine: a relay, a door before it, and what they say."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, final

from causeway.door.pages import LANGUAGES
from causeway.drills.family import family_of
from causeway.errors import LocalError
from causeway.wire.base64url import b64encode

__all__ = ["Child", "DoorProcess", "RelayProcess", "causeway", "wait_until"]

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.02
_SETUP_CODE: Final = re.compile(r"^ {4}([0-9a-f]{32})$", re.MULTILINE)
_OPEN_AT: Final = re.compile(r"(http://[0-9.:]+)")


def wait_until(
    happened: Callable[[], bool],
    *,
    what: str,
    seconds: float = _START_SECONDS,
    child: Child | None = None,
    look_seconds: float = _LOOK_SECONDS,
) -> None:
    """Wait until something has happened.

    Args:
        happened: Asked every `look_seconds`.
        what: What is waited for, for the sentence of the error.
        seconds: How long at most.
        child: What it hangs on, if it hangs on one.
        look_seconds: How often to look.

    Raises:
        LocalError: It took too long, or the child that it hangs on has ended.
    """
    until = time.monotonic() + seconds
    while not happened():
        if child is not None and not child.running:
            raise LocalError(f"The {child.name} ended before {what}.", last_words=child.last_words())
        if time.monotonic() > until:
            raise LocalError(f"It took too long until {what}.", seconds=int(seconds))
        time.sleep(look_seconds)


@final
class Child:
    """One process of ours, in a group of its own, that writes what it says to a file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> None:
        """Start it.

        Args:
            name: What it is called in the report.
            command: Program and arguments.
            log: Where its stdout and stderr go.
            environment: What is added to ours.
            stdin: What it can read there; nothing that it needs to hide goes into arguments.
        """
        self.name = name
        self.log = log
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=sink,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                # A Ctrl-C is for whoever started us: it ends us, and we end our children in order.
                start_new_session=True,
            )
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(stdin)
                self._process.stdin.close()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self._ended()

    def _ended(self) -> bool:
        if self._process.returncode is not None:
            return True
        # It is not reaped yet: as long as it is not, nobody else gets its number, nor that of its group.
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, options) is not None

    def said(self) -> str:
        """Return all that it has said."""
        return self.log.read_text("utf-8", "replace")

    def last_words(self) -> str:
        """Return the last line that it said."""
        return (self.said().strip().splitlines() or ["nothing"])[-1]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it alone."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it and all of its group at once, as a power cut would."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def kill_family(self) -> None:
        """End it and all that descends from it at once, whatever groups they are in."""
        family = family_of(self._process.pid) if self.running else []
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.kill()

    def stop(self) -> None:
        """Ask it to end, and end it and what it has left behind."""
        if not self._ended():
            self._process.terminate()
            until = time.monotonic() + _STOP_SECONDS
            while not self._ended() and time.monotonic() < until:
                time.sleep(_LOOK_SECONDS)
        self.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def causeway(*arguments: str) -> list[str]:
    """Return the command line of one of our commands."""
    return [sys.executable, "-P", "-m", "causeway.cli", *arguments]


@dataclass(frozen=True, slots=True)
class RelayProcess:
    """A relay that runs, and the code by which a desk claims it."""

    child: Child
    data: Path
    socket: Path
    setup_code: str

    @classmethod
    @contextlib.contextmanager
    def running(cls, folder: Path, *, environment: Mapping[str, str] | None = None) -> Iterator[Self]:
        """Run a new relay in a folder.

        Raises:
            LocalError: It did not start.
        """
        data, socket = folder / "relay", folder / "relay.sock"
        command = causeway("relay", "--data", str(data), "--socket", str(socket))
        with Child("relay", command, log=folder / "relay.log", environment=environment) as child:
            wait_until(
                lambda: socket.exists() and _SETUP_CODE.search(child.said()) is not None,
                what="the relay was ready",
                child=child,
            )
            found = _SETUP_CODE.search(child.said())
            yield cls(child, data, socket, found[1] if found else "")


@dataclass(frozen=True, slots=True)
class DoorProcess:
    """A door that runs, and its address."""

    child: Child
    url: str

    @classmethod
    @contextlib.contextmanager
    def running(
        cls, folder: Path, *, relay: Path, root: bytes, environment: Mapping[str, str] | None = None
    ) -> Iterator[Self]:
        """Run a door in front of a relay's socket, on a free port of this machine.

        Raises:
            LocalError: It did not start.
        """
        command = causeway(
            "door",
            "--relay",
            str(relay),
            "--listen",
            "127.0.0.1:0",
            "--root",
            b64encode(root),
            *("--offer", ",".join(LANGUAGES)),
        )
        with Child("door", command, log=folder / "door.log", environment=environment) as child:
            wait_until(
                lambda: _OPEN_AT.search(child.said()) is not None, what="the door was open", child=child
            )
            found = _OPEN_AT.search(child.said())
            yield cls(child, found[1] if found else "")
