"""The folder of a vault: who may read it, who has it open, and how a file in it is replaced."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, final

from causeway.vault.errors import VaultError, VaultExists, VaultFull, VaultInUse, VaultMissing, VaultUncertain

__all__ = [
    "FolderLock",
    "make_folder",
    "new_file",
    "overwrite",
    "remove_files",
    "replace_file",
    "tighten",
    "touch",
]

_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_LOCK_NAME: Final = "lock"


def make_folder(folder: Path) -> None:
    """Make the folder, or take an empty one, so that only its owner can look into it.

    Raises:
        VaultExists: Something lies in it.
        VaultError: It can't be made here.
    """
    try:
        made = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        for one in made:
            _sync_folder(one.parent)
        if any(entry.name != _LOCK_NAME for entry in folder.iterdir()):
            raise VaultExists("This folder is not empty. A vault needs a folder of its own.")
        folder.chmod(_FOLDER_MODE)
    except OSError as error:
        raise VaultError("A folder for the vault can't be made here.") from error


def tighten(folder: Path, *, names: Iterable[str]) -> None:
    """Take away what a copy or a restore may have given to other users, and what a crash left half written.

    Only files with these names are touched: somebody may name a folder that is no vault's own.

    Raises:
        VaultError: It belongs to somebody else.
    """
    try:
        folder.chmod(_FOLDER_MODE)
        for path in (folder / name for name in names):
            _wipe(_half(path))
            if path.exists():
                path.chmod(_FILE_MODE)
    except OSError as error:
        raise VaultError("This folder belongs to somebody else, or can't be read.") from error


def new_file(path: Path) -> None:
    """Make an empty file that only its owner can read; never over one that is there.

    Raises:
        VaultExists: There is one.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE))
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise VaultExists("There is a vault in this folder already.") from error


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that a power cut leaves the old file or the new one, never half of one.

    The blocks of the old file are overwritten afterwards, as far as the disk lets anybody do that.

    Raises:
        VaultFull: No room; the old file is untouched.
        VaultUncertain: The new one is in place, but a power cut may yet bring back the old one.
    """
    waiting = _half(path)
    old = None
    try:
        _wipe(waiting)
        descriptor = os.open(waiting, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            old = os.open(path, os.O_RDWR)
        waiting.replace(path)
    except OSError as error:
        waiting.unlink(missing_ok=True)
        if old is not None:
            os.close(old)
        raise VaultFull("The file of key slots could not be written. The old one still holds.") from error
    try:
        _sync_folder(path.parent)
    except OSError as error:
        if old is not None:
            os.close(old)  # Not overwritten: a power cut may yet bring it back, and then it must open.
        raise VaultUncertain(
            "The new key slots are written, but the disk did not confirm it. Until it has, keep the old "
            "passphrase in mind, too."
        ) from error
    if old is not None:
        _overwrite_all(old)


def overwrite(path: Path, pieces: Sequence[tuple[int, bytes]]) -> None:
    """Write pieces, each at its offset, over what stands there: for what must go, not only be replaced.

    Needs no room on the disk. Cut off in between, each block of 4,096 is the old one or the new one where
    the disk keeps its word on sectors.

    Raises:
        VaultError: The file can't be written; nothing was.
        VaultUncertain: The disk did not confirm it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError as error:
        raise VaultError("The file of key slots can't be written.") from error
    try:
        for offset, content in pieces:
            os.pwrite(descriptor, content, offset)
        os.fsync(descriptor)
    except OSError as error:
        raise VaultUncertain("The key slots were overwritten, but the disk did not confirm it.") from error
    finally:
        os.close(descriptor)


def remove_files(folder: Path, names: Iterable[str]) -> None:
    """Take files away, if they are there, so that a power cut does not bring them back.

    Raises:
        VaultError: The disk did not let it.
    """
    try:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        _sync_folder(folder)
    except OSError as error:
        raise VaultError("A file of the vault can't be removed.") from error


def touch(path: Path) -> None:
    """Have a file look as if it was written now, so that its date tells nothing about when it was."""
    with contextlib.suppress(OSError):
        os.utime(path)


def _overwrite_all(descriptor: int) -> None:
    # What was replaced is of no more use: no reason to fail if it can't be overwritten.
    with contextlib.suppress(OSError):
        os.pwrite(descriptor, os.urandom(os.fstat(descriptor).st_size), 0)
        os.fsync(descriptor)
    os.close(descriptor)


def _wipe(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        _overwrite_all(os.open(path, os.O_RDWR))
    path.unlink(missing_ok=True)


def _half(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@final
class FolderLock:
    """Held for as long as a process has the vault open. The file is empty; the system frees it on a crash."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            VaultInUse: Another holder has it.
            VaultMissing: There is no such folder.
            VaultError: Nothing can be written there.
        """
        try:
            self._descriptor = os.open(folder / _LOCK_NAME, os.O_CREAT | os.O_RDWR, _FILE_MODE)
        except FileNotFoundError as error:
            raise VaultMissing("There is no vault in this folder.") from error
        except OSError as error:
            raise VaultError("This folder belongs to somebody else, or can't be read.") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise VaultInUse("This vault is already open, in another window or program.") from error

    def release(self) -> None:
        """Give the lock back; once."""
        os.close(self._descriptor)
