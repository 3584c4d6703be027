"""What waits to be packed into record slots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

from causeway.desk.engine.taking import item_id
from causeway.record.parts import split_item
from causeway.units import day_of
from causeway.vault import Vault
from causeway.wire.items import Item, ItemType

__all__ = ["ITEM", "Outgoing"]

ITEM: Final = "item"
"""Kind of what waits in the outbox to be packed: `u8 type ‖ content`."""


@final
class Outgoing:
    """The items of this desk's outbox."""

    def __init__(self, vault: Vault, *, clock: Callable[[], float]) -> None:
        self._outbox = vault.outbox
        self._clock = clock

    def queue(self, kind: ItemType, content: bytes) -> None:
        """Have an item wait for the next record slot, in parts where it is larger than one."""
        for item in split_item(Item(type=kind, content=content)):
            self.requeue(bytes([item.type]) + item.content)

    def requeue(self, item: bytes) -> None:
        """Have an item, `u8 type ‖ content`, wait for the next record slot."""
        self._outbox.queue(item_id(item), kind=ITEM, body=item, day=day_of(self._clock()))
