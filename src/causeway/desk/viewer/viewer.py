"""The parent: starts a child for one file, hands it over, and takes what comes back within bounds."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, final

import causeway
from causeway.desk.viewer.confine import CONFINABLE
from causeway.desk.viewer.limits import WALL_SECONDS
from causeway.desk.viewer.results import RESULT_BYTES_MAX, Result, Unreadable, read_result
from causeway.desk.viewer.shapes import Shape

__all__ = ["Viewer"]

_ROOT: Final = str(Path(causeway.__file__).parent.parent)
_BOOT: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from causeway.desk.viewer.child import main; main(*sys.argv[2:])"
)
_READ_BYTES: Final = 1 << 20


@final
class Viewer:
    """Decodes files, one at a time: a child may take a gigabyte. Nothing of them is kept here."""

    def __init__(self, *, wall_seconds: float = WALL_SECONDS) -> None:
        """Take how long a child may live."""
        self._wall_seconds = wall_seconds
        self._one_at_a_time = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False

    @property
    def able(self) -> bool:
        """Whether this machine can shut a decoder in. Where it can't, nothing is decoded."""
        return CONFINABLE

    def show(self, pieces: Iterable[bytes], *, shape: Shape, page: int = 0) -> Result:
        """Return a picture, a page (counted from 0) or a sound."""
        return self._run(pieces, task="show", shape=shape, number=page)

    def count_pages(self, pieces: Iterable[bytes]) -> Result:
        """Return how many pages a document has."""
        return self._run(pieces, task="count", shape=Shape.PDF, number=0)

    def close(self) -> None:
        """End the child that is at work, and start no other."""
        self._closed = True
        child = self._child
        if child is not None:
            child.kill()

    def _run(self, pieces: Iterable[bytes], *, task: str, shape: Shape, number: int) -> Result:
        with self._one_at_a_time:
            if self._closed or not self.able:
                return Unreadable()
            # In memory, under no name: the child can read it and reach nothing through it.
            handed = os.memfd_create("file", os.MFD_CLOEXEC)
            try:
                with os.fdopen(handed, "wb", closefd=False) as file:
                    for piece in pieces:
                        file.write(piece)
                os.lseek(handed, 0, os.SEEK_SET)
                return read_result(self._talk(handed, (task, shape.value, str(number))))
            finally:
                os.close(handed)

    def _talk(self, handed: int, arguments: tuple[str, str, str]) -> bytes:
        """Run a child; return what it said, and nothing where it did not end well and in time."""
        with subprocess.Popen(
            # -I: no module from the folder, the environment or the home of whoever started the desk.
            [sys.executable, "-I", "-B", "-c", _BOOT, _ROOT, *arguments],
            stdin=handed,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        ) as child:
            self._child = child
            try:
                said = self._hear(child)
                return said if child.wait(timeout=1) == 0 else b""
            except subprocess.TimeoutExpired:
                return b""
            finally:
                self._child = None
                with contextlib.suppress(OSError):
                    child.kill()

    def _hear(self, child: subprocess.Popen[bytes]) -> bytes:
        if child.stdout is None:
            raise ValueError("the child was started without a pipe")
        said = bytearray()
        until = time.monotonic() + self._wall_seconds
        output = child.stdout.fileno()
        while len(said) <= RESULT_BYTES_MAX and not self._closed:
            left = until - time.monotonic()
            if left <= 0 or not select.select([output], [], [], left)[0]:
                return b""
            part = os.read(output, _READ_BYTES)
            if not part:
                return bytes(said)
            said += part
        return b""
