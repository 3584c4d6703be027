"""Which answers go onto the board, and how one conversation's cell is filled."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from causeway.casework.conversation import Conversation, Standing, WrittenAnswer
from causeway.sealed.board import CELL_ROOM, NEWER_MAX, CellToPublish
from causeway.sealed.hybrid import HybridPublic
from causeway.units import Day
from causeway.wire.answer import Answer, fit_answers

__all__ = ["REPUBLISH_DAYS", "check_fits", "fill_cell", "to_publish"]

REPUBLISH_DAYS: Final = 180
"""So long an answer is published again and again until it is read."""


def to_publish(
    conversation: Conversation, *, today: Day, held: Collection[bytes] = ()
) -> tuple[WrittenAnswer, ...]:
    """Return the answers that belong on the board today, by number.

    Args:
        held: Entry ids of answers that a member holds back.
    """
    if conversation.closed_by_person or conversation.opened is None:
        return ()
    return tuple(
        answer
        for answer in conversation.answers
        if answer.entry_id not in held
        and answer.day >= today - REPUBLISH_DAYS
        and not conversation.is_read(answer)
    )


def _numbered(answers: Collection[WrittenAnswer]) -> list[Answer]:
    # Two desks may have used one number while apart: the person then reads both under it.
    texts: dict[int, list[WrittenAnswer]] = {}
    for answer in answers:
        texts.setdefault(answer.n, []).append(answer)
    return [
        Answer(n=n, day=same[-1].day, text="\n\n".join(one.fact.text for one in same))
        for n, same in texts.items()
    ]


def fill_cell(conversation: Conversation, *, answers: Collection[WrittenAnswer], today: Day) -> CellToPublish:
    """Return the cell of a conversation with at least one answer to publish.

    Raises:
        TooLarge: Not even the newest answer fits.
    """
    opened = conversation.opened
    if opened is None or not answers:
        raise ValueError("a cell has a conversation with keys, and an answer")
    content = fit_answers(
        _numbered(answers),
        conversation=opened.conversation,
        closed=conversation.standing is Standing.CLOSED,
        room=CELL_ROOM,
    )
    newest = max(one.n for one in answers)
    before = sum(one.day == today and one.n < newest for one in conversation.answers)
    return CellToPublish(
        tag_key=opened.tag_key,
        n=min(before, NEWER_MAX),
        answer_key=HybridPublic(opened.answer_key),
        content=content,
    )


def check_fits(text: str, *, conversation: bytes, n: int, day: Day) -> None:
    """Refuse an answer that no cell could hold, before it is written.

    Raises:
        TooLarge: With the sentence for who wrote it.
    """
    fit_answers([Answer(n=n, day=day, text=text)], conversation=conversation, closed=False, room=CELL_ROOM)
