"""Opening entries: with the keys that this desk holds, and nothing that claims more than it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.roster import RosterBook
from causeway.errors import RemoteError
from causeway.record.entry import Body, EntryKeys, SealedEntry, decode_entry, open_body, verify_entry
from causeway.record.errors import RecordError, UnknownDevice
from causeway.vault import Vault
from causeway.wire.items import ItemType

__all__ = ["Opened", "Reader"]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Opened:
    """The inside of an entry, and its compartment's kind: a `CompartmentKind`, or one of later versions."""

    body: Body
    kind: str


@final
class Reader:
    """Opens entries whose signatures have been verified."""

    def __init__(self, vault: Vault, *, keys: Keyring, roster: RosterBook) -> None:
        self._vault = vault
        self._keys = keys
        self._roster = roster

    def open(self, entry: SealedEntry) -> Opened | None:
        """Return the inside of an entry; `None` where its keys, or the entry that it repeats, are not here.

        Raises:
            RemoteError: The inside is broken, or claims another case, group, member or origin than it may.
        """
        opened = self._unseal(entry)
        if opened is None:
            return None
        origin = opened.body.origin
        if origin is None:
            self._check_member(opened, device=entry.device)
        elif not self._repeats(opened.body, origin=origin):
            return None
        return opened

    def _unseal(self, entry: SealedEntry) -> Opened | None:
        epoch = self._keys.find_epoch(entry.epoch)
        row = self._vault.db.row(
            "SELECT case_id, kind, readers FROM desk_compartment WHERE id = ?", (entry.compartment,)
        )
        if row is None or epoch is None:
            return None
        case, kind, readers = row
        keys = self.entry_keys(case, compartment=entry.compartment, seed=epoch.seed)
        if keys is None:
            return None
        body = open_body(entry, keys=keys)
        if body.case != case or epoch.group != readers:
            raise RecordError("An entry names another case or group than its compartment's.")
        return Opened(body=body, kind=kind)

    def _check_member(self, opened: Opened, *, device: bytes) -> None:
        known = self._roster.known_device(device)
        if known is None or known.member != opened.body.member:
            raise RecordError("An entry names another member than its device's.")

    def _repeats(self, body: Body, *, origin: bytes) -> bool:
        """Return whether the entry that this one issues again is here.

        Raises:
            RemoteError: It says something else.
        """
        original = self._find(origin)
        opened = None if original is None else self._unseal(original)
        if original is None or opened is None:
            return False
        self._check_member(opened, device=original.device)
        if opened.body.origin is not None or not body.issues_again(opened.body):
            raise RecordError("An entry was issued again with other content.")
        return True

    def _find(self, origin: bytes) -> SealedEntry | None:
        """Return an entry by its hash, from the chains or, if its device was removed, from aside."""
        stored = self._vault.entries.get(origin)
        if stored is not None:
            return decode_entry(stored.sealed)
        for kept in self._vault.aside.all(reason=UnknownDevice.reason):
            if kept.content[:1] != bytes([ItemType.ENTRY]):
                continue
            try:
                entry = decode_entry(kept.content[1:])
                device = self._roster.known_device(entry.device)
                if device is not None and verify_entry(entry, device_key=device.key) == origin:
                    return entry
            except RemoteError:
                continue
        return None

    def entry_keys(self, case: bytes, *, compartment: bytes, seed: bytes) -> EntryKeys | None:
        """Return what entries of a compartment are sealed under; `None` where a part of it is not here."""
        case_secret = self._keys.case_secret(case)
        compartment_secret = self._keys.compartment_secret(compartment)
        if case_secret is None or compartment_secret is None:
            return None
        return EntryKeys(seed=seed, case_secret=case_secret, compartment_secret=compartment_secret)
