"""The form of the door sheet: all that visitors read about a centre (docs/FORMAT.md, section 4)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from causeway.units import Day, Week, week_of
from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.errors import FormatError
from causeway.wire.intake import HYBRID_PUBLIC_BYTES
from causeway.wire.sizes import BOARD_SLOTS, HASH_BYTES, INTAKE_WEEKS, SIGNATURE_BYTES

__all__ = ["APPOINTMENT_BYTES", "DoorSheet", "IntakeKey", "encode_sheet", "parse_sheet"]

APPOINTMENT_BYTES = 4 + SIGNATURE_BYTES


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeKey:
    """The public key that messages of one week are sealed to: 1,216 bytes."""

    week: Week
    key: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorSheet:
    """A door sheet's content. Public: it names no member and no number of members.

    Attributes:
        root: Root Ed25519 key, 32 bytes.
        root_pq: SHA-256 of the root's ML-DSA-65 key.
        device: The coordinator's device key, 32 bytes.
        appointment: `u32 last day ‖ signature` (68 bytes) by which the root appoints the device.
        intake: This week's key and the next two.
        boards: Sixteen board keys; nobody outside knows which are in use.
        bundle: Hash over the door's static files.
        texts: Hash over the door's texts.
    """

    serial: int
    day: Day
    root: bytes
    root_pq: bytes
    device: bytes
    appointment: bytes
    intake: tuple[IntakeKey, ...]
    boards: tuple[bytes, ...]
    bundle: bytes
    texts: bytes

    def intake_key(self, today: Day) -> IntakeKey:
        """Return the key to seal to on `today`: this week's, else the newest not later than next week.

        Clocks differ and desks sleep: a visitor whose clock is a few days off still gets a key
        that a desk holds.
        """
        this_week = week_of(today)
        usable = [key for key in self.intake if key.week <= this_week + 1]
        for key in usable:
            if key.week == this_week:
                return key
        if not usable:
            raise FormatError("The door sheet has no key for this week.")
        return max(usable, key=lambda key: key.week)


class _KeyForm(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    week: int
    key: str


class _Form(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    v: int
    serial: int
    day: int
    root: str
    root_pq: str
    device: str
    appointment: str
    intake: list[_KeyForm]
    boards: list[str]
    bundle: str
    texts: str


_decoder = msgspec.json.Decoder(_Form)
_encoder = msgspec.json.Encoder()


def encode_sheet(sheet: DoorSheet) -> bytes:
    """Return the JSON of a door sheet."""
    return _encoder.encode(
        _Form(
            v=1,
            serial=sheet.serial,
            day=sheet.day,
            root=b64encode(sheet.root),
            root_pq=b64encode(sheet.root_pq),
            device=b64encode(sheet.device),
            appointment=b64encode(sheet.appointment),
            intake=[_KeyForm(week=key.week, key=b64encode(key.key)) for key in sheet.intake],
            boards=[b64encode(board) for board in sheet.boards],
            bundle=b64encode(sheet.bundle),
            texts=b64encode(sheet.texts),
        )
    )


def parse_sheet(payload: bytes) -> DoorSheet:
    """Return the content of a door sheet. The caller has to verify its signatures.

    Raises:
        FormatError: Any deviation from the form.
    """
    try:
        form = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise FormatError("The door sheet is not the JSON that it should be.") from None
    if form.v != 1:
        raise FormatError("The door sheet has a version that this software does not know.")
    if len(form.intake) != INTAKE_WEEKS or len(form.boards) != BOARD_SLOTS:
        raise FormatError("The door sheet does not have three intake keys and sixteen board keys.")
    if not 0 <= form.serial < 2**53 or not 0 <= form.day < 2**31:
        raise FormatError("The door sheet has a number out of range.")
    return DoorSheet(
        serial=form.serial,
        day=Day(form.day),
        root=b64decode(form.root, size=HASH_BYTES),
        root_pq=b64decode(form.root_pq, size=HASH_BYTES),
        device=b64decode(form.device, size=HASH_BYTES),
        appointment=b64decode(form.appointment, size=APPOINTMENT_BYTES),
        intake=tuple(
            IntakeKey(week=Week(key.week), key=b64decode(key.key, size=HYBRID_PUBLIC_BYTES))
            for key in form.intake
        ),
        boards=tuple(b64decode(board, size=HASH_BYTES) for board in form.boards),
        bundle=b64decode(form.bundle, size=HASH_BYTES),
        texts=b64decode(form.texts, size=HASH_BYTES),
    )
