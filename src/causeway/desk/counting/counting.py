"""One estimate at a time: started, watched, stopped, and forgotten with the desk's lock."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, TypeAlias, final

import msgspec

import causeway
from causeway.desk.counting.messages import LENGTH, Failed, Made, Said, Stage, Task, from_child
from causeway.units import MIB, Day

__all__ = ["Counting", "Done", "Idle", "Refused", "Running", "State"]

_ROOT: Final = str(Path(causeway.__file__).parent.parent)
_BOOT: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from causeway.desk.counting.child import main; main()"
)
# Where compiled code is kept, and nothing else of whoever started the desk.
_ENVIRONMENT: Final = ("HOME", "PATH", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME")
_MESSAGE_BYTES_MAX: Final = 64 * MIB
_BROKE: Final = "The estimate broke off. Try it again; on the command line it says more."


@dataclass(frozen=True)
class Idle:
    """Nothing was asked."""


@dataclass(frozen=True)
class Running:
    """It is at work: how far, from 0 to 1, and what it does, in each language."""

    part: float = 0.0
    what: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """There is no report, and why: a sentence in English, and where in the table."""

    what: str
    details: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """The report."""

    made: Made


State: TypeAlias = Idle | Running | Refused | Done


@final
class Counting:
    """Holds the one estimate of this desk."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._state: State = Idle()
        self._asked: Mapping[str, str] = {}

    @property
    def state(self) -> State:
        """Where it stands."""
        return self._state

    @property
    def asked(self) -> Mapping[str, str]:
        """The fields as they were typed, for who has to mend them."""
        return self._asked

    def start(self, asked: Mapping[str, str], *, seed: int, day: Day) -> bool:
        """Begin to estimate from what was typed: `table`, and `quick` where it is not empty.

        Returns:
            False where one is at work already, or the desk is closing.
        """
        with self._lock:
            if self._closed or isinstance(self._state, Running):
                return False
            self._asked = dict(asked)
            self._state = Running()
            child = subprocess.Popen(
                # -I: no module from the folder, the environment or the home of whoever started the desk.
                [sys.executable, "-I", "-c", _BOOT, _ROOT],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                cwd="/",
            )
            self._child = child
        task = Task(table=asked["table"].encode(), seed=seed, quick=bool(asked["quick"]), day=day)
        threading.Thread(target=self._watch, args=(child, task), daemon=True).start()
        return True

    def clear(self) -> None:
        """Stop what is at work, and forget the table and the report."""
        with self._lock:
            child, self._child = self._child, None
            self._state, self._asked = Idle(), {}
        if child is not None:
            child.kill()

    def close(self) -> None:
        """Forget everything, and start nothing any more."""
        self._closed = True
        self.clear()

    def _watch(self, child: subprocess.Popen[bytes], task: Task) -> None:
        with child:
            last: State = Refused(_BROKE)
            # What a child says that was killed half-way is no message.
            with contextlib.suppress(OSError, msgspec.MsgspecError):
                _hand(child.stdin, msgspec.msgpack.encode(task))
                for said in _heard(child.stdout):
                    last = _state_of(said, last)
                    if isinstance(last, Running):
                        self._now(child, last)
            child.kill()
            self._now(child, Refused(_BROKE) if isinstance(last, Running) else last)

    def _now(self, child: subprocess.Popen[bytes], state: State) -> None:
        with self._lock:
            # A child that was given up has nothing to say any more.
            if self._child is child:
                self._state = state
                if not isinstance(state, Running):
                    self._child = None
                if isinstance(state, Done):
                    self._asked = {}


def _state_of(said: Said, before: State) -> State:
    match said:
        case Stage(part=part, what=what):
            furthest = before.part if isinstance(before, Running) else 0.0
            return Running(max(part, furthest), what)
        case Failed(what=what, details=details):
            return Refused(what, details)
        case Made():
            return Done(said)


def _hand(pipe: IO[bytes] | None, body: bytes) -> None:
    if pipe is not None:
        with pipe:
            pipe.write(body)


def _heard(pipe: IO[bytes] | None) -> Iterator[Said]:
    while pipe is not None:
        head = pipe.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return
        (length,) = LENGTH.unpack(head)
        body = pipe.read(length) if length <= _MESSAGE_BYTES_MAX else b""
        if len(body) < length:
            return
        yield from_child(body)
