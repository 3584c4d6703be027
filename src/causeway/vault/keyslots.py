"""The file `keyslots`: eight equal places in which a passphrase may have locked the data key.

The file does not tell which slots are in use. Whoever adds a passphrase says into which one; the open vault
knows the free ones (see `Vault.add_passphrase`).

Layout: docs/FORMAT.md, section 14.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from causeway.sealed.passphrase import (
    DATA_KEY_SIZE,
    SALT_SIZE,
    SLOT_SIZE,
    SLOTS,
    STANDARD,
    Profile,
    check_passphrase,
    derive,
    open_slots,
    seal_slot,
)
from causeway.vault._files import replace_file
from causeway.vault.errors import VaultDamaged, VaultError, VaultMissing, WrongPassphrase
from causeway.wire.errors import FormatError

__all__ = ["FILE_NAME", "FILE_SIZE", "Opened", "add", "change", "create", "erase", "open_slot"]

FILE_NAME: Final = "keyslots"
_HEAD_SIZE: Final = SLOT_SIZE
FILE_SIZE: Final = _HEAD_SIZE + SLOTS * SLOT_SIZE


@dataclass(frozen=True, slots=True)
class Opened:
    """What a passphrase opened: the data key (32), and the number of its slot."""

    data_key: bytes = field(repr=False)
    slot: int


def create(
    folder: Path, *, passphrase: str, profile: Profile = STANDARD, random: Callable[[int], bytes] = os.urandom
) -> Opened:
    """Write a new file with a new data key in its first slot; the folder is there and empty.

    Raises:
        UnfitPassphrase: Too easily guessed.
        VaultFull: The disk has no room.
    """
    check_passphrase(passphrase)
    data_key = random(DATA_KEY_SIZE)
    content = random(FILE_SIZE)
    stretched = derive(passphrase, salt=content[:SALT_SIZE], profile=profile)
    content = _with_slot(content, 0, seal_slot(data_key, stretched=stretched, index=0, random=random))
    replace_file(folder / FILE_NAME, content)
    return Opened(data_key=data_key, slot=0)


def open_slot(folder: Path, *, passphrase: str, profile: Profile = STANDARD) -> Opened:
    """Return the data key. Takes about a second and 282 MB, in a child process.

    Raises:
        WrongPassphrase: No slot opens.
        VaultMissing: There is no such file.
        VaultDamaged: It has another size, or a slot holds something else.
    """
    return _open(_read(folder), passphrase=passphrase, profile=profile)


def change(
    folder: Path,
    *,
    old: str,
    new: str,
    profile: Profile = STANDARD,
    random: Callable[[int], bytes] = os.urandom,
) -> Opened:
    """Rewrite the slot that `old` opens for `new`; the data key stays.

    Raises:
        WrongPassphrase: `old` opens nothing.
        UnfitPassphrase: `new` is too easily guessed.
        VaultFull: Not written; `old` still holds.
    """
    check_passphrase(new)
    content = _read(folder)
    opened = _open(content, passphrase=old, profile=profile)
    return _lock(folder, content, opened, slot=opened.slot, passphrase=new, profile=profile, random=random)


def add(
    folder: Path,
    *,
    passphrase: str,
    new: str,
    slot: int,
    profile: Profile = STANDARD,
    random: Callable[[int], bytes] = os.urandom,
) -> Opened:
    """Lock the data key into one more slot, for `new`. Whatever that slot held is gone.

    Raises:
        WrongPassphrase: `passphrase` opens nothing.
        UnfitPassphrase: `new` is too easily guessed.
        VaultError: It is the slot that `passphrase` opens.
    """
    check_passphrase(new)
    content = _read(folder)
    opened = _open(content, passphrase=passphrase, profile=profile)
    if slot == opened.slot:
        raise VaultError("This would overwrite the passphrase that was just given.")
    return _lock(folder, content, opened, slot=slot, passphrase=new, profile=profile, random=random)


def erase(folder: Path, *, slot: int, random: Callable[[int], bytes] = os.urandom) -> None:
    """Fill one slot with random bytes: its passphrase opens nothing any more.

    Raises:
        VaultMissing: There is no such file.
        VaultFull: Not written; the passphrase still holds.
    """
    replace_file(folder / FILE_NAME, _with_slot(_read(folder), slot, random(SLOT_SIZE)))


def _lock(
    folder: Path,
    content: bytes,
    opened: Opened,
    *,
    slot: int,
    passphrase: str,
    profile: Profile,
    random: Callable[[int], bytes],
) -> Opened:
    # The salt stays: the other slots, whose passphrases nobody gave, hang on it.
    stretched = derive(passphrase, salt=content[:SALT_SIZE], profile=profile)
    sealed = seal_slot(opened.data_key, stretched=stretched, index=slot, random=random)
    replace_file(folder / FILE_NAME, _with_slot(content, slot, sealed))
    return Opened(data_key=opened.data_key, slot=slot)


def _read(folder: Path) -> bytes:
    try:
        with (folder / FILE_NAME).open("rb") as file:
            content = file.read(FILE_SIZE + 1)
    except FileNotFoundError as error:
        raise VaultMissing("There is no vault in this folder.") from error
    except OSError as error:
        raise VaultError("The file of key slots can't be read.") from error
    if len(content) != FILE_SIZE:
        raise VaultDamaged("The file of key slots has another size than it should. Take it from a backup.")
    return content


def _open(content: bytes, *, passphrase: str, profile: Profile) -> Opened:
    stretched = derive(passphrase, salt=content[:SALT_SIZE], profile=profile)
    try:
        found = open_slots(_slots(content), stretched=stretched)
    except FormatError as error:
        raise VaultDamaged("A key slot opens and holds something else than a key.") from error
    if found is None:
        raise WrongPassphrase("This passphrase does not open the vault.")
    return Opened(slot=found[0], data_key=found[1])


def _slots(content: bytes) -> list[bytes]:
    return [content[start : start + SLOT_SIZE] for start in range(_HEAD_SIZE, FILE_SIZE, SLOT_SIZE)]


def _with_slot(content: bytes, slot: int, sealed: bytes) -> bytes:
    start = _HEAD_SIZE + slot * SLOT_SIZE
    return content[:start] + sealed + content[start + SLOT_SIZE :]
