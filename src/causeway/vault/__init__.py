"""The desk's encrypted store. It knows entries, keys, what waits; what they mean is the desk's."""

from __future__ import annotations

from causeway.vault._aside import Aside, KeptAside, Place
from causeway.vault._database import Database
from causeway.vault._entries import NO_HASH, Chain, Entries, Head, StoredEntry
from causeway.vault._outbox import Outbox, Outgoing
from causeway.vault._pieces import Pieces
from causeway.vault._secrets import Secret, Secrets
from causeway.vault._seen import Seen
from causeway.vault._settings import Settings
from causeway.vault.errors import (
    ChainGap,
    Conflict,
    ForkFound,
    VaultClosed,
    VaultDamaged,
    VaultError,
    VaultExists,
    VaultFull,
    VaultInUse,
    VaultMissing,
    VaultRevoked,
    VaultTooNew,
    VaultUncertain,
    WrongPassphrase,
)
from causeway.vault.projection import Projections, Projector
from causeway.vault.vault import Vault

__all__ = [
    "NO_HASH",
    "Aside",
    "Chain",
    "ChainGap",
    "Conflict",
    "Database",
    "Entries",
    "ForkFound",
    "Head",
    "KeptAside",
    "Outbox",
    "Outgoing",
    "Pieces",
    "Place",
    "Projections",
    "Projector",
    "Secret",
    "Secrets",
    "Seen",
    "Settings",
    "StoredEntry",
    "Vault",
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
