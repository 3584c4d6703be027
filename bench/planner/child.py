"""Run a measurement in a process of its own, so that its memory is its own too."""

from __future__ import annotations

import multiprocessing
import os
import resource
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["in_child"]


def in_child(measure: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[Any, int]:
    """Return what a function of a module returns, and the greatest memory of its process in MiB.

    Raises:
        RuntimeError: The process ended without an answer; what it printed stands on stderr.
    """
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_run, args=(there, measure, arguments, named))
    process.start()
    there.close()
    try:
        answer: tuple[Any, int] = here.recv()
    except EOFError:
        raise RuntimeError("A measurement ended without an answer.") from None
    finally:
        process.join()
        here.close()
    return answer


def _run(
    there: Connection, measure: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]
) -> None:
    result = measure(*arguments, **named)
    there.send((result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
    there.close()
    # A search that was left leaves HiGHS in other threads, which would abort an ordinary end.
    os._exit(0)
