from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import RemoteError
from causeway.sealed.attendance import last_attendance, sign_attendance
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.sheet import SheetRefused, appoint, root_fingerprint, sign_sheet, verify_sheet
from causeway.sealed.signing import HybridSigningKey, SignatureRefused, SigningKey
from causeway.units import Day, Week, week_of, week_start
from causeway.wire.attendance import Attendance
from causeway.wire.errors import FormatError
from causeway.wire.sheet import DoorSheet, IntakeKey, encode_sheet, parse_sheet
from causeway.wire.sizes import ATTENDANCE_LINE_BYTES, SHEET_BYTES_MAX

TODAY = Day(20_779)
ROOT = HybridSigningKey(b"r" * 32)
DEVICE = SigningKey(b"d" * 32)
BOARDS = [SigningKey(bytes([i]) * 32) for i in range(16)]
INTAKE = [bytes(HybridSecret.from_seed(bytes([i]) * 32).public) for i in range(3)]
ROOT_PQ = hashlib.sha256(ROOT.pq_public).digest()
FINGERPRINT = root_fingerprint(ROOT.public, root_pq=ROOT_PQ)


def sheet(**changes: Any) -> DoorSheet:
    this_week = week_of(TODAY)
    plain = DoorSheet(
        serial=1,
        day=TODAY,
        root=ROOT.public,
        root_pq=ROOT_PQ,
        device=DEVICE.public,
        appointment=appoint(DEVICE.public, root=ROOT, last_day=Day(TODAY + 400)),
        intake=tuple(IntakeKey(week=Week(this_week + i), key=INTAKE[i]) for i in range(3)),
        boards=tuple(board.public for board in BOARDS),
        bundle=b"b" * 32,
        texts=b"t" * 32,
    )
    return replace(plain, **changes)


def signed(one: DoorSheet) -> bytes:
    return sign_sheet(one, device=DEVICE)


def test_a_sheet_comes_back_and_fits() -> None:
    blob = signed(sheet(serial=2**53 - 1))
    assert len(blob) <= SHEET_BYTES_MAX
    assert verify_sheet(blob, fingerprint=FINGERPRINT, today=TODAY).serial == 2**53 - 1
    assert parse_sheet(encode_sheet(sheet())) == sheet()


@pytest.mark.parametrize(("age", "good"), [(-2, False), (-1, True), (0, True), (14, True), (15, False)])
def test_a_sheet_is_good_for_fourteen_days(age: int, good: bool) -> None:
    blob = signed(sheet(day=Day(TODAY - age)))
    if good:
        verify_sheet(blob, fingerprint=FINGERPRINT, today=TODAY)
    else:
        with pytest.raises(SheetRefused):
            verify_sheet(blob, fingerprint=FINGERPRINT, today=TODAY)


def test_another_centres_sheet_is_refused() -> None:
    with pytest.raises(SheetRefused):
        verify_sheet(signed(sheet()), fingerprint=b"x" * 16, today=TODAY)
    verify_sheet(signed(sheet()), fingerprint=None, today=TODAY)


def test_a_device_that_the_root_did_not_appoint_signs_nothing() -> None:
    stranger = SigningKey(b"s" * 32)
    forged = sign_sheet(sheet(device=stranger.public), device=stranger)
    with pytest.raises(SignatureRefused):
        verify_sheet(forged, fingerprint=FINGERPRINT, today=TODAY)
    self_made = HybridSigningKey(b"e" * 32)
    forged = sign_sheet(
        sheet(
            root=self_made.public,
            device=stranger.public,
            appointment=appoint(stranger.public, root=self_made, last_day=Day(TODAY + 1)),
        ),
        device=stranger,
    )
    with pytest.raises(SheetRefused):
        verify_sheet(forged, fingerprint=FINGERPRINT, today=TODAY)


def test_an_appointment_runs_out() -> None:
    over = sheet(appointment=appoint(DEVICE.public, root=ROOT, last_day=Day(TODAY - 1)))
    with pytest.raises(SheetRefused):
        verify_sheet(signed(over), fingerprint=FINGERPRINT, today=TODAY)


@given(st.data())
def test_every_altered_byte_is_noticed(data: st.DataObject) -> None:
    blob = bytearray(signed(sheet()))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RemoteError):
        verify_sheet(bytes(blob), fingerprint=FINGERPRINT, today=TODAY)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_only_our_error(blob: bytes) -> None:
    with pytest.raises(RemoteError):
        verify_sheet(blob, fingerprint=None, today=TODAY)


def test_which_key_a_visitor_seals_to() -> None:
    monday = week_start(week_of(TODAY))
    assert sheet().intake_key(Day(monday - 1)).key == INTAKE[0]  # a clock a day behind
    assert sheet().intake_key(Day(monday + 6)).key == INTAKE[0]
    assert sheet().intake_key(Day(monday + 7)).key == INTAKE[1]
    assert sheet().intake_key(Day(monday + 20)).key == INTAKE[2]
    assert sheet().intake_key(Day(monday + 27)).key == INTAKE[2]
    with pytest.raises(FormatError):
        sheet().intake_key(Day(monday - 8))


def lines(*present: tuple[int, int, SigningKey]) -> bytes:
    block = bytearray(16 * ATTENDANCE_LINE_BYTES)
    for slot, day, board in present:
        at = slot * ATTENDANCE_LINE_BYTES
        line = sign_attendance(Attendance(slot=slot, day=Day(day)), board=board)
        block[at : at + ATTENDANCE_LINE_BYTES] = line
    return bytes(block)


def test_the_newest_genuine_line_counts() -> None:
    keys = [board.public for board in BOARDS]
    block = lines((0, TODAY - 5, BOARDS[0]), (3, TODAY - 2, BOARDS[3]), (4, TODAY, BOARDS[9]))
    assert last_attendance(block, boards=keys, today=TODAY) == TODAY - 2
    assert last_attendance(lines(), boards=keys, today=TODAY) is None
    assert last_attendance(lines((1, TODAY + 2, BOARDS[1])), boards=keys, today=TODAY) is None
    with pytest.raises(FormatError):
        last_attendance(block[:-1], boards=keys, today=TODAY)


def test_a_line_counts_in_its_own_slot_only() -> None:
    keys = [BOARDS[0].public] * 16
    line = sign_attendance(Attendance(slot=0, day=TODAY), board=BOARDS[0])
    block = bytes(ATTENDANCE_LINE_BYTES) + line + bytes(14 * ATTENDANCE_LINE_BYTES)
    assert last_attendance(block, boards=keys, today=TODAY) is None
