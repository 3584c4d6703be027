from __future__ import annotations

import pytest

from causeway.casework.conversation import Conversation
from causeway.casework.publishing import REPUBLISH_DAYS, check_fits, fill_cell, to_publish
from causeway.sealed.hybrid import HybridSecret
from causeway.units import Day
from causeway.wire.answer import parse_answers
from causeway.wire.errors import TooLarge
from tests.casework.material import answer, body, identity, message, opened, standing, withdrawn

TODAY = Day(20_000)
KEY = bytes(HybridSecret.from_seed(bytes(32)).public)


def with_keys(*entries: object) -> Conversation:
    first = opened(1)
    first.value["answer_key"] = KEY
    return Conversation.fold([first, *entries])  # type: ignore[list-item]


def numbers(conversation: Conversation, *, today: Day = TODAY, held: tuple[bytes, ...] = ()) -> list[int]:
    return [one.n for one in to_publish(conversation, today=today, held=held)]


def test_unread_answers_are_published_until_they_are_read_withdrawn_held_or_too_old() -> None:
    two = [answer(2, 1), answer(3, 2)]
    assert numbers(with_keys(*two)) == [1, 2]
    assert numbers(with_keys(*two, message(4, "", action="read", last=1))) == [2]
    assert numbers(with_keys(*two, withdrawn(4, 3))) == [1]
    assert numbers(with_keys(*two), held=(identity(2),)) == [2]
    assert numbers(with_keys(*two), today=Day(TODAY + REPUBLISH_DAYS)) == [1, 2]
    assert numbers(with_keys(*two), today=Day(TODAY + REPUBLISH_DAYS + 1)) == []
    assert numbers(with_keys(*two, message(4, "", action="close"))) == []
    assert numbers(Conversation.fold(two)) == []


@pytest.mark.parametrize(
    ("days", "expected"), [([0], 0), ([0, 0], 1), ([-1, 0], 0), ([-1], 0), ([0] * 6, 3), ([-1, -1], 0)]
)
def test_the_tag_counts_what_was_written_earlier_on_the_same_day(days: list[int], expected: int) -> None:
    entries = [answer(10 + n, n, day=TODAY + day) for n, day in enumerate(days, start=1)]
    folded = with_keys(*entries)
    assert fill_cell(folded, answers=folded.answers, today=TODAY).n == expected


def test_the_tag_counts_what_was_read_meanwhile_as_well() -> None:
    folded = with_keys(answer(2, 1), message(3, "", action="read", last=1), answer(4, 2))
    assert fill_cell(folded, answers=to_publish(folded, today=TODAY), today=TODAY).n == 1


def test_a_cell_says_what_the_person_needs() -> None:
    folded = with_keys(
        answer(2, 1, "one"), answer(3, 1, "at the same time"), answer(4, 2), standing(5, "closed")
    )
    cell = fill_cell(folded, answers=to_publish(folded, today=TODAY), today=TODAY)
    sheet = parse_answers(cell.content)
    assert [(one.n, one.text) for one in sheet.answers] == [(1, "one\n\nat the same time"), (2, "here")]
    assert (sheet.closed, sheet.more, sheet.conversation) == (True, False, b"i" * 16)
    assert cell.tag_key == b"t" * 32


def test_an_answer_that_fits_no_cell_is_refused() -> None:
    check_fits("x" * 6_000, conversation=bytes(16), n=1, day=TODAY)
    with pytest.raises(TooLarge):
        check_fits("x" * 8_000, conversation=bytes(16), n=1, day=TODAY)


def test_an_entry_that_nobody_understands_changes_nothing() -> None:
    odd = [
        body(7, "answer", {"n": 0, "day": 1, "text": ""}),
        body(8, "message", {"message": b"short"}),
        body(9, "answer", None),
        body(10, "withdrawn", {"answer": b"short"}),
        body(11, "novel", {"anything": [1]}),
        body(12, "opened", {"conversation": bytes(16)}),
    ]
    folded = with_keys(answer(2, 1), *odd)
    assert numbers(folded) == [1]
    assert folded.messages == ()
