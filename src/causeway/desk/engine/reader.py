"""Opening entries: with the keys that this desk holds, and nothing that claims more than it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.roster import RosterBook
from causeway.record.entry import Body, EntryKeys, SealedEntry, decode_entry, entry_key, open_with
from causeway.record.errors import RecordError, ReSigned
from causeway.record.readers import group_of_case
from causeway.vault import Vault

__all__ = ["Opened", "Reader", "WaitsForOrigin"]

_KEYS_MAX: Final = 40_000


class WaitsForOrigin(RecordError):
    """An entry issues another one again, which is not here or can't be read."""

    reason = "not-readable"

    def __init__(self, origin: bytes) -> None:
        super().__init__("An entry issues another one again that is not here.")
        self.origin = origin


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Opened:
    """The inside of an entry, and its compartment's kind: a `CompartmentKind`, or one of later versions."""

    body: Body
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class _ChainKey:
    """What opens the entries of one device in one compartment under one epoch."""

    key: bytes
    case: bytes
    kind: str


@final
class Reader:
    """Opens entries whose signatures have been verified."""

    def __init__(self, vault: Vault, *, keys: Keyring, roster: RosterBook) -> None:
        self._vault = vault
        self._keys = keys
        self._roster = roster
        self._chain_keys: dict[tuple[bytes, bytes, bytes], _ChainKey] = {}
        self._lacking: set[tuple[bytes, bytes, bytes]] = set()
        self._valid = (0, 0)
        self._added = 0

    def open(self, entry: SealedEntry) -> Opened | None:
        """Return the inside of an entry; `None` where its keys are not here.

        Raises:
            WaitsForOrigin: It issues another one again, which is not here.
            RemoteError: The inside is broken, or claims another case, group, member or origin than it may.
        """
        opened = self._unseal(entry)
        if opened is None:
            return None
        origin = opened.body.origin
        if origin is None:
            self._check_member(opened, device=entry.device)
        else:
            self._check_repeats(opened.body, origin=origin)
        return opened

    def _unseal(self, entry: SealedEntry) -> Opened | None:
        found = self._chain_key(entry)
        if found is None:
            return None
        body = open_with(entry, key=found.key)
        if body.case != found.case:
            raise RecordError("An entry names another case than its compartment's.")
        return Opened(body=body, kind=found.kind)

    def _chain_key(self, entry: SealedEntry) -> _ChainKey | None:
        now = self._vault.db.undone, self._keys.destroyed
        if self._valid != now or len(self._chain_keys) >= _KEYS_MAX:
            self._valid = now
            self._chain_keys.clear()
            self._lacking.clear()
        if self._added != self._keys.added:
            self._added = self._keys.added
            self._lacking.clear()
        name = entry.device, entry.compartment, entry.epoch
        found = self._chain_keys.get(name)
        if found is None and name not in self._lacking:
            found = self._find_key(entry)
            if found is not None:
                self._chain_keys[name] = found
            elif len(self._lacking) < _KEYS_MAX:
                self._lacking.add(name)
        return found

    def _find_key(self, entry: SealedEntry) -> _ChainKey | None:
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
        if epoch.group not in {readers, group_of_case(readers, case=case)}:
            raise RecordError("An entry is under an epoch of another group than its compartment's.")
        return _ChainKey(key=entry_key(entry, keys=keys), case=case, kind=kind)

    def _check_member(self, opened: Opened, *, device: bytes) -> None:
        known = self._roster.known_device(device)
        if known is None or known.member != opened.body.member:
            raise RecordError("An entry names another member than its device's.")

    def _check_repeats(self, body: Body, *, origin: bytes) -> None:
        """Refuse an entry that says something else than the one that it issues again.

        Raises:
            WaitsForOrigin: That one is not here, or can't be read.
            RemoteError: It says something else, or may not be issued again.
        """
        original = self.find(origin)
        opened = None if original is None else self._unseal(original)
        if original is None or opened is None:
            raise WaitsForOrigin(origin)
        self._check_member(opened, device=original.device)
        if opened.body.origin is not None or not body.issues_again(opened.body):
            raise ReSigned("An entry was issued again with other content.")

    def original(self, entry: SealedEntry) -> Opened | None:
        """Return the inside of an entry that may be issued again; `None` where its keys are not here.

        Raises:
            RemoteError: It is broken, claims another member's name, or issues another again itself.
        """
        opened = self._unseal(entry)
        if opened is not None:
            self._check_member(opened, device=entry.device)
            if opened.body.origin is not None:
                raise ReSigned("An entry that issues another again is not issued again.")
        return opened

    def find(self, entry_hash: bytes) -> SealedEntry | None:
        """Return a verified entry by its hash, from the chains or from aside."""
        stored = self._vault.entries.get(entry_hash)
        if stored is not None:
            return decode_entry(stored.sealed)
        kept = self._vault.aside.entry(entry_hash)
        return None if kept is None else decode_entry(kept.content[1:])

    def entry_keys(self, case: bytes, *, compartment: bytes, seed: bytes) -> EntryKeys | None:
        """Return what entries of a compartment are sealed under; `None` where a part of it is not here."""
        case_secret = self._keys.case_secret(case)
        compartment_secret = self._keys.compartment_secret(compartment)
        if case_secret is None or compartment_secret is None:
            return None
        return EntryKeys(seed=seed, case_secret=case_secret, compartment_secret=compartment_secret)
