from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.casework.conversation import Conversation, Standing
from causeway.casework.facts import CODE_NAME
from causeway.record.entry import Body
from tests.casework.material import answer, body, histories, labels, message, opened, standing, withdrawn


def shown(conversation: Conversation) -> list[Any]:
    """Everything that a conversation tells."""
    return [
        conversation.opened,
        conversation.messages,
        conversation.answers,
        conversation.next_number,
        conversation.acknowledged,
        conversation.forced,
        conversation.closed_by_person,
        conversation.standing,
        conversation.waiting_since,
        conversation.last_activity,
        conversation.language,
        conversation.newest_text,
        conversation.code_name,
        conversation.labels,
        conversation.conflict,
        [conversation.heads(name) for name in ("labels", "standing", "code-name")],
    ]


@given(histories(), st.data())
def test_any_order_and_any_repetition_of_entries_folds_to_the_same(history: list[Body], data: Any) -> None:
    again = data.draw(st.lists(st.sampled_from(history), max_size=6)) if history else []
    shuffled = data.draw(st.permutations(history + again))
    assert shown(Conversation.fold(shuffled)) == shown(Conversation.fold(history))


@given(histories())
def test_where_it_stands_goes_together_with_who_waits(history: list[Body]) -> None:
    folded = Conversation.fold(history)
    assert (folded.waiting_since is not None) == (folded.standing is Standing.WAITING)
    assert folded.next_number > max((one.n for one in folded.answers), default=0)
    assert folded.acknowledged < folded.next_number


def stands(*entries: Body) -> Standing:
    return Conversation.fold(entries).standing


def test_who_waits() -> None:
    assert stands(opened(1)) is Standing.ANSWERED
    assert stands(message(1)) is Standing.WAITING
    assert stands(message(1), answer(2, 1)) is Standing.ANSWERED
    assert stands(message(1), answer(2, 1), message(3)) is Standing.WAITING
    assert stands(message(1), answer(2, 1), message(3, "", action="read", last=1)) is Standing.ANSWERED
    assert stands(message(1), answer(2, 1), withdrawn(3, 2)) is Standing.WAITING
    assert stands(message(1, "", action="forced")) is Standing.ANSWERED
    assert stands(message(1), answer(2, 1), message(3, "help", action="forced")) is Standing.WAITING


def test_waiting_begins_with_the_first_unanswered_message() -> None:
    folded = Conversation.fold([message(1), answer(2, 1), message(3), message(4)])
    assert folded.waiting_since == 3 << 16
    assert folded.last_activity == 4 << 16


def test_closing() -> None:
    assert stands(message(1), standing(2, "closed")) is Standing.CLOSED
    assert stands(message(1), standing(2, "closed"), message(3)) is Standing.WAITING
    assert (
        stands(message(1), answer(2, 1), standing(3, "closed"), standing(4, "open", 3)) is Standing.ANSWERED
    )
    assert stands(message(1), standing(2, "closed"), standing(3, "open", 2)) is Standing.WAITING
    apart = [message(1), answer(2, 1), standing(3, "closed"), standing(4, "open")]
    assert stands(*apart) is Standing.ANSWERED
    assert Conversation.fold(apart).conflict
    assert stands(message(1), message(2, "", action="close"), message(3)) is Standing.CLOSED_BY_PERSON


@pytest.mark.parametrize("action", ["forced", "close"])
def test_only_reading_and_writing_acknowledge(action: str) -> None:
    entries = [answer(1, 1), answer(2, 2), message(3, "", action=action, last=2)]
    assert Conversation.fold(entries).acknowledged == 0
    assert Conversation.fold([*entries, message(4, "", action="read", last=1)]).acknowledged == 1
    assert Conversation.fold([*entries, message(4, "thanks", last=2)]).acknowledged == 2


def test_answers_that_did_not_fit_on_the_page_are_not_acknowledged() -> None:
    folded = Conversation.fold(
        [answer(1, 1), answer(2, 2), answer(3, 3), message(4, "", action="read", first=2, last=3)]
    )
    assert [one.n for one in folded.answers if not folded.is_read(one)] == [1]


def test_a_number_sent_before_its_answer_acknowledges_nothing() -> None:
    folded = Conversation.fold([message(1, "", action="read", last=9), answer(2, 1)])
    assert [folded.is_read(one) for one in folded.answers] == [False]


def test_labels_of_two_members_are_joined_and_a_conflict() -> None:
    folded = Conversation.fold(
        [labels(1, ["a"]), labels(2, ["b"]), body(3, CODE_NAME, "grey heron", heads=())]
    )
    assert folded.labels == ("a", "b")
    assert folded.conflict
    assert folded.code_name == "grey heron"
    folded.apply(labels(4, ["b"], 1, 2))
    assert [folded.labels, folded.conflict] == [("b",), False]


def test_two_answers_under_one_number_are_a_conflict() -> None:
    folded = Conversation.fold([answer(1, 1, "one"), answer(2, 1, "other")])
    assert folded.conflict
    assert folded.next_number == 2


def test_a_message_that_two_desks_took_is_one_message() -> None:
    folded = Conversation.fold([message(5, which=9), message(4, which=9)])
    assert [one.clock for one in folded.messages] == [4 << 16]


def test_nothing_of_a_conversation_is_printed() -> None:
    folded = Conversation.fold([message(1, "a secret sentence"), answer(2, 1, "a secret answer")])
    assert "secret" not in repr(folded)
    assert "secret" not in repr(folded.messages) + repr(folded.answers)
