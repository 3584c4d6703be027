"""Keeps what solvers' C code prints off stdout, where only our own data belongs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["solver_noise_aside"]

_STDOUT = 1


@contextmanager
def solver_noise_aside() -> Iterator[None]:
    """Send file descriptor 1 nowhere meanwhile: HiGHS prints lines of its own now and then.

    A search that was stopped leaves HiGHS to its own end in another thread: what it prints by then would come
    after; so Python's own stdout is moved to a copy of the descriptor, and the first stays aside.
    """
    sys.stdout.flush()
    kept = os.dup(_STDOUT)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDOUT)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, _STDOUT)
        os.close(kept)
