from __future__ import annotations

from typing import Any

import msgspec
import pytest

from causeway.errors import LocalError
from causeway.record.cuts import Cut, CutList, cut_list_hash, encode_cut_list
from causeway.record.entry import device_id
from causeway.record.root import appoint_for_roster, pq_hash
from causeway.record.roster import (
    Device,
    Member,
    Role,
    Roster,
    roster_hash,
    sign_roster,
    verify_roster,
)
from causeway.record.roster_changes import (
    admit_device,
    admit_member,
    board_places_left,
    change_role,
    checked_name,
    checked_role,
    drop_lapsed_grants,
    end_grant,
    give_grant,
    hand_over,
    next_version,
    remove_devices,
    remove_member,
    with_cuts,
)
from causeway.sealed.sheet import appoint, root_fingerprint
from causeway.sealed.signing import HybridSigningKey
from causeway.units import Day

TODAY = Day(20_000)
ROOT = HybridSigningKey(b"r" * 32)
MIRA, JONAS = b"m" * 16, b"j" * 16
FIRST, SECOND = HybridSigningKey(b"1" * 32), HybridSigningKey(b"2" * 32)
FINGERPRINT = root_fingerprint(ROOT.public, root_pq=pq_hash(ROOT.pq_public))


def device(key: HybridSigningKey, member: bytes, **changes: Any) -> Device:
    whole = Device(device_id(key.public), member, key.public, pq_hash(key.pq_public), key.seed[:1] * 32, None)
    return msgspec.structs.replace(whole, **changes)


def alone() -> Roster:
    return Roster(
        version=1,
        previous=bytes(32),
        day=TODAY,
        centre="Lantern House",
        root=ROOT.public,
        root_pq=ROOT.pq_public,
        appointment=appoint(FIRST.public, root=ROOT, last_day=Day(TODAY + 9)),
        roster_appointment=appoint_for_roster(FIRST, root=ROOT, last_day=Day(TODAY + 9)),
        signer_pq=FIRST.pq_public,
        members=(Member(MIRA, "Mira", "coordinator"),),
        devices=(device(FIRST, MIRA, board_slot=3),),
    )


def two(role: str = "caseworker") -> Roster:
    return admit_member(alone(), member=Member(JONAS, "Jonas", role), device=device(SECOND, JONAS))


def holds(roster: Roster, *, signer: HybridSigningKey = FIRST) -> None:
    """A version that was signed is one that every desk takes."""
    assert verify_roster(sign_roster(roster, device=signer), fingerprint=FINGERPRINT, today=TODAY) == roster


def test_a_version_follows_and_its_day_never_goes_back() -> None:
    signed = sign_roster(alone(), device=FIRST)
    following = next_version(alone(), signed=signed, day=Day(TODAY + 1))
    assert (following.version, following.day, following.previous) == (2, TODAY + 1, roster_hash(signed))
    assert next_version(alone(), signed=signed, day=Day(TODAY - 3)).day == TODAY
    holds(following)


def test_who_answers_gets_a_place_on_the_board_and_who_does_not_has_none() -> None:
    holds(two())
    assert two().devices_of(JONAS)[0].board_slot == 0
    assert two("documenter").devices_of(JONAS)[0].board_slot is None
    changed = change_role(two("documenter"), member=JONAS, role=Role.INTAKE)
    assert changed.devices_of(JONAS)[0].board_slot == 0
    assert changed.member(JONAS) == Member(JONAS, "Jonas", "intake")
    back = change_role(changed, member=JONAS, role=Role.ANALYST)
    assert back.devices_of(JONAS)[0].board_slot is None
    kept = change_role(two(), member=JONAS, role=Role.INTAKE)
    assert kept.devices == two().devices
    holds(back)


def test_the_seventeenth_who_answers_has_no_place_and_the_sixtyfifth_laptop_no_room() -> None:
    roster = two()
    for number in range(3, 65):
        roster = admit_device(roster, device=device(HybridSigningKey(bytes([100 + number]) * 32), JONAS))
    assert len(roster.devices) == 64
    assert board_places_left(roster) == []
    assert sum(one.board_slot is None for one in roster.devices) == 48
    holds(roster)
    with pytest.raises(LocalError):
        admit_device(roster, device=device(HybridSigningKey(b"z" * 32), JONAS))


def test_nobody_comes_twice_nor_with_anothers_keys() -> None:
    with pytest.raises(LocalError):
        admit_member(two(), member=Member(JONAS, "Jonas", "intake"), device=device(ROOT, JONAS))
    for stolen in (
        device(SECOND, JONAS),
        device(ROOT, JONAS, pq_hash=pq_hash(FIRST.pq_public)),
        device(ROOT, JONAS, board_key=b"1" * 32),
    ):
        with pytest.raises(LocalError):
            admit_device(two(), device=stolen)
    with pytest.raises(LocalError):
        admit_device(two(), device=device(ROOT, b"x" * 16))


def test_who_goes_takes_laptops_and_grants_along() -> None:
    roster = give_grant(two(), member=JONAS, case=b"c" * 16, last_day=None)
    left = remove_member(roster, member=JONAS)
    assert (left.members, left.devices, left.grants) == (alone().members, alone().devices, ())
    holds(left)
    third = admit_device(roster, device=device(ROOT, JONAS))
    lost = remove_devices(third, devices=[device_id(SECOND.public)])
    assert [one.key for one in lost.devices_of(JONAS)] == [ROOT.public]
    assert lost.grants == roster.grants
    for wrong in (MIRA, b"x" * 16):
        with pytest.raises(LocalError):
            remove_member(roster, member=wrong)
    for gone in (device_id(FIRST.public), b"x" * 16):
        with pytest.raises(LocalError):
            remove_devices(roster, devices=[gone])


def test_the_one_who_signs_stays_coordinator() -> None:
    with pytest.raises(LocalError):
        change_role(two(), member=MIRA, role=Role.ANALYST)
    with pytest.raises(LocalError):
        change_role(two(), member=b"x" * 16, role=Role.ANALYST)


def test_grants_are_one_a_member_and_case_and_lapse() -> None:
    roster = give_grant(two("partner"), member=JONAS, case=b"c" * 16, last_day=Day(TODAY + 2))
    roster = give_grant(roster, member=JONAS, case=b"d" * 16, last_day=None)
    again = give_grant(roster, member=JONAS, case=b"c" * 16, last_day=Day(TODAY + 5))
    assert [(one.case[:1], one.last_day) for one in again.grants] == [(b"d", None), (b"c", TODAY + 5)]
    holds(again)
    assert drop_lapsed_grants(again, today=Day(TODAY + 5)) is None
    lapsed = drop_lapsed_grants(again, today=Day(TODAY + 6))
    assert lapsed is not None
    assert [one.case for one in lapsed.grants] == [b"d" * 16]
    assert [one.case for one in end_grant(again, member=JONAS, case=b"d" * 16).grants] == [b"c" * 16]
    with pytest.raises(LocalError):
        end_grant(again, member=MIRA, case=b"d" * 16)
    with pytest.raises(LocalError):
        give_grant(roster, member=b"x" * 16, case=b"c" * 16, last_day=None)
    with pytest.raises(LocalError):
        give_grant(roster, member=JONAS, case=b"c" * 16, last_day=Day(TODAY - 1))


def test_the_root_hands_over_to_another_laptop() -> None:
    last_day = Day(TODAY + 9)
    arguments = {
        "signer_pq": SECOND.pq_public,
        "appointment": appoint(SECOND.public, root=ROOT, last_day=last_day),
        "roster_appointment": appoint_for_roster(SECOND, root=ROOT, last_day=last_day),
    }
    roster = hand_over(two(), device=device_id(SECOND.public), **arguments)
    holds(roster, signer=SECOND)
    assert roster.signer.key == SECOND.public
    assert roster.member(JONAS) == Member(JONAS, "Jonas", "coordinator")
    # Now the one before may go, also whole.
    holds(remove_member(roster, member=MIRA), signer=SECOND)
    with pytest.raises(LocalError):
        hand_over(alone(), device=device_id(SECOND.public), **arguments)
    with pytest.raises(LocalError):
        hand_over(two(), device=device_id(SECOND.public), **(arguments | {"signer_pq": FIRST.pq_public}))


def test_a_roster_names_its_cut_list() -> None:
    cuts = CutList(cuts=(Cut(b"d" * 16, b"k" * 16, 0, b"h" * 32),))
    assert with_cuts(alone(), cuts=cuts).cuts == cut_list_hash(encode_cut_list(cuts))
    holds(with_cuts(alone(), cuts=cuts))


def test_names_and_roles_are_checked() -> None:
    assert checked_name("  Jonas \n Blau ") == "Jonas Blau"
    assert checked_role("partner") is Role.PARTNER
    for wrong in ("", " ", "x" * 81, "a\u202eb"):
        with pytest.raises(LocalError):
            checked_name(wrong)
    with pytest.raises(LocalError):
        checked_role("king")
