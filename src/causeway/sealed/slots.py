"""Record slots: the outer layer that makes them noise to the relay (docs/FORMAT.md, section 8)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from causeway.sealed.aead import OVERHEAD_BYTES, open_sealed, seal
from causeway.sealed.kdf import derive_key
from causeway.wire.errors import FormatError
from causeway.wire.items import Item, pack_items, unpack_items
from causeway.wire.sizes import ID_BYTES, SLOT_BYTES

__all__ = ["SLOT_ROOM", "open_slot", "seal_slots"]

SLOT_ROOM: Final = SLOT_BYTES - OVERHEAD_BYTES
_INFO = b"causeway/slot/1"


def _slot_key(transport_key: bytes, slot_id: bytes) -> bytes:
    # One key a slot, from its id: a relay that serves one slot under another's id is noticed.
    return derive_key(transport_key, salt=slot_id, info=_INFO)


def seal_slots(
    items: Iterable[Item],
    *,
    transport_key: bytes,
    ids: Sequence[bytes] = (),
    random: Callable[[int], bytes] = os.urandom,
) -> list[tuple[bytes, bytes]]:
    """Return `(id, slot)` for as few slots as hold the items in their order.

    Args:
        ids: Of the first slots; the others' are random.

    Raises:
        TooLarge: One item alone does not fit.
    """
    slots = []
    for number, block in enumerate(pack_items(items, size=SLOT_ROOM)):
        slot_id = ids[number] if number < len(ids) else random(ID_BYTES)
        slots.append((slot_id, seal(_slot_key(transport_key, slot_id), block, random=random)))
    return slots


def open_slot(slot: bytes, *, slot_id: bytes, transport_key: bytes) -> list[Item]:
    """Return the items of a slot. Each of them is signed or sealed on its own: check it.

    Raises:
        FormatError: Another size, or broken framing.
        SealBroken: Altered, or served under another id.
    """
    if len(slot) != SLOT_BYTES:
        raise FormatError("A slot does not have its size.", bytes=len(slot))
    return list(unpack_items(open_sealed(_slot_key(transport_key, slot_id), slot)))
