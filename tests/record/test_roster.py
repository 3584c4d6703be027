from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import RemoteError
from causeway.record.checkpoint import (
    ChainHead,
    Checkpoint,
    checkpoint_device,
    sign_checkpoint,
    verify_checkpoint,
)
from causeway.record.cuts import NO_CUTS, Cut, CutList, cut_list_hash, decode_cut_list, encode_cut_list
from causeway.record.entry import ZERO_HASH, device_id
from causeway.record.errors import RecordError
from causeway.record.root import (
    RosterChoice,
    appoint_for_roster,
    choose_roster,
    pq_hash,
    verify_roster_choice,
)
from causeway.record.roster import Device, Grant, Member, Roster, roster_hash, sign_roster, verify_roster
from causeway.sealed.sheet import SheetRefused, appoint, root_fingerprint
from causeway.sealed.signing import HybridSigningKey, SignatureRefused, SigningKey
from causeway.units import Day

OTHER = SigningKey(b"o" * 32)
ROOT, COORDINATOR = HybridSigningKey(b"r" * 32), HybridSigningKey(b"q" * 32)
TODAY = Day(20_779)
FINGERPRINT = root_fingerprint(ROOT.public, root_pq=hashlib.sha256(ROOT.pq_public).digest())

# Made once: ML-DSA signs with fresh randomness.
APPOINTED = appoint_for_roster(COORDINATOR, root=ROOT, last_day=Day(TODAY + 400))


def roster(signer: HybridSigningKey = COORDINATOR, **changes: object) -> Roster:
    plain = Roster(
        version=1,
        previous=ZERO_HASH,
        day=TODAY,
        centre="Harbour desk",
        root=ROOT.public,
        root_pq=ROOT.pq_public,
        appointment=appoint(COORDINATOR.public, root=ROOT, last_day=Day(TODAY + 400)),
        roster_appointment=APPOINTED,
        signer_pq=signer.pq_public,
        members=(Member(b"m" * 16, "Mira", "coordinator"),),
        devices=(
            Device(device_id(OTHER.public), b"m" * 16, OTHER.public, b"p" * 32, b"b" * 32, 1),
            Device(
                device_id(signer.public), b"m" * 16, signer.public, pq_hash(signer.pq_public), b"b" * 32, 0
            ),
        ),
        grants=(Grant(b"m" * 16, b"g" * 16, TODAY + 30), Grant(b"m" * 16, b"h" * 16, None)),
    )
    return msgspec.structs.replace(plain, **changes)


def test_a_roster_is_the_coordinators() -> None:
    signed = sign_roster(roster(), device=COORDINATOR)
    assert verify_roster(signed, fingerprint=FINGERPRINT, today=TODAY) == roster()
    assert len(roster_hash(signed)) == 32
    stranger = HybridSigningKey(b"s" * 32)
    for forged in [sign_roster(roster(), device=stranger), sign_roster(roster(stranger), device=stranger)]:
        with pytest.raises(RemoteError):
            verify_roster(forged, fingerprint=FINGERPRINT, today=TODAY)
    with pytest.raises(RecordError):
        verify_roster(signed, fingerprint=b"x" * 16, today=TODAY)
    with pytest.raises((RecordError, SheetRefused)):
        verify_roster(signed, fingerprint=FINGERPRINT, today=Day(TODAY + 401))
    misnamed = roster(devices=(Device(b"x" * 16, b"m" * 16, OTHER.public, b"p" * 32, b"b" * 32, 0),))
    with pytest.raises(RecordError):
        verify_roster(sign_roster(misnamed, device=COORDINATOR), fingerprint=FINGERPRINT, today=TODAY)


def test_a_roster_has_its_sizes_and_no_two_desks_share_a_place() -> None:
    other, coordinator = roster().devices
    wrong: list[dict[str, Any]] = [
        {"previous": b"x"},
        {"members": (Member(b"m", "Mira", "coordinator"),)},
        {"members": roster().members * 2},
        {"devices": (other, other, coordinator)},
        {"devices": (msgspec.structs.replace(other, board_slot=16), coordinator)},
        {"devices": (msgspec.structs.replace(other, board_slot=coordinator.board_slot), coordinator)},
        {"devices": (msgspec.structs.replace(other, member=b"n" * 16), coordinator)},
        {"devices": (msgspec.structs.replace(other, pq_hash=b"w"), coordinator)},
        {"cuts": b""},
        {"version": 2**32},
        {"grants": (Grant(b"n" * 16, b"g" * 16, None),)},
        {"grants": (Grant(b"m" * 16, b"g", None),)},
        {"grants": (Grant(b"m" * 16, b"g" * 16, -1),)},
        {"grants": (Grant(b"m" * 16, b"g" * 16, None), Grant(b"m" * 16, b"g" * 16, 1))},
    ]
    for changes in wrong:
        signed = sign_roster(roster(**changes), device=COORDINATOR)
        with pytest.raises(RecordError):
            verify_roster(signed, fingerprint=FINGERPRINT, today=TODAY)


def test_a_roster_under_a_strangers_second_key_is_refused() -> None:
    """Somebody who has broken Ed25519 holds the coordinator's first key, and no other."""
    stranger = HybridSigningKey(b"s" * 32)
    broken = HybridSigningKey(b"b" * 32)
    broken.classical, broken._pq, broken.pq_public = COORDINATOR.classical, stranger._pq, stranger.pq_public
    other, coordinator = roster().devices
    theirs = msgspec.structs.replace(coordinator, pq_hash=pq_hash(stranger.pq_public))
    for devices in [(other, coordinator), (other, theirs)]:
        forged = roster(devices=devices, signer_pq=stranger.pq_public)
        with pytest.raises(RemoteError):
            verify_roster(sign_roster(forged, device=broken), fingerprint=FINGERPRINT, today=TODAY)
    # Nor does the root's first key alone appoint: it takes both.
    root = HybridSigningKey(b"b" * 32)
    root.classical, root._pq, root.pq_public = ROOT.classical, stranger._pq, stranger.pq_public
    appointed = appoint_for_roster(broken, root=root, last_day=Day(TODAY + 9))
    forged = roster(devices=(other, theirs), signer_pq=stranger.pq_public, roster_appointment=appointed)
    with pytest.raises(SignatureRefused):
        verify_roster(sign_roster(forged, device=broken), fingerprint=FINGERPRINT, today=TODAY)


def test_a_roster_of_sixteen_devices_fits_a_slot() -> None:
    signers = [SigningKey(bytes([n]) * 32).public for n in range(15)]
    others = tuple(
        Device(device_id(key), b"m" * 16, key, bytes([n]) * 32, b"b" * 32, n + 1)
        for n, key in enumerate(signers)
    )
    full = sign_roster(roster(devices=(*others, roster().devices[1])), device=COORDINATOR)
    assert verify_roster(full, fingerprint=FINGERPRINT, today=TODAY).devices[:15] == others
    assert len(full) < 16_000


def test_an_appointment_for_rosters_runs_out_by_itself() -> None:
    ended = appoint_for_roster(COORDINATOR, root=ROOT, last_day=Day(TODAY - 1))
    signed = sign_roster(roster(roster_appointment=ended), device=COORDINATOR)
    with pytest.raises(RecordError):
        verify_roster(signed, fingerprint=FINGERPRINT, today=TODAY)


@given(st.binary(max_size=3_500))
def test_arbitrary_rosters_raise_only_our_error(signed: bytes) -> None:
    with pytest.raises(RemoteError):
        verify_roster(signed, fingerprint=FINGERPRINT, today=TODAY)


def test_the_root_chooses_between_two_rosters() -> None:
    choice = RosterChoice(version=7, hash=b"h" * 32)
    signed = choose_roster(choice, root=ROOT)
    assert verify_roster_choice(signed, root=ROOT.public, root_pq=ROOT.pq_public) == choice
    for forged in [choose_roster(choice, root=COORDINATOR), signed[:-1], signed[:-1] + b"x", b""]:
        with pytest.raises(RemoteError):
            verify_roster_choice(forged, root=ROOT.public, root_pq=ROOT.pq_public)


CUTS = CutList(cuts=(Cut(b"d" * 16, b"k" * 16, 0, b"h" * 32), Cut(b"d" * 16, b"l" * 16, 4, b"h" * 32)))


def test_a_cut_list_is_the_one_that_the_roster_names() -> None:
    encoded = encode_cut_list(CUTS)
    assert decode_cut_list(encoded, named=cut_list_hash(encoded)) == CUTS
    with pytest.raises(RecordError):
        decode_cut_list(encoded, named=NO_CUTS)


@pytest.mark.parametrize(
    "cut", [Cut(b"d", b"k" * 16, 0, b"h" * 32), Cut(b"d" * 16, b"k" * 16, -1, b"h" * 32), CUTS.cuts[0]]
)
def test_a_cut_list_has_its_sizes_and_each_chain_once(cut: Cut) -> None:
    encoded = encode_cut_list(CutList(cuts=(*CUTS.cuts, cut)))
    with pytest.raises(RecordError):
        decode_cut_list(encoded, named=cut_list_hash(encoded))


@given(st.binary(max_size=100))
def test_arbitrary_cut_lists_raise_only_our_error(encoded: bytes) -> None:
    with pytest.raises(RemoteError):
        decode_cut_list(encoded, named=cut_list_hash(encoded))


def checkpoint(**changes: object) -> Checkpoint:
    whole = Checkpoint(
        device=device_id(COORDINATOR.public),
        pq_key=COORDINATOR.pq_public,
        day=TODAY,
        heads=(ChainHead(b"d" * 16, b"k" * 16, 3, b"h" * 32),),
    )
    return msgspec.structs.replace(whole, **changes)


def test_a_checkpoint_is_its_devices_by_both_keys() -> None:
    device = roster().devices[1]
    signed = sign_checkpoint(checkpoint(), device=COORDINATOR)
    assert checkpoint_device(signed) == device.id
    assert verify_checkpoint(signed, device=device, today=TODAY) == checkpoint()
    stranger = HybridSigningKey(b"s" * 32)
    for forged in [
        sign_checkpoint(checkpoint(), device=stranger),
        sign_checkpoint(checkpoint(pq_key=stranger.pq_public), device=stranger),
        sign_checkpoint(checkpoint(device=b"x" * 16), device=COORDINATOR),
        sign_checkpoint(checkpoint(day=TODAY + 2), device=COORDINATOR),
        sign_checkpoint(checkpoint(heads=(ChainHead(b"d", b"", 0, b""),)), device=COORDINATOR),
        signed[:-1],
    ]:
        with pytest.raises(RemoteError):
            verify_checkpoint(forged, device=device, today=TODAY)
