"""One round of syncing: take what is new, send what waits, and look at the door as a visitor does.

Nothing is kept here between two steps. Each step asks the store what is left to do, and tells it what the
relay has confirmed; cut off anywhere, the next round goes on.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from causeway.errors import RemoteError
from causeway.sealed.parcel import RelayAccess, capability_hash, open_parcel
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
from causeway.sync.store import Kind, Shelf, Store
from causeway.units import Day
from causeway.wire.sizes import ACKNOWLEDGE_IDS_MAX, TAKE_IDS_MAX

__all__ = ["Relay", "Visitor", "sync_once"]

_UNAUTHORISED: Final = 401
_RECENT_DAYS: Final = 3
"""A slot is listed under the day of its arrival: older days only shrink, and each is a call through Tor."""

_MISSING: Final = frozenset({404, 503})
"""A relay without a door sheet answers 503."""
_CONFLICT: Final = 409


class Visitor(Protocol):
    """What anybody may ask of a relay; `sync.client.RelayClient` is one."""

    def come_in(self) -> None: ...  # noqa: D102
    def sheet(self) -> bytes: ...  # noqa: D102
    def attendance(self) -> bytes: ...  # noqa: D102
    def board(self) -> bytes: ...  # noqa: D102
    def bucket(self, digest: bytes) -> bytes | None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Relay(Protocol):
    """What a desk asks of a relay; `sync.client.RelayClient` is one."""

    def visitor(self) -> Visitor: ...  # noqa: D102
    def claim(self, code: str, *, capability_hash: bytes) -> None: ...  # noqa: D102
    def parcel(self) -> bytes | None: ...  # noqa: D102
    def status(self) -> bytes: ...  # noqa: D102
    def days(self, kind: Shelf) -> bytes: ...  # noqa: D102
    def ids(self, kind: Shelf, *, day: Day) -> bytes: ...  # noqa: D102
    def slots(self, kind: Kind, *, ids: list[bytes]) -> bytes: ...  # noqa: D102
    def chunks(self, ids: list[bytes]) -> bytes: ...  # noqa: D102
    def put_record(self, slot_id: bytes, *, slot: bytes) -> None: ...  # noqa: D102
    def acknowledge(self, ids: list[bytes]) -> None: ...  # noqa: D102
    def put_sheet(self, sheet: bytes) -> None: ...  # noqa: D102
    def put_attendance(self, slot: int, *, line: bytes) -> None: ...  # noqa: D102
    def put_board(self, slot: int, *, publication: bytes) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


def sync_once(
    store: Store,
    *,
    connect: Callable[[RelayAccess], Relay],
    visit: bool = False,
    pick: Callable[[int], int] = secrets.randbelow,
) -> None:
    """Do one round.

    Steps:
        1. Claim the relay, where that is still to do.
        2. See that the capability is accepted; after a rotation, take the new one from the parcel.
        3. Take intake slots, of the last days or, where a visit is due, of all.
        4. Take record slots of the other desks likewise.
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
        FormatError: The relay's answer is none.
    """
    thorough = visit or store.visit_is_due()
    relay = connect(store.access())
    try:
        _claim(store, relay)  # 1
        renewed = _admitted(store, relay)  # 2
        if renewed is not None:
            relay.close()
            relay = connect(renewed)
            store.heard_day(parse_status_day(relay.status()))
        _take_intake(store, relay, thorough=thorough)  # 3
        _take_record(store, relay, thorough=thorough)  # 4
        _send(store, relay)  # 5
        if thorough:  # 6
            _look(store, relay.visitor(), pick=pick)
            store.visited()
    finally:
        relay.close()


# ---- 1 and 2: access ----


def _claim(store: Store, relay: Relay) -> None:
    code = store.setup_code()
    if code is None:
        return
    try:
        relay.claim(code, capability_hash=capability_hash(store.access().capability))
    except RelayRefused as refused:
        # Perhaps the claim before this one arrived, and its answer did not.
        try:
            relay.status()
        except RelayRefused:
            if refused.status != _UNAUTHORISED:
                raise refused from None
            raise RelayRefused(
                "The relay did not accept the setup code. Compare it with the one that the relay showed.",
                status=refused.status,
            ) from None
    store.claimed()


def _admitted(store: Store, relay: Relay) -> RelayAccess | None:
    """Return the new access where the one in force is refused; `None` where it is accepted."""
    try:
        store.heard_day(parse_status_day(relay.status()))
    except RelayRefused as refused:
        if refused.status != _UNAUTHORISED:
            raise
        renewed = _from_parcel(store, relay)
        if renewed is None:
            store.report(Finding.CAPABILITY_REFUSED)
            raise
        return renewed
    return None


def _from_parcel(store: Store, relay: Relay) -> RelayAccess | None:
    parcel = relay.parcel()
    if parcel is None:
        return None
    keys = store.parcel_keys()
    try:
        opened = open_parcel(
            parcel, device_key=keys.device_key, secrets=keys.secrets, newer_than=keys.newer_than
        )
    except RemoteError:
        return None
    if opened is None:
        return None
    number, access = opened
    store.renew_access(number, access=access)
    return access


# ---- 3 and 4: in ----


def _lacking(store: Store, relay: Relay, kind: Kind, *, thorough: bool) -> Iterator[tuple[Day, bytes, bytes]]:
    days = parse_days(relay.days(kind))
    for day in days if thorough else [day for day in days if day > days[-1] - _RECENT_DAYS]:
        lacking = store.lacking(kind, ids=parse_ids(relay.ids(kind, day=day)))
        for at in range(0, len(lacking), TAKE_IDS_MAX):
            asked = lacking[at : at + TAKE_IDS_MAX]
            for slot_id, slot in parse_slots(relay.slots(kind, ids=asked), asked=asked):
                yield day, slot_id, slot


def _take_intake(store: Store, relay: Relay, *, thorough: bool) -> None:
    secrets_held = store.intake_secrets()
    for day, slot_id, slot in _lacking(store, relay, "intake", thorough=thorough):
        match read_intake_slot(slot, slot_id=slot_id, secrets=secrets_held):
            case RefusedSlot(reason=reason):
                store.refuse("intake", slot_id=slot_id, slot=slot, reason=reason, day=day)
            case message:
                store.take_message(message, slot=slot, day=day)


def _take_record(store: Store, relay: Relay, *, thorough: bool) -> None:
    transport_keys = store.transport_keys()
    for day, slot_id, slot in _lacking(store, relay, "record", thorough=thorough):
        match read_record_slot(slot, slot_id=slot_id, transport_keys=transport_keys):
            case RefusedSlot(reason=reason):
                store.refuse("record", slot_id=slot_id, slot=slot, reason=reason, day=day)
            case items:
                store.take_items(items, slot_id=slot_id, day=day)


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
    board = store.board_to_publish()
    if board is not None:
        relay.put_board(slot_number, publication=board.publication)
        store.board_published(board)
    line = store.attendance_to_publish()
    if line is not None:
        relay.put_attendance(slot_number, line=line)
        store.attendance_published(line)
    for slot_id, slot in store.slots_to_send():
        try:
            relay.put_record(slot_id, slot=slot)
        except RelayRefused as refused:
            if refused.status != _CONFLICT:
                raise
            store.slot_id_taken(slot_id)
        else:
            store.slot_sent(slot_id)
    _acknowledge(store, relay)
    sheet = store.sheet_to_publish()
    if sheet is not None:
        relay.put_sheet(sheet)
        store.sheet_published(sheet)


def _acknowledge(store: Store, relay: Relay) -> None:
    # Only now: a relay without room lets go of what is acknowledged, and this laptop may be lost tonight.
    for ids in _batches(store.to_acknowledge(), size=ACKNOWLEDGE_IDS_MAX):
        relay.acknowledge(ids)
        store.acknowledged(ids)


# ---- 6: as a visitor ----


def _served(take: Callable[[], bytes]) -> bytes:
    """Return what a visitor gets; nothing at all where the relay says that there is none."""
    try:
        return take()
    except RelayRefused as refused:
        if refused.status not in _MISSING:
            raise
        return b""


def _look(store: Store, visitor: Visitor, *, pick: Callable[[int], int]) -> None:
    published = store.published()
    try:
        # In the order of a browser's requests, and as much.
        visitor.come_in()
        findings = {
            check_sheet(_served(visitor.sheet), published=published),
            check_attendance(_served(visitor.attendance), published=published),
        }
        findings.add(check_board(_served(visitor.board), published=published))
        expected = own_bucket(published, pick=pick)
        # Where an older index is served its own buckets are, too: one finding is enough.
        if expected is not None and Finding.BOARD_OLDER not in findings:
            findings.add(check_bucket(visitor.bucket(expected), expected=expected))
    finally:
        visitor.close()
    for finding in sorted(finding for finding in findings if finding is not None):
        store.report(finding)
