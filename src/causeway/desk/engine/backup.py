"""A backup: a vault of its own with what this desk holds, and without what makes this laptop itself.

What is carried is named here, table by table and key by key; whatever is not named stays behind. So a key of
the device is never written into a backup, not even to be removed again. The tables that projectors make are
made anew from the entries. Who restores has a new device, which somebody in the centre has to admit.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from causeway.desk.engine.ledger import ITEM, item_id
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.relaystore import SLOT
from causeway.desk.engine.tables import make_tables
from causeway.errors import Error, LocalError
from causeway.sealed.passphrase import STANDARD, Profile
from causeway.sealed.slots import open_slot
from causeway.units import Day, day_to_date
from causeway.vault import Database, Vault, VaultError, VaultExists, VaultMissing

__all__ = [
    "CARRIED_SECRETS",
    "CARRIED_SETTINGS",
    "CARRIED_TABLES",
    "LEFT_SECRETS",
    "LEFT_TABLES",
    "BackupSize",
    "BackupView",
    "Backups",
    "look_into_backup",
    "open_backup",
    "restore_backup",
]

CARRIED_TABLES: Final = (
    "entry",
    "chain",
    "aside",
    "seen",
    "desk_compartment",
    "desk_epoch",
    "desk_waiting",
    "desk_confirmed",
    "desk_opened",
    "desk_answer",
    "desk_unacknowledged",
    "desk_file",
)
"""Copied row by row. `piece`, `outbox`, `secret` and `setting` are carried in part."""

LEFT_TABLES: Final = frozenset(
    {
        "desk_alarm",
        "desk_asked",
        "desk_checkpoint",
        "desk_choice",
        "desk_cut_list",
        "desk_missing",
        "desk_roster",
        "projection",
        "search_index",
        "search_text",
    }
)
"""What this laptop alone was told, what a laptop gets when it is let in, and what entries make."""

CARRIED_SECRETS: Final = ("epoch", "case", "compartment", "intake")
LEFT_SECRETS: Final = frozenset({"root", "device", "board", "wrapping", "access", "transport", "rotation"})
"""The device's own keys, the root's, and those of the relay."""

CARRIED_SETTINGS: Final = ("tombstone/", "files-room")
"""Names, or beginnings of names where they end in a stroke."""

_ABOUT: Final = "backup"
_PART: Final = ".causeway-backup.part"
_RESTORING: Final = ".restoring"
_NO_BACKUP: Final = "There is no whole backup in this folder."
_ROWS_AT_ONCE: Final = 200
_PIECES_AT_ONCE: Final = 32
_PAGED: Final = {"entry": "position", "aside": "id", "piece": "position"}
"""Tables with large rows, and the column by which they are gone through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupSize:
    """What a backup would hold: entries, bytes of them, and bytes of files."""

    entries: int
    entry_bytes: int
    file_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupView:
    """What a backup says of itself.

    Attributes:
        folder: Where it lies.
        day: On which it was made.
        centre: The centre's name.
        fingerprint: Of the centre's root, 16 bytes.
        member: Id (32 hex digits) of the member whose desk it was.
        member_name: What the others call them.
        entries: How many it holds.
        with_files: Whether it holds what people sent beside their texts.
    """

    folder: Path
    day: Day
    centre: str
    fingerprint: bytes
    member: str
    member_name: str
    entries: int
    with_files: bool


@final
class Backups:
    """Makes backups of an open desk."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def size(self) -> BackupSize:
        """Return what a backup would hold now."""
        db = self._parts.db
        row = db.row("SELECT count(*), coalesce(sum(length(sealed)), 0) FROM entry") or (0, 0)
        return BackupSize(
            entries=int(row[0]),
            entry_bytes=int(row[1]),
            file_bytes=self._parts.vault.pieces.total_bytes(),
        )

    def make(
        self,
        folder: Path,
        *,
        passphrase: str,
        with_files: bool = True,
        random: Callable[[int], bytes] = os.urandom,
    ) -> BackupView:
        """Make a backup in a new folder inside `folder`; there is either all of it in the end, or none.

        Writing waits meanwhile; files are copied last, without holding anybody up.

        Args:
            folder: An existing one, as a rule on another disk.
            passphrase: Of the backup alone.
            with_files: Whether to take what people sent beside their texts.
            random: For the keys of the backup.

        Raises:
            UnfitPassphrase: Too easily guessed.
            LocalError: There is no such folder, or it is the desk's own.
            VaultFull: The disk has no room; nothing of it was kept.
        """
        source = self._parts.vault
        if not folder.is_dir():
            raise LocalError("There is no such folder. If it is on a stick, look whether that is plugged in.")
        if source.folder.resolve() in (folder.resolve(), *folder.resolve().parents):
            raise LocalError("A backup in the desk's own folder is lost with it. Choose another place.")
        with _Making(folder / _PART) as part:
            with Vault.create(part, passphrase=passphrase, profile=source.profile, random=random) as backup:
                about = self._copy_record(backup, with_files=with_files)
                if with_files:
                    _copy_table(source.db, backup.db, "piece", rows=_PIECES_AT_ONCE)
                _count_pieces(backup.db)
                # Last: what has no such note was cut off, and is none.
                backup.settings.put(_ABOUT, value=about)
            place = _free_name(folder, f"causeway-backup-{day_to_date(self._parts.today).isoformat()}")
            _put_in_place(part, place)
        return _view(place, about)

    def _copy_record(self, backup: Vault, *, with_files: bool) -> dict[str, Any]:
        parts, source = self._parts, self._parts.vault
        make_tables(backup.db)
        # One transaction there, so that all of it is of one moment.
        with source.transaction():
            for table in CARRIED_TABLES:
                _copy_table(source.db, backup.db, table, rows=_ROWS_AT_ONCE)
            with backup.transaction():
                for kind in CARRIED_SECRETS:
                    for secret in source.secrets.all(kind):
                        backup.secrets.put(
                            kind,
                            secret_id=secret.id,
                            value=secret.value,
                            from_day=secret.from_day,
                            until_day=secret.until_day,
                        )
                for key, value in _carried_settings(source.db):
                    backup.db.run("INSERT INTO setting (key, value) VALUES (?, ?)", (key, value))
                for body, held in self._unsent():
                    backup.outbox.queue(item_id(body), kind=ITEM, body=body, day=parts.today, held=held)
            roster, me = parts.roster.current(), parts.settings.member
            return {
                "day": parts.today,
                "centre": roster.centre,
                "fingerprint": parts.roster.fingerprint().hex(),
                "member": me.hex(),
                "member_name": next((one.name for one in roster.members if one.id == me), ""),
                "entries": source.entries.count(),
                "with_files": with_files,
            }

    def _unsent(self) -> Iterator[tuple[bytes, bool]]:
        """Yield what was written here and has not reached the relay, as signed items: nobody else has it."""
        keys = [access.transport_key for _, access in self._parts.keys.accesses()]
        for waiting in self._parts.vault.outbox.waiting(with_held=True):
            if waiting.kind == ITEM:
                yield waiting.body, waiting.held
            elif waiting.kind == SLOT:
                # Packed already, under a key that the backup must not have.
                for key in keys:
                    with contextlib.suppress(Error):
                        for item in open_slot(waiting.body, slot_id=waiting.id, transport_key=key):
                            yield bytes([item.type]) + item.content, waiting.held
                        break


def open_backup(folder: Path, *, passphrase: str, profile: Profile = STANDARD) -> Vault:
    """Open a backup where it lies: a vault without a device of its own.

    Raises:
        WrongPassphrase: It does not open this backup.
        VaultMissing: There is none in this folder, or it was cut off while it was made.
        VaultDamaged, VaultInUse, VaultTooNew: See `Vault.open`.
    """
    try:
        vault = Vault.open(folder, passphrase=passphrase, profile=profile)
    except VaultMissing as error:
        raise VaultMissing(_NO_BACKUP) from error
    if vault.settings.get(_ABOUT) is None:
        vault.close()
        raise VaultMissing(_NO_BACKUP)
    return vault


def look_into_backup(folder: Path, *, passphrase: str, profile: Profile = STANDARD) -> BackupView:
    """Return what a backup says of itself.

    Raises:
        As `open_backup`.
    """
    with open_backup(folder, passphrase=passphrase, profile=profile) as backup:
        return _view(folder, backup.settings.get(_ABOUT))


def restore_backup(
    directory: Path,
    *,
    passphrase: str,
    backup: Path,
    backup_passphrase: str,
    profile: Profile = STANDARD,
    random: Callable[[int], bytes] = os.urandom,
) -> Vault:
    """Make a new vault with what a backup holds, and open it. It has no device, and no access to the relay.

    Whoever calls this makes new keys and has the device admitted. The backup stays as it is. There is either
    a whole vault in the end, or none.

    Args:
        directory: Of the new vault; new or empty.
        passphrase: Of the new vault.
        backup: Folder of the backup.
        backup_passphrase: Of the backup.
        profile: What stretching a passphrase costs, here and there.
        random: For the keys of the new vault.

    Raises:
        WrongPassphrase, VaultMissing, VaultDamaged: As `open_backup`.
        UnfitPassphrase: `passphrase` is too easily guessed.
        VaultExists: Something lies in the directory.
        VaultFull: The disk has no room; nothing was kept.
    """
    if directory.exists() and any(one.name != "lock" for one in directory.iterdir()):
        raise VaultExists("This folder is not empty. A vault needs a folder of its own.")
    with (
        open_backup(backup, passphrase=backup_passphrase, profile=profile) as source,
        _Making(directory.with_name(directory.name + _RESTORING)) as part,
    ):
        with Vault.create(part, passphrase=passphrase, profile=profile, random=random) as vault:
            make_tables(vault.db)
            for table in (*CARRIED_TABLES, "piece", "secret", "outbox"):
                rows = _PIECES_AT_ONCE if table == "piece" else _ROWS_AT_ONCE
                _copy_table(source.db, vault.db, table, rows=rows)
            with vault.transaction():
                for key, value in _carried_settings(source.db):
                    vault.db.run("INSERT INTO setting (key, value) VALUES (?, ?)", (key, value))
                vault.settings.put(_ABOUT, value=source.settings.get(_ABOUT))
        if directory.exists():
            shutil.rmtree(directory)  # a lock file alone
        _put_in_place(part, directory)
    return Vault.open(directory, passphrase=passphrase, profile=profile)


@final
class _Making:
    """A folder under another name until all is in it; taken away if that fails, or was cut off before."""

    def __init__(self, part: Path) -> None:
        self._part = part

    def __enter__(self) -> Path:
        shutil.rmtree(self._part, ignore_errors=True)
        return self._part

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._part, ignore_errors=True)


def _copy_table(source: Database, target: Database, table: str, *, rows: int) -> None:
    columns = [str(row[1]) for row in target.rows(f"PRAGMA table_info({table})")]
    names = ", ".join(columns)
    insert = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
    key = _PAGED.get(table)
    if key is None:
        target.run_many(insert, source.rows(f"SELECT {names} FROM {table}"))  # noqa: S608
        return
    at, last = columns.index(key), None
    while True:
        page = source.rows(
            f"SELECT {names} FROM {table} WHERE ?1 IS NULL OR {key} > ?1 ORDER BY {key} LIMIT ?2",  # noqa: S608
            (last, rows),
        )
        target.run_many(insert, page)
        if len(page) < rows:
            return
        last = page[-1][at]


def _carried_settings(db: Database) -> Iterator[tuple[str, bytes]]:
    for key, value in db.rows("SELECT key, value FROM setting ORDER BY key"):
        if any(key.startswith(name) if name.endswith("/") else key == name for name in CARRIED_SETTINGS):
            yield str(key), value


def _count_pieces(db: Database) -> None:
    """Note which files are here: without them all are to be fetched again, where the relay still has them."""
    db.run("UPDATE desk_file SET here = (SELECT count(*) FROM piece WHERE piece.file = desk_file.id)")


def _free_name(folder: Path, name: str) -> Path:
    number = 1
    place = folder / name
    while place.exists():
        number += 1
        place = folder / f"{name}-{number}"
    return place


def _put_in_place(part: Path, place: Path) -> None:
    try:
        part.rename(place)
        descriptor = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise VaultError("The disk did not take the finished folder. Nothing of it was kept.") from error


def _view(folder: Path, about: dict[str, Any]) -> BackupView:
    return BackupView(
        folder=folder,
        day=Day(about["day"]),
        centre=about["centre"],
        fingerprint=bytes.fromhex(about["fingerprint"]),
        member=about["member"],
        member_name=about["member_name"],
        entries=about["entries"],
        with_files=about["with_files"],
    )
