"""The passphrases of an open vault: which of the eight slots is what, which only the open vault knows.

Kept as eight letters, always eight, so that a store is as large with a duress passphrase as without.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, final

from causeway.errors import LocalError
from causeway.sealed.passphrase import SLOTS, Decoy, Profile
from causeway.vault import keyslots
from causeway.vault._settings import Settings
from causeway.vault.errors import VaultError, VaultUncertain

__all__ = ["Passphrases"]

_SETTING: Final = "vault/key-slots"
_FREE: Final = "."
_KEY: Final = "k"
_DURESS: Final = "d"
_BEGUN: Final = "?"
"""A duress passphrase was about to be set up. Whether it opens anything is not known."""


@final
class Passphrases:
    """Changes, adds and takes away passphrases of an open vault. Each call stretches one or two: seconds."""

    def __init__(self, folder: Path, *, settings: Settings, profile: Profile) -> None:
        self._folder = folder
        self._settings = settings
        self._profile = profile

    def slots(self) -> list[int]:
        """Return the numbers of the slots that open this vault."""
        return [number for number, use in enumerate(self._uses()) if use == _KEY]

    def has_duress(self) -> bool:
        """Return whether a duress passphrase is set up.

        Raises:
            VaultError: It was cut off while it was set up; set it up again, or remove it.
        """
        uses = self._uses()
        if _BEGUN in uses:
            raise VaultError(
                "The duress passphrase was cut off while it was set up. Set it up again, or take it away."
            )
        return _DURESS in uses

    def change(self, old: str, *, new: str) -> None:
        """Put `new` in the place of `old`; a copy of the old key slots elsewhere still opens with `old`.

        A duress passphrase stays what it is. Given as `old` it is a wrong one, and destroys nothing.

        Raises:
            WrongPassphrase: `old` opens nothing.
            UnfitPassphrase: `new` is too easily guessed, or opens something else here.
            VaultFull: Not written; `old` still holds.
        """
        self._uses()  # Raises where the vault is locked, and another process may have it.
        keyslots.change(self._folder, old=old, new=new, profile=self._profile)

    def add(self, passphrase: str, *, new: str) -> int:
        """Let a second passphrase open this vault; return the number of its slot.

        Raises:
            WrongPassphrase: `passphrase` opens nothing.
            UnfitPassphrase: `new` is too easily guessed, or opens something already.
            VaultError: All eight slots are taken.
        """
        slot = self._free()
        # Noted before it is used: after a crash in between, a free slot is taken for used, never the reverse.
        self.note(slot)
        try:
            keyslots.add(self._folder, passphrase=passphrase, new=new, slot=slot, profile=self._profile)
        except VaultUncertain:
            raise  # The slot opens now: it must not be taken for a free one.
        except LocalError:
            self._set(slot, _FREE)
            raise
        return slot

    def remove(self, passphrase: str, *, slot: int) -> None:
        """Have the passphrase in `slot` open nothing any more; `passphrase` is one that stays.

        Raises:
            WrongPassphrase: `passphrase` opens nothing.
            VaultError: It is the one in `slot`, or no passphrase is known there.
        """
        taken = self.slots()
        opened = keyslots.open_slot(self._folder, passphrase=passphrase, profile=self._profile)
        if slot == opened.slot or slot not in taken:
            raise VaultError("Only another passphrase than the one given can be removed.")
        keyslots.erase(self._folder, slot=slot)
        self._set(slot, _FREE)

    def set_duress(self, passphrase: str, *, duress: str, decoy: Decoy) -> None:
        """Have `duress` destroy this vault and open an empty one instead; in place of one that was set.

        Raises:
            WrongPassphrase: `passphrase` opens nothing.
            UnfitPassphrase: `duress` is too easily guessed, or opens this vault.
            VaultError: All eight slots are taken.
        """
        uses = self._uses()
        slot = next((number for number, use in enumerate(uses) if use in (_DURESS, _BEGUN)), None)
        before = _FREE if slot is None else uses[slot]
        slot = self._free() if slot is None else slot
        # Noted as begun first: after a crash in between nobody may rely on it, nor find it by surprise.
        self._set(slot, _BEGUN)
        try:
            keyslots.add_decoy(
                self._folder, decoy, passphrase=passphrase, duress=duress, slot=slot, profile=self._profile
            )
        except VaultUncertain:
            raise
        except LocalError:
            self._set(slot, before)
            raise
        self._set(slot, _DURESS)

    def remove_duress(self, passphrase: str) -> None:
        """Have the duress passphrase open nothing any more; nothing happens where there is none.

        Raises:
            WrongPassphrase: `passphrase` opens nothing.
        """
        keyslots.open_slot(self._folder, passphrase=passphrase, profile=self._profile)
        for number, use in enumerate(self._uses()):
            if use in (_DURESS, _BEGUN):
                keyslots.erase(self._folder, slot=number)
                self._set(number, _FREE)

    def note(self, slot: int) -> None:
        """Note that this slot opens the vault."""
        if self._uses()[slot] != _KEY:
            self._set(slot, _KEY)

    def _free(self) -> int:
        return keyslots.free_slot([number for number, use in enumerate(self._uses()) if use != _FREE])

    def _set(self, slot: int, use: str) -> None:
        uses = self._uses()
        self._settings.put(_SETTING, value=uses[:slot] + use + uses[slot + 1 :])

    def _uses(self) -> str:
        return str(self._settings.get(_SETTING, default=_FREE * SLOTS))
