"""A conversation, folded from the entries of its record.

The fold keeps sets and maxima only, so that the order in which entries arrive, and how often, makes no
difference; everything that is shown is worked out from those sets afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from causeway.casework.facts import (
    CODE_NAME,
    LABELS,
    REGISTERS,
    STANDING,
    AnswerFact,
    MessageFact,
    OpenedFact,
    WithdrawnFact,
    read_fact,
)
from causeway.record.entry import Body, Operation
from causeway.record.registers import Register, Written
from causeway.units import Day
from causeway.wire.intake import Action

__all__ = ["Conversation", "Standing", "TakenMessage", "WrittenAnswer"]

_ACKNOWLEDGING: Final = frozenset({Action.READ, Action.WRITE})


_Rank: TypeAlias = tuple[int, bytes, bytes]
_encoder: Final = msgspec.msgpack.Encoder()


def _rank(body: Body) -> _Rank:
    """Return what orders entries alike on every desk, two that say different things under one id included."""
    return body.clock, body.entry_id, _encoder.encode((body.value, body.member))


def _written_rank(one: Written) -> _Rank:
    return one.clock, one.entry_id, _encoder.encode((one.value, one.member))


class Standing(StrEnum):
    """Where a conversation stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"
    CLOSED_BY_PERSON = "closed-by-person"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class TakenMessage:
    """A message, with the display clock of the desk that took it."""

    fact: MessageFact
    clock: int
    entry_id: bytes

    @property
    def waits(self) -> bool:
        """Whether it asks for an answer: it is text, and more than an act."""
        return self.fact.action is Action.WRITE or bool(self.fact.text)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class WrittenAnswer:
    """An answer, with the entry, clock and member that wrote it."""

    fact: AnswerFact
    clock: int
    entry_id: bytes
    member: bytes

    @property
    def n(self) -> int:
        """Its number in the conversation, from 1."""
        return self.fact.n

    @property
    def day(self) -> Day:
        """The day on which it was written."""
        return Day(self.fact.day)


@dataclass(kw_only=True, slots=True, repr=False)
class Conversation:
    """All that the entries of one conversation say."""

    _opened: tuple[_Rank, OpenedFact] | None = None
    _messages: dict[bytes, TakenMessage] = field(default_factory=dict)
    _answers: dict[_Rank, WrittenAnswer] = field(default_factory=dict)
    _message_ranks: dict[bytes, _Rank] = field(default_factory=dict)
    _withdrawn: set[bytes] = field(default_factory=set)
    _registers: dict[str, dict[bytes, Register]] = field(default_factory=dict)

    @classmethod
    def fold(cls, bodies: Iterable[Body]) -> Conversation:
        """Return what these entries say, in whatever order they come."""
        conversation = cls()
        for body in bodies:
            conversation.apply(body)
        return conversation

    def apply(self, body: Body) -> None:
        """Take one entry, in any order and as often as it comes."""
        if body.operation is Operation.SET:
            if body.name in REGISTERS:
                # Heads never cross compartments: two desks that took one first message made two cases of it.
                of_case = self._registers.setdefault(body.name, {})
                of_case.setdefault(body.case, Register()).apply(body)
            return
        rank = _rank(body)
        match read_fact(body):
            case OpenedFact() as opened:
                # Two desks may take one first message: the keys are the same, the earlier entry speaks.
                if self._opened is None or rank < self._opened[0]:
                    self._opened = (rank, opened)
            case MessageFact() as message:
                known = self._messages.get(message.message)
                taken = TakenMessage(fact=message, clock=body.clock, entry_id=body.entry_id)
                if known is None or rank < self._message_ranks[message.message]:
                    self._messages[message.message] = taken
                    self._message_ranks[message.message] = rank
            case AnswerFact() as answer:
                # Other content under an id that is taken is one more answer, and a conflict.
                self._answers[rank] = WrittenAnswer(
                    fact=answer, clock=body.clock, entry_id=body.entry_id, member=body.member
                )
            case WithdrawnFact() as withdrawn:
                self._withdrawn.add(withdrawn.answer)
            case None:
                pass

    @property
    def opened(self) -> OpenedFact | None:
        """The conversation's keys; `None` until the entry with them has come."""
        return None if self._opened is None else self._opened[1]

    @property
    def withdrawn(self) -> frozenset[bytes]:
        """The entries of answers that were taken back."""
        return frozenset(self._withdrawn)

    @property
    def messages(self) -> tuple[TakenMessage, ...]:
        """The person's messages, in the order in which they were taken."""
        return tuple(sorted(self._messages.values(), key=lambda one: (one.clock, one.entry_id)))

    @property
    def answers(self) -> tuple[WrittenAnswer, ...]:
        """Our answers, by number, without those that were withdrawn."""
        kept = [(one.n, rank) for rank, one in self._answers.items() if one.entry_id not in self._withdrawn]
        return tuple(self._answers[rank] for _, rank in sorted(kept))

    @property
    def next_number(self) -> int:
        """The number of the next answer; a withdrawn one's is not used again."""
        return max((one.n for one in self._answers.values()), default=0) + 1

    def has_message(self, message: bytes) -> bool:
        """Whether this message was taken."""
        return message in self._messages

    def is_read(self, answer: WrittenAnswer) -> bool:
        """Whether the person has acknowledged an answer.

        Only a message that came after the answer counts: a number sent in advance must not keep the
        answers of next week from the board. Nor does it count for answers before the first that was on
        the person's page: those did not fit, and nobody has seen them yet.
        """
        return any(
            one.fact.first_answer <= answer.n <= one.fact.last_answer and one.clock > answer.clock
            for one in self._messages.values()
            if one.fact.action in _ACKNOWLEDGING
        )

    @property
    def acknowledged(self) -> int:
        """Number of the last answer that the person has acknowledged; 0 for none."""
        return max((one.n for one in self.answers if self.is_read(one)), default=0)

    @property
    def forced(self) -> bool:
        """Whether somebody was made to open this conversation."""
        return any(one.fact.action is Action.FORCED for one in self._messages.values())

    @property
    def closed_by_person(self) -> bool:
        """Whether the person closed it. For good: the relay keeps no order, so nothing is after it."""
        return any(one.fact.action is Action.CLOSE for one in self._messages.values())

    @property
    def _closed_by_us(self) -> bool:
        written = self.values(STANDING)
        # Where two members disagree it stays open: an open conversation is looked at.
        return bool(written) and all(one.value == Standing.CLOSED for one in written)

    @property
    def _first_waiting(self) -> int | None:
        """The clock of the first message that nobody has answered, nor closed the conversation after."""
        after = max((one.clock for one in self.answers), default=-1)
        if self._closed_by_us:
            after = max(after, *(one.clock for one in self.values(STANDING)))
        waiting = [one.clock for one in self._messages.values() if one.waits and one.clock > after]
        return min(waiting, default=None)

    @property
    def standing(self) -> Standing:
        """Where it stands. A message to a conversation that we had closed waits like any other."""
        if self.closed_by_person:
            return Standing.CLOSED_BY_PERSON
        if self._first_waiting is not None:
            return Standing.WAITING
        return Standing.CLOSED if self._closed_by_us else Standing.ANSWERED

    @property
    def waiting_since(self) -> int | None:
        """The clock of the first unanswered message; `None` when nobody waits."""
        return self._first_waiting if self.standing is Standing.WAITING else None

    @property
    def last_activity(self) -> int:
        """The clock of the newest message or answer."""
        clocks = [one.clock for one in self._messages.values()]
        return max([*clocks, *(one.clock for one in self.answers)], default=0)

    @property
    def last_message(self) -> int:
        """The clock of the newest message."""
        return max((one.clock for one in self._messages.values()), default=0)

    @property
    def language(self) -> str:
        """The language of the page that the newest message was written on."""
        messages = self.messages
        return messages[-1].fact.language if messages else ""

    @property
    def newest_text(self) -> str:
        """The newest message that has a text."""
        return next((one.fact.text for one in reversed(self.messages) if one.fact.text), "")

    @property
    def code_name(self) -> str:
        """The invented words by which members speak of it."""
        names = [one.value for one in self.values(CODE_NAME) if isinstance(one.value, str)]
        return names[0] if names else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that any member's value in force has, sorted."""
        lists = [one.value for one in self.values(LABELS) if isinstance(one.value, list)]
        return tuple(sorted({label for some in lists for label in some if isinstance(label, str)}))

    @property
    def conflict(self) -> bool:
        """Whether two members set something apart, or wrote two answers with one number."""
        numbers = [one.n for one in self.answers]
        ids = {one.entry_id for one in self.answers}
        return bool(self.apart) or len(set(numbers)) < len(numbers) or len(ids) < len(numbers)

    @property
    def apart(self) -> tuple[str, ...]:
        """The registers that members set to different things, sorted: each is to be settled."""
        return tuple(
            name
            for name in sorted(self._registers)
            if len({_encoder.encode(one.value) for one in self.values(name)}) > 1
        )

    def values(self, register: str) -> tuple[Written, ...]:
        """Return all values of a register in force, newest first by the display clock, of all its cases."""
        found = [one for of_case in self._registers.get(register, {}).values() for one in of_case.values]
        return tuple(sorted(found, key=_written_rank, reverse=True))

    def heads(self, register: str) -> dict[bytes, tuple[bytes, ...]]:
        """Return, for each case that has values of a register, what an entry that sets it has to name."""
        held = self._registers.get(register, {})
        return {case: held[case].heads for case in sorted(held) if held[case].heads}
