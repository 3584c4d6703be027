"""A process that dies by kill -9 before a chosen one of its steps on the disk."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from causeway.vault import _files
from causeway.vault._database import Database


class _CountedOs:
    """`os`, each of whose calls that change the disk is a step."""

    def __init__(self, step: Callable[[], None]) -> None:
        self._step = step

    def __getattr__(self, name: str) -> Any:
        original = getattr(os, name)
        if name not in {"open", "pwrite", "fsync"}:
            return original

        def counted(*arguments: Any) -> Any:
            self._step()
            return original(*arguments)

        return counted


def deaths(act: Callable[[], object], *, every: int = 1) -> Iterator[int]:
    """Run `act` in a process that dies before its first step, then before a later one, and so on.

    Yields the number of steps done, each time it has died; ends when it came through.
    """
    done = 0
    while _dies_after(done, act):
        yield done
        done += every


def _dies_after(steps: int, act: Callable[[], object]) -> bool:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            left = iter(range(steps))

            def step() -> None:
                if next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)

            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(_files, "os", _CountedOs(step))
                for owner, name in ((Path, "unlink"), (Path, "replace"), (Database, "run")):
                    patched.setattr(owner, name, _counted(getattr(owner, name), step))
                act()
            status = 0
        finally:
            os._exit(status)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended in (0, -signal.SIGKILL)
    return ended != 0


def _counted(original: Callable[..., Any], step: Callable[[], None]) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        step()
        return original(*arguments, **named)

    return counted
