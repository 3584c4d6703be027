"""The form of a cell's content: answers not yet acknowledged (docs/FORMAT.md, section 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from causeway.units import Day
from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.errors import FormatError, TooLarge
from causeway.wire.sizes import ID_BYTES

__all__ = ["Answer", "AnswerSheet", "encode_answers", "fit_answers", "parse_answers"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer: its number in the conversation (from 1), the UTC day, the text."""

    n: int
    day: Day
    text: str

    def __repr__(self) -> str:
        """Name the kind alone: an answer must not reach a log by way of a traceback."""
        return "Answer(…)"


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerSheet:
    """What one cell tells: answers oldest first; `more` when older ones did not fit."""

    conversation: bytes
    answers: tuple[Answer, ...]
    closed: bool
    more: bool


class _AnswerForm(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    n: int
    day: int
    text: str


class _Form(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    v: int
    conversation: str
    answers: list[_AnswerForm]
    closed: bool
    more: bool


_decoder = msgspec.json.Decoder(_Form)
_encoder = msgspec.json.Encoder()


def encode_answers(sheet: AnswerSheet) -> bytes:
    """Return the JSON of a cell's content."""
    return _encoder.encode(
        _Form(
            v=1,
            conversation=b64encode(sheet.conversation),
            answers=[_AnswerForm(n=answer.n, day=answer.day, text=answer.text) for answer in sheet.answers],
            closed=sheet.closed,
            more=sheet.more,
        )
    )


def fit_answers(answers: Sequence[Answer], *, conversation: bytes, closed: bool, room: int) -> bytes:
    """Return the JSON of as many of the newest answers as fit into `room` bytes.

    Args:
        answers: Unacknowledged answers, oldest first.
        room: Bytes that the content of a cell may have.

    Raises:
        TooLarge: Not even the newest answer fits.
    """
    for first in range(len(answers) + 1):
        kept = tuple(answers[first:])
        sheet = AnswerSheet(conversation=conversation, answers=kept, closed=closed, more=first > 0)
        content = encode_answers(sheet)
        if len(content) <= room and (kept or not answers):
            return content
    raise TooLarge("This answer is too long for one page. Send it as two.", room=room)


def parse_answers(payload: bytes) -> AnswerSheet:
    """Return what a cell tells.

    Raises:
        FormatError: Any deviation from the form.
    """
    try:
        form = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise FormatError("The answer is not the JSON that it should be.") from None
    if form.v != 1:
        raise FormatError("The answer has a version that this software does not know.")
    numbers = [answer.n for answer in form.answers]
    if numbers != sorted(set(numbers)) or any(not 0 < n < 2**31 for n in numbers):
        raise FormatError("The answers are not in order.")
    return AnswerSheet(
        conversation=b64decode(form.conversation, size=ID_BYTES),
        answers=tuple(Answer(n=answer.n, day=Day(answer.day), text=answer.text) for answer in form.answers),
        closed=form.closed,
        more=form.more,
    )
