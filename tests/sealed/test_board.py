from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.errors import RemoteError
from causeway.sealed.board import (
    CELL_ROOM,
    CellToPublish,
    answer_tag,
    build_publication,
    choose_bucket,
    open_cell,
    verify_indexes,
)
from causeway.sealed.receipt import ConversationKeys
from causeway.sealed.signing import SigningKey
from causeway.units import Day
from causeway.wire.answer import Answer, fit_answers, parse_answers
from causeway.wire.board import BoardIndex, join_indexes, split_indexes, split_publication
from causeway.wire.errors import FormatError, TooLarge
from causeway.wire.sizes import BUCKET_BYTES
from tests import strategies

TODAY = Day(20_779)
BOARDS = [SigningKey(bytes([i]) * 32) for i in range(16)]
KEYS = [board.public for board in BOARDS]
PEOPLE = [ConversationKeys(bytes([i]) * 11) for i in range(20)]


def cell(person: ConversationKeys, text: str, *, n: int = 0) -> CellToPublish:
    content = fit_answers(
        [Answer(n=1, day=TODAY, text=text)], conversation=person.conversation, closed=False, room=CELL_ROOM
    )
    return CellToPublish(tag_key=person.tag_key, n=n, answer_key=person.answer.public, content=content)


def publish(
    cells: list[CellToPublish], *, slot: int = 2, day: Day = TODAY
) -> tuple[bytes, dict[bytes, bytes]]:
    signed, buckets = split_publication(build_publication(cells, slot=slot, day=day, board=BOARDS[slot]))
    return signed, {hashlib.sha256(bucket).digest(): bucket for bucket in buckets}


def read(person: ConversationKeys, block: bytes, buckets: dict[bytes, bytes]) -> str | None:
    indexes = verify_indexes(block, boards=KEYS, today=TODAY)
    choice = choose_bucket(indexes.genuine, tag_key=person.tag_key)
    assert choice is not None
    bucket = buckets[choice.bucket]  # exactly one, whether or not there is an answer
    if choice.cell is None:
        return None
    return open_cell(bucket, choice, answer=person.answer, conversation=person.conversation).answers[-1].text


def test_everybody_finds_their_own_and_nobody_else_anything() -> None:
    signed, buckets = publish([cell(person, f"for {i}") for i, person in enumerate(PEOPLE[:18])])
    assert len(buckets) == 2
    block = join_indexes({2: signed})
    for i, person in enumerate(PEOPLE):
        assert read(person, block, buckets) == (f"for {i}" if i < 18 else None)


def test_an_empty_board_looks_like_a_full_one() -> None:
    signed, buckets = publish([])
    full, full_buckets = publish([cell(person, "x") for person in PEOPLE[:16]])
    assert len(signed) == len(full)
    assert [len(b) for b in buckets.values()] == [len(b) for b in full_buckets.values()] == [BUCKET_BYTES]
    assert read(PEOPLE[0], join_indexes({2: signed}), buckets) is None


def test_two_publications_of_a_day_share_neither_tag_nor_bucket() -> None:
    cells = [cell(person, "x") for person in PEOPLE]
    (first, first_buckets), (again, again_buckets) = publish(cells), publish(cells)
    assert not first_buckets.keys() & again_buckets.keys()
    one, other = (
        verify_indexes(join_indexes({2: signed}), boards=KEYS, today=TODAY).genuine[0]
        for signed in (first, again)
    )
    assert not set(one.tags) & set(other.tags)
    assert one.salt != other.salt
    assert {
        read(PEOPLE[0], join_indexes({2: signed}), first_buckets | again_buckets) for signed in (first, again)
    } == {"x"}


def test_a_tag_depends_on_all_that_it_names() -> None:
    given: dict[str, Any] = {"day": TODAY, "slot": 2, "salt": bytes(16), "n": 0}
    others: list[dict[str, Any]] = [{"day": TODAY + 1}, {"slot": 3}, {"salt": b"\1" * 16}, {"n": 1}]
    tags = {answer_tag(PEOPLE[0].tag_key, **given | other) for other in ({}, *others)}
    assert len(tags | {answer_tag(PEOPLE[1].tag_key, **given)}) == 6


def test_the_newest_day_wins_then_the_highest_n() -> None:
    old, old_buckets = publish([cell(PEOPLE[0], "old", n=3)], slot=1, day=Day(TODAY - 3))
    new, new_buckets = publish([cell(PEOPLE[0], "new"), cell(PEOPLE[0], "newest", n=7)], slot=9)
    block = join_indexes({1: old, 9: new})
    assert read(PEOPLE[0], block, old_buckets | new_buckets) == "newest"


def test_an_index_counts_for_32_days() -> None:
    signed, buckets = publish([cell(PEOPLE[0], "late")], day=Day(TODAY - 32))
    assert read(PEOPLE[0], join_indexes({2: signed}), buckets) == "late"
    signed, _ = publish([cell(PEOPLE[0], "late")], day=Day(TODAY - 33))
    assert verify_indexes(join_indexes({2: signed}), boards=KEYS, today=TODAY).genuine == ()
    assert choose_bucket((), tag_key=b"t" * 32) is None


def filled(byte: int, size: int) -> bytes:
    return bytes([byte]) * size


def test_without_words_a_random_bucket_is_taken() -> None:
    signed, _ = publish([cell(person, "x") for person in PEOPLE[:17]])
    genuine = verify_indexes(join_indexes({2: signed}), boards=KEYS, today=TODAY).genuine
    picked = {choose_bucket(genuine, tag_key=None, random=partial(filled, i)) for i in range(40)}
    assert {choice.bucket for choice in picked if choice} == set(genuine[0].buckets)
    assert {choose_bucket(genuine, tag_key=None) for _ in range(60)} == picked


def invented(slot: int, *, publication: int, buckets: int = 4) -> BoardIndex:
    """An index in which nobody has an answer."""
    names = [b"%d %d %d" % (slot, publication, number) for number in range(buckets)]
    return BoardIndex(
        slot=slot,
        day=TODAY,
        salt=bytes([publication]) * 16,
        tags=(bytes(8),) * 256,
        buckets=tuple(hashlib.sha256(name).digest() for name in names),
    )


def without_match(indexes: list[BoardIndex], tag_key: bytes) -> tuple[int, int]:
    """Whose bucket somebody without an answer takes, and which."""
    choice = choose_bucket(indexes, tag_key=tag_key)
    assert choice is not None
    assert choice.cell is None
    ((slot, number),) = [
        (index.slot, index.buckets.index(choice.bucket))
        for index in indexes
        if choice.bucket in index.buckets
    ]
    return slot, number


@pytest.mark.parametrize("person", PEOPLE[:4])
def test_without_an_answer_the_same_words_take_the_same_bucket(person: ConversationKeys) -> None:
    board = [invented(slot, publication=0) for slot in range(8)]
    first = without_match(board, person.tag_key)
    assert {without_match(board, person.tag_key) for _ in range(20)} == {first}
    # Another desk publishes: as with an answer, nothing changes.
    for other in set(range(8)) - {first[0]}:
        changed = [invented(slot, publication=int(slot == other)) for slot in range(8)]
        assert without_match(changed, person.tag_key) == first
    # This desk publishes: as with an answer, it is still the desk, and any bucket of it.
    anew = {
        without_match([invented(slot, publication=n) for slot in range(8)], person.tag_key) for n in range(40)
    }
    assert anew == {(first[0], number) for number in range(4)}


def test_without_an_answer_a_desk_counts_by_its_buckets() -> None:
    board = [invented(0, publication=0, buckets=1), invented(1, publication=0, buckets=9)]
    taken = [without_match(board, hashlib.sha256(bytes([n, 1])).digest()) for n in range(200)]
    assert {slot for slot, _ in taken} == {0, 1}
    assert 0.8 < sum(slot for slot, _ in taken) / len(taken) < 0.98
    assert {number for slot, number in taken if slot == 1} == set(range(9))


@settings(max_examples=80)
@given(st.data())
def test_every_altered_byte_of_an_index_is_noticed(data: st.DataObject) -> None:
    signed, _ = publish([])
    altered = bytearray(signed)
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= data.draw(st.integers(1, 255))
    indexes = verify_indexes(join_indexes({2: bytes(altered)}), boards=KEYS, today=TODAY)
    assert indexes.genuine == ()
    assert indexes.refused == 1


def test_an_index_in_another_desks_place_is_refused() -> None:
    signed, _ = publish([], slot=2)
    assert verify_indexes(join_indexes({3: signed}), boards=KEYS, today=TODAY).refused == 1
    assert verify_indexes(join_indexes({3: signed}), boards=[KEYS[2]] * 16, today=TODAY).refused == 1


def test_a_swapped_or_altered_bucket_is_refused() -> None:
    signed, buckets = publish([cell(person, "x") for person in PEOPLE[:17]])
    indexes = verify_indexes(join_indexes({2: signed}), boards=KEYS, today=TODAY)
    person = PEOPLE[0]
    choice = choose_bucket(indexes.genuine, tag_key=person.tag_key)
    assert choice is not None
    (other,) = set(buckets) - {choice.bucket}
    altered = bytearray(buckets[choice.bucket])
    altered[0] ^= 1
    for wrong in (buckets[other], bytes(altered), buckets[choice.bucket][:-1], b""):
        with pytest.raises(FormatError):
            open_cell(wrong, choice, answer=person.answer, conversation=person.conversation)


def test_an_answer_to_somebody_else_is_refused() -> None:
    mine, other = PEOPLE[:2]
    misplaced = CellToPublish(
        tag_key=mine.tag_key, n=0, answer_key=mine.answer.public, content=cell(other, "x").content
    )
    signed, buckets = publish([misplaced])
    with pytest.raises(FormatError):
        read(mine, join_indexes({2: signed}), buckets)


@given(st.binary(max_size=200))
def test_arbitrary_boards_raise_only_our_error(block: bytes) -> None:
    with pytest.raises(RemoteError):
        verify_indexes(block + b"\1", boards=KEYS, today=TODAY)
    with pytest.raises(RemoteError):
        split_publication(block)
    with pytest.raises(RemoteError):
        parse_answers(block)


def test_indexes_join_and_split() -> None:
    block = join_indexes({0: b"first", 15: b"last"})
    assert split_indexes(block) == [b"first", *[None] * 14, b"last"]
    for broken in (block[:-1], block + b"\0", b""):
        with pytest.raises(FormatError):
            split_indexes(broken)


@given(strategies.answers(), st.integers(150, 4000))
def test_the_newest_answers_that_fit_are_kept(written: list[Answer], room: int) -> None:
    try:
        content = fit_answers(written, conversation=b"c" * 16, closed=False, room=room)
    except TooLarge:
        assert written
        return
    assert len(content) <= room
    sheet = parse_answers(content)
    kept = len(sheet.answers)
    assert list(sheet.answers) == written[len(written) - kept :]
    assert sheet.more == (kept < len(written))
    assert kept or not written


def test_more_than_a_board_holds_is_refused() -> None:
    with pytest.raises(TooLarge):
        build_publication([cell(PEOPLE[0], "x")] * 2049, slot=0, day=TODAY, board=BOARDS[0])
