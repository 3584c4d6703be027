"""The pure core: what the relay's answers mean, and whether they are what this desk published.

Bytes in, values out. The relay is not trusted: whatever it serves is checked against what was asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from causeway.errors import RemoteError
from causeway.sealed.aead import SealBroken
from causeway.sealed.age import NoKeyFits
from causeway.sealed.board import verify_indexes
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.intake import open_intake
from causeway.sealed.signing import SignatureRefused
from causeway.sealed.slots import open_slot
from causeway.units import Day
from causeway.wire.attendance import split_attendance
from causeway.wire.board import join_indexes, parse_index, split_indexes
from causeway.wire.errors import FormatError
from causeway.wire.ids import split_ids
from causeway.wire.intake import IntakeMessage
from causeway.wire.items import Item
from causeway.wire.sizes import BOARD_SLOTS, ID_BYTES, SIGNATURE_BYTES, SLOT_BYTES

__all__ = [
    "Finding",
    "Published",
    "RefusedSlot",
    "check_attendance",
    "check_board",
    "check_bucket",
    "check_sheet",
    "own_bucket",
    "parse_days",
    "parse_ids",
    "parse_slots",
    "parse_status_day",
    "read_intake_slot",
    "read_record_slot",
]

_DAY_BYTES: Final = 4


class Finding(StrEnum):
    """What a desk finds when it looks at its own door as a visitor, and what the relay can refuse it."""

    SHEET_ALTERED = "sheet-altered"
    BOARD_ALTERED = "board-altered"
    BOARD_OLDER = "board-older"
    ATTENDANCE_ALTERED = "attendance-altered"
    CAPABILITY_REFUSED = "capability-refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """What the relay has confirmed of this desk; `None` where nothing was published yet.

    Attributes:
        sheet: The signed door sheet.
        index: The signed board index.
        attendance: The signed attendance line.
        slot: This desk's board slot; `None` where it has none, and so publishes nothing.
        board_key: Its public key.
    """

    sheet: bytes | None
    index: bytes | None
    attendance: bytes | None
    slot: int | None
    board_key: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedSlot:
    """A slot that could not be taken, and the word for why."""

    reason: str


# ---- Lists ----


def parse_days(body: bytes) -> list[Day]:
    """Return the days that a listing names, each once, in order.

    Raises:
        FormatError: Cut short.
    """
    if len(body) % _DAY_BYTES:
        raise FormatError("A list of days is cut short.", bytes=len(body))
    days = {int.from_bytes(body[at : at + _DAY_BYTES], "big") for at in range(0, len(body), _DAY_BYTES)}
    return [Day(day) for day in sorted(days)]


def parse_ids(body: bytes) -> list[bytes]:
    """Return the ids that a listing names, each once.

    Raises:
        FormatError: Cut short.
    """
    return list(dict.fromkeys(split_ids(body)))


def parse_slots(
    body: bytes, *, asked: Collection[bytes], slot_bytes: int = SLOT_BYTES
) -> list[tuple[bytes, bytes]]:
    """Return `(id, slot)` of an answer to `asked`; some may be missing.

    Raises:
        FormatError: Cut short, an id that was not asked for, or one twice.
    """
    size = ID_BYTES + slot_bytes
    if len(body) % size:
        raise FormatError("An answer with slots is cut short.", bytes=len(body))
    slots = [(body[at : at + ID_BYTES], body[at + ID_BYTES : at + size]) for at in range(0, len(body), size)]
    ids = [slot_id for slot_id, _ in slots]
    if len(set(ids)) < len(ids) or not set(asked).issuperset(ids):
        raise FormatError("The relay sent slots that were not asked for.", slots=len(slots))
    return slots


def parse_status_day(body: bytes) -> Day:
    """Return the day that the relay counts as today.

    Raises:
        FormatError: Not the JSON that a status is.
    """
    try:
        return Day(msgspec.json.decode(body, type=_Status).day)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise FormatError("The relay's status does not have its form.") from None


class _Status(msgspec.Struct):
    day: Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


# ---- Slots ----


def _reason(error: RemoteError) -> str:
    match error:
        case NoKeyFits() | SealBroken():
            return "does-not-open"
        case SignatureRefused():
            return "forged"
        case _:
            return "broken"


def read_intake_slot(
    slot: bytes, *, slot_id: bytes, secrets: Sequence[HybridSecret]
) -> IntakeMessage | RefusedSlot:
    """Return the message of an intake slot, checked in itself, or why it can't be taken.

    Whether its keys are those that its conversation began with is for the store to compare.
    """
    try:
        return open_intake(slot, slot_id=slot_id, secrets=secrets)
    except RemoteError as error:
        return RefusedSlot(reason=_reason(error))


def read_record_slot(
    slot: bytes, *, slot_id: bytes, transport_keys: Sequence[bytes]
) -> list[Item] | RefusedSlot:
    """Return the items of a record slot, or why it can't be taken; `transport_keys` newest first."""
    for transport_key in transport_keys:
        try:
            return open_slot(slot, slot_id=slot_id, transport_key=transport_key)
        except SealBroken:
            continue
        except RemoteError as error:
            return RefusedSlot(reason=_reason(error))
    return RefusedSlot(reason="does-not-open")


# ---- Looking at one's own door as a visitor ----


def check_sheet(served: bytes, *, published: Published) -> Finding | None:
    """Compare the door sheet that visitors get with the one that was published, byte by byte."""
    if published.sheet is None or served == published.sheet:
        return None
    return Finding.SHEET_ALTERED


def check_attendance(served: bytes, *, published: Published) -> Finding | None:
    """Compare this desk's attendance line with the one that visitors get."""
    if published.attendance is None or published.slot is None:
        return None
    try:
        line = split_attendance(served)[published.slot]
    except FormatError:
        return Finding.ATTENDANCE_ALTERED
    return None if line == published.attendance else Finding.ATTENDANCE_ALTERED


def check_board(served: bytes, *, published: Published) -> Finding | None:
    """Compare this desk's index on the board that visitors get with the one that was published.

    A complete, genuine index other than the newest is an older one: nobody else can sign for this slot,
    and no visitor could notice.
    """
    if published.index is None or published.slot is None:
        return None
    try:
        signed = split_indexes(served)[published.slot]
    except FormatError:
        return Finding.BOARD_ALTERED
    if signed == published.index:
        return None
    if signed is None:
        return Finding.BOARD_ALTERED
    try:
        day = parse_index(signed[SIGNATURE_BYTES:]).day
    except FormatError:
        return Finding.BOARD_ALTERED
    alone = join_indexes({published.slot: signed})
    genuine = verify_indexes(alone, boards=[published.board_key] * BOARD_SLOTS, today=day).genuine
    return Finding.BOARD_OLDER if genuine else Finding.BOARD_ALTERED


def own_bucket(published: Published, *, pick: Callable[[int], int]) -> bytes | None:
    """Return the hash of one bucket of this desk's, by a random number below the number of them."""
    if published.index is None:
        return None
    buckets = parse_index(published.index[SIGNATURE_BYTES:]).buckets
    return buckets[pick(len(buckets))]


def check_bucket(served: bytes | None, *, expected: bytes) -> Finding | None:
    """Compare a bucket with the hash that was signed; `None` stands for one that visitors can't get."""
    if served is not None and hashlib.sha256(served).digest() == expected:
        return None
    return Finding.BOARD_ALTERED
