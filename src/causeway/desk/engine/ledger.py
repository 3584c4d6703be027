"""The ledger: writes entries of this desk, takes those of others, and queues what has to reach them.

An entry, its place in the chain, the tables made from it and its place in the outbox are one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final, final

from causeway.casework.facts import Fact, fact_value
from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.projector import ConversationProjector, newest_clock
from causeway.desk.engine.roster import RosterBook
from causeway.record.clock import tick
from causeway.record.entry import (
    Body,
    Operation,
    decode_entry,
    encode_entry,
    entry_hash,
    open_body,
    seal_entry,
    verify_entry,
)
from causeway.record.errors import Fork, NotReadable, OutOfSequence, UnknownDevice
from causeway.record.keys import CaseKeys, Compartment, CompartmentKind, KeyParcel, wrap_keys
from causeway.sealed.aead import SealBroken
from causeway.units import day_of
from causeway.vault import ChainGap, ForkFound, Projections, StoredEntry, Vault
from causeway.wire.items import ItemType
from causeway.wire.sizes import ID_BYTES

__all__ = ["ITEM", "Ledger", "item_id"]

ITEM: Final = "item"
"""Kind of what waits in the outbox to be packed: `u8 type ‖ content`."""


def item_id(content: bytes) -> bytes:
    """Return the id under which an item waits or is kept aside: the same item twice is the same item."""
    return hashlib.sha256(content).digest()[:ID_BYTES]


@final
class Ledger:
    """This desk's pen, and its reader of what other desks wrote."""

    def __init__(
        self,
        vault: Vault,
        *,
        keys: Keyring,
        roster: RosterBook,
        member: bytes,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
    ) -> None:
        self._vault = vault
        self._keys = keys
        self._roster = roster
        self._member = member
        self._clock = clock
        self._random = random
        self._projections: Projections[Body] = Projections(
            vault, projectors=[ConversationProjector()], opening=self._open_stored
        )
        self._projections.bring_up()
        self._last = newest_clock(vault.db)

    # ---- Writing ----

    def add(self, fact: Fact, *, case: bytes, name: str) -> Body:
        """Add a fact to a case's conversation."""
        return self._write(case, operation=Operation.ADD, name=name, value=fact_value(fact), heads=())

    def set(self, name: str, value: Any, *, case: bytes, heads: Sequence[bytes]) -> Body:
        """Set a register of a case's conversation in place of the values in `heads`."""
        return self._write(case, operation=Operation.SET, name=name, value=value, heads=tuple(heads))

    def _write(
        self, case: bytes, *, operation: Operation, name: str, value: Any, heads: tuple[bytes, ...]
    ) -> Body:
        with self._vault.transaction():
            self._last = tick(self._last, unix_seconds=self._clock())
            body = Body(
                entry_id=self._random(ID_BYTES),
                case=case,
                operation=operation,
                name=name,
                value=value,
                heads=heads,
                clock=self._last,
                member=self._member,
            )
            compartment = self._compartment(case)
            case_secret = self._keys.case_secret(case)
            if case_secret is None:
                raise NotReadable("The key of this case is not here, or was destroyed.")
            epoch = self._keys.epoch()
            head = self._vault.entries.head(self._keys.device_id, compartment=compartment)
            entry = seal_entry(
                body,
                compartment=compartment,
                epoch=epoch.id,
                seed=epoch.seed,
                case_secret=case_secret,
                device=self._keys.device.classical,
                sequence=head.next_sequence,
                previous=head.previous,
                random=self._random,
            )
            encoded = encode_entry(entry)
            stored = StoredEntry(
                hash=entry_hash(entry),
                entry_id=body.entry_id,
                compartment=compartment,
                device=entry.device,
                sequence=entry.sequence,
                epoch=entry.epoch,
                sealed=encoded,
            )
            self._vault.entries.append(stored, previous=entry.previous)
            self._projections.apply(body)
            self.queue(ItemType.ENTRY, encoded)
        return body

    def new_case(self) -> bytes:
        """Make a case with its conversation compartment; its keys are queued for every device."""
        with self._vault.transaction():
            today = day_of(self._clock())
            case, secret = self._keys.new_case(today=today)
            compartment = Compartment(self._random(ID_BYTES), CompartmentKind.CONVERSATION)
            self._add_compartment(case, compartment)
            self.share(KeyParcel(cases=(CaseKeys(case, secret, (compartment,)),)))
        return case

    def share(self, parcel: KeyParcel) -> None:
        """Queue keys for every device of the roster, this one's other laptops to come included."""
        for recipient in self._roster.wrapping_keys():
            self.queue(ItemType.KEY_PARCEL, wrap_keys(parcel, recipient=recipient))

    def queue(self, kind: ItemType, content: bytes) -> None:
        """Have an item wait for the next record slot."""
        self.requeue(bytes([kind]) + content)

    def requeue(self, item: bytes) -> None:
        """Have an item, `u8 type ‖ content`, wait for the next record slot."""
        self._vault.outbox.queue(item_id(item), kind=ITEM, body=item, day=day_of(self._clock()))

    # ---- Taking ----

    def take_keys(self, parcel: KeyParcel) -> None:
        """Keep the keys that another device sent."""
        today = day_of(self._clock())
        with self._vault.transaction():
            for epoch in parcel.epochs:
                self._keys.add_epoch(epoch, today=today)
            for case in parcel.cases:
                self._keys.add_case(case.case, secret=case.secret, today=today)
                for compartment in case.compartments:
                    self._add_compartment(case.case, compartment)
            for week, secret in parcel.intake:
                self._keys.add_intake(week, secret=secret, today=today)

    def take_entry(self, encoded: bytes) -> bool:
        """Take an entry that came from the relay; return whether it was new.

        Raises:
            UnknownDevice, NotReadable, OutOfSequence: It may be taken later.
            Fork: Two entries at one place of a chain.
            RemoteError: It is broken or forged.
        """
        entry = decode_entry(encoded)
        device = self._roster.current().device(entry.device)
        if device is None:
            raise UnknownDevice("No roster names the device that wrote an entry.")
        digest = verify_entry(entry, device_key=device.key)
        opened = self._open(encoded)
        if opened is None:
            raise NotReadable("There is no key for an entry here.")
        stored = StoredEntry(
            hash=digest,
            entry_id=opened.entry_id,
            compartment=entry.compartment,
            device=entry.device,
            sequence=entry.sequence,
            epoch=entry.epoch,
            sealed=encoded,
        )
        with self._vault.transaction():
            head = self._vault.entries.head(entry.device, compartment=entry.compartment)
            try:
                new = self._vault.entries.append(stored, previous=entry.previous)
            except ForkFound as error:
                raise Fork("Two entries claim one place of a chain.") from error
            except ChainGap as error:
                if entry.sequence == head.next_sequence:
                    raise Fork("An entry continues another chain than the one that is known.") from error
                raise OutOfSequence("An entry came before those that it follows.") from error
            if new:
                self._last = max(self._last, opened.clock)
                self._projections.apply(opened)
        return new

    def _open_stored(self, stored: StoredEntry) -> Body | None:
        return self._open(stored.sealed)

    def _open(self, encoded: bytes) -> Body | None:
        """Return the inside of an entry whose case and epoch this desk has the keys of, else `None`.

        Raises:
            RecordError: The inside is broken, or names another case than its compartment's.
        """
        entry = decode_entry(encoded)
        seed = self._keys.epoch_seed(entry.epoch)
        row = self._vault.db.row("SELECT case_id FROM desk_compartment WHERE id = ?", (entry.compartment,))
        case_secret = None if row is None else self._keys.case_secret(row[0])
        if row is None or seed is None or case_secret is None:
            return None
        body = open_body(entry, seed=seed, case_secret=case_secret)
        if body.case != row[0]:
            raise SealBroken("An entry names another case than its compartment's.")
        return body

    # ---- Compartments ----

    def _add_compartment(self, case: bytes, compartment: Compartment) -> None:
        self._vault.db.run(
            "INSERT INTO desk_compartment (id, case_id, kind) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (compartment.id, case, compartment.kind),
        )

    def _compartment(self, case: bytes) -> bytes:
        row = self._vault.db.row(
            "SELECT min(id) FROM desk_compartment WHERE case_id = ? AND kind = ?",
            (case, CompartmentKind.CONVERSATION),
        )
        if row is None or row[0] is None:
            raise NotReadable("This desk has no conversation compartment of this case.")
        return bytes(row[0])
