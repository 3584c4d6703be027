"""The board: how a desk publishes answers, and how a person finds theirs (docs/FORMAT.md, section 7).

A person takes all indexes and exactly one bucket, whether or not there is an answer, so that the
relay sees the same either way.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets as stdlib_secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from causeway.errors import RemoteError
from causeway.sealed.envelope import envelope_room, open_envelope, seal_envelope
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.sealed.signing import SigningKey, open_blob
from causeway.units import Day
from causeway.wire.answer import AnswerSheet, parse_answers
from causeway.wire.board import BoardIndex, cells_of, encode_index, parse_index, split_indexes
from causeway.wire.errors import FormatError, TooLarge
from causeway.wire.sizes import BUCKET_CELLS, BUCKETS_MAX, CELL_BYTES, TAG_BYTES, TAGS_STEP

__all__ = [
    "CELL_ROOM",
    "INDEX_DAYS_MAX",
    "NEWER_MAX",
    "CellToPublish",
    "Choice",
    "Indexes",
    "answer_tag",
    "build_publication",
    "choose_bucket",
    "open_cell",
    "verify_indexes",
]

_DOMAIN = b"causeway/board-index/1"
INDEX_DAYS_MAX = 32
NEWER_MAX = 3
"""Highest `n` of a tag."""

CELL_ROOM = envelope_room(CELL_BYTES)
"""Bytes of JSON that one cell holds."""


def answer_tag(tag_key: bytes, *, day: Day, slot: int, n: int) -> bytes:
    """Return the 8 bytes under which a conversation's answer stands in the index of a day."""
    message = b"causeway/tag/1\0" + day.to_bytes(4, "big") + bytes([slot, n])
    return hmac.digest(tag_key, message, "sha256")[:TAG_BYTES]


@dataclass(frozen=True, kw_only=True, slots=True)
class CellToPublish:
    """One conversation's answers, ready for the board.

    Attributes:
        tag_key: Of the conversation.
        n: Answers written to it earlier on the same day, at most 3.
        answer_key: What the cell is sealed to.
        content: JSON of `wire.answer`, at most `CELL_ROOM` bytes.
    """

    tag_key: bytes
    n: int
    answer_key: HybridPublic
    content: bytes


def build_publication(
    cells: Sequence[CellToPublish],
    *,
    slot: int,
    day: Day,
    board: SigningKey,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """Return what a desk publishes: the signed index and its buckets, shuffled and filled with dummies.

    Every cell is sealed anew, so that two publications have nothing in common but their number of buckets.

    Raises:
        TooLarge: More cells than a board holds, or a content that does not fit a cell.
    """
    if len(cells) > BUCKETS_MAX * BUCKET_CELLS:
        raise TooLarge("There are more answers than a board holds.", answers=len(cells))
    sealed: list[tuple[bytes, bytes]] = [
        (
            answer_tag(cell.tag_key, day=day, slot=slot, n=min(cell.n, NEWER_MAX)),
            seal_envelope(cell.content, recipient=cell.answer_key, size=CELL_BYTES),
        )
        for cell in cells
    ]
    bucket_count = max(1, -(-len(sealed) // BUCKET_CELLS))
    nobody = HybridSecret.generate(random=random).public  # thrown away: a dummy looks like an answer
    while len(sealed) < bucket_count * BUCKET_CELLS:
        sealed.append((random(TAG_BYTES), seal_envelope(b"", recipient=nobody, size=CELL_BYTES)))
    stdlib_secrets.SystemRandom().shuffle(sealed)
    buckets = [
        b"".join(cell for _, cell in sealed[at : at + BUCKET_CELLS])
        for at in range(0, len(sealed), BUCKET_CELLS)
    ]
    tag_count = -(-len(sealed) // TAGS_STEP) * TAGS_STEP
    tags = [tag for tag, _ in sealed] + [random(TAG_BYTES) for _ in range(tag_count - len(sealed))]
    index = BoardIndex(
        slot=slot,
        day=day,
        tags=tuple(tags),
        buckets=tuple(hashlib.sha256(bucket).digest() for bucket in buckets),
    )
    return board.blob(encode_index(index), domain=_DOMAIN) + b"".join(buckets)


@dataclass(frozen=True, kw_only=True, slots=True)
class Indexes:
    """The board as a visitor may believe it: `refused` counts the indexes that did not verify."""

    genuine: tuple[BoardIndex, ...]
    refused: int


def verify_indexes(block: bytes, *, boards: Sequence[bytes], today: Day) -> Indexes:
    """Return the indexes that their board keys signed and that are recent enough.

    Raises:
        FormatError: The block as a whole is broken.
    """
    genuine = []
    refused = 0
    for slot, signed in enumerate(split_indexes(block)):
        if signed is None:
            continue
        try:
            index = parse_index(open_blob(signed, key=boards[slot], domain=_DOMAIN))
        except RemoteError:
            refused += 1
            continue
        if index.slot != slot or index.day > today + 1:
            refused += 1
        elif index.day >= today - INDEX_DAYS_MAX:
            genuine.append(index)
    return Indexes(genuine=tuple(genuine), refused=refused)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The one bucket to take: its hash, and which cell is one's own (`None`: there is no answer)."""

    bucket: bytes
    cell: int | None


def choose_bucket(
    indexes: Sequence[BoardIndex],
    *,
    tag_key: bytes | None,
    pick: Callable[[int], int] = stdlib_secrets.randbelow,
) -> Choice | None:
    """Return which bucket to take: the newest match's, else any; `None` when the board is empty.

    Args:
        tag_key: `None` where the words were wrong: a bucket is taken all the same.
        pick: Returns a random number below its argument.
    """
    best: tuple[tuple[Day, int], Choice] | None = None
    for index in indexes if tag_key is not None else ():
        held = index.tags[: len(index.buckets) * BUCKET_CELLS]
        positions = {tag: position for position, tag in enumerate(held)}
        for n in range(NEWER_MAX + 1):
            position = positions.get(answer_tag(tag_key or b"", day=index.day, slot=index.slot, n=n))
            if position is not None and (best is None or (index.day, n) > best[0]):
                bucket, cell = divmod(position, BUCKET_CELLS)
                best = ((index.day, n), Choice(bucket=index.buckets[bucket], cell=cell))
    if best is not None:
        return best[1]
    every_bucket = [bucket for index in indexes for bucket in index.buckets]
    return Choice(bucket=every_bucket[pick(len(every_bucket))], cell=None) if every_bucket else None


def open_cell(bucket: bytes, choice: Choice, *, answer: HybridSecret, conversation: bytes) -> AnswerSheet:
    """Return the answers of one's own cell.

    Raises:
        FormatError: The bucket is not the one of the index, or the cell is another conversation's.
        AgeError: The cell does not open.
    """
    if choice.cell is None or hashlib.sha256(bucket).digest() != choice.bucket:
        raise FormatError("This bucket is not the one that was signed.")
    sheet = parse_answers(open_envelope(cells_of(bucket)[choice.cell], secrets=[answer], size=CELL_BYTES))
    if sheet.conversation != conversation:
        raise FormatError("This answer belongs to another conversation.")
    return sheet
