"""Which versions of the roster are in force."""

from __future__ import annotations

import random

import msgspec
import pytest

from causeway.record.epochs import NO_RESTRICTION, closed_below, granted_cases, restriction
from causeway.record.keys import EVERYBODY, CompartmentKind
from causeway.record.lineage import Version, lineage
from causeway.record.readers import (
    GRANTED_KINDS,
    group_of,
    group_of_case,
    kinds_of,
    may_read,
    reading_devices,
    reads_intake,
    roles_of_groups,
    roles_reading,
)
from causeway.record.root import RosterChoice
from causeway.record.roster import Grant, Member, Role, Roster
from causeway.units import Day
from tests.record.test_roster import TODAY, roster

F = b"f" * 16
CASE = b"c" * 16


def version(
    number: int, previous: bytes, name: str = "", *, late: bool = False, **changes: object
) -> Version:
    content = msgspec.structs.replace(roster(), version=number, previous=previous, grants=(), **changes)
    return Version(hash=f"{number}{name}".encode().ljust(32, b"."), roster=content, late=late)


def line(length: int, *, late: int = 0) -> list[Version]:
    versions: list[Version] = []
    previous = bytes(32)
    for number in range(1, length + 1):
        versions.append(version(number, previous, late=number > length - late))
        previous = versions[-1].hash
    return versions


def test_the_last_of_an_unbroken_line_is_in_force_in_any_order() -> None:
    versions = line(6)
    random.Random(1).shuffle(versions)  # noqa: S311
    found = lineage(versions, choices=[])
    assert [one.roster.version for one in found.chain] == [1, 2, 3, 4, 5, 6]
    assert found.fork is None
    with pytest.raises(ValueError, match="roster"):
        lineage([], choices=[])


def test_a_fork_freezes_at_the_last_common_version_until_the_root_chooses() -> None:
    versions = line(3)
    one, other = (version(4, versions[-1].hash, name) for name in "ab")
    beyond = version(5, one.hash)
    everything = [beyond, other, *versions, one]
    found = lineage(everything, choices=[])
    assert found.chain[-1] == versions[-1]
    assert found.fork is not None
    assert (found.fork.version, set(found.fork.successors)) == (4, {one, other})
    assert set(found.beyond) == {one, other, beyond}
    elsewhere = RosterChoice(version=3, hash=one.hash)
    assert lineage(everything, choices=[elsewhere]).fork is not None
    chosen = lineage(everything, choices=[RosterChoice(version=4, hash=one.hash)])
    assert (chosen.chain[-1], chosen.fork) == (beyond, None)
    both = [RosterChoice(version=4, hash=hash_) for hash_ in (other.hash, one.hash)]
    assert lineage(everything, choices=both) == lineage(everything, choices=both[::-1])


def test_what_came_after_its_appointment_ran_out_counts_only_below_what_did_not() -> None:
    assert len(lineage(line(5, late=2), choices=[]).chain) == 3
    versions = line(5, late=2)
    renewed = version(6, versions[-1].hash)
    assert lineage([*versions, renewed], choices=[]).chain[-1] == renewed
    dated_back = version(4, versions[2].hash, "back", late=True)
    genuine = version(4, versions[2].hash, "now")
    found = lineage([*versions[:3], dated_back, genuine], choices=[])
    assert (found.chain[-1], found.fork) == (genuine, None)


# ---- Readers ----


def test_the_table_of_readers_is_the_designs() -> None:
    reads = {
        kind.value: {role.value for role in roles_reading(kind)}
        for kind in CompartmentKind
        if kind not in {CompartmentKind.CENTRE, CompartmentKind.READLOG}
    }
    assert reads == {
        "conversation": {"coordinator", "intake", "caseworker"},
        "identity": {"intake", "caseworker", "documenter"},
        "casework": {"coordinator", "intake", "caseworker", "logistics"},
        "leg": {"coordinator", "logistics", "caseworker"},
        "statement": {"documenter"},
        "money": {"coordinator", "logistics"},
        "network": {"coordinator", "logistics", "caseworker"},
    }
    assert roles_reading(CompartmentKind.CENTRE) == set(Role)
    assert not {Role.ANALYST, Role.PARTNER} & roles_reading(CompartmentKind.READLOG)
    assert roles_reading("of a later version") == frozenset()


def test_kinds_with_the_same_readers_share_a_group_and_no_two_centres_do() -> None:
    assert group_of("leg", fingerprint=F) == group_of("network", fingerprint=F)
    assert kinds_of(group_of("leg", fingerprint=F), fingerprint=F) == {"leg", "network"}
    assert group_of("leg", fingerprint=F) != group_of("leg", fingerprint=b"g" * 16)
    assert group_of("centre", fingerprint=F) == EVERYBODY
    assert roles_of_groups(F)[EVERYBODY] == frozenset(Role)
    groups = {group_of(kind, fingerprint=F) for kind in CompartmentKind}
    assert len(groups) == len(CompartmentKind) - 1
    assert group_of_case(EVERYBODY, case=CASE) not in groups


def people(**roles: str) -> Roster:
    members = tuple(Member(name.encode().ljust(16, b"."), name, role) for name, role in roles.items())
    devices = tuple(
        msgspec.structs.replace(roster().devices[0], id=one.id[::-1], member=one.id) for one in members
    )
    return msgspec.structs.replace(roster(), members=members, devices=devices, grants=())


def test_a_grant_reads_its_case_alone_until_its_day_and_never_identities() -> None:
    member = b"anna".ljust(16, b".")
    granted = msgspec.structs.replace(people(anna="partner"), grants=(Grant(member, CASE, TODAY + 1),))

    def reads(kind: str, case: bytes = CASE, day: int = TODAY) -> bool:
        return may_read(granted, member, kind=kind, case=case, today=Day(day))

    assert {kind for kind in CompartmentKind if reads(kind)} == GRANTED_KINDS | {CompartmentKind.CENTRE}
    assert not reads("conversation", case=b"d" * 16)
    assert reads("conversation", day=TODAY + 1)
    assert not reads("conversation", day=TODAY + 2)
    assert reading_devices(granted, kind="conversation", case=CASE, today=Day(TODAY)) == {member[::-1]}
    assert not reads_intake(granted, member)
    assert not may_read(granted, b"nobody".ljust(16), kind="centre", case=CASE, today=Day(TODAY))
    later = people(anna="of a later version")
    assert may_read(later, member, kind="centre", case=CASE, today=Day(TODAY))
    assert not may_read(later, member, kind="conversation", case=CASE, today=Day(TODAY))


# ---- Epochs ----


def test_epochs_close_when_a_group_loses_a_reader_and_not_when_it_gets_one() -> None:
    roles = roles_reading("conversation")
    both, one = people(anna="intake", bea="caseworker"), people(anna="intake")
    moved = people(anna="intake", bea="logistics")

    def closed(*rosters: Roster) -> int:
        numbered = [msgspec.structs.replace(each, version=n) for n, each in enumerate(rosters, start=1)]
        return closed_below(numbered, roles=roles)

    assert closed(one) == 0
    assert closed(one, both, both) == 0
    assert closed(both, one, one) == 2
    assert closed(both, moved) == 2
    assert closed(moved, both) == 0
    assert closed(both, one, both, one) == 4


def test_the_end_of_a_grant_closes_that_cases_own_epochs_alone() -> None:
    partner = b"anna".ljust(16, b".")
    plain = people(anna="partner", bea="intake")
    granted = msgspec.structs.replace(plain, grants=(Grant(partner, CASE, TODAY),))
    rosters = [
        msgspec.structs.replace(each, version=n) for n, each in enumerate([plain, granted, plain], start=1)
    ]
    roles = roles_reading("conversation")
    assert granted_cases(rosters) == {CASE}
    assert closed_below(rosters, roles=roles) == 0
    assert closed_below(rosters, roles=roles, case=CASE) == 3
    assert closed_below(rosters, roles=roles, case=b"d" * 16) == 0


def test_what_rosters_can_not_say_yet_restricts_a_desk_to_epochs_of_its_own() -> None:
    partner = b"anna".ljust(16, b".")
    granted = msgspec.structs.replace(people(anna="partner"), grants=(Grant(partner, CASE, TODAY),))

    def mark(case: bytes | None = CASE, day: int = TODAY, fork: tuple[bytes, ...] = ()) -> bytes:
        return restriction(granted, case=case, fork=fork, today=Day(day))

    assert mark() == mark(case=None, day=TODAY + 1) == NO_RESTRICTION
    assert len(mark(day=TODAY + 1)) == 16
    assert mark(day=TODAY + 1) == mark(day=TODAY + 9)
    assert mark(fork=(b"x",)) not in {NO_RESTRICTION, mark(day=TODAY + 1), mark(fork=(b"y",))}
