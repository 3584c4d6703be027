"""A process as somebody finds it who takes the machine while it runs: memory, arguments, environment, files.

Linux only: /proc tells all of it to the same user or to root, where ptrace is allowed (proc(5)).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from causeway.drills.sources import BytesSource, Source
from causeway.errors import LocalError
from causeway.units import MIB

__all__ = ["MemoryRefused", "Taken", "frozen", "name_of", "take_process"]

_PROC: Final = Path("/proc")
_REGION: Final = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+) *(.*)")
_NO_MEMORY: Final = ("[vvar]", "[vvar_vclock]", "[vsyscall]", "[vdso]")
_PIECE: Final = 16 * MIB
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class MemoryRefused(LocalError):
    """The system does not let this user read the memory of these processes."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken of one process: everything to search, and how much of it is memory."""

    sources: tuple[Source, ...]
    memory_bytes: int


def name_of(pid: int) -> str:
    """Return what a process calls itself."""
    with contextlib.suppress(OSError):
        arguments = (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
        modules = [after for before, after in itertools.pairwise(arguments) if before == b"-m"]
        if modules:
            return " ".join(
                os.fsdecode(part) for part in (modules[0], arguments[arguments.index(modules[0]) + 1])
            )
        return Path(os.fsdecode(arguments[0])).name
    return "a process that has ended"


@contextlib.contextmanager
def frozen(pids: Sequence[int]) -> Iterator[None]:
    """Stop processes where they are, so that what is read of them is one moment."""
    try:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def take_process(pid: int, *, where: str, memory: bool = True) -> Taken:
    """Take what there is of one process.

    Memory is copied now; installed programs and libraries, mapped unchanged from their files, are left out.

    Args:
        pid: A process of ours.
        where: What the report calls it.
        memory: Whether to read its memory.

    Raises:
        MemoryRefused: The system does not allow it.
    """
    folder = _PROC / str(pid)
    sources: list[Source] = []
    for name, words in (("cmdline", "arguments"), ("environ", "environment")):
        with contextlib.suppress(OSError):
            sources.append(BytesSource(f"{where}, {words}", (folder / name).read_bytes()))
    sources.extend(_nameless_files(folder, where))
    if not memory:
        return Taken(tuple(sources), 0)
    pieces = list(_memory(folder, where))
    return Taken((*sources, *pieces), sum(piece.size for piece in pieces))


def _nameless_files(folder: Path, where: str) -> Iterator[BytesSource]:
    """Yield files that are open but were deleted, or never had a name."""
    for number in (folder / "fd").iterdir():
        with contextlib.suppress(OSError):
            target = os.readlink(number)
            if target.startswith("/memfd:") or target.endswith(" (deleted)"):
                yield BytesSource(f"{where}, an open file without a name", number.read_bytes())


@dataclass(frozen=True, slots=True)
class _Region:
    start: int
    end: int
    where: str


def _regions(folder: Path, where: str) -> Iterator[_Region]:
    for line in (folder / "maps").read_text().splitlines():
        found = _REGION.fullmatch(line)
        if found is None or found[3][0] != "r" or found[5] in _NO_MEMORY:
            continue
        unchanged_file = found[4] != "0" and found[3][1] != "w" and not found[5].endswith(" (deleted)")
        if unchanged_file or found[5].startswith("/dev/"):
            continue
        kind = found[5] if found[5].startswith("[") else "data of a library" if found[5] else "heap"
        yield _Region(int(found[1], 16), int(found[2], 16), f"{where}, memory ({kind})")


def _memory(folder: Path, where: str) -> Iterator[BytesSource]:
    try:
        regions = list(_regions(folder, where))
        memory = os.open(folder / "mem", os.O_RDONLY)
    except PermissionError:
        raise MemoryRefused(
            "This user may not read the memory of other processes. Run the drill as root."
        ) from None
    try:
        for region in regions:
            yield BytesSource(region.where, b"".join(_pages(memory, region)))
    finally:
        os.close(memory)


def _pages(memory: int, region: _Region) -> Iterator[bytes]:
    at = region.start
    while at < region.end:
        try:
            piece = os.pread(memory, min(_PIECE, region.end - at), at)
        except OSError:
            piece = bytes(_PAGE)  # gone, or never there
        yield piece
        at += len(piece) or _PAGE
