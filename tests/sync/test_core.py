from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import RemoteError
from causeway.sealed.attendance import sign_attendance
from causeway.sealed.board import build_publication
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.signing import SigningKey
from causeway.sealed.slots import seal_slots
from causeway.sync.core import (
    Finding,
    Published,
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
from causeway.units import Day
from causeway.wire.attendance import Attendance
from causeway.wire.board import join_indexes, split_publication
from causeway.wire.errors import FormatError
from causeway.wire.items import Item
from causeway.wire.sizes import ATTENDANCE_LINE_BYTES, SLOT_BYTES

BOARD = SigningKey(bytes(32))
STRANGER = SigningKey(bytes([1] * 32))
SLOT = 5
TODAY = Day(20_800)


def index(day: int = TODAY, *, board: SigningKey = BOARD, slot: int = SLOT) -> bytes:
    return split_publication(build_publication([], slot=slot, day=Day(day), board=board))[0]


def line(day: int, *, board: SigningKey = BOARD) -> bytes:
    return sign_attendance(Attendance(slot=SLOT, day=Day(day)), board=board)


def published(**changes: bytes | None) -> Published:
    fields: dict[str, bytes | None] = {"sheet": b"sheet", "index": index(), "attendance": line(TODAY)}
    return Published(**(fields | changes), slot=SLOT, board_key=BOARD.public)


# ---- Lists ----


@given(st.binary(max_size=200))
def test_listings_give_lists_or_our_error(body: bytes) -> None:
    for parse in (parse_days, parse_ids, lambda raw: parse_slots(raw, asked=[bytes(16)])):
        try:
            found = parse(body)
        except RemoteError:
            continue
        assert len(set(found)) == len(found)


def test_days_come_once_and_in_order() -> None:
    assert parse_days(b"\0\0\0\5\0\0\0\1\0\0\0\5") == [1, 5]
    with pytest.raises(FormatError):
        parse_days(b"\0\0\0")


def test_slots_are_those_that_were_asked_for() -> None:
    first, second = os.urandom(16), os.urandom(16)
    body = first + bytes(SLOT_BYTES) + second + bytes(SLOT_BYTES)
    assert [slot_id for slot_id, _ in parse_slots(body, asked=[second, first])] == [first, second]
    assert parse_slots(b"", asked=[first]) == []
    for bad, asked in [(body, [first]), (body[:-1], [first, second]), (body + body, [first, second])]:
        with pytest.raises(FormatError):
            parse_slots(bad, asked=asked)


def test_a_status_tells_the_relays_day() -> None:
    assert parse_status_day(b'{"day": 20800, "slots": {}, "free": {}}') == 20_800
    for bad in (b"", b"{}", b'{"day": "1"}', b'{"day": -1}', b'{"day": 2147483648}', b"\xff"):
        with pytest.raises(FormatError):
            parse_status_day(bad)


# ---- Slots ----


@given(st.binary(max_size=64) | st.just(bytes(SLOT_BYTES)))
def test_a_slot_of_anything_is_refused_with_a_reason(slot: bytes) -> None:
    found = read_intake_slot(slot, slot_id=bytes(16), secrets=[HybridSecret.from_seed(bytes(32))])
    assert isinstance(found, RefusedSlot)
    assert found.reason == "broken"
    assert isinstance(read_record_slot(slot, slot_id=bytes(16), transport_keys=[bytes(32)]), RefusedSlot)


def test_a_record_slot_opens_with_an_older_transport_key_and_in_its_own_place_only() -> None:
    items = [Item(type=1, content=b"one"), Item(type=9, content=b"unknown")]
    old, new = bytes(32), bytes([1] * 32)
    ((slot_id, slot),) = seal_slots(items, transport_key=old)
    assert read_record_slot(slot, slot_id=slot_id, transport_keys=[new, old]) == items
    assert read_record_slot(slot, slot_id=bytes(16), transport_keys=[new, old]) == RefusedSlot(
        reason="does-not-open"
    )


# ---- Looking at one's own door ----


def test_what_is_served_as_it_was_published_is_found_good() -> None:
    there = published()
    assert check_sheet(b"sheet", published=there) is None
    assert (
        check_board(join_indexes({SLOT: index(), 3: b"x"} | {SLOT: there.index or b""}), published=there)
        is None
    )
    block = bytearray(16 * ATTENDANCE_LINE_BYTES)
    block[SLOT * ATTENDANCE_LINE_BYTES : (SLOT + 1) * ATTENDANCE_LINE_BYTES] = there.attendance or b""
    assert check_attendance(bytes(block), published=there) is None


def test_what_was_never_published_is_not_missed() -> None:
    nothing = published(sheet=None, index=None, attendance=None)
    assert check_sheet(b"anything", published=nothing) is None
    assert check_board(b"anything", published=nothing) is None
    assert check_attendance(b"anything", published=nothing) is None
    assert own_bucket(nothing, pick=lambda end: 0) is None


def test_an_older_index_is_told_from_an_altered_one() -> None:
    there = published()
    older = [index(TODAY), index(TODAY - 1), index(TODAY - 400)]
    assert {check_board(join_indexes({SLOT: one}), published=there) for one in older} == {Finding.BOARD_OLDER}
    altered = [
        join_indexes({}),
        join_indexes({3: there.index or b""}),
        join_indexes({SLOT: index(board=STRANGER)}),
        join_indexes({SLOT: index(slot=3)}),
        join_indexes({SLOT: (there.index or b"")[:-1]}),
        join_indexes({SLOT: b"x"}),
        b"",
    ]
    assert {check_board(one, published=there) for one in altered} == {Finding.BOARD_ALTERED}


@given(st.binary(max_size=300))
def test_boards_of_anything_are_altered(served: bytes) -> None:
    assert check_board(served, published=published(index=_INDEX)) is Finding.BOARD_ALTERED


_INDEX = index()


def test_a_bucket_has_the_hash_that_was_signed() -> None:
    publication = build_publication([], slot=SLOT, day=TODAY, board=BOARD)
    signed, buckets = split_publication(publication)
    expected = own_bucket(published(index=signed), pick=lambda end: end - 1)
    assert expected is not None
    assert check_bucket(buckets[0], expected=expected) is None
    assert check_bucket(buckets[0][::-1], expected=expected) is Finding.BOARD_ALTERED
    assert check_bucket(None, expected=expected) is Finding.BOARD_ALTERED
