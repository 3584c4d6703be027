"""What a coordinator changes in a roster: each function returns the next version's content, not yet signed.

A version names all of its own, so that who missed ten needs only the newest. What must not happen to a centre
(no coordinator left, two places of one number, more laptops than a parcel has wraps) is refused here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

from causeway.errors import LocalError
from causeway.record.cuts import CutList, cut_list_hash, encode_cut_list
from causeway.record.root import pq_hash
from causeway.record.roster import DEVICES_MAX, Device, Grant, Member, Role, Roster, roster_hash
from causeway.units import Day
from causeway.wire.sizes import BOARD_SLOTS

__all__ = [
    "ANSWERING",
    "NAME_MAX",
    "admit_device",
    "admit_member",
    "board_places_left",
    "change_role",
    "checked_name",
    "checked_role",
    "drop_lapsed_grants",
    "end_grant",
    "give_grant",
    "hand_over",
    "next_version",
    "remove_devices",
    "remove_member",
    "with_cuts",
]

ANSWERING: Final = frozenset({Role.COORDINATOR, Role.INTAKE, Role.CASEWORKER})
"""Roles whose laptops have a place on the board, as long as there are places."""

NAME_MAX: Final = 80


def checked_name(name: str) -> str:
    """Return a member's name as it stands in a roster.

    Raises:
        LocalError: Empty, or too long for a line.
    """
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > NAME_MAX or not tidy.isprintable():
        raise LocalError("A member needs a name that fits a line.", letters=len(tidy), room=NAME_MAX)
    return tidy


def checked_role(role: str) -> Role:
    """Return a role that this version knows.

    Raises:
        LocalError: It knows none of this name.
    """
    try:
        return Role(role)
    except ValueError:
        raise LocalError("There is no such role.") from None


def next_version(current: Roster, *, signed: bytes, day: Day) -> Roster:
    """Return the version that follows, with the same content.

    Args:
        signed: The signed version in force.
        day: Today; a clock that went back does not take the roster with it.
    """
    return msgspec.structs.replace(
        current, version=current.version + 1, previous=roster_hash(signed), day=max(day, current.day)
    )


def with_cuts(roster: Roster, *, cuts: CutList) -> Roster:
    """Return the roster with the hash of this cut list."""
    return msgspec.structs.replace(roster, cuts=cut_list_hash(encode_cut_list(cuts)))


# ---- Who ----


def _member(roster: Roster, member: bytes) -> Member:
    found = roster.member(member)
    if found is None:
        raise LocalError("There is no such member.")
    return found


def board_places_left(roster: Roster) -> list[int]:
    """Return the board slots that no device has."""
    taken = {one.board_slot for one in roster.devices}
    return [slot for slot in range(BOARD_SLOTS) if slot not in taken]


def _placed(roster: Roster, device: Device, *, role: str) -> Device:
    """Return a device with a place on the board, if its role answers and there is one; else without.

    The first free number: which ones are in use shows at the door in any case, by their lines and indexes.
    """
    if role not in ANSWERING:
        return msgspec.structs.replace(device, board_slot=None)
    if device.board_slot is not None:
        return device
    left = board_places_left(roster)
    return msgspec.structs.replace(device, board_slot=left[0] if left else None)


def admit_member(roster: Roster, *, member: Member, device: Device) -> Roster:
    """Return the roster with a new member and their first laptop.

    Raises:
        LocalError: The member is there already, or as in `admit_device`.
    """
    if roster.member(member.id) is not None:
        raise LocalError("This member is in the centre already.")
    named = msgspec.structs.replace(roster, members=(*roster.members, member))
    return admit_device(named, device=device)


def admit_device(roster: Roster, *, device: Device) -> Roster:
    """Return the roster with one more laptop of a member.

    Raises:
        LocalError: The laptop or one of its keys is there already, or there is no room for another.
    """
    role = _member(roster, device.member).role
    known = {one.id for one in roster.devices} | {one.pq_hash for one in roster.devices}
    known |= {one.board_key for one in roster.devices}
    if known & {device.id, device.pq_hash, device.board_key}:
        raise LocalError("A laptop with one of these keys is in the centre already.")
    if len(roster.devices) >= DEVICES_MAX:
        raise LocalError("A centre has at most 64 laptops. Take one off first.")
    placed = _placed(roster, device, role=role)
    return msgspec.structs.replace(roster, devices=(*roster.devices, placed))


def change_role(roster: Roster, *, member: bytes, role: Role) -> Roster:
    """Return the roster with another role for a member; their laptops get or give up places on the board.

    Raises:
        LocalError: There is no such member, or it is the one whose laptop signs: that takes a recovery.
    """
    before = _member(roster, member)
    if roster.signer.member == member and role is not Role.COORDINATOR:
        raise LocalError("Whose laptop signs the list of members stays coordinator.")
    changed = msgspec.structs.replace(
        roster,
        members=tuple(
            msgspec.structs.replace(one, role=role.value) if one.id == before.id else one
            for one in roster.members
        ),
    )
    for device in roster.devices_of(member):
        placed = _placed(changed, device, role=role)
        changed = msgspec.structs.replace(
            changed, devices=tuple(placed if one.id == device.id else one for one in changed.devices)
        )
    return changed


def remove_member(roster: Roster, *, member: bytes) -> Roster:
    """Return the roster without a member, their laptops and their grants.

    Raises:
        LocalError: There is no such member, or it is the one whose laptop signs this.
    """
    _member(roster, member)
    if roster.signer.member == member:
        raise LocalError(
            "Whose laptop signs the list of members can't be taken off on it. Another member's laptop does "
            "that, with the shares of the root."
        )
    return msgspec.structs.replace(
        roster,
        members=tuple(one for one in roster.members if one.id != member),
        devices=tuple(one for one in roster.devices if one.member != member),
        grants=tuple(one for one in roster.grants if one.member != member),
    )


def remove_devices(roster: Roster, *, devices: Collection[bytes]) -> Roster:
    """Return the roster without some laptops; their members stay.

    Raises:
        LocalError: One is not there, or signs this.
    """
    if any(roster.device(one) is None for one in devices):
        raise LocalError("There is no such laptop.")
    if roster.signer.id in devices:
        raise LocalError(
            "The laptop that signs the list of members can't take itself off. Another one does that, with "
            "the shares of the root."
        )
    return msgspec.structs.replace(
        roster, devices=tuple(one for one in roster.devices if one.id not in devices)
    )


# ---- Grants ----


def give_grant(roster: Roster, *, member: bytes, case: bytes, last_day: Day | None) -> Roster:
    """Return the roster with a grant on a case, in place of one that the member had on it.

    Raises:
        LocalError: There is no such member, or its last day is over.
    """
    _member(roster, member)
    if last_day is not None and last_day < roster.day:
        raise LocalError("The last day of a grant lies in the past.")
    kept = tuple(one for one in roster.grants if (one.member, one.case) != (member, case))
    return msgspec.structs.replace(roster, grants=(*kept, Grant(member, case, last_day)))


def end_grant(roster: Roster, *, member: bytes, case: bytes) -> Roster:
    """Return the roster without a grant.

    Raises:
        LocalError: There is none.
    """
    kept = tuple(one for one in roster.grants if (one.member, one.case) != (member, case))
    if len(kept) == len(roster.grants):
        raise LocalError("This member has no grant on this case.")
    return msgspec.structs.replace(roster, grants=kept)


def drop_lapsed_grants(roster: Roster, *, today: Day) -> Roster | None:
    """Return the roster without grants whose last day is over; `None` where there are none."""
    kept = tuple(one for one in roster.grants if one.last_day is None or one.last_day >= today)
    return None if len(kept) == len(roster.grants) else msgspec.structs.replace(roster, grants=kept)


# ---- The coordinator's laptop ----


def hand_over(
    roster: Roster, *, device: bytes, signer_pq: bytes, appointment: bytes, roster_appointment: bytes
) -> Roster:
    """Return the roster under another signing laptop, which the root has appointed; its member coordinates.

    Args:
        device: Id (16 bytes) of the laptop.
        signer_pq: Its ML-DSA key.
        appointment, roster_appointment: The root's, both for it.

    Raises:
        LocalError: The roster does not name this laptop with this key.
    """
    found = roster.device(device)
    if found is None or found.pq_hash != pq_hash(signer_pq):
        raise LocalError("This laptop is not in the list of members.")
    appointed = msgspec.structs.replace(
        roster, appointment=appointment, roster_appointment=roster_appointment, signer_pq=signer_pq
    )
    return change_role(appointed, member=found.member, role=Role.COORDINATOR)
