"""What the desk's engine tells its pages: frozen values, no keys, no database rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from causeway.desk.viewer.shapes import Shape
from causeway.sync.watch import Difference
from causeway.units import Day

__all__ = [
    "Alarm",
    "AlarmKind",
    "AnswerView",
    "CentreView",
    "ConversationRow",
    "ConversationState",
    "ConversationView",
    "Delivery",
    "DoorWatchView",
    "FileState",
    "FileView",
    "FilesView",
    "MessageView",
    "OutboxRow",
    "SyncView",
]


class ConversationState(StrEnum):
    """Where a conversation stands: waiting for us, answered, closed by us, or closed by the person."""

    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"
    CLOSED_BY_PERSON = "closed-by-person"


class Delivery(StrEnum):
    """How far an answer has come; more than this nobody can know."""

    QUEUED = "queued"
    HELD = "held"
    ON_BOARD = "on-board"
    READ = "read"


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationRow:
    """One line of the inbox.

    Attributes:
        id: Conversation id, 32 hex digits.
        code_name: Two invented words by which members speak of it; not derived from anything of the person's.
        waiting_since: Unix seconds at which this desk received the first unanswered message;
            `None` when nobody waits.
        forced: Somebody was made to open this conversation.
        conflict: Two members set something apart; to settle.
        files: How many came with its messages: somebody who only spoke has no words in `excerpt`.
    """

    id: str
    code_name: str
    language: str
    state: ConversationState
    waiting_since: float | None
    last_activity: float
    excerpt: str
    labels: tuple[str, ...]
    unread: bool
    forced: bool
    conflict: bool
    files: int = 0


class FileState(StrEnum):
    """What this desk has of a file."""

    COMING = "coming"
    WHOLE = "whole"
    PART_MISSING = "part-missing"
    ALTERED = "altered"
    NO_ROOM = "no-room"
    TAKEN_AWAY = "taken-away"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileView:
    """A file that came with a message.

    Attributes:
        id: 32 hex digits.
        voice: Recorded in the page, by what the message says.
        name: What the person's phone called it; may be empty, and may be a lie.
        media_type: What the person's browser took it for: a claim as well.
        size: Bytes.
        here: Parts of it that are here, of `chunks`.
        shape: What it begins as, once it is whole; `None` for what is not shown.
    """

    id: str
    voice: bool
    name: str
    media_type: str
    size: int
    state: FileState
    here: int
    chunks: int
    shape: Shape | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FilesView:
    """What all files take here, what they may take, and how many are still to be fetched."""

    coming: int
    taken_bytes: int
    room_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageView:
    """One message of the person; `action` as in `wire.intake.Action`; `path` tells where it was encrypted."""

    id: str
    received: float
    sent_day: Day
    text: str
    action: str
    path: str
    language: str
    files: tuple[FileView, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerView:
    """One answer of ours."""

    n: int
    written: float
    author: str
    text: str
    delivery: Delivery


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationView:
    """All that this desk may show of a conversation; `readers` are the members who can read it."""

    row: ConversationRow
    messages: tuple[MessageView, ...]
    answers: tuple[AnswerView, ...]
    readers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxRow:
    """Something that waits to leave this laptop: its kind, never its words, and whether it is held."""

    id: str
    kind: str
    conversation: str | None
    code_name: str | None
    since: float
    held: bool
    bytes: int


class AlarmKind(StrEnum):
    """What a desk raises; the pages have a sentence for each."""

    SHEET_ALTERED = "sheet-altered"
    BOARD_ALTERED = "board-altered"
    BOARD_OLDER = "board-older"
    ATTENDANCE_ALTERED = "attendance-altered"
    DOOR_ALTERED = "door-altered"
    SLOT_REFUSED = "slot-refused"
    CAPABILITY_REFUSED = "capability-refused"
    CHAIN_FORKED = "chain-forked"
    APPOINTMENT_ENDS = "appointment-ends"
    FORCED = "forced"
    WORDS_DIFFER = "words-differ"
    JOINED = "joined"
    REMOVED = "removed"
    REVOKED = "revoked"
    ROOT_USED = "root-used"
    ROSTER_FORKED = "roster-forked"
    HEADS_DIFFER = "heads-differ"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """Something that a person has to look at; `count` things of this kind since `since`."""

    kind: AlarmKind
    since: float
    count: int
    conversation: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncView:
    """Whether the relay is reached, when it last was, and what waits.

    Attributes:
        problem: One plain sentence when it was not reached; empty otherwise.
        syncing: A round is going on now.
        files_coming: Files that are still to be fetched, and why it does not go on, if it does not.
    """

    reached: bool
    last_reached: float | None
    problem: str
    syncing: bool
    waiting: int
    held: int
    aside: int
    alarms: tuple[Alarm, ...]
    files_coming: int = 0
    files_problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorWatchView:
    """What the door should say, and how it was last compared with that.

    Attributes:
        watched: Whether this desk knows what the door should serve.
        own_texts: Names of the centre's own catalogues.
        last_look: Unix seconds of the last whole comparison, of so many `answers`.
        problem: One plain sentence where the last try brought nothing; empty otherwise.
        differences: What differed. What was served may say anything: show it as plain text.
    """

    watched: bool
    languages: tuple[str, ...]
    own_texts: tuple[str, ...]
    exit_url: str
    addresses: tuple[str, ...]
    last_look: float | None
    answers: int
    problem: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CentreView:
    """The centre as its members see it; `door_link` carries the fingerprint in its fragment."""

    name: str
    member: str
    door_url: str
    door_link: str
    fingerprint_words: dict[str, tuple[str, ...]]
    socks: str
    claimed: bool
    last_attendance: Day | None
