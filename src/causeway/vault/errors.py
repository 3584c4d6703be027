"""What can go wrong with the encrypted store, each with the sentence that its user needs."""

from __future__ import annotations

from causeway.errors import LocalError, RemoteError

__all__ = [
    "ChainGap",
    "Conflict",
    "ForkFound",
    "VaultClosed",
    "VaultDamaged",
    "VaultError",
    "VaultExists",
    "VaultFull",
    "VaultInUse",
    "VaultMissing",
    "VaultRevoked",
    "VaultTooNew",
    "VaultUncertain",
    "WrongPassphrase",
]


class VaultError(LocalError):
    """The store could not do what was asked."""


class WrongPassphrase(VaultError):
    """None of the eight slots opens."""


class VaultExists(VaultError):
    """A vault is not made where something lies already."""


class VaultMissing(VaultError):
    """There is no vault in this folder."""


class VaultRevoked(VaultError):
    """This laptop was taken out of its centre: what was in this folder has been destroyed."""


class VaultInUse(VaultError):
    """Another process has this vault open."""


class VaultDamaged(VaultError):
    """A file of the vault is cut short, altered, or not of this vault. Nothing was changed."""


class VaultFull(VaultError):
    """The disk has no room. The transaction left no trace."""


class VaultUncertain(VaultError):
    """A file was replaced, and the disk did not confirm that it will stay so."""


class VaultTooNew(VaultError):
    """A newer Causeway wrote this vault."""


class VaultClosed(VaultError):
    """The vault was locked meanwhile."""


class Conflict(VaultError):
    """A row breaks a rule of its table: it is there already, or names one that is not."""


class ChainGap(RemoteError):
    """An entry does not follow the last one of its chain: earlier ones are missing, or it was forged."""


class ForkFound(RemoteError):
    """Two entries with the same device, compartment and sequence.

    Args:
        stored: Hash (32) of the entry that the store holds, so that both can be shown.
    """

    def __init__(self, what: str, *, stored: bytes) -> None:
        super().__init__(what)
        self.stored = stored
