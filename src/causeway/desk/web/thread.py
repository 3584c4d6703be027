"""Messages and answers of one conversation in the order of time."""

from __future__ import annotations

from dataclasses import dataclass

from causeway.desk.views import AnswerView, ConversationView, MessageView

__all__ = ["Turn", "thread_of"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said at a moment: exactly one of the two is there."""

    when: float
    message: MessageView | None = None
    answer: AnswerView | None = None


def thread_of(view: ConversationView) -> tuple[Turn, ...]:
    """Return all that was said, oldest first; what came at the same moment keeps the person's first."""
    said = [Turn(message.received, message=message) for message in view.messages]
    answered = [Turn(answer.written, answer=answer) for answer in view.answers]
    return tuple(sorted(said + answered, key=lambda turn: turn.when))
