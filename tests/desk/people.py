"""Members, laptops and troubles of an invented centre, as the engine would tell them."""

from __future__ import annotations

import dataclasses
from typing import Any

from causeway.desk.member_views import (
    AsideView,
    ConflictValueView,
    ConflictView,
    DeviceHealth,
    DeviceView,
    GrantView,
    HeadsView,
    InvitationStep,
    InvitationView,
    MembersView,
    MemberView,
    ReadView,
    RecoveryPurpose,
    RecoveryView,
    RemovalView,
    RoleView,
    RootUseView,
    RosterForkView,
    SharesView,
    ShareView,
)
from causeway.sealed.compare import compare_words, spell_salt
from causeway.sentences import say
from causeway.units import Day

ROLES = {
    "coordinator": ("conversation", "casework", "leg", "money", "network", "centre", "readlog"),
    "intake": ("identity", "conversation", "casework", "centre", "readlog"),
    "caseworker": ("identity", "conversation", "casework", "leg", "centre", "network", "readlog"),
    "logistics": ("casework", "leg", "money", "centre", "network"),
    "documenter": ("identity", "statement", "centre"),
    "partner": ("centre",),
    "analyst": ("centre",),
}
NAMES = (
    "Mira Jonas Ilse Tomas Ana-Maria-Magdalena-von-der-ganz-langen-Straße-am-Hafen سلمى Фёкла Bo Ruta Ines "
    "Kaspar Lev Nika Oda Pell Quin Rolf Sanna Tove Udo Vera Wim Xenia Yara Zoe Abel Beata Carl Dana Emil"
).split()


def words_of(number: int) -> dict[str, tuple[str, ...]]:
    return compare_words(b"test", compared=(number.to_bytes(4, "big"),))


def id_of(number: int) -> str:
    return f"{number:032x}"


def device(number: int, *, today: Day, **changes: Any) -> DeviceView:
    fields: dict[str, Any] = {
        "id": id_of(1_000 + number),
        "mine": False,
        "coordinator": False,
        "answers": True,
        "health": DeviceHealth.WELL,
        "last_seen": Day(today - number % 3),
        "last_checkpoint": Day(today - 1),
        "behind": 0,
        "words": words_of(number),
    }
    return DeviceView(**(fields | changes))


def member(number: int, *, devices: tuple[DeviceView, ...], role: str, **changes: Any) -> MemberView:
    fields: dict[str, Any] = {
        "id": id_of(number),
        "name": NAMES[number],
        "role": role,
        "mine": number == 0,
        "reads": ROLES[role],
        "grants": (),
        "devices": devices,
    }
    return MemberView(**(fields | changes))


def crowd(*, today: Day, conversation: str = id_of(7), members: int = 30, laptops: int = 64) -> MembersView:
    """Thirty members with sixty-four laptops, of whom some are silent and one was never heard of."""
    roles = list(ROLES)
    listed = []
    for number in range(members):
        count = laptops // members + (number < laptops % members)
        devices = [device(number * 8 + at, today=today) for at in range(count)]
        if number == 0:
            here: dict[str, Any] = {
                "mine": True,
                "coordinator": True,
                "health": DeviceHealth.HERE,
                "last_seen": today,
            }
            devices[0] = dataclasses.replace(devices[0], **here)
        if number in (3, 11):
            silent: dict[str, Any] = {
                "health": DeviceHealth.SILENT,
                "last_seen": Day(today - 23),
                "behind": 214,
            }
            devices[-1] = dataclasses.replace(devices[-1], **silent)
        if number == 5:
            unseen: dict[str, Any] = {
                "last_seen": None,
                "last_checkpoint": None,
                "behind": None,
                "answers": False,
            }
            devices[-1] = dataclasses.replace(devices[-1], health=DeviceHealth.NEVER_SEEN, **unseen)
        role = "coordinator" if number == 0 else roles[1 + number % 6]
        listed.append(member(number, devices=tuple(devices), role=role))
    granted = GrantView(
        member=id_of(4),
        member_name=NAMES[4],
        case=id_of(99),
        code_name="amber ladder",
        last_day=Day(today + 9),
    )
    listed[4] = dataclasses.replace(listed[4], grants=(granted,))
    texts = (
        ("Jonas", "amber ladder"),
        ("Ana-Maria-Magdalena-von-der-ganz-langen-Straße-am-Hafen", "the girl from the bakery, " * 6),
    )
    conflict = ConflictView(
        conversation=conversation,
        code_name="amber ladder",
        name="code-name",
        values=tuple(
            ConflictValueView(entry=id_of(at), member=who, written=today * 86_400.0 + at * 500, text=text)
            for at, (who, text) in enumerate(texts)
        ),
    )
    beyond = say("Written on a laptop that was taken off, after the last entry that the centre knew of.")
    forked = say(
        "Two different entries carry the same number of one laptop: it was copied, or somebody forges."
    )
    return MembersView(
        coordinator=True,
        my_role="coordinator",
        version=41,
        members=tuple(listed),
        roles=tuple(
            RoleView(role=role, reads=kinds, members=sum(one.role == role for one in listed))
            for role, kinds in ROLES.items()
        ),
        invitations=(
            invitation(1, InvitationStep.SENT, today=today),
            invitation(2, InvitationStep.COMPARING, today=today),
            invitation(3, InvitationStep.ADMITTED, today=today),
            invitation(4, InvitationStep.ENDED, today=today, last_day=Day(today - 3)),
        ),
        conflicts=(conflict, dataclasses.replace(conflict, name="labels")),
        aside=(
            AsideView(
                id=id_of(61),
                reason="beyond-cut",
                sentence=beyond,
                member="Kaspar",
                device=id_of(5_000),
                first_day=Day(today - 2),
                count=14,
                can_take_in=True,
            ),
            AsideView(
                id=id_of(62),
                reason="forked",
                sentence=forked,
                member="",
                device=id_of(5_001),
                first_day=Day(today - 9),
                count=2,
                can_take_in=False,
            ),
        ),
        forks=(),
        root_uses=(
            RootUseView(day=Day(today - 90), member="Ilse", purpose=RecoveryPurpose.APPOINT, version=12),
        ),
        shares=SharesView(root_here=True, made=None, k=0, n=0, under_way=False, written=0, ask_back=0),
        recovery=RecoveryView(typed=0, needed=0),
        rotation_waits=False,
    )


def invitation(number: int, step: InvitationStep, *, today: Day, **changes: Any) -> InvitationView:
    words = {InvitationStep.COMPARING: words_of(number)}
    begins = {InvitationStep.SENT: "invitation", InvitationStep.COMPARING: "opening"}
    fields: dict[str, Any] = {
        "id": id_of(200 + number),
        "name": "Priya",
        "role": "caseworker",
        "second_laptop": False,
        "step": step,
        "text": f"causeway-{begins[step]}." + "kJ8w2Qx" * 40 + "." if step in begins else "",
        "words": words.get(step, {}),
        "last_day": Day(today + 6),
        "seen": False,
    }
    return InvitationView(**(fields | changes))


def forks(*, today: Day) -> tuple[RosterForkView, ...]:
    return tuple(
        RosterForkView(
            version=42,
            hash=f"{at:064x}",
            signer=name,
            members=30 - at,
            devices=64 - at,
            day=Day(today - at),
            difference=(say("{name} is taken off.", name="Jonas"),) if at else (),
        )
        for at, name in enumerate(("Mira", "Ilse"))
    )


def removal(*, people: tuple[str, ...] = ()) -> RemovalView:
    return RemovalView(
        name="Jonas",
        said=(
            say("What they have read they know, and nobody can take that back."),
            say(
                "What is on their {count} laptops stays readable there until the laptop has been online.",
                count=2,
            ),
            say("Whatever is written from now on, they can't open, even if they hold the relay."),
        ),
        could_read=4_812,
        opened=391,
        people=people,
        devices=2,
        bytes_queued=48_211,
    )


class InventedMembers:
    """Answers like `desk.members`, for states that a real centre takes months to come into."""

    def __init__(self, view: MembersView, *, today: Day, conversation: str = id_of(7)) -> None:
        self.now = view
        self.today = today
        self.conversation = conversation

    def view(self) -> MembersView:
        return self.now

    def read_log(self, *, conversation: str | None = None, limit: int = 200) -> tuple[ReadView, ...]:
        lines = [
            ReadView(
                day=Day(self.today - at // 9),
                member=NAMES[at % 7],
                conversation=self.conversation,
                code_name=f"amber {at}",
            )
            for at in range(60)
        ]
        return tuple(lines[:limit])

    def preview_removal(self, member: str) -> RemovalView:
        return removal(people=(self.conversation,))

    preview_revocation = remove_member = revoke_device = preview_removal

    def compare_heads(self, salt: str = "") -> HeadsView:
        return HeadsView(salt=spell_salt(b"abc"), words=words_of(9), chains=128)

    def begin_shares(self, *, k: int, n: int) -> ShareView:
        return ShareView(number=1, n=n, k=k, words=tuple(f"word{at}" for at in range(33)))
