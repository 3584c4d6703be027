"""Which epochs are closed for writing: those from before the last time that a group's readers became fewer.

A function of the rosters alone, so that every desk closes the same ones. What a desk may choose by itself,
where rosters say nothing yet (a grant that ran out, a fork), is in `restriction`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from causeway.record.readers import in_roles
from causeway.record.roster import Role, Roster
from causeway.units import Day

__all__ = ["NO_RESTRICTION", "closed_below", "granted_cases", "group_readers", "restriction"]

NO_RESTRICTION = b""


def group_readers(roster: Roster, *, roles: Collection[Role], case: bytes | None) -> frozenset[bytes]:
    """Return the devices that read a group, or one case's own group; grants count whatever their last day."""
    granted = {one.member for one in roster.grants if one.case == case} if case is not None else set()
    reading = {one.id for one in roster.members if in_roles(one.role, roles)} | granted
    return frozenset(one.id for one in roster.devices if one.member in reading)


def closed_below(chain: Sequence[Roster], *, roles: Collection[Role], case: bytes | None = None) -> int:
    """Return the version in which this group last lost a reader: epochs of lower versions are closed.

    Args:
        chain: All rosters up to the one in force, each following the one before it.
        roles: In the group.
        case: Whose own group it is; `None` for a group of all cases.
    """
    closed, before = 0, frozenset[bytes]()
    for roster in chain:
        readers = group_readers(roster, roles=roles, case=case)
        if before - readers:
            closed = roster.version
        before = readers
    return closed


def granted_cases(chain: Sequence[Roster]) -> frozenset[bytes]:
    """Return the cases on which anybody ever had a grant; they are written in epochs of their own."""
    return frozenset(grant.case for roster in chain for grant in roster.grants)


def restriction(roster: Roster, *, case: bytes | None, fork: Collection[bytes], today: Day) -> bytes:
    """Return what to mark an epoch with that is begun now; only epochs of this device with this mark count.

    Rosters can't say when a day has passed, nor which side of a fork counts. Until they do, a desk writes in
    epochs of its own, which it shares with those alone whom nothing speaks against.

    Returns:
        16 bytes; `NO_RESTRICTION` where the rosters say all there is to say.
    """
    lapsed = sorted(
        one.member
        for one in roster.grants
        if one.case == case and one.last_day is not None and one.last_day < today
    )
    if not lapsed and not fork:
        return NO_RESTRICTION
    parts = [roster.version.to_bytes(4, "big"), *lapsed, b"/", *sorted(fork)]
    return hashlib.sha256(b"causeway/desk-restriction/1\0" + b"".join(parts)).digest()[:16]
