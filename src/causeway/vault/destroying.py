"""Destroying a vault for good, when its laptop is taken out of the centre.

In this order, so that it goes on wherever it was cut off: (1) an empty file `revoked` says what is being
done, (2) the key slots are overwritten where they lie, after which nothing opens the store, (3) the store
goes.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

from causeway.vault import keyslots
from causeway.vault._files import FolderLock, new_file, remove_files
from causeway.vault.errors import VaultExists, VaultMissing

__all__ = ["STORE_NAME", "clear_revoked", "destroy", "finish_destroying", "is_revoked", "mark_revoked"]

STORE_NAME: Final = "store"
_MARK: Final = "revoked"


def is_revoked(folder: Path) -> bool:
    """Say whether what lay in this folder was destroyed, or is about to be."""
    return (folder / _MARK).exists()


def mark_revoked(folder: Path) -> None:
    """(1) Say durably that this vault is to be destroyed; the next opening goes on with it.

    A disk without room even for an empty file must not keep anybody from destroying: once the store has gone
    there is room, so this is called again then.
    """
    with contextlib.suppress(VaultExists, OSError):
        new_file(folder / _MARK)


def destroy(folder: Path) -> None:
    """(2, 3) Destroy what lies in a folder; whoever has it open has closed it or is about to.

    Raises:
        VaultError, VaultUncertain: The disk did not let it, or did not confirm it: call it again.
    """
    if (folder / keyslots.FILE_NAME).exists():
        keyslots.destroy_all(folder)
    remove_files(folder, (f"{STORE_NAME}-wal", STORE_NAME))
    mark_revoked(folder)


def finish_destroying(folder: Path) -> None:
    """Go on with a destroying that was cut off; nothing happens where the store has gone, which goes last.

    Raises:
        VaultInUse: Another process has it open, and does this itself.
        VaultError, VaultUncertain: As `destroy`.
    """
    if not (folder / STORE_NAME).exists():
        return
    lock = FolderLock(folder)
    try:
        destroy(folder)
    finally:
        lock.release()


def clear_revoked(folder: Path) -> None:
    """Make room for a new vault where one was destroyed.

    Raises:
        VaultMissing: None was destroyed here.
        VaultInUse, VaultError, VaultUncertain: As `finish_destroying`.
    """
    if not is_revoked(folder):
        raise VaultMissing("Nothing was destroyed in this folder.")
    finish_destroying(folder)
    remove_files(folder, (keyslots.FILE_NAME, _MARK))
