"""How a desk comes in that nobody has let in yet: the parcel as a visitor takes it, then the first slots."""

from __future__ import annotations

from collections.abc import Sequence

from causeway.errors import RemoteError
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.parcel import GivenAccess, TakenOff, open_parcel, roster_slot_ids
from causeway.sync.client import RelayClient
from causeway.sync.core import RefusedSlot, parse_slots, read_record_slot
from causeway.wire.items import Item
from causeway.wire.sizes import TAKE_IDS_MAX

__all__ = ["look_for_access", "take_first_items"]


def look_for_access(
    visitor: RelayClient, *, device_key: bytes, secrets: Sequence[HybridSecret]
) -> GivenAccess | TakenOff | None:
    """Return what the parcel at the door has for a new desk; `None` where there is nothing for it yet.

    Args:
        visitor: Without a capability.
        device_key: Of the device that invited.
        secrets: The new desk's wrapping keys.

    Raises:
        RelayUnreachable, RelayRefused: No answer, or none of a relay's.
    """
    parcel = visitor.parcel()
    if parcel is None:
        return None
    try:
        return open_parcel(parcel, device_key=device_key, secrets=secrets, newer_than=0)
    except RemoteError:
        return None  # another device's, or altered: nothing for this desk, in any case


def take_first_items(relay: RelayClient, *, transport_key: bytes) -> list[Item]:
    """Return what lies in the first slots under a new transport key: the roster, in parts perhaps.

    Raises:
        RelayUnreachable, RelayRefused, FormatError: As in `sync_once`.
    """
    asked = roster_slot_ids(transport_key, count=TAKE_IDS_MAX)
    items: list[Item] = []
    for slot_id, slot in parse_slots(relay.slots("record", ids=asked), asked=asked):
        read = read_record_slot(slot, slot_id=slot_id, transport_keys=[transport_key])
        if not isinstance(read, RefusedSlot):
            items += read
    return items
