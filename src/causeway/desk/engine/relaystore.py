"""The desk's store as syncing sees it: `sync.store.Store`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final, final

from causeway.desk.engine.ledger import ITEM
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.publishing import Publishing
from causeway.desk.engine.receiving import Receiving
from causeway.desk.engine.second_look import SecondLook
from causeway.desk.engine.upkeep import keep_up
from causeway.desk.views import AlarmKind
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.parcel import RelayAccess
from causeway.sealed.slots import open_slot, seal_slots
from causeway.sync.core import Finding, Published
from causeway.sync.store import BoardToPublish, Kind, ParcelKeys
from causeway.units import Day
from causeway.wire.intake import IntakeMessage
from causeway.wire.items import Item

__all__ = ["SLOT", "RelayStore"]

SLOT: Final = "slot"
"""Kind of what waits in the outbox under the id that it will have at the relay."""

_VISIT_MINUTES: Final = range(10, 110)


@final
class RelayStore:
    """Adapts the parts of a desk to what a round of syncing asks for."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._receiving = Receiving(parts)
        self._second_look = SecondLook(parts, receiving=self._receiving)
        self._second_look.if_changed()
        self._publishing = Publishing(parts)

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
            device_key=self._parts.settings.coordinator,
            secrets=[secret for _, secret in keys.wrapping()],
            newer_than=keys.accesses()[0][0],
        )

    def renew_access(self, number: int, *, access: RelayAccess) -> None:
        """Take the access of a parcel; what was packed under the old transport key is packed anew."""
        with self._parts.vault.transaction():
            for waiting in self._parts.vault.outbox.waiting(kind=SLOT):
                self._unpack(waiting.id, waiting.body)
            self._parts.keys.add_access(number, access=access, today=self._parts.today)

    def heard_day(self, day: Day) -> None:
        """Note the relay's today."""
        self._parts.settings.relay_day = day

    def transport_keys(self) -> Sequence[bytes]:
        """Return the transport keys, newest first."""
        return [access.transport_key for _, access in self._parts.keys.accesses()]

    # ---- In ----

    def lacking(self, kind: Kind, *, ids: Sequence[bytes]) -> list[bytes]:
        """Return those that were never taken nor refused."""
        return self._parts.vault.seen.lacking(kind, ids=ids)

    def intake_secrets(self) -> Sequence[HybridSecret]:
        """Return the intake keys that are held, the newest first: most messages are sealed to those."""
        held = self._parts.keys.intake()
        return [held[week] for week in sorted(held, reverse=True)]

    def take_message(self, message: IntakeMessage, *, slot: bytes, day: Day) -> None:
        """Take a message once, or keep it aside where its keys are not its conversation's."""
        self._receiving.take_message(message, slot=slot, day=day)

    def take_items(self, items: Sequence[Item], *, slot_id: bytes, day: Day) -> None:
        """Take the items of a record slot; keep aside, with the reason, what can't be taken."""
        self._receiving.take_items(items, slot_id=slot_id, day=day)

    def refuse(self, kind: Kind, *, slot_id: bytes, slot: bytes, reason: str, day: Day) -> None:
        """Keep a slot aside."""
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
        self._publishing.publish_again(sheet=True, board=True, attendance=True)

    def slot_sent(self, slot_id: bytes) -> None:
        """Note that the relay has it."""
        self._parts.vault.outbox.sent(slot_id)

    def slot_id_taken(self, slot_id: bytes) -> None:
        """Pack it anew: the relay holds other bytes under its id."""
        with self._parts.vault.transaction():
            for waiting in self._parts.vault.outbox.waiting(kind=SLOT):
                if waiting.id == slot_id:
                    self._unpack(slot_id, waiting.body)

    def _unpack(self, slot_id: bytes, slot: bytes) -> None:
        outbox = self._parts.vault.outbox
        outbox.sent(slot_id)
        for item in open_slot(slot, slot_id=slot_id, transport_key=self.access().transport_key):
            self._parts.ledger.requeue(bytes([item.type]) + item.content)

    def sheet_to_publish(self) -> bytes | None:
        """Return a signed door sheet that the relay has not confirmed."""
        keep_up(self._parts)  # a week may have turned since the round began
        return self._publishing.sheet_to_publish()

    def board_to_publish(self) -> BoardToPublish | None:
        """Return a new publication where the board has changed, or the day has."""
        return self._publishing.board_to_publish()

    def attendance_to_publish(self) -> bytes | None:
        """Return a signed line that the relay has not confirmed."""
        return self._publishing.attendance_to_publish()

    def sheet_published(self, sheet: bytes) -> None:
        """Note that the relay has it."""
        self._publishing.sheet_published(sheet)

    def board_published(self, board: BoardToPublish) -> None:
        """Note that the relay has it."""
        self._publishing.board_published(board)

    def attendance_published(self, line: bytes) -> None:
        """Note that the relay has it."""
        self._publishing.attendance_published(line)

    # ---- Looking ----

    def published(self) -> Published:
        """Return what visitors should get."""
        return self._publishing.published()

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
        with self._parts.vault.transaction():
            self._parts.alarms.raise_(AlarmKind(finding.value))
            self._publishing.publish_again(
                sheet=finding is Finding.SHEET_ALTERED,
                board=finding in {Finding.BOARD_ALTERED, Finding.BOARD_OLDER},
                attendance=finding is Finding.ATTENDANCE_ALTERED,
            )
