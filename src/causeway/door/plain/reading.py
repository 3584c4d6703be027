"""Looking for an answer without script: the same requests to the relay, whoever asks (FORMAT, section 7)."""

from __future__ import annotations

from dataclasses import dataclass

from causeway.door.plain.relay import Relay, RelayAway
from causeway.errors import RemoteError
from causeway.sealed.board import Choice, choose_bucket, open_cell, verify_indexes
from causeway.sealed.receipt import ConversationKeys
from causeway.sealed.sheet import verify_sheet
from causeway.units import Day
from causeway.wire.answer import Answer
from causeway.wire.errors import FormatError

__all__ = ["Found", "look_for_answers", "take_any_bucket"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What these words open. Words that belong to nobody open nothing, which looks like no answer.

    Attributes:
        answers: Oldest first.
        closed: The centre closed the conversation.
        more: Older answers wait.
        unreadable: There is something for these words, but it does not open.
    """

    answers: tuple[Answer, ...] = ()
    closed: bool = False
    more: bool = False
    unreadable: bool = False


def _take(
    relay: Relay, *, root: bytes | None, today: Day, tag_key: bytes | None
) -> tuple[Choice, bytes | None] | None:
    """Fetch sheet, board and one bucket; `None` where there is no board to believe."""
    sheet_blob, block = relay.sheet(), relay.board()
    if sheet_blob is None:
        return None
    try:
        sheet = verify_sheet(sheet_blob, fingerprint=root, today=today)
        indexes = verify_indexes(block, boards=sheet.boards, today=today)
    except RemoteError as error:
        raise RelayAway("The board can't be checked.") from error
    choice = choose_bucket(indexes.genuine, tag_key=tag_key)
    return None if choice is None else (choice, relay.bucket(choice.bucket))


def look_for_answers(relay: Relay, *, keys: ConversationKeys, root: bytes | None, today: Day) -> Found:
    """Return what the board holds for these keys.

    Raises:
        RelayAway: No relay, or none to believe.
    """
    taken = _take(relay, root=root, today=today, tag_key=keys.tag_key)
    if taken is None or taken[0].cell is None:
        return Found()
    choice, bucket = taken
    try:
        if bucket is None:
            raise FormatError("The board changed while it was read.")
        sheet = open_cell(bucket, choice, answer=keys.answer, conversation=keys.conversation)
    except RemoteError:
        return Found(unreadable=True)
    return Found(answers=sheet.answers, closed=sheet.closed, more=sheet.more)


def take_any_bucket(relay: Relay, *, root: bytes | None, today: Day) -> None:
    """Ask the relay what `look_for_answers` would, for words that are none."""
    try:
        _take(relay, root=root, today=today, tag_key=None)
    except RelayAway:
        return
