"""What the engine tells the page *Centre* and `causeway centre`: frozen values, no keys, no database rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from causeway.sentences import Sentence
from causeway.units import Day

__all__ = [
    "AsideView",
    "ConflictValueView",
    "ConflictView",
    "DeviceHealth",
    "DeviceView",
    "GrantView",
    "HeadsView",
    "InvitationStep",
    "InvitationView",
    "JoiningStep",
    "JoiningView",
    "MemberView",
    "MembersView",
    "ReadView",
    "RecoveryPurpose",
    "RecoveryView",
    "RemovalView",
    "RoleView",
    "RootUseView",
    "RosterForkView",
    "ShareView",
    "SharesView",
    "WordsByLanguage",
]

WordsByLanguage = dict[str, tuple[str, ...]]
"""The same words in every list, by its name (`sealed.words.LANGUAGES`, `DIGITS`): both must show one list."""


# ---- Who is here ----


class DeviceHealth(StrEnum):
    """How a device stands, as far as this desk can know."""

    HERE = "here"
    WELL = "well"
    SILENT = "silent"
    NEVER_SEEN = "never-seen"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceView:
    """A member's laptop.

    Attributes:
        id: 32 hex digits.
        mine: The one that this page is shown on.
        coordinator: It signs rosters and door sheets.
        answers: It has a place on the board, so that answers can be written on it.
        last_seen: The newest day on which anything that it signed came here.
        last_checkpoint: The day of its newest checkpoint.
        behind: Entries that this desk holds and that checkpoint did not name; `None` without a checkpoint.
        words: Six words that stand for its keys, to know it by; in every list.
    """

    id: str
    mine: bool
    coordinator: bool
    answers: bool
    health: DeviceHealth
    last_seen: Day | None
    last_checkpoint: Day | None
    behind: int | None
    words: WordsByLanguage


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantView:
    """One member may read one case until a day, beyond what the role reads."""

    member: str
    member_name: str
    case: str
    code_name: str
    last_day: Day | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberView:
    """A member.

    Attributes:
        id: 32 hex digits.
        mine: Whose desk this is.
        role: A `record.roster.Role`, or the word of a later version.
        reads: Kinds of compartments (`record.keys.CompartmentKind`) that the member reads of every case.
        grants: Cases beyond those.
    """

    id: str
    name: str
    role: str
    mine: bool
    reads: tuple[str, ...]
    grants: tuple[GrantView, ...]
    devices: tuple[DeviceView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleView:
    """A role, the kinds of compartments that it reads of every case, and how many members have it."""

    role: str
    reads: tuple[str, ...]
    members: int


# ---- Coming in ----


class InvitationStep(StrEnum):
    """Where an invitation stands on the inviter's side."""

    SENT = "sent"
    COMPARING = "comparing"
    ADMITTED = "admitted"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class InvitationView:
    """Somebody, or a second laptop, on the way in.

    Attributes:
        id: 32 hex digits.
        second_laptop: It is for a member who has a desk already.
        text: What to send now: the invitation, then the opening; empty once they are admitted.
        words: The six words, from the step COMPARING on; else empty.
        last_day: After it an answer is no longer taken.
        seen: The new desk has been heard of: the way in is complete.
    """

    id: str
    name: str
    role: str
    second_laptop: bool
    step: InvitationStep
    text: str
    words: WordsByLanguage
    last_day: Day
    seen: bool


class JoiningStep(StrEnum):
    """Where a new desk stands that was invited."""

    ANSWERED = "answered"
    COMPARING = "comparing"
    WAITING = "waiting"
    ADMITTED = "admitted"


@dataclass(frozen=True, kw_only=True, slots=True)
class JoiningView:
    """A desk that waits to be admitted.

    Attributes:
        answer: The text to send back.
        words: The six words, from COMPARING on.
        centre, inviter, member, role: Who invites whom as what, once the opening has come; else "".
        problem: Why the last look at the door brought nothing; empty where there is just nothing yet.
    """

    step: JoiningStep
    door_url: str
    answer: str
    words: WordsByLanguage
    centre: str
    inviter: str
    member: str
    role: str
    problem: str


# ---- Going ----


@dataclass(frozen=True, kw_only=True, slots=True)
class RemovalView:
    """What removing a member, or one laptop, did and can't do.

    Attributes:
        said: Whole sentences, to be read before anything else is done.
        could_read: Conversations that were open to them.
        opened: Of these, those that the read log says they opened in the last 180 days.
        people: Conversation ids (32 hex digits) of `could_read`: those whom the centre may want to warn.
        devices: Laptops taken off.
        bytes_queued: What leaves this laptop for it: roster, cut list, parcel and door sheet.
    """

    name: str
    said: tuple[Sentence, ...]
    could_read: int
    opened: int
    people: tuple[str, ...]
    devices: int
    bytes_queued: int


# ---- To look at, and to settle ----


@dataclass(frozen=True, kw_only=True, slots=True)
class ConflictValueView:
    """One of several values: who set it, when by their clock (Unix seconds), and what it says."""

    entry: str
    member: str
    written: float
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ConflictView:
    """Two members set one thing apart; all values count until somebody settles it.

    Attributes:
        conversation: Conversation id, 32 hex digits.
        name: The register: `code-name`, `labels`, `standing`, …
    """

    conversation: str
    code_name: str
    name: str
    values: tuple[ConflictValueView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AsideView:
    """Things kept aside for one reason, from one device.

    Attributes:
        id: Of this group, for `Members.take_in`.
        reason: The word; `sentence` is what it means and what to do.
        member: The device's member where the device is known; else "".
        can_take_in: A coordinator may take it in: entries beyond the cut of somebody who is gone.
    """

    id: str
    reason: str
    sentence: Sentence
    member: str
    device: str
    first_day: Day
    count: int
    can_take_in: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadView:
    """One line of the read log: a member opened a case on a day."""

    day: Day
    member: str
    conversation: str
    code_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadsView:
    """What this desk knows of every chain, as six words under two salt words; both read the same list."""

    salt: WordsByLanguage
    words: WordsByLanguage
    chains: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterForkView:
    """Two lists of members claim one version; nobody may act until the root has chosen.

    Attributes:
        version: That both claim.
        hash: Hash of the one, 64 hex digits: what `Members.recover` takes as `choose`.
        signer: Member whose device signed it.
        members, devices: How many stand in it.
        day: Of its signing.
        difference: What it would change, in whole sentences.
    """

    version: int
    hash: str
    signer: str
    members: int
    devices: int
    day: Day
    difference: tuple[Sentence, ...]


# ---- The root ----


class RecoveryPurpose(StrEnum):
    """What rebuilding the root is for."""

    APPOINT = "appoint"
    RENEW = "renew"
    CHOOSE = "choose"


@dataclass(frozen=True, kw_only=True, slots=True)
class RootUseView:
    """The root was used: when, from whose desk, and for what. Every desk is alarmed by it."""

    day: Day
    member: str
    purpose: RecoveryPurpose
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SharesView:
    """Where the root is.

    Attributes:
        root_here: It still lies in this laptop's vault: whoever seizes it open can appoint themselves.
        made: Shares were handed out (day), `k` of `n`; `None` where they never were.
        under_way: Shares are being handed out now: `written` of `n` are, and `ask_back` is the number of the
            one that has to be typed once all are written, else 0.
    """

    root_here: bool
    made: Day | None
    k: int
    n: int
    under_way: bool
    written: int
    ask_back: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareView:
    """One share to be written on paper: its number from 1, of how many, how many it takes, its words."""

    number: int
    n: int
    k: int
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecoveryView:
    """Shares typed so far on this desk: how many, and how many it takes (0 before the first)."""

    typed: int
    needed: int


# ---- The page ----


@dataclass(frozen=True, kw_only=True, slots=True)
class MembersView:
    """All that the page *Centre* shows about people, laptops and what is not as it should be.

    Attributes:
        coordinator: This desk signs the roster: only here people come and go.
        version: Of the roster in force.
        forks: Two where the roster has forked; else none.
        rotation_waits: A new access is made and has not reached the relay.
    """

    coordinator: bool
    my_role: str
    version: int
    members: tuple[MemberView, ...]
    roles: tuple[RoleView, ...]
    invitations: tuple[InvitationView, ...]
    conflicts: tuple[ConflictView, ...]
    aside: tuple[AsideView, ...]
    forks: tuple[RosterForkView, ...]
    root_uses: tuple[RootUseView, ...]
    shares: SharesView
    recovery: RecoveryView
    rotation_waits: bool
