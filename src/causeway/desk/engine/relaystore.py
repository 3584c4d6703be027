"""The desk's store as syncing sees it: `sync.store.Store`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final, final

from causeway.desk.engine.ledger import ITEM
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.publishing import Publishing
from causeway.desk.engine.receiving import Receiving
from causeway.desk.engine.rotation import FIRST_SLOT, SLOT, Rotations
from causeway.desk.engine.second_look import SecondLook
from causeway.desk.engine.upkeep import keep_up
from causeway.desk.views import AlarmKind
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.parcel import GivenAccess, RelayAccess
from causeway.sealed.slots import seal_slots
from causeway.sync.core import Finding, Published
from causeway.sync.store import BoardToPublish, Kind, ParcelKeys, Rotation
from causeway.units import Day
from causeway.wire.intake import IntakeMessage
from causeway.wire.items import Item

__all__ = ["SLOT", "RelayStore"]

_VISIT_MINUTES: Final = range(10, 110)


@final
class RelayStore:
    """Adapts the parts of a desk to what a round of syncing asks for."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._receiving = Receiving(parts)
        self._second_look = SecondLook(parts, receiving=self._receiving)
        self._second_look.if_changed()
        self.publishing = Publishing(parts)
        self._rotations = Rotations(parts)

    # ---- Access ----

    def setup_code(self) -> str | None:
        """Return the code that claims the relay; `None` once it is claimed."""
        return self._parts.settings.setup_code

    def claimed(self) -> None:
        """Note that the relay is this centre's."""
        self._parts.settings.setup_code = None

    def access(self) -> RelayAccess:
        """Return the access that is in force."""
        return self._parts.keys.accesses()[0][1]

    def parcel_keys(self) -> ParcelKeys:
        """Return what opens the next parcel."""
        keys = self._parts.keys
        return ParcelKeys(
            device_key=self._parts.roster.current().signer.key,
            secrets=[secret for _, secret in keys.wrapping()],
            newer_than=keys.accesses()[0][0],
        )

    def renew_access(self, given: GivenAccess) -> None:
        """Take the access of a parcel; what was packed under the old transport key is packed anew."""
        self._rotations.take(given)

    def signer_of(self, sheet: bytes) -> bytes | None:
        """Return the key of the device that signs for the centre now, if this door sheet shows it."""
        return self._rotations.signer_of(sheet)

    def taken_off(self) -> None:
        """Note that the centre has taken this laptop off."""
        parts = self._parts
        with parts.vault.transaction():
            if parts.settings.revoked is None:
                parts.settings.revoked = parts.today
                parts.alarms.raise_(AlarmKind.REVOKED)

    def rotation(self) -> Rotation | None:
        """Return the rotation that waits for the relay."""
        return self._rotations.waiting()

    def rotated(self, number: int) -> None:
        """Note that the relay has it."""
        self._rotations.done(number)

    def first_slots(self) -> list[tuple[bytes, bytes]]:
        """Return the slots with the roster of a rotation, as long as they have not arrived."""
        return [(one.id, one.body) for one in self._parts.vault.outbox.waiting(kind=FIRST_SLOT)]

    def heard_day(self, day: Day) -> None:
        """Note the relay's today."""
        self._parts.settings.relay_day = day

    def transport_keys(self) -> Sequence[bytes]:
        """Return the transport keys, newest first."""
        return self._parts.keys.transport_keys()

    # ---- In ----

    def first_day(self, kind: Kind) -> Day:
        """Return the day before which nothing is taken: what people wrote earlier, others have taken."""
        admitted = self._parts.settings.admitted
        return Day(0) if admitted is None or kind == "record" else admitted

    def lacking(self, kind: Kind, *, ids: Sequence[bytes]) -> list[bytes]:
        """Return those that were never taken nor refused."""
        return self._parts.vault.seen.lacking(kind, ids=ids)

    def intake_secrets(self) -> Sequence[HybridSecret]:
        """Return the intake keys that are held, the newest first: most messages are sealed to those."""
        return [secret for _, secret in self._parts.keys.intake_secrets()]

    def take_message(self, message: IntakeMessage, *, slot: bytes, day: Day) -> None:
        """Take a message once, or keep it aside where its keys are not its conversation's."""
        self._receiving.take_message(message, slot=slot, day=day)

    def take_items(self, items: Sequence[Item], *, slot_id: bytes, day: Day) -> None:
        """Take the items of a record slot; keep aside, with the reason, what can't be taken."""
        self._receiving.take_items(items, slot_id=slot_id, day=day)

    def take_slots(self, slots: Sequence[tuple[bytes, Sequence[Item]]], *, day: Day) -> None:
        """Take many record slots of one day at once; `settle` follows the last."""
        self._receiving.take_slots(slots, day=day)

    def settle(self) -> None:
        """Work out what many slots have touched."""
        self._receiving.settle()

    def refuse(self, kind: Kind, *, slot_id: bytes, slot: bytes, reason: str, day: Day) -> None:
        """Keep a slot aside."""
        admitted = self._parts.settings.admitted
        if kind == "record" and reason == "does-not-open" and admitted is not None and day < admitted:
            # From before this desk came, under a transport key that it was never to have.
            self._parts.vault.seen.add("record", ids=[slot_id], day=day)
            return
        self._receiving.refuse(kind, slot_id=slot_id, slot=slot, reason=reason, day=day)

    def to_acknowledge(self) -> list[bytes]:
        """Return intake ids that were taken or refused and that the relay has not been told of."""
        return [
            bytes(row[0]) for row in self._parts.db.rows("SELECT id FROM desk_unacknowledged ORDER BY id")
        ]

    def acknowledged(self, ids: Sequence[bytes]) -> None:
        """Note that the relay was told."""
        self._parts.db.run_many("DELETE FROM desk_unacknowledged WHERE id = ?", [(one,) for one in ids])

    # ---- Out ----

    def slots_to_send(self) -> list[tuple[bytes, bytes]]:
        """Return `(id, slot)` of what waits, packed and given its id before it is returned."""
        vault = self._parts.vault
        with vault.transaction():
            items = vault.outbox.waiting(kind=ITEM)
            packed = seal_slots(
                [Item(type=one.body[0], content=one.body[1:]) for one in items],
                transport_key=self.access().transport_key,
                random=self._parts.random,
            )
            for slot_id, slot in packed:
                vault.outbox.queue(slot_id, kind=SLOT, body=slot, day=self._parts.today)
            # One's own slots are known: they must not be taken back in as another desk's.
            vault.seen.add("record", ids=[slot_id for slot_id, _ in packed], day=self._parts.today)
            for one in items:
                vault.outbox.sent(one.id)
        return [(one.id, one.body) for one in vault.outbox.waiting(kind=SLOT)]

    def publish_everything_again(self) -> None:
        """Have the next round publish sheet, board and attendance: another relay is behind the door now."""
        self.publishing.publish_again(sheet=True, board=True, attendance=True)

    def slot_sent(self, slot_id: bytes) -> None:
        """Note that the relay has it."""
        self._parts.vault.outbox.sent(slot_id)

    def slot_id_taken(self, slot_id: bytes) -> None:
        """Pack it anew: the relay holds other bytes under its id."""
        with self._parts.vault.transaction():
            for waiting in self._parts.vault.outbox.waiting(kind=SLOT):
                if waiting.id == slot_id:
                    self._rotations.unpack(slot_id, slot=waiting.body)

    def sheet_to_publish(self) -> bytes | None:
        """Return a signed door sheet that the relay has not confirmed."""
        keep_up(self._parts)  # a week may have turned since the round began
        return self.publishing.sheet_to_publish()

    def board_to_publish(self) -> BoardToPublish | None:
        """Return a new publication where the board has changed, or the day has."""
        return self.publishing.board_to_publish()

    def attendance_to_publish(self) -> bytes | None:
        """Return a signed line that the relay has not confirmed."""
        return self.publishing.attendance_to_publish()

    def sheet_published(self, sheet: bytes) -> None:
        """Note that the relay has it."""
        self.publishing.sheet_published(sheet)

    def board_published(self, board: BoardToPublish) -> None:
        """Note that the relay has it."""
        self.publishing.board_published(board)

    def attendance_published(self, line: bytes) -> None:
        """Note that the relay has it."""
        self.publishing.attendance_published(line)

    # ---- Looking ----

    def published(self) -> Published:
        """Return what visitors should get."""
        return self.publishing.published()

    def visit_is_due(self) -> bool:
        """Return whether it is time to look at the door as a visitor, and through all days."""
        return self._parts.clock() >= self._parts.settings.next_visit

    def visited(self) -> None:
        """Set a random time for the next look: one that can be foretold could be prepared for."""
        self._second_look.if_changed()
        minutes = _VISIT_MINUTES[secrets.randbelow(len(_VISIT_MINUTES))]
        self._parts.settings.next_visit = self._parts.clock() + 60 * minutes

    def report(self, finding: Finding) -> None:
        """Raise an alarm, and publish again what was found altered."""
        self.publishing.found(finding)
