"""The file `keyslots`: eight equal places in which a passphrase may have locked the data key.

The file does not tell which slots are in use, nor what is in them: the data key, or the names of an empty
desk that a duress passphrase opens instead. Whoever adds a passphrase says into which one; the open vault
knows the free ones (see `Passphrases`).

A slot is filled or emptied where it lies, so that no older copy of the file is left about; only `change` and
`settle`, which rewrite a slot that must not be lost to a power cut, put a new file in the place of the old.

Layout: docs/FORMAT.md, section 14.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from causeway.sealed.passphrase import (
    DATA_KEY_SIZE,
    SALT_SIZE,
    SLOT_SIZE,
    SLOTS,
    STANDARD,
    Decoy,
    Profile,
    UnfitPassphrase,
    check_passphrase,
    derive,
    open_slots,
    seal_slot,
)
from causeway.vault._files import overwrite, replace_file
from causeway.vault.errors import VaultDamaged, VaultError, VaultMissing, WrongPassphrase
from causeway.wire.errors import FormatError

__all__ = [
    "FILE_NAME",
    "FILE_SIZE",
    "Opened",
    "UnderDuress",
    "add",
    "add_decoy",
    "change",
    "create",
    "destroy_all",
    "destroy_others",
    "erase",
    "free_slot",
    "open_slot",
    "settle",
    "unlock",
]

FILE_NAME: Final = "keyslots"
_HEAD_SIZE: Final = SLOT_SIZE
FILE_SIZE: Final = _HEAD_SIZE + SLOTS * SLOT_SIZE
_DRAW_BYTES: Final = 8
_OPENS_NOTHING: Final = "This passphrase does not open the vault."


@dataclass(frozen=True, slots=True)
class Opened:
    """What a passphrase opened: the data key (32), and the number of its slot."""

    data_key: bytes = field(repr=False)
    slot: int


@dataclass(frozen=True, slots=True)
class UnderDuress:
    """What a duress passphrase opened: the names of an empty desk, and what it takes to lock that one."""

    decoy: Decoy
    slot: int
    stretched: bytes = field(repr=False)


def create(
    folder: Path, *, passphrase: str, profile: Profile = STANDARD, random: Callable[[int], bytes] = os.urandom
) -> Opened:
    """Write a new file with a new data key in one slot, any of the eight; the folder is there and empty.

    Raises:
        UnfitPassphrase: Too easily guessed.
        VaultFull: The disk has no room.
    """
    check_passphrase(passphrase)
    data_key = random(DATA_KEY_SIZE)
    content = random(FILE_SIZE)
    stretched = derive(passphrase, salt=content[:SALT_SIZE], profile=profile)
    # Any slot: were it always the first, a desk in another would be known for a decoy.
    slot = free_slot((), random=random)
    content = _with_slot(content, slot, seal_slot(data_key, stretched=stretched, index=slot, random=random))
    replace_file(folder / FILE_NAME, content)
    return Opened(data_key=data_key, slot=slot)


def free_slot(taken: Collection[int], *, random: Callable[[int], bytes] = os.urandom) -> int:
    """Return the number of a slot that is not taken, any of them.

    Raises:
        VaultError: All eight are.
    """
    free = [number for number in range(SLOTS) if number not in taken]
    if not free:
        raise VaultError("All eight places for passphrases are taken.")
    return free[int.from_bytes(random(_DRAW_BYTES), "big") % len(free)]


def unlock(folder: Path, *, passphrase: str, profile: Profile = STANDARD) -> Opened | UnderDuress:
    """Return what a passphrase opens. Takes about a second and 282 MB, in a child process, whatever it is.

    Raises:
        WrongPassphrase: No slot opens.
        VaultMissing: There is no such file.
        VaultDamaged: It has another size, or a slot holds something else.
    """
    content = _read(folder)
    stretched = derive(passphrase, salt=content[:SALT_SIZE], profile=profile)
    found = _found(content, stretched=stretched)
    if found is None:
        raise WrongPassphrase(_OPENS_NOTHING)
    slot, inside = found
    if isinstance(inside, Decoy):
        return UnderDuress(decoy=inside, slot=slot, stretched=stretched)
    return Opened(data_key=inside, slot=slot)


def open_slot(folder: Path, *, passphrase: str, profile: Profile = STANDARD) -> Opened:
    """Return the data key, and destroy nothing: a duress passphrase is a wrong one here.

    Raises:
        WrongPassphrase: No slot opens to a key.
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
    # The salt stays: the other slots, whose passphrases nobody gave, hang on it.
    stretched = _stretched_anew(content, new, slot=opened.slot, profile=profile)
    sealed = seal_slot(opened.data_key, stretched=stretched, index=opened.slot, random=random)
    replace_file(folder / FILE_NAME, _with_slot(content, opened.slot, sealed))
    return opened


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
    _fill(folder, content, opened, opened.data_key, new=new, slot=slot, profile=profile, random=random)
    return Opened(data_key=opened.data_key, slot=slot)


def add_decoy(
    folder: Path,
    decoy: Decoy,
    *,
    passphrase: str,
    duress: str,
    slot: int,
    profile: Profile = STANDARD,
    random: Callable[[int], bytes] = os.urandom,
) -> None:
    """Have `duress` open a decoy from this slot. Whatever the slot held is gone.

    Raises:
        WrongPassphrase: `passphrase` opens nothing.
        UnfitPassphrase: `duress` is too easily guessed, or opens something already.
        VaultError: It is the slot that `passphrase` opens.
    """
    check_passphrase(duress)
    content = _read(folder)
    opened = _open(content, passphrase=passphrase, profile=profile)
    _fill(folder, content, opened, decoy, new=duress, slot=slot, profile=profile, random=random)


def erase(folder: Path, *, slot: int, random: Callable[[int], bytes] = os.urandom) -> None:
    """Fill one slot with random bytes where it lies: its passphrase opens nothing any more.

    Raises:
        VaultMissing: There is no such file.
        VaultError: Not written; the passphrase still holds.
        VaultUncertain: The disk did not confirm it.
    """
    _read(folder)
    overwrite(folder / FILE_NAME, [(_start(slot), random(SLOT_SIZE))])


def destroy_others(folder: Path, *, keep: int, random: Callable[[int], bytes] = os.urandom) -> None:
    """Fill all slots but one with random bytes where they lie. What the data key has locked is gone.

    Raises:
        VaultError, VaultUncertain: The disk did not let it, or did not confirm it.
    """
    others = [number for number in range(SLOTS) if number != keep]
    overwrite(folder / FILE_NAME, [(_start(number), random(SLOT_SIZE)) for number in others])


def destroy_all(folder: Path, *, random: Callable[[int], bytes] = os.urandom) -> None:
    """Fill the whole file with random bytes where it lies: no passphrase opens anything any more.

    Raises:
        VaultError, VaultUncertain: The disk did not let it, or did not confirm it.
    """
    overwrite(folder / FILE_NAME, [(0, random(FILE_SIZE))])


def settle(
    folder: Path, under: UnderDuress, *, data_key: bytes, random: Callable[[int], bytes] = os.urandom
) -> Opened:
    """Lock a new desk's data key into the slot that the duress passphrase opens, in place of the decoy.

    Raises:
        VaultFull: Not written; the slot still opens the decoy.
    """
    sealed = seal_slot(data_key, stretched=under.stretched, index=under.slot, random=random)
    replace_file(folder / FILE_NAME, _with_slot(_read(folder), under.slot, sealed))
    return Opened(data_key=data_key, slot=under.slot)


def _fill(
    folder: Path,
    content: bytes,
    opened: Opened,
    inside: bytes | Decoy,
    *,
    new: str,
    slot: int,
    profile: Profile,
    random: Callable[[int], bytes],
) -> None:
    if slot == opened.slot:
        raise VaultError("This would overwrite the passphrase that was just given.")
    stretched = _stretched_anew(content, new, slot=slot, profile=profile)
    sealed = seal_slot(inside, stretched=stretched, index=slot, random=random)
    overwrite(folder / FILE_NAME, [(_start(slot), sealed)])


def _stretched_anew(content: bytes, passphrase: str, *, slot: int, profile: Profile) -> bytes:
    """Stretch a passphrase that is to open one slot and must open no other."""
    stretched = derive(passphrase, salt=content[:SALT_SIZE], profile=profile)
    found = _found(content, stretched=stretched)
    if found is not None and found[0] != slot:
        raise UnfitPassphrase("This passphrase is in use on this desk already. Choose another one.")
    return stretched


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
    found = _found(content, stretched=stretched)
    if found is None or isinstance(found[1], Decoy):
        raise WrongPassphrase(_OPENS_NOTHING)
    return Opened(slot=found[0], data_key=found[1])


def _found(content: bytes, *, stretched: bytes) -> tuple[int, bytes | Decoy] | None:
    try:
        return open_slots(_slots(content), stretched=stretched)
    except FormatError as error:
        raise VaultDamaged("A key slot opens and holds something else than a key.") from error


def _slots(content: bytes) -> list[bytes]:
    return [content[start : start + SLOT_SIZE] for start in range(_HEAD_SIZE, FILE_SIZE, SLOT_SIZE)]


def _start(slot: int) -> int:
    return _HEAD_SIZE + slot * SLOT_SIZE


def _with_slot(content: bytes, slot: int, sealed: bytes) -> bytes:
    start = _start(slot)
    return content[:start] + sealed + content[start + SLOT_SIZE :]
