"""Sizes and counts that every party has to agree on (docs/FORMAT.md)."""

from __future__ import annotations

from typing import Final

from causeway.units import KIB

__all__ = [
    "ACKNOWLEDGE_IDS_MAX",
    "ATTENDANCE_BLOCK_BYTES",
    "ATTENDANCE_LINE_BYTES",
    "BOARD_SLOTS",
    "BUCKETS_MAX",
    "BUCKET_BYTES",
    "BUCKET_CELLS",
    "CAPABILITY_BYTES",
    "CELL_BYTES",
    "CHUNK_BYTES",
    "HASH_BYTES",
    "ID_BYTES",
    "INTAKE_WEEKS",
    "PARCEL_BYTES",
    "PARCEL_WRAPS",
    "PARCEL_WRAP_BYTES",
    "PUBLICATION_BYTES_MAX",
    "PUBLICATION_BYTES_MIN",
    "SALT_BYTES",
    "SHEET_BYTES_MAX",
    "SHEET_DAYS_MAX",
    "SIGNATURE_BYTES",
    "SLOT_BYTES",
    "TAGS_MAX",
    "TAGS_STEP",
    "TAG_BYTES",
    "TAKE_CHUNKS_MAX",
    "TAKE_IDS_MAX",
    "TEXT_UNITS_MAX",
]

ID_BYTES: Final = 16
HASH_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
CAPABILITY_BYTES: Final = 32

SLOT_BYTES: Final = 32 * KIB
"""Every slot at the relay, whatever it holds."""

CHUNK_BYTES: Final = 256 * KIB
"""Every piece of an attachment at the relay."""

TEXT_UNITS_MAX: Final = 8_000
"""UTF-16 units in one message: what a browser's `maxlength` counts; at most 24,000 bytes."""

SHEET_BYTES_MAX: Final = 8 * KIB
SHEET_DAYS_MAX: Final = 14
INTAKE_WEEKS: Final = 3

CELL_BYTES: Final = 8 * KIB
BUCKET_CELLS: Final = 16
BUCKET_BYTES: Final = CELL_BYTES * BUCKET_CELLS
BOARD_SLOTS: Final = 16
SALT_BYTES: Final = 16
TAG_BYTES: Final = 8
TAGS_STEP: Final = 256
BUCKETS_MAX: Final = 128
"""2,048 answers of one desk; 16 MiB in one publication."""
TAGS_MAX: Final = BUCKETS_MAX * BUCKET_CELLS

_INDEX_HEAD_BYTES = SIGNATURE_BYTES + 1 + 1 + 4 + SALT_BYTES + 2 + 2
PUBLICATION_BYTES_MIN: Final = _INDEX_HEAD_BYTES + TAGS_STEP * TAG_BYTES + HASH_BYTES + BUCKET_BYTES
PUBLICATION_BYTES_MAX: Final = (
    _INDEX_HEAD_BYTES + TAGS_MAX * TAG_BYTES + BUCKETS_MAX * HASH_BYTES + BUCKETS_MAX * BUCKET_BYTES
)

ATTENDANCE_LINE_BYTES: Final = SIGNATURE_BYTES + 6
ATTENDANCE_BLOCK_BYTES: Final = ATTENDANCE_LINE_BYTES * BOARD_SLOTS

PARCEL_WRAPS: Final = 64
PARCEL_WRAP_BYTES: Final = 2 * KIB
PARCEL_BYTES: Final = SIGNATURE_BYTES + 1 + 4 + PARCEL_WRAPS * PARCEL_WRAP_BYTES

TAKE_IDS_MAX: Final = 64
TAKE_CHUNKS_MAX: Final = 4
ACKNOWLEDGE_IDS_MAX: Final = 4_096
