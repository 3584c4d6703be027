"""Giving keys and the record to other devices: to each what its member may read, and no more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, TypeVar, final

from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.outgoing import Outgoing
from causeway.desk.engine.roster import RosterBook
from causeway.record.checkpoint import ChainHead
from causeway.record.epochs import granted_cases
from causeway.record.forgetting import FORGET, sign_about_case
from causeway.record.keys import CaseKeys, Compartment, Epoch, KeyParcel, wrap_keys
from causeway.record.readers import (
    GRANTED_KINDS,
    granted_members,
    group_of,
    group_of_case,
    in_roles,
    may_read,
    reads_intake,
    roles_of_groups,
)
from causeway.units import Day, day_of
from causeway.vault import Vault
from causeway.wire.items import ItemType

__all__ = ["Sharing"]

_Key = TypeVar("_Key")

_PARCEL_BYTES: Final = 24_000
"""Of keys in one parcel: an item has to fit a slot, with what seals it."""

_GIVEN: Final = "given/"
_EPOCH_BYTES: Final = 96
_CASE_BYTES: Final = 64
_COMPARTMENT_BYTES: Final = 112


@final
class Sharing:
    """What leaves this desk for others to read with."""

    def __init__(
        self,
        vault: Vault,
        *,
        keys: Keyring,
        roster: RosterBook,
        outgoing: Outgoing,
        clock: Callable[[], float],
    ) -> None:
        self._vault = vault
        self._settings = vault.settings
        self._keys = keys
        self._roster = roster
        self._outgoing = outgoing
        self._clock = clock

    @property
    def _today(self) -> Day:
        return day_of(self._clock())

    # ---- Keys ----

    def share(self, parcel: KeyParcel, *, to: Collection[bytes] | None = None) -> None:
        """Queue keys for other devices, to each what it may read.

        Args:
            to: Ids of devices; all others of the roster that have named a wrapping key where it is `None`.
        """
        # Whom one side of a fork has removed gets nothing until the root has said which side counts.
        doubtful = self._roster.taken_off_beyond()
        for recipient, wrapping in self._roster.wrapping_keys():
            if recipient == self._keys.device_id or recipient in doubtful:
                continue
            if to is not None and recipient not in to:
                continue
            allowed = self.allowed(parcel, device=recipient)
            if not (allowed.epochs or allowed.cases or allowed.intake):
                continue
            item = wrap_keys(
                allowed,
                device=self._keys.device.classical,
                recipient=recipient,
                wrapping=wrapping,
                day=self._today,
            )
            self._outgoing.queue(ItemType.KEY_PARCEL, item)

    def allowed(self, parcel: KeyParcel, *, device: bytes) -> KeyParcel:
        """Return what of these keys a device of the roster may have."""
        known = self._roster.current().device(device)
        if known is None:
            return KeyParcel()
        member, roster, today = known.member, self._roster.current(), self._today
        cases = []
        for case in parcel.cases:
            readable = tuple(
                one
                for one in case.compartments
                if may_read(roster, member, kind=one.kind, case=case.case, today=today)
            )
            if readable:
                cases.append(CaseKeys(case.case, case.secret, readable))
        return KeyParcel(
            epochs=tuple(one for one in parcel.epochs if self._reads_group(member, one.group)),
            cases=tuple(cases),
            intake=parcel.intake if reads_intake(roster, member) else (),
        )

    def _reads_group(self, member: bytes, group: bytes) -> bool:
        roster, fingerprint = self._roster.current(), self._roster.fingerprint()
        found = roster.member(member)
        groups = roles_of_groups(fingerprint)
        of_case: bytes | None = None
        if group not in groups:
            of_case, group = self.case_of_group(group) or (None, group)
        if found is None or group not in groups:
            return False
        if in_roles(found.role, groups[group]):
            return True
        granting = {group_of(kind, fingerprint=fingerprint) for kind in GRANTED_KINDS}
        if group not in granting:
            return False
        cases = {one.case for one in roster.grants} if of_case is None else {of_case}
        return any(member in granted_members(roster, case=case, today=self._today) for case in cases)

    def case_of_group(self, group: bytes) -> tuple[bytes, bytes] | None:
        """Return the case whose own group this is, and the group of all cases that it stands for."""
        fingerprint = self._roster.fingerprint()
        for case in granted_cases(self._roster.chain()):
            for base in roles_of_groups(fingerprint):
                if group_of_case(base, case=case) == group:
                    return case, base
        return None

    def queue_keys(self, recipient: bytes) -> None:
        """Queue all keys that are held and that a device may read."""
        for parcel in self._parcels():
            self.share(parcel, to=[recipient])
        self._settings.put(_GIVEN + recipient.hex(), value=self._reads(recipient))

    def give_own(self) -> None:
        """Queue the keys that this desk made for each device that may read other things than before.

        Whoever lets somebody in gives them all that it holds; what this desk made meanwhile, apart, it does
        not hold.
        """
        for recipient, _ in self._roster.wrapping_keys():
            reads = self._reads(recipient)
            if recipient != self._keys.device_id and self._settings.get(_GIVEN + recipient.hex()) != reads:
                for parcel in self._parcels(own=True):
                    self.share(parcel, to=[recipient])
                self._settings.put(_GIVEN + recipient.hex(), value=reads)

    def _reads(self, device: bytes) -> str:
        """Return what stands for all that a device may read by the roster in force."""
        roster = self._roster.current()
        known = roster.device(device)
        member = None if known is None else roster.member(known.member)
        if member is None:
            return ""
        return " ".join(
            [member.role, *sorted(one.case.hex() for one in roster.grants if one.member == member.id)]
        )

    def _parcels(self, *, own: bool = False) -> Iterator[KeyParcel]:
        epochs = [
            one for one in self._keys.epochs().values() if not own or one.device == self._keys.device_id
        ]
        yield from _in_parcels(epochs, size=lambda _one: _EPOCH_BYTES, make=_of_epochs)
        yield from _in_parcels(
            self._cases(own=own),
            size=lambda one: _CASE_BYTES + len(one.compartments) * _COMPARTMENT_BYTES,
            make=_of_cases,
        )
        if not own:
            yield KeyParcel(intake=tuple(self._keys.intake_secrets()[::-1]))

    def _cases(self, *, own: bool) -> Iterator[CaseKeys]:
        for case in self._keys.cases():
            secret = self._keys.case_secret(case)
            if secret is None or self._keys.tombstone(case) is not None:
                continue
            rows = self._vault.db.rows(
                "SELECT id, kind, readers, last_day FROM desk_compartment "
                "WHERE case_id = ? AND (made OR NOT ?) ORDER BY id",
                (case, int(own)),
            )
            held = [(row, self._keys.compartment_secret(bytes(row[0]))) for row in rows]
            compartments = tuple(
                Compartment(bytes(one), kind, bytes(readers), key, last_day)
                for (one, kind, readers, last_day), key in held
                if key is not None
            )
            if compartments:
                yield CaseKeys(case, secret, compartments)

    # ---- Everything ----

    def queue_snapshot(self, recipient: bytes, *, heads: Sequence[ChainHead] = (), keys: bool = True) -> int:
        """Queue anew what a device lacks: rosters, cut lists, names of wrapping keys, keys, and entries.

        Entries go as they were signed, never as what was made of them: who gets them checks them as if they
        came from their devices. Others drop what they have.

        Args:
            recipient: A device of the roster that has named a wrapping key.
            heads: How far it has got, by its own checkpoint.
            keys: Send keys as well.

        Returns:
            How many entries were queued.
        """
        with self._vault.transaction():
            self._queue_foundations()
            if keys:
                self.queue_keys(recipient)
            reached = {(one.device, one.compartment): one.sequence for one in heads}
            queued = 0
            for chain in self._vault.entries.chains():
                since = reached.get((chain.device, chain.compartment), -1) + 1
                for stored in self._vault.entries.in_chain(
                    chain.device, compartment=chain.compartment, since=since
                ):
                    self._outgoing.queue(ItemType.ENTRY, stored.sealed)
                    queued += 1
            for kept in self._vault.aside.verified():
                self._outgoing.requeue(kept.content)
                queued += 1
        return queued

    def _queue_foundations(self) -> None:
        for signed in self._roster.every_signed():
            self._outgoing.queue(ItemType.ROSTER, signed)
        for choice in self._roster.every_choice():
            self._outgoing.queue(ItemType.ROSTER_CHOICE, choice)
        for cuts in self._roster.every_cut_list():
            self._outgoing.queue(ItemType.CUT_LIST, cuts)
        for named in self._roster.every_wrapping_key():
            self._outgoing.queue(ItemType.WRAPPING_KEY, named)
        for case, day in self._keys.tombstones():
            signed = sign_about_case(case, day=day, device=self._keys.device.classical, domain=FORGET)
            self._outgoing.queue(ItemType.FORGET, signed)


def _of_epochs(epochs: Sequence[Epoch]) -> KeyParcel:
    return KeyParcel(epochs=tuple(epochs))


def _of_cases(cases: Sequence[CaseKeys]) -> KeyParcel:
    return KeyParcel(cases=tuple(cases))


def _in_parcels(
    keys: Iterable[_Key], *, size: Callable[[_Key], int], make: Callable[[Sequence[_Key]], KeyParcel]
) -> Iterator[KeyParcel]:
    held: list[_Key] = []
    room = _PARCEL_BYTES
    for one in keys:
        if held and size(one) > room:
            yield make(held)
            held, room = [], _PARCEL_BYTES
        held.append(one)
        room -= size(one)
    if held:
        yield make(held)
