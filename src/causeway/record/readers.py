"""Who reads what: one table of kinds and roles, and the grants of a roster (docs/FORMAT.md, section 10).

Every desk works out the same answer from the same roster, so nothing about it is stored or sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import cache
from typing import Final

from causeway.record.keys import EVERYBODY, CompartmentKind
from causeway.record.roster import Role, Roster
from causeway.units import Day
from causeway.wire.sizes import ID_BYTES

__all__ = [
    "GRANTED_KINDS",
    "granted_members",
    "group_of",
    "group_of_case",
    "in_roles",
    "kinds_of",
    "may_read",
    "reading_devices",
    "reads_intake",
    "roles_of_groups",
    "roles_reading",
]

_ALL: Final = frozenset(Role)
_READERS: Final[dict[str, frozenset[Role]]] = {
    CompartmentKind.CONVERSATION: frozenset({Role.COORDINATOR, Role.INTAKE, Role.CASEWORKER}),
    # Not the coordinator: who can be made to name everybody should not be able to.
    CompartmentKind.IDENTITY: frozenset({Role.INTAKE, Role.CASEWORKER, Role.DOCUMENTER}),
    CompartmentKind.CASEWORK: frozenset({Role.COORDINATOR, Role.INTAKE, Role.CASEWORKER, Role.LOGISTICS}),
    CompartmentKind.LEG: frozenset({Role.COORDINATOR, Role.LOGISTICS, Role.CASEWORKER}),
    CompartmentKind.STATEMENT: frozenset({Role.DOCUMENTER}),
    CompartmentKind.MONEY: frozenset({Role.COORDINATOR, Role.LOGISTICS}),
    CompartmentKind.NETWORK: frozenset({Role.COORDINATOR, Role.LOGISTICS, Role.CASEWORKER}),
    CompartmentKind.CENTRE: _ALL,
    # Whoever reads a part of a case writes into its log, and so has to read it.
    CompartmentKind.READLOG: _ALL - {Role.PARTNER, Role.ANALYST},
}

GRANTED_KINDS: Final = frozenset(
    {CompartmentKind.CONVERSATION, CompartmentKind.CASEWORK, CompartmentKind.READLOG}
)
"""What a grant on a case gives: never identity, statement or legs."""


def roles_reading(kind: str) -> frozenset[Role]:
    """Return the roles that read compartments of a kind; nobody reads a kind of later versions."""
    return _READERS.get(kind, frozenset())


def in_roles(role: str, roles: Collection[Role]) -> bool:
    """Return whether a role is among these; one of later versions is where all are."""
    return role in roles or len(roles) == len(_ALL)


def _short_hash(label: bytes, *fields: bytes) -> bytes:
    return hashlib.sha256(label + b"\0" + b"".join(fields)).digest()[:ID_BYTES]


@cache
def group_of(kind: str, *, fingerprint: bytes) -> bytes:
    """Return the group (16 bytes) of a kind's readers: one for all kinds that the same roles read.

    Args:
        kind: Of a compartment; one that nobody reads has a group as well, in which nobody is.
        fingerprint: The root's, so that two centres have nothing in common.
    """
    roles = roles_reading(kind)
    if roles == _ALL:
        return EVERYBODY
    return _short_hash(b"causeway/group/1", fingerprint, "".join(sorted(roles)).encode())


def group_of_case(group: bytes, *, case: bytes) -> bytes:
    """Return the group of one case's own epochs, for a case on which somebody ever had a grant."""
    return _short_hash(b"causeway/group-of-case/1", group, case)


@cache
def roles_of_groups(fingerprint: bytes) -> dict[bytes, frozenset[Role]]:
    """Return the roles in each group that there is."""
    return {group_of(kind, fingerprint=fingerprint): roles for kind, roles in _READERS.items()}


def kinds_of(group: bytes, *, fingerprint: bytes) -> frozenset[str]:
    """Return the kinds whose readers are this group."""
    return frozenset(kind for kind in _READERS if group_of(kind, fingerprint=fingerprint) == group)


def granted_members(roster: Roster, *, case: bytes, today: Day) -> frozenset[bytes]:
    """Return the members who have a grant on a case that has not run out."""
    return frozenset(
        one.member
        for one in roster.grants
        if one.case == case and (one.last_day is None or one.last_day >= today)
    )


def may_read(roster: Roster, member: bytes, *, kind: str, case: bytes, today: Day) -> bool:
    """Return whether a member reads compartments of a kind in a case today, by role or by grant."""
    found = roster.member(member)
    if found is None:
        return False
    return in_roles(found.role, roles_reading(kind)) or (
        kind in GRANTED_KINDS and member in granted_members(roster, case=case, today=today)
    )


def reading_devices(roster: Roster, *, kind: str, case: bytes, today: Day) -> frozenset[bytes]:
    """Return the devices of everybody who reads compartments of a kind in a case today."""
    return frozenset(
        one.id for one in roster.devices if may_read(roster, one.member, kind=kind, case=case, today=today)
    )


def reads_intake(roster: Roster, member: bytes) -> bool:
    """Return whether a member reads what people send: whose role reads conversations does."""
    found = roster.member(member)
    return found is not None and in_roles(found.role, roles_reading(CompartmentKind.CONVERSATION))
