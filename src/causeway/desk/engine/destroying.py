"""Two ways in which a desk is destroyed: by its duress passphrase, and because its laptop was taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from causeway.desk.engine.making import NewCentre, fill_centre
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.settings import DoorAddress
from causeway.errors import LocalError
from causeway.sealed.passphrase import Decoy
from causeway.units import Day
from causeway.vault import Vault
from causeway.vault.destroying import clear_revoked, finish_destroying, is_revoked

__all__ = [
    "Duress",
    "begin_decoy",
    "clear_revoked",
    "destroy_everything",
    "finish_destroying",
    "is_revoked",
]

_NAME_LENGTH_MAX = 60


def begin_decoy(vault: Vault, decoy: Decoy, *, today: Day, random: Callable[[int], bytes]) -> None:
    """Fill a new vault with the empty desk that a duress passphrase opens: `begin` of `Vault.open`.

    It is what a first run makes that leaves the door for later.
    """
    new = NewCentre(
        centre=decoy.centre, member=decoy.member, door=DoorAddress(url="", socks=""), setup_code=""
    )
    with vault.transaction():
        fill_centre(vault, new, today=today, random=random)


def destroy_everything(parts: Parts) -> None:
    """Destroy what this desk holds, for good, since its laptop was taken out of the centre; closes the vault.

    Call it outside of a transaction, once the notice is verified. It is the last call of whoever makes it:
    every later use of the vault raises `VaultClosed`, and the pages say what has happened. Cut off in
    between, the next opening goes on.

    Raises:
        VaultError, VaultUncertain: The disk did not let it, or did not confirm it; try again.
    """
    parts.vault.destroy()


@final
class Duress:
    """The duress passphrase of an open desk: off until somebody sets it up."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def is_set(self) -> bool:
        """Return whether one is set up.

        Raises:
            VaultError: It was cut off while it was set up: nobody may rely on it.
        """
        return self._parts.vault.passphrases.has_duress()

    def set_up(self, passphrase: str, *, duress: str, centre: str, member: str) -> None:
        """Have `duress` destroy this desk and open an empty one with these names.

        Args:
            passphrase: The one of today.
            duress: The new one.
            centre: Name of the empty desk's centre.
            member: Name of its member.

        Raises:
            WrongPassphrase: `passphrase` does not open this desk.
            UnfitPassphrase: `duress` is too easily guessed, or opens this desk.
            LocalError: A name is missing, too long, or one that is true here.
        """
        names = centre.strip(), member.strip()
        if not all(names) or max(map(len, names)) > _NAME_LENGTH_MAX:
            raise LocalError("The empty desk needs two names: one for its centre, one for its member.")
        true = self._parts.roster.current()
        if names[0] == true.centre or names[1] in {one.name for one in true.members}:
            raise LocalError("The names on the empty desk must not be those of this one.")
        self._parts.vault.passphrases.set_duress(
            passphrase, duress=duress, decoy=Decoy(centre=names[0], member=names[1])
        )

    def take_away(self, passphrase: str) -> None:
        """Have the duress passphrase open nothing any more.

        Raises:
            WrongPassphrase: `passphrase` does not open this desk.
        """
        self._parts.vault.passphrases.remove_duress(passphrase)
