"""Whether a desk is let in: claiming the relay, rotating its access, the parcel that a rotation leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from causeway.errors import RemoteError
from causeway.sealed.parcel import (
    GivenAccess,
    RelayAccess,
    TakenOff,
    capability_hash,
    open_parcel,
    roster_slot_ids,
)
from causeway.sealed.signing import SignatureRefused
from causeway.sync.core import Finding, RefusedSlot, parse_slots, parse_status_day, read_record_slot
from causeway.sync.errors import LaptopTakenOff, RelayRefused
from causeway.sync.relay import Relay
from causeway.sync.store import ParcelKeys, Store
from causeway.wire.sizes import TAKE_IDS_MAX

__all__ = ["CONFLICT", "admitted", "claim", "rotate", "send_first", "served", "take_first"]

CONFLICT: Final = 409
_UNAUTHORISED: Final = 401
_MISSING: Final = frozenset({404, 503})
"""A relay without a door sheet answers 503."""


def served(take: Callable[[], bytes]) -> bytes:
    """Return what a visitor gets; nothing at all where the relay says that there is none."""
    try:
        return take()
    except RelayRefused as refused:
        if refused.status not in _MISSING:
            raise
        return b""


def claim(store: Store, relay: Relay) -> None:
    """Make the relay this centre's, where a setup code waits for that."""
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


def rotate(store: Store, relay: Relay, *, connect: Callable[[RelayAccess], Relay]) -> bool:
    """Hand the relay a new access, where one waits; return whether it is in force now."""
    waiting = store.rotation()
    if waiting is None:
        return False
    hashed = capability_hash(waiting.access.capability)
    if _handed_over(relay, hashed, parcel=waiting.parcel):
        store.rotated(waiting.number)
        return True
    # Perhaps an earlier one arrived and its answer did not: that one's access, or this very one, is in force.
    for access in waiting.unconfirmed:
        earlier = connect(access)
        try:
            if _handed_over(earlier, hashed, parcel=waiting.parcel):
                store.rotated(waiting.number)
                return True
        finally:
            earlier.close()
    itself = connect(waiting.access)
    try:
        itself.status()
    except RelayRefused as refused:
        if refused.status != _UNAUTHORISED:
            raise
        return False  # another device has rotated: its parcel tells
    finally:
        itself.close()
    store.rotated(waiting.number)
    return True


def _handed_over(relay: Relay, hashed: bytes, *, parcel: bytes) -> bool:
    try:
        relay.put_capability(hashed, parcel=parcel)
    except RelayRefused as refused:
        if refused.status != _UNAUTHORISED:
            raise
        return False
    return True


def send_first(store: Store, relay: Relay) -> None:
    """Put the roster that belongs to a rotation: whoever takes the parcel looks for it at once."""
    for slot_id, slot in store.first_slots():
        try:
            relay.put_record(slot_id, slot=slot)
        except RelayRefused as refused:
            if refused.status == _UNAUTHORISED:
                return  # yet another access is in force; the rotation that follows packs a roster of its own
            if refused.status != CONFLICT:
                raise
        store.slot_sent(slot_id)


def admitted(store: Store, relay: Relay) -> RelayAccess | None:
    """Return the new access where the one in force is refused; `None` where it is accepted."""
    try:
        store.heard_day(parse_status_day(relay.status()))
    except RelayRefused as refused:
        if refused.status != _UNAUTHORISED:
            raise
        match _from_parcel(store, relay):
            case GivenAccess() as given:
                store.renew_access(given)
                return given.access
            case TakenOff():
                store.taken_off()
                raise LaptopTakenOff(
                    "The centre has taken this laptop off. It gets nothing any more.", status=_UNAUTHORISED
                ) from None
            case None:
                store.report(Finding.CAPABILITY_REFUSED)
                raise
    return None


def _from_parcel(store: Store, relay: Relay) -> GivenAccess | TakenOff | None:
    parcel = relay.parcel()
    if parcel is None:
        return None
    keys = store.parcel_keys()
    try:
        return _opened(parcel, device_key=keys.device_key, keys=keys)
    except SignatureRefused:
        pass
    except RemoteError:
        return None
    # Perhaps the root has appointed another device since this desk was last here. The sheet would show that.
    visitor = relay.visitor()
    try:
        signer = store.signer_of(served(visitor.sheet))
        return None if signer is None else _opened(parcel, device_key=signer, keys=keys)
    except RemoteError:
        return None
    finally:
        visitor.close()


def _opened(parcel: bytes, *, device_key: bytes, keys: ParcelKeys) -> GivenAccess | TakenOff | None:
    return open_parcel(parcel, device_key=device_key, secrets=keys.secrets, newer_than=keys.newer_than)


def take_first(store: Store, relay: Relay, *, transport_key: bytes) -> None:
    """Take the roster that belongs to a rotation, so that all that follows is taken under it."""
    asked = store.lacking("record", ids=roster_slot_ids(transport_key, count=TAKE_IDS_MAX))
    if not asked:
        return
    today = parse_status_day(relay.status())
    for slot_id, slot in parse_slots(relay.slots("record", ids=asked), asked=asked):
        items = read_record_slot(slot, slot_id=slot_id, transport_keys=[transport_key])
        if not isinstance(items, RefusedSlot):
            store.take_items(items, slot_id=slot_id, day=today)
