"""Invented people who have written to a centre, and whom its desk has answered."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from causeway.drills.centre import Centre, sync
from causeway.drills.people import InventedPerson
from causeway.drills.visitors import ScriptVisitor
from causeway.units import day_of

__all__ = ["write_and_answer"]


def write_and_answer(
    centre: Centre, invented: Sequence[InventedPerson], *, unanswered: int = 0
) -> Iterator[tuple[InventedPerson, ScriptVisitor]]:
    """Have everybody write, then have all but the first few answered; yield who wrote from where.

    Args:
        centre: It runs.
        invented: Who writes.
        unanswered: How many of the first get no answer.
    """
    today = day_of(time.time())
    for person in invented:
        visitor = ScriptVisitor(
            centre.door.url, fingerprint=centre.fingerprint, today=today, language=person.page_language
        )
        visitor.write(person.message)
        yield person, visitor
    sync(centre.desk, holding=len(invented))
    answers = {person.message: person.answer for person in invented[unanswered:]}
    for row in centre.desk.inbox(limit=len(invented)):
        text = centre.desk.conversation(row.id).messages[0].text
        if text in answers:
            centre.desk.answer(row.id, answers[text])
    sync(centre.desk)
