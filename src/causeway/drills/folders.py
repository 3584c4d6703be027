"""A folder as somebody finds it who takes the disk: copied as it lies there, names and all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from causeway.drills.sources import BytesSource, FileSource, Source

__all__ = ["copy_folder", "folder_sources"]


def copy_folder(folder: Path, *, to: Path, without: Collection[str] = ()) -> None:
    """Copy a folder as it lies there, without asking those who have its files open.

    Args:
        folder: What is taken.
        to: Where the copy goes.
        without: Names, straight in the folder, that somebody would not find there.
    """
    to.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        return
    for entry in folder.iterdir():
        if entry.name in without:
            continue
        if entry.is_dir() and not entry.is_symlink():
            copy_folder(entry, to=to / entry.name)
        elif entry.is_file() or entry.is_symlink():
            shutil.copyfile(entry, to / entry.name, follow_symlinks=False)


def folder_sources(folder: Path, *, called: str) -> Iterator[Source]:
    """Yield every file of a folder, and the names of all that is in it and where links lead."""
    names: list[bytes] = []
    for parent, folders, files in os.walk(os.fsencode(folder)):
        for name in (*folders, *files):
            path = os.path.join(parent, name)
            names.append(name)
            if os.path.islink(path):
                names.append(os.readlink(path))
            elif os.path.isfile(path):
                inside = os.fsdecode(os.path.relpath(path, os.fsencode(folder)))
                yield FileSource(
                    f"{called}: {inside!a}"[: len(called) + 80].replace("'", ""), Path(os.fsdecode(path))
                )
    yield BytesSource(f"{called}: names of files", b"\n".join(names))
