from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.errors import RemoteError
from causeway.record.errors import Incomplete, RecordError
from causeway.record.parts import PART_BYTES, PARTS_MAX, join_parts, read_part, split_item
from causeway.sealed.slots import SLOT_ROOM, seal_slots
from causeway.wire.errors import TooLarge
from causeway.wire.items import Item, ItemType

LARGE = [ItemType.ROSTER, ItemType.CUT_LIST, ItemType.CHECKPOINT]


def item(size: int, *, kind: int = ItemType.ROSTER) -> Item:
    pattern = hashlib.sha256(size.to_bytes(4, "big")).digest()
    return Item(type=kind, content=(pattern * (size // 32 + 1))[:size])


@settings(max_examples=60)
@given(st.integers(0, 5 * PART_BYTES), st.sampled_from(LARGE), st.randoms(use_true_random=False), st.data())
def test_an_item_comes_back_from_its_parts_in_any_order(size, kind, random, data) -> None:
    whole = item(size, kind=kind)
    items = split_item(whole)
    assert all(len(seal_slots([one], transport_key=bytes(32))) == 1 for one in items)
    if size < PART_BYTES:
        assert items == [whole]
        return
    assert {one.type for one in items} == {ItemType.PART}
    parts = [read_part(one.content) for one in items]
    lost = data.draw(st.sampled_from(parts))
    with pytest.raises(Incomplete):
        join_parts(part for part in parts if part is not lost)
    parts += data.draw(st.lists(st.sampled_from(parts), max_size=3))
    random.shuffle(parts)
    assert join_parts(parts) == whole


@pytest.mark.parametrize("size", [PART_BYTES - 1, PART_BYTES, 2 * PART_BYTES - 1, 2 * PART_BYTES])
def test_sizes_at_the_edges_come_back(size: int) -> None:
    items = split_item(item(size))
    assert len(items) == -(-(size + 1) // PART_BYTES)
    if len(items) > 1:
        assert join_parts(read_part(one.content) for one in items) == item(size)


def test_an_altered_part_makes_no_whole() -> None:
    first, second = (one.content for one in split_item(item(40_000)))
    altered = second[:-1] + bytes([second[-1] ^ 1])
    with pytest.raises(Incomplete):
        join_parts([read_part(first), read_part(altered)])
    other = split_item(item(41_000))[1].content
    with pytest.raises(Incomplete):
        join_parts([read_part(first), read_part(other)])
    with pytest.raises(Incomplete):
        join_parts([])


@pytest.mark.parametrize("kind", [ItemType.ENTRY, ItemType.PART, 0, 77])
def test_what_never_travels_in_parts_is_not_taken_from_parts(kind: int) -> None:
    whole = bytes([kind]) + item(40_000).content
    head = hashlib.sha256(b"causeway/part/1\0" + whole).digest()[:16]
    contents = [
        head + n.to_bytes(2, "big") + b"\0\2" + whole[n * PART_BYTES : (n + 1) * PART_BYTES] for n in range(2)
    ]
    with pytest.raises(RecordError):
        join_parts(read_part(content) for content in contents)


def test_an_entry_is_never_cut_up_and_there_is_an_end() -> None:
    entry = item(SLOT_ROOM - 5, kind=ItemType.ENTRY)
    assert split_item(entry) == [entry]
    assert len(split_item(item(PARTS_MAX * PART_BYTES - 1))) == PARTS_MAX
    with pytest.raises(TooLarge):
        split_item(item(PARTS_MAX * PART_BYTES))


@given(st.binary(max_size=60))
def test_arbitrary_parts_raise_only_our_error(content: bytes) -> None:
    try:
        part = read_part(content)
    except RemoteError:
        return
    assert part.n == part.of - 1


@pytest.mark.parametrize("numbers", [b"\0\0\0\0", b"\0\0\0\1", b"\0\2\0\2", b"\0\0\0\2", b"\0\100\0\101"])
def test_numbers_that_no_part_has_are_refused(numbers: bytes) -> None:
    with pytest.raises(RecordError):
        read_part(bytes(16) + numbers + b"x")
