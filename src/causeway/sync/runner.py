"""One round of syncing: take what is new, send what waits, and look at the door as a visitor does.

Nothing is kept here between two steps. Each step asks the store what is left to do, and tells it what the
relay has confirmed; cut off anywhere, the next round goes on.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from causeway.sealed.parcel import RelayAccess
from causeway.sync.access import CONFLICT, admitted, claim, rotate, send_first, served, take_first
from causeway.sync.core import (
    Finding,
    RefusedSlot,
    check_attendance,
    check_board,
    check_bucket,
    check_sheet,
    own_bucket,
    parse_days,
    parse_ids,
    parse_slots,
    parse_status_day,
    read_intake_slot,
    read_record_slot,
)
from causeway.sync.errors import RelayRefused
from causeway.sync.relay import Relay, Visitor
from causeway.sync.store import Kind, Store
from causeway.units import Day
from causeway.wire.items import Item
from causeway.wire.sizes import ACKNOWLEDGE_IDS_MAX, TAKE_IDS_MAX

__all__ = ["Relay", "Visitor", "sync_once"]

_RECENT_DAYS: Final = 3
"""A slot is listed under the day of its arrival: older days only shrink, and each is a call through Tor."""


def sync_once(
    store: Store,
    *,
    connect: Callable[[RelayAccess], Relay],
    visit: bool = False,
    pick: Callable[[int], int] = secrets.randbelow,
) -> None:
    """Do one round.

    Steps:
        1. Claim the relay, where that is still to do. Where a new access waits, hand the relay its hash and
            the parcel, and then the roster.
        2. See that the capability is accepted; after a rotation, take the new one from the parcel, and the
            roster that it came with.
        3. Take record slots of the other desks, of the last days or, where a visit is due, of all.
        4. Take intake slots likewise, whose keys may have come with those; none where this desk holds no key.
        5. Send the board and the attendance line, then record slots; acknowledge intake slots, whose content
            is in those; then send the sheet.
        6. Where a visit is due, at a time of its own, look at the door as a visitor, on a circuit of its own.

    Args:
        store: Knows what is to do; see `sync.store.Store`.
        connect: Makes a client with an access.
        visit: Do as where a visit is due.
        pick: Returns a random number below its argument.

    Raises:
        RelayUnreachable: No answer; what was done so far stays done.
        RelayRefused: The relay said no.
        LaptopTakenOff: The centre has taken this laptop off.
        FormatError: The relay's answer is none.
    """
    thorough = visit or store.visit_is_due()
    relay = connect(store.access())
    try:
        claim(store, relay)  # 1
        if rotate(store, relay, connect=connect):
            relay.close()
            relay = connect(store.access())
        send_first(store, relay)
        renewed = admitted(store, relay)  # 2
        if renewed is not None:
            relay.close()
            relay = connect(renewed)
            store.heard_day(parse_status_day(relay.status()))
            take_first(store, relay, transport_key=renewed.transport_key)
        _take_record(store, relay, thorough=thorough)  # 3
        _take_intake(store, relay, thorough=thorough)  # 4
        _send(store, relay)  # 5
        if thorough:  # 6
            _look(store, relay.visitor(), pick=pick)
            store.visited()
    finally:
        relay.close()


# ---- 3 and 4: in ----


def _lacking(
    store: Store, relay: Relay, kind: Kind, *, thorough: bool
) -> Iterator[tuple[Day, list[tuple[bytes, bytes]]]]:
    """Yield a day and slots of it, as many as come in one answer, until there are no more."""
    first_day = store.first_day(kind)
    days = [day for day in parse_days(relay.days(kind)) if day >= first_day]
    for day in days if thorough else [day for day in days if day > days[-1] - _RECENT_DAYS]:
        lacking = store.lacking(kind, ids=parse_ids(relay.ids(kind, day=day)))
        for at in range(0, len(lacking), TAKE_IDS_MAX):
            asked = lacking[at : at + TAKE_IDS_MAX]
            yield day, parse_slots(relay.slots(kind, ids=asked), asked=asked)


def _take_intake(store: Store, relay: Relay, *, thorough: bool) -> None:
    secrets_held = store.intake_secrets()
    if not secrets_held:
        return  # another role's: what can't be opened here must not be acknowledged
    for day, slots in _lacking(store, relay, "intake", thorough=thorough):
        for slot_id, slot in slots:
            match read_intake_slot(slot, slot_id=slot_id, secrets=secrets_held):
                case RefusedSlot(reason=reason):
                    store.refuse("intake", slot_id=slot_id, slot=slot, reason=reason, day=day)
                case message:
                    store.take_message(message, slot=slot, day=day)


def _take_record(store: Store, relay: Relay, *, thorough: bool) -> None:
    transport_keys = store.transport_keys()
    for day, slots in _lacking(store, relay, "record", thorough=thorough):
        opened: list[tuple[bytes, list[Item]]] = []
        for slot_id, slot in slots:
            match read_record_slot(slot, slot_id=slot_id, transport_keys=transport_keys):
                case RefusedSlot(reason=reason):
                    store.refuse("record", slot_id=slot_id, slot=slot, reason=reason, day=day)
                case items:
                    opened.append((slot_id, items))
        store.take_slots(opened, day=day)
    store.settle()


def _batches(ids: Sequence[bytes], *, size: int) -> Iterator[list[bytes]]:
    for at in range(0, len(ids), size):
        yield list(ids[at : at + size])


# ---- 5: out ----


def _send(store: Store, relay: Relay) -> None:
    """Send what waits.

    Answers go first: a record that has grown by thousands of slots, or for which the relay has no room, must
    not keep them. The sheet goes last: the keys that it names are in the record, for the other desks.
    """
    slot_number = store.published().slot
    if slot_number is not None:
        _send_answers(store, relay, slot_number=slot_number)
    for slot_id, slot in store.slots_to_send():
        try:
            relay.put_record(slot_id, slot=slot)
        except RelayRefused as refused:
            if refused.status != CONFLICT:
                raise
            store.slot_id_taken(slot_id)
        else:
            store.slot_sent(slot_id)
    _acknowledge(store, relay)
    sheet = store.sheet_to_publish()
    if sheet is not None:
        relay.put_sheet(sheet)
        store.sheet_published(sheet)


def _send_answers(store: Store, relay: Relay, *, slot_number: int) -> None:
    board = store.board_to_publish()
    if board is not None:
        relay.put_board(slot_number, publication=board.publication)
        store.board_published(board)
    line = store.attendance_to_publish()
    if line is not None:
        relay.put_attendance(slot_number, line=line)
        store.attendance_published(line)


def _acknowledge(store: Store, relay: Relay) -> None:
    # Only now: a relay without room lets go of what is acknowledged, and this laptop may be lost tonight.
    for ids in _batches(store.to_acknowledge(), size=ACKNOWLEDGE_IDS_MAX):
        relay.acknowledge(ids)
        store.acknowledged(ids)


# ---- 6: as a visitor ----


def _look(store: Store, visitor: Visitor, *, pick: Callable[[int], int]) -> None:
    published = store.published()
    try:
        # In the order of a browser's requests, and as much.
        visitor.come_in()
        findings = {
            check_sheet(served(visitor.sheet), published=published),
            check_attendance(served(visitor.attendance), published=published),
        }
        findings.add(check_board(served(visitor.board), published=published))
        expected = own_bucket(published, pick=pick)
        # Where an older index is served its own buckets are, too: one finding is enough.
        if expected is not None and Finding.BOARD_OLDER not in findings:
            findings.add(check_bucket(visitor.bucket(expected), expected=expected))
    finally:
        visitor.close()
    for finding in sorted(finding for finding in findings if finding is not None):
        store.report(finding)
