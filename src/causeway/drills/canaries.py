"""Canaries: planted where a drill searches, one for every encoding and store. One that is missed fails it."""

from __future__ import annotations

import gzip
import secrets
import sqlite3
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import zstandard

from causeway.drills.children import Child, wait_until
from causeway.drills.encodings import ENCODINGS, SAMPLES
from causeway.drills.needles import Needle, Secret

__all__ = ["CANARY", "Canaries", "Canary"]

CANARY: Final = "canary"
_ARGUMENTS: Final = "arguments of a process"
_ENVIRONMENT: Final = "environment of a process"
_MEMORY: Final = "memory of a process"
_READY: Final = "canary sits"
_PROGRAM: Final = (
    f"import signal, sys\nkept = sys.stdin.buffer.read()\nprint({_READY!r}, flush=True)\nsignal.pause()\n"
)


@dataclass(frozen=True, slots=True)
class Canary:
    """One of them: a text that stands nowhere else, in one encoding and one store."""

    store: str
    encoding: str
    text: str

    @property
    def secret(self) -> Secret:
        """What is searched for."""
        return Secret(CANARY, f"{self.encoding} in {self.store}", (self.text,))

    @property
    def needles(self) -> Iterator[Needle]:
        """The way in which it is searched for."""
        # In its own encoding only: found in another one would not count.
        for pattern in set(ENCODINGS[self.encoding](self.text)):
            yield Needle(pattern, self.secret, self.encoding)

    @property
    def planted(self) -> bytes:
        """As it lies where it is planted."""
        return list(ENCODINGS[self.encoding](self.text))[-1]


@final
class Canaries:
    """The canaries of one drill."""

    def __init__(self) -> None:
        """Begin with none."""
        self._all: list[Canary] = []

    @property
    def needles(self) -> Iterator[Needle]:
        """What to search for."""
        for canary in self._all:
            yield from canary.needles

    @property
    def count(self) -> int:
        """How many were planted."""
        return len(self._all)

    def missed(self, found: Iterable[Secret]) -> list[str]:
        """Return the canaries that were not found: encoding and store."""
        seen = set(found)
        return sorted(canary.secret.what for canary in self._all if canary.secret not in seen)

    def plant_in_folder(self, folder: Path, *, called: str) -> None:
        """Plant files of every kind that the search opens.

        Args:
            folder: Somewhere among what is searched.
            called: What the report calls the folder.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for kind, write in _FILES.items():
            write(folder / f"canary-{kind}", self._make(f"{kind} in {called}"))
        names = folder / "names"
        names.mkdir(exist_ok=True)
        for written in self._make(f"file name in {called}", usable=lambda way: not set(b"\0/") & set(way)):
            (names / _name(written)).touch()

    @contextmanager
    def sitting(self, folder: Path, *, in_memory: bool = True) -> Iterator[Child]:
        """Run a process that keeps canaries in arguments, environment and, unless told, memory."""
        held = self._make(_MEMORY) if in_memory else []
        arguments = self._make(_ARGUMENTS, usable=lambda way: b"\0" not in way)
        names = self._make(_ENVIRONMENT, usable=lambda way: b"\0" not in way)
        environment = {f"CANARY_{number}": _name(written) for number, written in enumerate(names)}
        command = [sys.executable, "-c", _PROGRAM, *(_name(written) for written in arguments)]
        log = folder / "canary.log"
        with Child("canary", command, log=log, environment=environment, stdin=b"\n".join(held)) as child:
            wait_until(lambda: _READY in child.said(), what="the canary sat", child=child)
            yield child

    def make(self, store: str, *, encodings: Iterable[str] = ENCODINGS) -> list[Canary]:
        """Return new canaries for a store, one for each encoding; whoever asks plants them."""
        made = [Canary(store, name, f"{SAMPLES[name]} {secrets.token_hex(4)}") for name in encodings]
        self._all.extend(made)
        return made

    def _make(self, store: str, *, usable: Callable[[bytes], bool] = lambda way: True) -> list[bytes]:
        made = [Canary(store, name, f"{SAMPLES[name]} {secrets.token_hex(4)}") for name in ENCODINGS]
        made = [canary for canary in made if usable(canary.planted)]
        self._all.extend(made)
        return [canary.planted for canary in made]


def _name(written: bytes) -> str:
    return written.decode("utf-8", "surrogateescape")


def _plain(path: Path, made: list[bytes]) -> None:
    path.write_bytes(b"\n".join(made))


def _gzip(path: Path, made: list[bytes]) -> None:
    path.write_bytes(gzip.compress(b"\n".join(made)))


def _zlib(path: Path, made: list[bytes]) -> None:
    path.write_bytes(secrets.token_bytes(321) + zlib.compress(b"\n".join(made)))


def _zstd(path: Path, made: list[bytes]) -> None:
    path.write_bytes(secrets.token_bytes(321) + zstandard.ZstdCompressor(level=19).compress(b"\n".join(made)))


def _zip(path: Path, made: list[bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("canary", b"\n".join(made))


def _database(path: Path, made: list[bytes]) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE canary (planted BLOB)")
        database.executemany("INSERT INTO canary VALUES (?)", [(written,) for written in made])
        database.commit()


def _deleted(path: Path, made: list[bytes]) -> None:
    _database(path, made)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA secure_delete = off")
        database.execute("DROP TABLE canary")
        database.commit()


def _log(path: Path, made: list[bytes]) -> None:
    """Leave rows in a write-ahead log that was never written into its database."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("CREATE TABLE canary (planted BLOB)")
        database.executemany("INSERT INTO canary VALUES (?)", [(written,) for written in made])
        database.commit()
        log = path.with_name(path.name + "-wal").read_bytes()
    path.with_name(path.name + "-wal").write_bytes(log)
    path.write_bytes(b"")


_FILES: Final[dict[str, Callable[[Path, list[bytes]], None]]] = {
    "plain file": _plain,
    "gzip": _gzip,
    "zlib stream": _zlib,
    "Zstandard stream": _zstd,
    "ZIP": _zip,
    "database": _database,
    "deleted rows of a database": _deleted,
    "write-ahead log of a database": _log,
}
