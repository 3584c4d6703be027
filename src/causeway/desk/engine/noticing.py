"""Noticing what has changed in the roster: who came, who went, that it forked, that the root was used."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from causeway.desk.engine.parts import Parts
from causeway.desk.member_views import RecoveryPurpose, RootUseView
from causeway.desk.views import AlarmKind
from causeway.record.root import verify_roster_choice
from causeway.record.roster import Roster
from causeway.units import Day

__all__ = ["notice_roster", "root_uses"]

_NOTICED: Final = "noticed-roster"


def root_uses(parts: Parts) -> tuple[RootUseView, ...]:
    """Return when the root was used after the centre was made, as the chain of rosters shows it."""
    rosters = parts.roster.chain()
    names = {one.id: one.name for roster in rosters for one in roster.members}
    uses = []
    for before, after in pairwise(rosters):
        if after.roster_appointment != before.roster_appointment:
            same = after.signer.id == before.signer.id
            uses.append(
                RootUseView(
                    day=Day(after.day),
                    member=names.get(after.signer.member, ""),
                    purpose=RecoveryPurpose.RENEW if same else RecoveryPurpose.APPOINT,
                    version=after.version,
                )
            )
    return (*uses, *_choices(parts, rosters[-1]))


def _choices(parts: Parts, current: Roster) -> list[RootUseView]:
    """Return the root's choices; nobody signs one as from a day or a desk."""
    found = []
    for signed in parts.roster.every_choice():
        choice = verify_roster_choice(signed, root=current.root, root_pq=current.root_pq)
        found.append(
            RootUseView(
                day=Day(current.day), member="", purpose=RecoveryPurpose.CHOOSE, version=choice.version
            )
        )
    return found


def notice_roster(parts: Parts) -> None:
    """Raise an alarm for each thing that has changed in the roster since this was last called.

    A desk that has just come in starts from what it finds: all of that is new to it, and none of it news.
    """
    current, fork = parts.roster.current(), parts.roster.fork()
    now = {
        "members": sorted(one.id.hex() for one in current.members),
        "devices": sorted(one.id.hex() for one in current.devices),
        "uses": [f"{one.purpose} {one.version}" for one in root_uses(parts)],
        "fork": [] if fork is None else [one.hash.hex() for one in fork.successors],
    }
    before = parts.vault.settings.get(_NOTICED)
    if before == now:
        return
    with parts.vault.transaction():
        if before is not None:
            _raise(parts, before=before, now=now)
        parts.vault.settings.put(_NOTICED, value=now)


def _raise(parts: Parts, *, before: dict[str, list[str]], now: dict[str, list[str]]) -> None:
    raised = {
        AlarmKind.JOINED: set(now["devices"]) - set(before["devices"]),
        AlarmKind.REMOVED: set(before["devices"]) - set(now["devices"]),
        AlarmKind.ROSTER_FORKED: set(now["fork"]) - set(before["fork"]),
        AlarmKind.ROOT_USED: set(now["uses"]) - set(before["uses"]),
    }
    for kind, which in raised.items():
        if which:
            parts.alarms.raise_(kind)
