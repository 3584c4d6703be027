"""Items inside a record slot: `u8 type ‖ u32 length ‖ bytes`, type 0 ends (docs/FORMAT.md, section 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from causeway.wire.errors import FormatError, TooLarge

__all__ = ["Item", "ItemType", "pack_items", "unpack_items"]

_HEAD_BYTES = 5


class ItemType(IntEnum):
    """What an item holds; a reader keeps unknown types aside."""

    ENTRY = 1
    KEY_PARCEL = 2
    ROSTER = 3
    WRAPPING_KEY = 4
    PART = 5
    FORGET = 6
    FORGOTTEN = 7
    CUT_LIST = 8
    CHECKPOINT = 9
    ROSTER_CHOICE = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One item; `type` is a plain number, since others may be newer than this software."""

    type: int
    content: bytes


def pack_items(items: Iterable[Item], *, size: int) -> list[bytes]:
    """Pack items, in order, into as few blocks of exactly `size` bytes as that order allows.

    Raises:
        TooLarge: One item alone does not fit a block.
    """
    blocks: list[bytes] = []
    block = bytearray()
    for item in items:
        framed = bytes([item.type]) + len(item.content).to_bytes(4, "big") + item.content
        if len(framed) > size:
            raise TooLarge("An item does not fit into one slot.", bytes=len(framed), room=size)
        if len(block) + len(framed) > size:
            blocks.append(bytes(block.ljust(size, b"\0")))
            block = bytearray()
        block += framed
    if block:
        blocks.append(bytes(block.ljust(size, b"\0")))
    return blocks


def unpack_items(block: bytes) -> Iterator[Item]:
    """Yield the items of a block in their order.

    Raises:
        FormatError: A length goes past the end, or something follows the end mark.
    """
    at = 0
    while at < len(block) and block[at] != 0:
        end_of_head = at + _HEAD_BYTES
        length = int.from_bytes(block[at + 1 : end_of_head], "big")
        end = end_of_head + length
        if end > len(block):
            raise FormatError("An item goes past the end of its slot.", block=len(block))
        yield Item(type=block[at], content=block[end_of_head:end])
        at = end
    if any(block[at:]):
        raise FormatError("Something follows the last item of a slot.", block=len(block))
