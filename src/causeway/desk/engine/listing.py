"""The page *Centre*, worked out from the roster and from what this desk has heard of the others."""

from __future__ import annotations

from typing import Final

from causeway.desk.engine.checkpoints import last
from causeway.desk.engine.conflicts import Conflicts
from causeway.desk.engine.kept_aside import KeptAside
from causeway.desk.engine.noticing import root_uses
from causeway.desk.engine.parts import Parts
from causeway.desk.member_views import (
    DeviceHealth,
    DeviceView,
    GrantView,
    InvitationView,
    MembersView,
    MemberView,
    RecoveryView,
    RoleView,
    RosterForkView,
    SharesView,
)
from causeway.record.keys import CompartmentKind
from causeway.record.readers import roles_reading
from causeway.record.roster import Device, Grant, Member, Role, Roster
from causeway.sealed.compare import compare_words
from causeway.sentences import Sentence, say
from causeway.units import Day

__all__ = ["list_members"]

_SILENT_DAYS: Final = 15
"""Every device signs something once a week."""


def list_members(
    parts: Parts,
    *,
    invitations: tuple[InvitationView, ...],
    shares: SharesView,
    recovery: RecoveryView,
) -> MembersView:
    """Return the page as it stands now."""
    roster = parts.roster.current()
    me = roster.member(parts.settings.member)
    checkpoints = last(parts)
    return MembersView(
        coordinator=parts.is_coordinator,
        my_role="" if me is None else me.role,
        version=roster.version,
        members=tuple(_member(parts, roster, one, checkpoints=checkpoints) for one in roster.members),
        roles=tuple(_role(role, roster) for role in Role),
        invitations=invitations,
        conflicts=Conflicts(parts).all(),
        aside=KeptAside(parts).all(),
        forks=_forks(parts, roster),
        root_uses=root_uses(parts),
        shares=shares,
        recovery=recovery,
        rotation_waits=parts.settings.rotation is not None,
    )


def _kinds(role: str) -> tuple[str, ...]:
    return tuple(kind.value for kind in CompartmentKind if role in roles_reading(kind))


def _role(role: Role, roster: Roster) -> RoleView:
    members = sum(one.role == role for one in roster.members)
    return RoleView(role=role.value, reads=_kinds(role), members=members)


def _member(
    parts: Parts, roster: Roster, member: Member, *, checkpoints: dict[bytes, tuple[Day, int]]
) -> MemberView:
    return MemberView(
        id=member.id.hex(),
        name=member.name,
        role=member.role,
        mine=member.id == parts.settings.member,
        reads=_kinds(member.role),
        grants=tuple(
            _grant(parts, one, name=member.name) for one in roster.grants if one.member == member.id
        ),
        devices=tuple(
            _device(parts, roster, one, checkpoint=checkpoints.get(one.id))
            for one in roster.devices_of(member.id)
        ),
    )


def _grant(parts: Parts, grant: Grant, *, name: str) -> GrantView:
    row = parts.db.row("SELECT code_name FROM conversation WHERE case_id = ?", (grant.case,))
    return GrantView(
        member=grant.member.hex(),
        member_name=name,
        case=grant.case.hex(),
        code_name="" if row is None or row[0] is None else str(row[0]),
        last_day=None if grant.last_day is None else Day(grant.last_day),
    )


def _device(
    parts: Parts, roster: Roster, device: Device, *, checkpoint: tuple[Day, int] | None
) -> DeviceView:
    mine = device.id == parts.keys.device_id
    days = [day for day in (parts.roster.wrapping_day(device.id), checkpoint and checkpoint[0]) if day]
    seen = parts.today if mine else max(days, default=None)
    return DeviceView(
        id=device.id.hex(),
        mine=mine,
        coordinator=device.id == roster.signer.id,
        answers=device.board_slot is not None,
        health=_health(mine=mine, seen=seen, today=parts.today),
        last_seen=seen,
        last_checkpoint=None if checkpoint is None else checkpoint[0],
        behind=None if checkpoint is None else checkpoint[1],
        words=compare_words(b"causeway/device-words/1", compared=(device.key, device.pq_hash)),
    )


def _health(*, mine: bool, seen: Day | None, today: Day) -> DeviceHealth:
    if mine:
        return DeviceHealth.HERE
    if seen is None:
        return DeviceHealth.NEVER_SEEN
    return DeviceHealth.SILENT if today - seen > _SILENT_DAYS else DeviceHealth.WELL


# ---- Two rosters ----


def _forks(parts: Parts, current: Roster) -> tuple[RosterForkView, ...]:
    fork = parts.roster.fork()
    if fork is None:
        return ()
    names = {one.id: one.name for one in current.members}
    return tuple(
        RosterForkView(
            version=one.roster.version,
            hash=one.hash.hex(),
            signer=names.get(one.roster.signer.member, ""),
            members=len(one.roster.members),
            devices=len(one.roster.devices),
            day=Day(one.roster.day),
            difference=tuple(_difference(current, after=one.roster)),
        )
        for one in fork.successors
    )


def _difference(current: Roster, *, after: Roster) -> list[Sentence]:
    was = {one.id: one for one in current.members}
    now = {one.id: one for one in after.members}
    said = [say("{name} goes.", name=was[one].name) for one in was if one not in now]
    said += [say("{name} comes.", name=now[one].name) for one in now if one not in was]
    said += [
        say("{name} gets another role.", name=one.name)
        for one in now.values()
        if one.id in was and was[one.id].role != one.role
    ]
    stayed = {one for one in was if one in now}
    gone = [one for one in current.devices if one.member in stayed and after.device(one.id) is None]
    come = [one for one in after.devices if one.member in stayed and current.device(one.id) is None]
    said += [say("A laptop of {name} goes.", name=was[one.member].name) for one in gone]
    said += [say("A laptop of {name} comes.", name=now[one.member].name) for one in come]
    if after.signer.id != current.signer.id:
        name = now[after.signer.member].name
        said.append(say("From then on the laptop of {name} signs the list of members.", name=name))
    return said
