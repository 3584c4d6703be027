"""A new laptop that was invited and has a backup: what it holds is there before the centre lets it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from causeway.desk.engine.backup import look_into_backup, restore_backup
from causeway.desk.engine.joining import fill_waiting
from causeway.errors import LocalError
from causeway.record.invitation import Pasted, read_invitation, read_text
from causeway.sealed.passphrase import Profile
from causeway.units import Day
from causeway.vault import Vault

__all__ = ["FromBackup", "make_waiting_from"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FromBackup:
    """Where a backup lies, and what opens it."""

    folder: Path
    passphrase: str = field(repr=False)


def make_waiting_from(
    backup: FromBackup,
    *,
    directory: Path,
    invitation: str,
    passphrase: str,
    socks: str | None,
    profile: Profile,
    today: Day,
    random: Callable[[int], bytes],
) -> Vault:
    """Make a vault with what a backup holds and a new desk's keys; return it open, as `make_waiting` does.

    Raises:
        TextRefused: The text is no invitation, or has run out.
        LocalError: The backup is of another centre.
        WrongPassphrase, VaultMissing, VaultDamaged, UnfitPassphrase, VaultExists, VaultFull: As
            `restore_backup`.
    """
    invited = read_invitation(read_text(invitation, kind=Pasted.INVITATION), today=today)
    view = look_into_backup(backup.folder, passphrase=backup.passphrase, profile=profile)
    if view.fingerprint != invited.fingerprint:
        raise LocalError("This backup is of another centre than the invitation.")
    vault = restore_backup(
        directory,
        passphrase=passphrase,
        backup=backup.folder,
        backup_passphrase=backup.passphrase,
        profile=profile,
        random=random,
    )
    try:
        with vault.transaction():
            fill_waiting(vault, invitation=invitation, socks=socks, today=today, random=random)
    except BaseException:
        vault.close()
        raise
    return vault
