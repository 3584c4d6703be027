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

__all__ = ["BoardDoubtful", "Found", "look_for_answers", "take_any_bucket"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What these words open. Words that belong to nobody open nothing, which looks like no answer.

    Attributes:
        answers: Oldest first.
        closed: The centre closed the conversation.
        more: Older answers wait.
        unreadable: There is something for these words, but it does not open.
        doubtful: There is nothing for these words, and a part of the board could not be believed.
    """

    answers: tuple[Answer, ...] = ()
    closed: bool = False
    more: bool = False
    unreadable: bool = False
    doubtful: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taken:
    choice: Choice | None
    bucket: bytes | None
    doubtful: bool


class BoardDoubtful(RemoteError):
    """Sheet or board can't be believed: somebody may have altered them."""


def _take(relay: Relay, *, root: bytes | None, today: Day, tag_key: bytes | None) -> _Taken:
    """Fetch sheet, board and one bucket, if there is one."""
    sheet_blob, block = relay.sheet(), relay.board()
    if sheet_blob is None:
        return _Taken(choice=None, bucket=None, doubtful=False)
    try:
        sheet = verify_sheet(sheet_blob, fingerprint=root, today=today)
        indexes = verify_indexes(block, boards=sheet.boards, today=today)
    except RemoteError as error:
        raise BoardDoubtful("The board can't be checked.") from error
    choice = choose_bucket(indexes.genuine, tag_key=tag_key)
    bucket = None if choice is None else relay.bucket(choice.bucket)
    return _Taken(choice=choice, bucket=bucket, doubtful=indexes.refused > 0)


def look_for_answers(relay: Relay, *, keys: ConversationKeys, root: bytes | None, today: Day) -> Found:
    """Return what the board holds for these keys.

    Raises:
        RelayAway: No relay.
        BoardDoubtful: None to believe.
    """
    taken = _take(relay, root=root, today=today, tag_key=keys.tag_key)
    if taken.choice is None or taken.choice.cell is None:
        return Found(doubtful=taken.doubtful)
    try:
        if taken.bucket is None:
            raise FormatError("The board changed while it was read.")
        sheet = open_cell(taken.bucket, taken.choice, answer=keys.answer, conversation=keys.conversation)
    except RemoteError:
        return Found(unreadable=True)
    return Found(answers=sheet.answers, closed=sheet.closed, more=sheet.more)


def take_any_bucket(relay: Relay, *, root: bytes | None, today: Day) -> None:
    """Ask the relay what `look_for_answers` would, for words that are none."""
    try:
        _take(relay, root=root, today=today, tag_key=None)
    except (RelayAway, BoardDoubtful):
        return
