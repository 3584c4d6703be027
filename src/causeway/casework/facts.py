"""What entries of a conversation say: their names, and the form of their values.

A value that this software does not understand stays in the record and is shown by nobody: `read_fact`
returns `None`, so that one odd entry can't make a conversation unreadable.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import msgspec

from causeway.record.entry import Body, Operation
from causeway.units import Day
from causeway.wire.attachments import FILE_BYTES_MAX, FILES_MAX, AttachmentKind
from causeway.wire.intake import HYBRID_PUBLIC_BYTES, Action, IntakeMessage, SendingPath
from causeway.wire.sizes import HASH_BYTES, ID_BYTES

__all__ = [
    "ANSWER",
    "CODE_NAME",
    "LABELS",
    "MESSAGE",
    "OPENED",
    "READ",
    "REGISTERS",
    "STANDING",
    "WITHDRAWN",
    "AnswerFact",
    "Fact",
    "FileFact",
    "MessageFact",
    "OpenedFact",
    "ReadFact",
    "WithdrawnFact",
    "fact_value",
    "message_fact",
    "opened_fact",
    "read_fact",
    "read_of",
]

OPENED: Final = "opened"
MESSAGE: Final = "message"
ANSWER: Final = "answer"
WITHDRAWN: Final = "withdrawn"

CODE_NAME: Final = "code-name"
LABELS: Final = "labels"
STANDING: Final = "standing"
READ: Final = "read"
"""In a read log: a member has read the case on a day."""

REGISTERS: Final = frozenset({CODE_NAME, LABELS, STANDING})
"""Registers of a conversation: a text, a list of texts, and `open` or `closed`."""


class OpenedFact(msgspec.Struct, frozen=True, kw_only=True):
    """The first message's keys, which every later one has to carry."""

    conversation: bytes
    tag_key: bytes
    answer_key: bytes
    verify_key: bytes


class FileFact(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with a message: what opens its chunks, and what its sender said about it."""

    key: bytes
    kind: AttachmentKind
    name: str
    type: str
    size: int


class MessageFact(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the person sent it; `day` is the one under which the relay listed it."""

    message: bytes
    day: int
    action: Action
    path: SendingPath
    language: str
    last_answer: int
    text: str
    first_answer: int = 0
    files: tuple[FileFact, ...] = ()


class AnswerFact(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: its number in the conversation, the day it was written, the text."""

    n: int
    day: int
    text: str


class WithdrawnFact(msgspec.Struct, frozen=True, kw_only=True):
    """Takes back the answer that this entry wrote."""

    answer: bytes


class ReadFact(msgspec.Struct, frozen=True, kw_only=True):
    """That the member who wrote this read a case on a day; once for each member, case and day."""

    day: int


Fact: TypeAlias = OpenedFact | MessageFact | AnswerFact | WithdrawnFact

_KINDS: Final[dict[str, type[Fact]]] = {
    OPENED: OpenedFact,
    MESSAGE: MessageFact,
    ANSWER: AnswerFact,
    WITHDRAWN: WithdrawnFact,
}
_NUMBER_END: Final = 2**31


def _in_range(fact: Fact) -> bool:
    match fact:
        case OpenedFact():
            return (
                len(fact.conversation) == ID_BYTES
                and len(fact.tag_key) == len(fact.verify_key) == HASH_BYTES
                and len(fact.answer_key) == HYBRID_PUBLIC_BYTES
            )
        case MessageFact():
            return (
                len(fact.message) == ID_BYTES
                and 0 <= fact.first_answer <= fact.last_answer < _NUMBER_END
                and len(fact.files) <= FILES_MAX
                and all(
                    len(file.key) == HASH_BYTES and 1 <= file.size <= FILE_BYTES_MAX for file in fact.files
                )
            )
        case AnswerFact():
            return 0 < fact.n < _NUMBER_END and 0 <= fact.day < _NUMBER_END
        case WithdrawnFact():
            return len(fact.answer) == ID_BYTES


def read_fact(body: Body) -> Fact | None:
    """Return what an entry adds to its conversation; `None` where it is a register's or is not understood."""
    kind = _KINDS.get(body.name)
    if body.operation is not Operation.ADD or kind is None:
        return None
    try:
        fact = msgspec.convert(body.value, kind)
    except msgspec.ValidationError:
        return None
    return fact if _in_range(fact) else None


def read_of(body: Body) -> ReadFact | None:
    """Return what an entry of a read log says; `None` where it is not understood."""
    if body.operation is not Operation.ADD or body.name != READ:
        return None
    try:
        fact = msgspec.convert(body.value, ReadFact)
    except msgspec.ValidationError:
        return None
    return fact if 0 <= fact.day < _NUMBER_END else None


def fact_value(fact: Fact | ReadFact) -> Any:
    """Return a fact as the value of an entry."""
    return msgspec.to_builtins(fact, builtin_types=(bytes,))


def opened_fact(message: IntakeMessage) -> OpenedFact:
    """Return the keys that a conversation's first message gives it."""
    return OpenedFact(
        conversation=message.conversation,
        tag_key=message.tag_key,
        answer_key=message.answer_key,
        verify_key=message.verify_key,
    )


def message_fact(message: IntakeMessage, *, day: Day) -> MessageFact:
    """Return what a message adds to its conversation."""
    return MessageFact(
        message=message.message,
        day=day,
        action=message.action,
        path=message.path,
        language=message.language,
        first_answer=message.first_answer,
        last_answer=message.last_answer,
        text=message.text,
        files=tuple(
            FileFact(key=file.key, kind=file.kind, name=file.name, type=file.media_type, size=file.size)
            for file in message.files
        ),
    )
