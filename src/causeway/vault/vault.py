"""The vault of one desk: a folder with key slots and an encrypted store, open in one process at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self, final

from causeway.sealed.passphrase import DATA_KEY_SIZE, STANDARD, Decoy, Profile
from causeway.vault import _schema, destroying, keyslots
from causeway.vault._aside import Aside
from causeway.vault._database import Database
from causeway.vault._entries import Entries
from causeway.vault._files import FolderLock, make_folder, new_file, remove_files, tighten, touch
from causeway.vault._outbox import Outbox
from causeway.vault._passphrases import Passphrases
from causeway.vault._pieces import Pieces
from causeway.vault._secrets import Secrets
from causeway.vault._seen import Seen
from causeway.vault._settings import Settings
from causeway.vault.destroying import STORE_NAME
from causeway.vault.errors import VaultDamaged, VaultMissing, VaultRevoked, WrongPassphrase

__all__ = ["STORE_NAME", "Vault"]

_STORE: Final = (f"{STORE_NAME}-wal", STORE_NAME)
_NAMES: Final = (keyslots.FILE_NAME, *_STORE)


@final
class Vault:
    """An open vault. All threads share it; `close` locks it.

    The tables are in `entries`, `aside`, `outbox`, `seen`, `secrets`, `pieces` and `settings`; projectors and
    pages read and write their own through `db`. What opens it is in `passphrases`. Every single write is on
    the disk when its call returns; several that belong together go into one `transaction`.
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
        self.profile = profile
        self.passphrases = Passphrases(folder, settings=self.settings, profile=profile)
        self._lock: FolderLock | None = lock

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
    def open(
        cls,
        folder: Path,
        *,
        passphrase: str,
        profile: Profile = STANDARD,
        begin: Callable[[Vault, Decoy], None] | None = None,
    ) -> Vault:
        """Open a vault. Takes about a second, most of it for the passphrase.

        A duress passphrase destroys what is there, durably, before anything else. Then a new vault is made
        in its place, which it opens from then on. Cut off in between, the next opening goes on.

        Args:
            folder: Where it lies.
            passphrase: One of those that open it.
            profile: What stretching it costs.
            begin: Fills the new vault under duress; without it none is made, and the passphrase is wrong.

        Raises:
            WrongPassphrase: It opens no key slot.
            VaultRevoked: What was in this folder was destroyed.
            VaultMissing: There is no vault in this folder, or its store is gone.
            VaultInUse: Another process has it open.
            VaultDamaged: A file is cut short, altered, or not of this vault. Nothing is made in its place.
            VaultTooNew: A newer Causeway wrote it.
        """
        if destroying.is_revoked(folder):
            destroying.finish_destroying(folder)
            raise VaultRevoked("This laptop was taken out of the centre. What it held has been destroyed.")
        if not (folder / keyslots.FILE_NAME).is_file():
            raise VaultMissing("There is no vault in this folder.")
        lock = FolderLock(folder)
        try:
            tighten(folder, names=_NAMES)
            opened = keyslots.unlock(folder, passphrase=passphrase, profile=profile)
            touch(folder / keyslots.FILE_NAME)
            if isinstance(opened, keyslots.UnderDuress):
                return cls._anew(folder, lock=lock, under=opened, profile=profile, begin=begin)
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
    def _anew(
        cls,
        folder: Path,
        *,
        lock: FolderLock,
        under: keyslots.UnderDuress,
        profile: Profile,
        begin: Callable[[Vault, Decoy], None] | None,
    ) -> Vault:
        """Destroy what is there; make a new vault in its place, for the passphrase that was given."""
        # (1) Nothing opens the old store any more. (2) It goes. (3) A new one is made under a key that only
        # this process has. (4) The passphrase opens that. Until then it opens the decoy, and all this begins
        # again: what was made until then is thrown away.
        keyslots.destroy_others(folder, keep=under.slot)
        remove_files(folder, _STORE)
        if begin is None:
            raise WrongPassphrase("This passphrase does not open the vault.")
        new_file(folder / STORE_NAME)
        opened = keyslots.Opened(data_key=os.urandom(DATA_KEY_SIZE), slot=under.slot)
        vault = cls._opened(folder, lock=lock, opened=opened, profile=profile, migrate=_schema.begin)
        try:
            begin(vault, under.decoy)
            keyslots.settle(folder, under, data_key=opened.data_key)
        except BaseException:
            vault.db.close()
            raise
        return vault

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
            vault.passphrases.note(opened.slot)
        except BaseException:
            db.close()
            raise
        return vault

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done inside, or nothing; see `Database.transaction`."""
        with self.db.transaction():
            yield

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

    def destroy(self) -> None:
        """Destroy all that is in it, for good, and close it. Cut off in between, the next opening goes on.

        Raises:
            VaultError, VaultUncertain: The disk did not let it, or did not confirm it.
        """
        destroying.mark_revoked(self.folder)
        try:
            keyslots.destroy_all(self.folder)
            self.db.close()
            destroying.destroy(self.folder)
        finally:
            self.close()

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
