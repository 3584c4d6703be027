"""The invented people of the demonstration, and how their words come to the desk: as they always do."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from causeway.desk.engine import Desk
from causeway.drills.centre import Centre, sync
from causeway.drills.visitors import PlainVisitor, ScriptVisitor
from causeway.sealed.words import encode_receipt
from causeway.units import day_of
from causeway.wire.intake import Action, SendingPath

__all__ = ["Clock", "Told", "read_story", "tell"]

_STORY: Final = Path(__file__).with_name("story.toml")
_HOUR: Final = 3_600.0


class Conversation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One conversation of the story; its file says what the fields mean."""

    page: str
    path: SendingPath
    hours: float
    message: str
    labels: tuple[str, ...] = ()
    answer: str = ""
    read: bool = False
    follow_up: str = ""
    forced: str = ""
    closed: bool = False
    returns: bool = msgspec.field(name="return", default=False)


class _Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    conversation: tuple[Conversation, ...]


class Clock:
    """The desk's clock while the story is told: it starts some hours ago and only goes forward."""

    def __init__(self) -> None:
        """Start now."""
        self._behind = 0.0

    def __call__(self) -> float:
        """Return Unix seconds."""
        return time.time() - self._behind

    def set_back(self, hours: float) -> None:
        """Say how many hours ago it is."""
        self._behind = hours * _HOUR


@dataclass(frozen=True, slots=True)
class Told:
    """What the newcomer is told: the words of a conversation with an answer that waits."""

    words: tuple[str, ...]
    conversations: int


def read_story() -> tuple[Conversation, ...]:
    """Return the story, longest ago first."""
    raw: dict[str, Any] = tomllib.loads(_STORY.read_text("utf-8"))
    story = msgspec.convert(raw, _Story).conversation
    return tuple(sorted(story, key=lambda one: -one.hours))


def tell(
    centre: Centre,
    story: Sequence[Conversation],
    *,
    clock: Clock,
    on_step: Callable[[int], None] = lambda done: None,
) -> Told:
    """Have everybody write at the door and the desk answer, in the order of the story.

    Args:
        centre: Runs; its desk has this clock.
        story: Longest ago first.
        clock: The desk's; at the end it shows the time of day.
        on_step: Told how many conversations are through.
    """
    words: tuple[str, ...] = ()
    for number, one in enumerate(story):
        clock.set_back(one.hours)
        visitor = _visitor(centre, one)
        visitor.write(one.message.strip())
        sync(centre.desk, holding=number + 1)
        new = _of_text(centre.desk, one.message.strip())
        if one.labels:
            centre.desk.set_labels(new, one.labels)
        if one.answer:
            centre.desk.mark_opened(new)
            centre.desk.answer(new, one.answer.strip())
        if one.read:
            sync(centre.desk)
            visitor.read()
            visitor.act(Action.READ)
            _write_again(visitor, one)
            sync(centre.desk)
        if one.closed:
            centre.desk.close_conversation(new)
        if one.returns and visitor.entropy is not None:
            words = encode_receipt(visitor.entropy, lang=one.page)
        on_step(number + 1)
    clock.set_back(0)
    sync(centre.desk)
    return Told(words, len(story))


def _visitor(centre: Centre, one: Conversation) -> ScriptVisitor | PlainVisitor:
    if one.path is SendingPath.PLAIN:
        return PlainVisitor(centre.door.url, language=one.page)
    today = day_of(time.time())
    return ScriptVisitor(centre.door.url, fingerprint=centre.fingerprint, today=today, language=one.page)


def _write_again(visitor: ScriptVisitor | PlainVisitor, one: Conversation) -> None:
    if one.follow_up:
        visitor.act(Action.WRITE, one.follow_up.strip())
    if one.forced:
        visitor.act(Action.FORCED, one.forced.strip())


def _of_text(desk: Desk, text: str) -> str:
    """Return the id of the conversation in which a text stands."""
    for row in desk.inbox(limit=200):
        if any(message.text == text for message in desk.conversation(row.id).messages):
            return row.id
    raise LookupError("A conversation of the story did not arrive.")
