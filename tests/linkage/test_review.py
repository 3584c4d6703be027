from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.linkage.review import (
    Answer,
    ReviewError,
    UncertainPair,
    gather_answers,
    parse_answers,
    write_uncertain,
)
from tests.linkage.bits import encoded, packed, random_flags

T = [f"{number:032x}" for number in range(6)]
HEADER = "list_a,ticket_a,list_b,ticket_b,score,chance,answer\n"


def lists():
    bits = packed(random_flags(np.random.default_rng(1), 4))
    return [encoded(bits, name) for name in ("a", "b", "c")]


def ticket(name, row):
    (one,) = [one for one in lists() if one.name == name]
    return one.tickets[row].tobytes().hex()


def answer(one, other, same):
    return Answer(one[0], ticket(*one), other[0], ticket(*other), same)


def test_what_is_written_is_read_back_without_an_answer():
    pairs = [
        UncertainPair("north, far", T[0], "south", T[1], 0.7, 0.5),
        UncertainPair("x", T[2], "y", T[3], 0.6, 0.4),
    ]
    answers = parse_answers(write_uncertain(pairs).encode())
    assert [(one.list_a, one.ticket_a, one.list_b, one.ticket_b) for one in answers] == [
        (pair.list_a, pair.ticket_a, pair.list_b, pair.ticket_b) for pair in pairs
    ]
    assert [one.same for one in answers] == [None, None]


@pytest.mark.parametrize(
    ("word", "same"), [("yes", True), ("Да", True), ("no", False), ("НЕТ", False), ("", None), ("?", None)]
)
def test_answers_in_words(word, same):
    (one,) = parse_answers(f"{HEADER}a,{T[0]},b,{T[1]},0.5,0.5,{word}\n".encode())
    assert one.same is same


def test_a_spreadsheet_may_reorder_columns_and_use_semicolons():
    text = f"answer;list_b;ticket_b;remark;list_a;ticket_a\r\nyes;b;{T[1]};x;a;{T[0]}\r\n\r\n"
    assert parse_answers(b"\xef\xbb\xbf" + text.encode()) == (Answer("a", T[0], "b", T[1], True),)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "lacks a column"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"list_a,ticket_a\n", "lacks a column"),
        ((HEADER + "a,b\n").encode(), "as many cells"),
        ((HEADER + f"a,{T[0]},b,Zara,0,0,yes\n").encode(), "ticket"),
        ((HEADER + f"a,{T[0]},b,{T[1]},0,0,Zara\n").encode(), "one of those"),
        ((HEADER + f'a,{T[0]},b,"{T[1]},0,0,yes\n').encode(), "CSV"),
        (f"answer,{HEADER}".encode(), "lacks a column"),
    ],
)
def test_other_files_get_a_sentence_that_repeats_nothing(raw, told):
    with pytest.raises(ReviewError, match=told) as caught:
        parse_answers(raw)
    assert "Zara" not in caught.value.diagnostics()


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_only_our_error(raw):
    for content in (raw, HEADER.encode() + raw):
        with contextlib.suppress(ReviewError):
            parse_answers(content)


def test_answers_are_gathered_by_record():
    said = gather_answers(
        [
            answer(("a", 0), ("b", 1), True),
            answer(("c", 2), ("a", 1), False),
            answer(("a", 3), ("b", 3), True),
            answer(("b", 3), ("a", 3), False),
            answer(("a", 2), ("b", 2), None),
        ],
        lists(),
    )
    assert said.confirmed == {(0, 5)}
    assert said.denied == {(1, 10)}
    assert said.disputed == 1


def test_confirmed_pairs_that_put_a_person_twice_on_a_list_are_refused():
    twice = [
        answer(("a", 0), ("b", 0), True),
        answer(("b", 0), ("c", 0), True),
        answer(("c", 0), ("a", 1), True),
    ]
    gather_answers(twice[:2], lists())
    with pytest.raises(ReviewError, match="twice on a list"):
        gather_answers(twice, lists())


def test_a_pair_of_one_list_is_refused():
    with pytest.raises(ReviewError, match="one list"):
        gather_answers([answer(("a", 0), ("a", 1), True)], lists())
