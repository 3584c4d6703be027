"""The ledger: writes entries of this desk, takes those of others, and queues what has to reach them.

An entry, its place in the chain, the tables made from it and its place in the outbox are one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, final

from causeway.casework.facts import Fact, fact_value
from causeway.desk.engine.folding import Folding
from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.outgoing import ITEM, Outgoing
from causeway.desk.engine.projector import newest_clock
from causeway.desk.engine.reader import Opened, Reader
from causeway.desk.engine.roster import DeviceStanding, RosterBook
from causeway.desk.engine.sharing import Sharing
from causeway.desk.engine.taking import Taken, Taking, item_id
from causeway.errors import LocalError
from causeway.record.checkpoint import ChainHead
from causeway.record.clock import first_clock, tick
from causeway.record.cuts import Cut, CutList, encode_cut_list
from causeway.record.entry import Body, Operation, decode_entry, encode_entry, entry_hash, seal_entry
from causeway.record.epochs import closed_below, granted_cases, restriction
from causeway.record.errors import NotReadable, OutOfSequence
from causeway.record.keys import CaseKeys, Compartment, CompartmentKind, Epoch, KeyParcel
from causeway.record.readers import group_of, group_of_case, roles_of_groups
from causeway.units import Day, day_of
from causeway.vault import Chain, StoredEntry, Vault
from causeway.wire.items import ItemType
from causeway.wire.sizes import ID_BYTES

__all__ = ["ITEM", "Ledger", "item_id"]

_SECRET_BYTES: Final = 32
_AHEAD_SECONDS: Final = 86_400


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
        self.reader = Reader(vault, keys=keys, roster=roster)
        self.folding = Folding(vault, reader=self.reader)
        self._taking = Taking(vault, roster=roster, reader=self.reader, folding=self.folding)
        self._outgoing = Outgoing(vault, clock=clock)
        self.sharing = Sharing(vault, keys=keys, roster=roster, outgoing=self._outgoing, clock=clock)
        self._last = 0

    @property
    def _today(self) -> Day:
        return day_of(self._clock())

    # ---- Writing ----

    def add(self, fact: Fact, *, case: bytes, name: str) -> Body:
        """Add a fact to a case's conversation."""
        return self.write(
            case,
            kind=CompartmentKind.CONVERSATION,
            operation=Operation.ADD,
            name=name,
            value=fact_value(fact),
        )

    def set(self, name: str, value: Any, *, case: bytes, heads: Sequence[bytes]) -> Body:
        """Set a register of a case's conversation in place of the values in `heads`."""
        return self.write(
            case,
            kind=CompartmentKind.CONVERSATION,
            operation=Operation.SET,
            name=name,
            value=value,
            heads=heads,
        )

    def write(
        self,
        case: bytes,
        *,
        kind: CompartmentKind,
        operation: Operation,
        name: str,
        value: Any,
        heads: Sequence[bytes] = (),
        last_day: Day | None = None,
        since_day: Day | None = None,
    ) -> Body:
        """Write an entry into a case's compartment of a kind, which begins with it where there is none.

        Args:
            last_day: Of the compartment that would begin.
            since_day: A compartment that ends before it does not do.

        Raises:
            NotReadable: This desk does not have the keys of the case.
            LocalError: This laptop's chain is forked, or it is not in the roster.
        """
        with self._vault.transaction():
            compartment = self._compartment(case, kind=kind, last_day=last_day, since_day=since_day)
            self._last = tick(
                max(self._last, newest_clock(self._vault.db, before=self._ahead())),
                unix_seconds=self._clock(),
            )
            body = Body(
                entry_id=self._random(ID_BYTES),
                case=case,
                operation=operation,
                name=name,
                value=value,
                heads=tuple(heads),
                clock=self._last,
                member=self._member,
            )
            self._append(body, compartment=compartment, kind=kind)
        return body

    def _ahead(self) -> int:
        """Return the display clock from which on others' entries do not move this desk's own.

        Else one device whose clock is wrong, or lies, would use up the numbers of all.
        """
        return first_clock(self._clock() + _AHEAD_SECONDS)

    def _append(self, body: Body, *, compartment: bytes, kind: str) -> None:
        """Seal an entry, give it its place, fold it and queue it."""
        me = self._keys.device_id
        chain = self._vault.entries.chain_of(me, compartment=compartment)
        if chain.fork is not None:
            raise LocalError(
                "What this laptop writes here counts nowhere: its key was used twice, perhaps by a copy of "
                "it. Ask for an invitation as a new laptop."
            )
        if self._roster.standing(me) is not DeviceStanding.LIVE:
            raise LocalError("This laptop is not on the list of members. Nothing written here would count.")
        row = self._vault.db.row("SELECT readers FROM desk_compartment WHERE id = ?", (compartment,))
        if row is None:
            raise NotReadable("This desk has no keys of this compartment.")
        epoch = self.epoch_for(bytes(row[0]), case=body.case)
        keys = self.reader.entry_keys(body.case, compartment=compartment, seed=epoch.seed)
        if keys is None:
            raise NotReadable("This desk has no keys of this case.")
        entry = seal_entry(
            body,
            compartment=compartment,
            epoch=epoch.id,
            keys=keys,
            device=self._keys.device.classical,
            sequence=chain.next_sequence,
            previous=chain.head,
            random=self._random,
        )
        encoded = encode_entry(entry)
        stored = StoredEntry(
            entry_hash(entry), body.entry_id, compartment, me, entry.sequence, entry.epoch, encoded
        )
        self._vault.entries.append(stored, previous=entry.previous)
        self._taking.wrote(Chain(me, compartment, entry.sequence + 1, stored.hash))
        self.folding.add([Opened(body=body, kind=kind)])
        self.queue(ItemType.ENTRY, encoded)

    # ---- Epochs and compartments ----

    def epoch_for(self, group: bytes, *, case: bytes | None = None) -> Epoch:
        """Return the epoch to write in for a group's readers; begin and share one where none is open.

        Args:
            group: Of the compartment.
            case: A case on which somebody ever had a grant has epochs of its own.

        Raises:
            NotReadable: Nobody knows who is in this group.
        """
        rosters = self._roster.chain()
        roles = roles_of_groups(self._roster.fingerprint()).get(group)
        if roles is None:
            raise NotReadable("No role reads for the group of a compartment.")
        own = case if case is not None and case in granted_cases(rosters) else None
        wanted = group if own is None else group_of_case(group, case=own)
        mark = restriction(
            rosters[-1], case=own, fork=sorted(self._roster.taken_off_beyond()), today=self._today
        )
        found = self._keys.writing_epoch(
            group=wanted,
            from_version=closed_below(rosters, roles=roles, case=own),
            to_version=rosters[-1].version,
            mark=mark,
        )
        if found is None:
            with self._vault.transaction():
                found = self._keys.begin_epoch(
                    roster_version=rosters[-1].version, today=self._today, group=wanted, mark=mark
                )
                self.share(KeyParcel(epochs=(found,)))
        return found

    def new_case(self) -> bytes:
        """Make a case with its conversation compartment; its keys are queued for whoever reads it."""
        with self._vault.transaction():
            case, _ = self._keys.new_case(today=self._today)
            self._begin_compartment(case, kind=CompartmentKind.CONVERSATION)
        return case

    def _begin_compartment(self, case: bytes, *, kind: CompartmentKind, last_day: Day | None = None) -> bytes:
        secret = self._keys.case_secret(case)
        if secret is None:
            raise NotReadable("This desk has no keys of this case.")
        compartment = Compartment.begin(
            kind,
            case=case,
            secret=self._random(_SECRET_BYTES),
            group=group_of(kind, fingerprint=self._roster.fingerprint()),
            last_day=last_day,
        )
        self._add_compartment(case, compartment, vouched=True, made=True)
        self.share(KeyParcel(cases=(CaseKeys(case, secret, (compartment,)),)))
        return compartment.id

    def _add_compartment(
        self, case: bytes, compartment: Compartment, *, vouched: bool, made: bool = False
    ) -> bool:
        new = self._keys.compartment_secret(compartment.id) is None
        if not self._keys.add_compartment(compartment, today=self._today):
            return False
        self._vault.db.run(
            "INSERT INTO desk_compartment (id, case_id, kind, readers, last_day, vouched, made) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET vouched = max(vouched, excluded.vouched)",
            (
                compartment.id,
                case,
                compartment.kind,
                compartment.group,
                compartment.last_day,
                int(vouched),
                int(made),
            ),
        )
        return new

    def _compartment(
        self, case: bytes, *, kind: CompartmentKind, last_day: Day | None, since_day: Day | None
    ) -> bytes:
        row = self._vault.db.row(
            "SELECT id FROM desk_compartment WHERE case_id = ? AND kind = ? "
            "AND (?3 IS NULL OR last_day >= ?3) ORDER BY vouched DESC, id LIMIT 1",
            (case, kind, since_day),
        )
        if row is not None:
            return bytes(row[0])
        if kind is CompartmentKind.CONVERSATION:
            raise NotReadable("This desk has no conversation compartment of this case.")
        return self._begin_compartment(case, kind=kind, last_day=last_day)

    # ---- Sending ----

    def share(self, parcel: KeyParcel, *, to: Collection[bytes] | None = None) -> None:
        """Queue keys for other devices of the roster, to each what it may read; see `Sharing.share`."""
        self.sharing.share(parcel, to=to)

    def queue_keys(self, recipient: bytes) -> None:
        """Queue all keys that this desk holds and a device may read: its role changed, or it has a grant."""
        with self._vault.transaction():
            self.sharing.queue_keys(recipient)

    def give_own_keys(self) -> None:
        """Queue the keys that this desk made for devices that may read more than when it made them."""
        with self._vault.transaction():
            self.sharing.give_own()

    def queue_snapshot(self, recipient: bytes, *, heads: Sequence[ChainHead] = ()) -> int:
        """Queue anew all that a new or long absent device lacks; return how many entries that is."""
        return self.sharing.queue_snapshot(recipient, heads=heads)

    def queue(self, kind: ItemType, content: bytes) -> None:
        """Have an item wait for the next record slot, in parts where it is larger than one."""
        self._outgoing.queue(kind, content)

    def requeue(self, item: bytes) -> None:
        """Have an item, `u8 type ‖ content`, wait for the next record slot."""
        self._outgoing.requeue(item)

    # ---- Rosters ----

    def issue_roster(self, signed: bytes, *, cuts: CutList | None = None, queued: bool = True) -> None:
        """Put a version in force that this device signed, with its cut list, and queue both for all desks.

        Args:
            queued: Whether the cut list waits with the rest; a rotation sends the newest of both first.
        """
        with self._vault.transaction():
            self.take_roster(signed)
            # In any case: should another change follow before the relay hears of this one, the rotation
            # sends only the newest, and every desk would wait for the version between.
            self.queue(ItemType.ROSTER, signed)
            if cuts is not None:
                self.take_cut_list(encode_cut_list(cuts))
                if queued:
                    self.queue(ItemType.CUT_LIST, encode_cut_list(cuts))

    def issue_choice(self, signed: bytes) -> None:
        """Settle a fork of the roster by the root's choice, and queue it for all desks."""
        with self._vault.transaction():
            self.take_choice(signed)
            self.queue(ItemType.ROSTER_CHOICE, signed)

    def cuts_for(self, devices: Collection[bytes]) -> CutList:
        """Return the cut list of a version without these devices, as this desk knows their chains.

        Of a forked chain the branch counts that came here first.

        Raises:
            LocalError: The list of an earlier removal has not come here.
        """
        there = self._roster.cut_list()
        if there is None:
            raise LocalError("What counts of laptops that were taken off has not come here yet. Sync first.")
        cuts = [one for one in there.cuts if one.device not in devices]
        for device in sorted(devices):
            for chain in self._vault.entries.chains(device=device):
                last = self._last_linked(chain)
                if last is not None:
                    cuts.append(Cut(device, chain.compartment, *last))
        return CutList(cuts=tuple(cuts))

    def _last_linked(self, chain: Chain) -> tuple[int, bytes] | None:
        if chain.fork is None:
            return (chain.next_sequence - 1, chain.head) if chain.next_sequence else None
        last: tuple[int, bytes] | None = None
        previous = bytes(32)
        for number, stored in enumerate(
            self._vault.entries.in_chain(chain.device, compartment=chain.compartment)
        ):
            if stored.sequence != number or decode_entry(stored.sealed).previous != previous:
                break
            last, previous = (stored.sequence, stored.hash), stored.hash
        return last

    def take_roster(self, signed: bytes) -> Taken | None:
        """Take a version of the roster and judge chains by it; `None` where it was here already.

        Raises:
            RemoteError: As `RosterBook.take`.
        """
        return self._take_standing(lambda: self._roster.take(signed, today=self._today))

    def take_choice(self, signed: bytes) -> Taken | None:
        """Take the root's choice between rosters, likewise."""
        return self._take_standing(lambda: self._roster.take_choice(signed))

    def take_cut_list(self, encoded: bytes) -> Taken | None:
        """Take a cut list, likewise."""
        return self._take_standing(lambda: self._roster.take_cut_list(encoded))

    def _take_standing(self, take: Callable[[], bool]) -> Taken | None:
        with self._vault.transaction():
            before = self._roster.standings()
            if not take():
                return None
            after = self._roster.standings()
            changed = {one for one in {*before, *after} if before.get(one) != after.get(one)}
            taken = self._taking.judge_again(changed, day=self._today)
            self._issue_own_again(taken.cut_off)
            return taken

    def _issue_own_again(self, cut_off: Sequence[bytes]) -> None:
        """Issue again what this member wrote on another laptop that was taken off.

        Only what was here before that was known: what comes later may be by whoever has the laptop now, and
        waits for somebody to look at it.
        """
        if self._roster.standing(self._keys.device_id) is not DeviceStanding.LIVE:
            return
        for digest in cut_off:
            entry = self.reader.find(digest)
            known = None if entry is None else self._roster.known_device(entry.device)
            if known is not None and known.member == self._member:
                self.issue_again(digest)

    def issue_again(self, digest: bytes) -> Body:
        """Issue an entry again that lies beyond the cut of a removed device: it counts from then on.

        Args:
            digest: Its hash (32).

        Raises:
            LocalError: There is no such entry, or this desk can't read it.
        """
        entry = self.reader.find(digest)
        opened = None if entry is None else self.reader.original(entry)
        if entry is None or opened is None:
            raise LocalError("This desk can't read it, so it can't take it in.")
        fields = {name: getattr(opened.body, name) for name in Body.__dataclass_fields__}
        body = Body(**(fields | {"origin": digest}))
        with self._vault.transaction():
            self._append(body, compartment=entry.compartment, kind=opened.kind)
        return body

    # ---- Taking ----

    def take_keys(self, parcel: KeyParcel, *, vouched: bool = True) -> Taken | None:
        """Keep the keys that another device sent; not those that were to be forgotten, or have run out.

        Args:
            vouched: The device is in the roster in force. Else its keys read what counts of it, no more.

        Returns:
            What can be read now; `None` where nothing of it was new.

        Raises:
            OutOfSequence: An epoch was begun under a roster that this desk does not know yet.
        """
        today = self._today
        version = self._roster.current().version
        if any(epoch.roster_version > version for epoch in parcel.epochs):
            raise OutOfSequence("An epoch came before the roster under which it was begun.")
        with self._vault.transaction():
            epochs = [
                one.id for one in parcel.epochs if self._keys.add_epoch(one, today=today, vouched=vouched)
            ]
            compartments = [
                one.id
                for case in parcel.cases
                if self._keys.add_case(case.case, secret=case.secret, today=today)
                for one in case.compartments
                if self._add_compartment(case.case, one, vouched=vouched)
            ]
            for week, secret in parcel.intake if vouched else ():
                self._keys.add_intake(week, secret=secret, today=today)
            if not (epochs or compartments or parcel.intake):
                return None
            return self._taking.open_more(compartments=compartments, epochs=epochs, day=today)

    def take_entries(self, batch: Sequence[bytes], *, day: Day) -> Taken:
        """Give signed entries their places in their chains, whether this desk can read them or not.

        A desk that left out what it can't read would take the next for a gap, and could not compare heads.
        """
        with self._vault.transaction():
            return self._taking.take(batch, day=day)

    def fold_again(self) -> None:
        """Make all tables again, after keys were destroyed."""
        self.folding.fold_again()
