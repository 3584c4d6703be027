"""The vault of one desk: a folder with key slots and an encrypted store, open in one process at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self, final

from causeway.errors import LocalError
from causeway.sealed.passphrase import SLOTS, STANDARD, Profile
from causeway.vault import _schema, keyslots
from causeway.vault._aside import Aside
from causeway.vault._database import Database
from causeway.vault._entries import Entries
from causeway.vault._files import FolderLock, make_folder, new_file, tighten
from causeway.vault._outbox import Outbox
from causeway.vault._pieces import Pieces
from causeway.vault._secrets import Secrets
from causeway.vault._seen import Seen
from causeway.vault._settings import Settings
from causeway.vault.errors import VaultDamaged, VaultError, VaultMissing, VaultUncertain

__all__ = ["STORE_NAME", "Vault"]

STORE_NAME: Final = "store"
_NAMES: Final = (keyslots.FILE_NAME, STORE_NAME, f"{STORE_NAME}-wal")
_SLOTS_SETTING: Final = "vault/key-slots"


@final
class Vault:
    """An open vault. All threads share it; `close` locks it.

    The tables are in `entries`, `aside`, `outbox`, `seen`, `secrets`, `pieces` and `settings`; projectors and
    pages read and write their own through `db`. Every single write is on the disk when its call returns;
    several that belong together go into one `transaction`.
    """

    def __init__(self, folder: Path, *, lock: FolderLock, db: Database, profile: Profile) -> None:
        """Take what `create` or `open` has opened."""
        self.folder = folder
        self.db = db
        self.entries = Entries(db)
        self.aside = Aside(db)
        self.outbox = Outbox(db)
        self.seen = Seen(db)
        self.secrets = Secrets(db)
        self.pieces = Pieces(db)
        self.settings = Settings(db)
        self._lock: FolderLock | None = lock
        self._profile = profile

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        passphrase: str,
        profile: Profile = STANDARD,
        random: Callable[[int], bytes] = os.urandom,
    ) -> Vault:
        """Make a new vault in a new or empty folder, and open it.

        Raises:
            UnfitPassphrase: Too easily guessed.
            VaultExists: Something lies in the folder.
            VaultFull: The disk has no room.
        """
        make_folder(folder)
        lock = FolderLock(folder)
        try:
            opened = keyslots.create(folder, passphrase=passphrase, profile=profile, random=random)
            new_file(folder / STORE_NAME)
            return cls._opened(folder, lock=lock, opened=opened, profile=profile, migrate=_schema.begin)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, folder: Path, *, passphrase: str, profile: Profile = STANDARD) -> Vault:
        """Open a vault. Takes about a second, most of it for the passphrase.

        Raises:
            WrongPassphrase: It opens no key slot.
            VaultMissing: There is no vault in this folder, or its store is gone.
            VaultInUse: Another process has it open.
            VaultDamaged: A file is cut short, altered, or not of this vault. Nothing is made in its place.
            VaultTooNew: A newer Causeway wrote it.
        """
        if not (folder / keyslots.FILE_NAME).is_file():
            raise VaultMissing("There is no vault in this folder.")
        lock = FolderLock(folder)
        try:
            tighten(folder, names=_NAMES)
            opened = keyslots.open_slot(folder, passphrase=passphrase, profile=profile)
            store = folder / STORE_NAME
            if not store.is_file():
                raise VaultMissing("The key slots are here, but the store is not. Take it from a backup.")
            if store.stat().st_size == 0:
                raise VaultDamaged("The store is empty. Take it from a backup.")
            return cls._opened(folder, lock=lock, opened=opened, profile=profile, migrate=_schema.migrate)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _opened(
        cls,
        folder: Path,
        *,
        lock: FolderLock,
        opened: keyslots.Opened,
        profile: Profile,
        migrate: Callable[[Database], None],
    ) -> Vault:
        db = Database.open(folder / STORE_NAME, key=opened.data_key)
        try:
            migrate(db)
            vault = cls(folder, lock=lock, db=db, profile=profile)
            vault._note_slot(opened.slot)
        except BaseException:
            db.close()
            raise
        return vault

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done inside, or nothing; see `Database.transaction`."""
        with self.db.transaction():
            yield

    def change_passphrase(self, old: str, *, new: str) -> None:
        """Put `new` in the place of `old`; a copy of the old key slots elsewhere still opens with `old`.

        Raises:
            WrongPassphrase: `old` opens nothing.
            UnfitPassphrase: `new` is too easily guessed.
            VaultFull: Not written; `old` still holds.
        """
        self.passphrase_slots()  # Raises where the vault is locked, and another process may have it.
        keyslots.change(self.folder, old=old, new=new, profile=self._profile)

    def add_passphrase(self, passphrase: str, *, new: str) -> int:
        """Let a second passphrase open this vault; return the number of its slot.

        Raises:
            WrongPassphrase: `passphrase` opens nothing.
            UnfitPassphrase: `new` is too easily guessed.
            VaultError: All eight slots are taken.
        """
        taken = self.passphrase_slots()
        slot = next((number for number in range(SLOTS) if number not in taken), None)
        if slot is None:
            raise VaultError("All eight places for passphrases are taken.")
        # Noted before it is used: after a crash in between, a free slot is taken for used, never the reverse.
        self._note_slot(slot)
        try:
            keyslots.add(self.folder, passphrase=passphrase, new=new, slot=slot, profile=self._profile)
        except VaultUncertain:
            raise  # The slot opens now: it must not be taken for a free one.
        except LocalError:
            self.settings.put(_SLOTS_SETTING, value=taken)
            raise
        return slot

    def remove_passphrase(self, passphrase: str, *, slot: int) -> None:
        """Have the passphrase in `slot` open nothing any more; `passphrase` is one that stays.

        Raises:
            WrongPassphrase: `passphrase` opens nothing.
            VaultError: It is the one in `slot`, or no passphrase is known there.
        """
        taken = self.passphrase_slots()
        opened = keyslots.open_slot(self.folder, passphrase=passphrase, profile=self._profile)
        if slot == opened.slot or slot not in taken:
            raise VaultError("Only another passphrase than the one given can be removed.")
        keyslots.erase(self.folder, slot=slot)
        self.settings.put(_SLOTS_SETTING, value=[number for number in taken if number != slot])

    def passphrase_slots(self) -> list[int]:
        """Return the numbers of the slots in use. Only the open vault knows them."""
        return [int(number) for number in self.settings.get(_SLOTS_SETTING, default=[])]

    def check(self) -> list[str]:
        """Read every page of the store; return what is wrong, a line each, and nothing where all is well."""
        pages = [str(row[0]) for row in self.db.rows("PRAGMA cipher_integrity_check")]
        return pages or [str(row[0]) for row in self.db.rows("PRAGMA integrity_check") if row[0] != "ok"]

    def scour(self) -> None:
        """Write the store anew, without what lay between its rows, and empty its journal.

        For when a case was forgotten, whose text lay in projectors' tables.

        Raises:
            VaultFull: It takes as much room again as the store has.
        """
        self.db.run("VACUUM")
        self.db.empty_wal_after_commit()

    def close(self) -> None:
        """Lock the vault. Every later use raises `VaultClosed`; closing twice is closing once."""
        self.db.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _note_slot(self, slot: int) -> None:
        known = self.passphrase_slots()
        if slot not in known:
            self.settings.put(_SLOTS_SETTING, value=sorted({*known, slot}))
