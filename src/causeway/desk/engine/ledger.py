"""The ledger: writes entries of this desk, takes those of others, and queues what has to reach them.

An entry, its place in the chain, the tables made from it and its place in the outbox are one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final, final

from causeway.casework.facts import Fact, fact_value
from causeway.desk.engine.file_projector import FileProjector
from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.projector import ConversationProjector, newest_clock
from causeway.desk.engine.reader import Reader
from causeway.desk.engine.roster import RosterBook
from causeway.errors import RemoteError
from causeway.record.clock import first_clock, tick
from causeway.record.entry import (
    Body,
    Operation,
    decode_entry,
    encode_entry,
    entry_hash,
    seal_entry,
    verify_entry,
)
from causeway.record.errors import Fork, NotReadable, OutOfSequence, UnknownDevice
from causeway.record.keys import CaseKeys, Compartment, CompartmentKind, KeyParcel, wrap_keys
from causeway.record.parts import split_item
from causeway.units import day_of
from causeway.vault import ChainGap, ForkFound, Projections, StoredEntry, Vault
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import ID_BYTES

__all__ = ["ITEM", "Ledger", "item_id"]

ITEM: Final = "item"
"""Kind of what waits in the outbox to be packed: `u8 type ‖ content`."""

_SECRET_BYTES: Final = 32
_AHEAD_SECONDS: Final = 86_400
_REFUSED: Final = b""
"""In the place of the entry id of one whose inside was refused: it has its place in the chain, no more."""


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
        self._reader = Reader(vault, keys=keys, roster=roster)
        self._projections: Projections[Body] = Projections(
            vault, projectors=[ConversationProjector(), FileProjector()], opening=self._open_stored
        )
        self._projections.bring_up()
        self._last = newest_clock(vault.db, before=self._ahead())

    def _ahead(self) -> int:
        """Return the display clock from which on others' entries do not move this desk's own.

        Else one device whose clock is wrong, or lies, would use up the numbers of all.
        """
        return first_clock(self._clock() + _AHEAD_SECONDS)

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
            epoch = self._keys.epoch()
            keys = self._reader.entry_keys(case, compartment=compartment, seed=epoch.seed)
            if keys is None:
                raise NotReadable("The key of this case is not here, or was destroyed.")
            head = self._vault.entries.head(self._keys.device_id, compartment=compartment)
            entry = seal_entry(
                body,
                compartment=compartment,
                epoch=epoch.id,
                keys=keys,
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
            compartment = Compartment.begin(
                CompartmentKind.CONVERSATION, case=case, secret=self._random(_SECRET_BYTES)
            )
            self._add_compartment(case, compartment)
            self.share(KeyParcel(cases=(CaseKeys(case, secret, (compartment,)),)))
        return case

    def share(self, parcel: KeyParcel) -> None:
        """Queue keys for every device of the roster that has named a wrapping key, this one included."""
        today = day_of(self._clock())
        for recipient, wrapping in self._roster.wrapping_keys():
            item = wrap_keys(
                parcel,
                device=self._keys.device.classical,
                recipient=recipient,
                wrapping=wrapping,
                day=today,
            )
            self.queue(ItemType.KEY_PARCEL, item)

    def queue(self, kind: ItemType, content: bytes) -> None:
        """Have an item wait for the next record slot, in parts where it is larger than one."""
        for item in split_item(Item(type=kind, content=content)):
            self.requeue(bytes([item.type]) + item.content)

    def requeue(self, item: bytes) -> None:
        """Have an item, `u8 type ‖ content`, wait for the next record slot."""
        self._vault.outbox.queue(item_id(item), kind=ITEM, body=item, day=day_of(self._clock()))

    # ---- Taking ----

    def take_keys(self, parcel: KeyParcel) -> None:
        """Keep the keys that another device sent; not those that were to be forgotten, or have run out.

        Raises:
            OutOfSequence: An epoch was begun under a roster that this desk does not know yet.
        """
        today = day_of(self._clock())
        version = self._roster.current().version
        if any(epoch.roster_version > version for epoch in parcel.epochs):
            raise OutOfSequence("An epoch came before the roster under which it was begun.")
        with self._vault.transaction():
            for epoch in parcel.epochs:
                self._keys.add_epoch(epoch, today=today)
            for case in parcel.cases:
                if self._keys.add_case(case.case, secret=case.secret, today=today):
                    for compartment in case.compartments:
                        self._add_compartment(case.case, compartment)
            for week, secret in parcel.intake:
                self._keys.add_intake(week, secret=secret, today=today)

    def take_entry(self, encoded: bytes) -> StoredEntry | None:
        """Give a signed entry its place in its chain, whether this desk can read it or not.

        A desk that left out what it can't read would take the next for a gap, and could not compare heads.

        Returns:
            The entry, to be folded; `None` where it was there already.

        Raises:
            UnknownDevice, OutOfSequence: It may be taken later.
            Fork: Two entries at one place of a chain.
            RemoteError: It is broken or forged.
        """
        entry = decode_entry(encoded)
        device = self._roster.current().device(entry.device)
        if device is None:
            raise UnknownDevice("No roster names the device that wrote an entry.")
        stored = StoredEntry(
            hash=verify_entry(entry, device_key=device.key),
            entry_id=None,
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
        return stored if new else None

    def fold(self, stored: StoredEntry) -> bool:
        """Show what an entry says, if this desk has what it takes to read it; return whether it has.

        Raises:
            RemoteError: Its inside is broken, or claims what it must not: call `refuse_inside`.
        """
        opened = self._reader.open(decode_entry(stored.sealed))
        if opened is None:
            return False
        with self._vault.transaction():
            self._vault.entries.identify(stored.hash, entry_id=opened.body.entry_id)
            if opened.body.clock < self._ahead():
                self._last = max(self._last, opened.body.clock)
            if opened.kind == CompartmentKind.CONVERSATION:
                self._projections.apply(opened.body)
        return True

    def unread(self) -> list[StoredEntry]:
        """Return the entries that could not be read when they came, and perhaps can be now."""
        known = {bytes(row[0]) for row in self._vault.db.rows("SELECT id FROM desk_compartment")}
        waiting = self._vault.entries.unopened()
        found = [self._vault.entries.get(one) for one, where in waiting if where in known]
        return [stored for stored in found if stored is not None]

    def refuse_inside(self, stored: StoredEntry) -> None:
        """Note that an entry has nothing to show, now or later."""
        self._vault.entries.identify(stored.hash, entry_id=_REFUSED)

    def fold_again(self) -> None:
        """Make all tables again, after keys were destroyed."""
        self._projections.bring_up(again=True)

    def _open_stored(self, stored: StoredEntry) -> Body | None:
        if stored.entry_id == _REFUSED:
            return None
        try:
            opened = self._reader.open(decode_entry(stored.sealed))
        except RemoteError:
            return None
        return opened.body if opened is not None and opened.kind == CompartmentKind.CONVERSATION else None

    # ---- Compartments ----

    def _add_compartment(self, case: bytes, compartment: Compartment) -> None:
        if not self._keys.add_compartment(compartment, today=day_of(self._clock())):
            return
        self._vault.db.run(
            "INSERT INTO desk_compartment (id, case_id, kind, readers, last_day) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (compartment.id, case, compartment.kind, compartment.group, compartment.last_day),
        )

    def _compartment(self, case: bytes) -> bytes:
        row = self._vault.db.row(
            "SELECT min(id) FROM desk_compartment WHERE case_id = ? AND kind = ?",
            (case, CompartmentKind.CONVERSATION),
        )
        if row is None or row[0] is None:
            raise NotReadable("This desk has no conversation compartment of this case.")
        return bytes(row[0])
