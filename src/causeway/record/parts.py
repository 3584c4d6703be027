"""Parts: items that are larger than a slot, cut up and joined again (docs/FORMAT.md, section 8)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from causeway.record.errors import Incomplete, RecordError
from causeway.wire.errors import TooLarge
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import ID_BYTES

__all__ = ["PARTS_MAX", "PART_BYTES", "Part", "join_parts", "read_part", "split_item"]

PART_BYTES: Final = 32_000
"""Of the whole, in each part but the last."""

PARTS_MAX: Final = 64
"""2 MB: a roster of the largest centre takes one."""

_NUMBER_BYTES: Final = 2
_HEAD_BYTES: Final = ID_BYTES + 2 * _NUMBER_BYTES
_LARGE: Final = frozenset({ItemType.ROSTER, ItemType.CUT_LIST, ItemType.CHECKPOINT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Part `n`, from 0, of `of`; `id` (16 bytes) is the whole's, and certifies it."""

    id: bytes
    n: int
    of: int
    content: bytes


def _whole_id(whole: bytes) -> bytes:
    return hashlib.sha256(b"causeway/part/1\0" + whole).digest()[:ID_BYTES]


def split_item(item: Item) -> list[Item]:
    """Return the items in which this one travels: itself, or its parts where it fits no slot.

    Raises:
        TooLarge: More than 64 parts.
    """
    whole = bytes([item.type]) + item.content
    if item.type not in _LARGE or len(whole) <= PART_BYTES:
        return [item]
    pieces = [whole[at : at + PART_BYTES] for at in range(0, len(whole), PART_BYTES)]
    if len(pieces) > PARTS_MAX:
        raise TooLarge("This is too large to travel, even in parts.", bytes=len(whole))
    of = len(pieces).to_bytes(_NUMBER_BYTES, "big")
    head = _whole_id(whole)
    return [
        Item(type=ItemType.PART, content=head + n.to_bytes(_NUMBER_BYTES, "big") + of + piece)
        for n, piece in enumerate(pieces)
    ]


def read_part(content: bytes) -> Part:
    """Return the part in an item.

    Raises:
        RecordError: It has not the form of one.
    """
    id_end, n_end = ID_BYTES, ID_BYTES + _NUMBER_BYTES
    n = int.from_bytes(content[id_end:n_end], "big")
    of = int.from_bytes(content[n_end:_HEAD_BYTES], "big")
    size = len(content) - _HEAD_BYTES
    fits = size == PART_BYTES if n + 1 < of else 0 < size <= PART_BYTES
    if not (1 < of <= PARTS_MAX and n < of and fits):
        raise RecordError("A part does not have its form.")
    return Part(id=content[:id_end], n=n, of=of, content=content[_HEAD_BYTES:])


def join_parts(parts: Iterable[Part]) -> Item:
    """Return the item of which these are parts, in any order, each as often as it came.

    Raises:
        Incomplete: One is missing, or what came under the id is not all of one whole.
        RecordError: The whole is of a type that is never cut up.
    """
    held = {part.n: part for part in parts}
    of = {(part.id, part.of) for part in held.values()}
    if len(of) != 1 or len(held) != next(iter(of))[1]:
        raise Incomplete("Parts of an item are missing.")
    whole = b"".join(held[n].content for n in sorted(held))
    if _whole_id(whole) != next(iter(of))[0]:
        raise Incomplete("The parts of an item are not those of one whole.")
    if whole[0] not in _LARGE:
        raise RecordError("An item came in parts that never does.")
    return Item(type=whole[0], content=whole[1:])
