"""The board: how a desk publishes answers, and how a person finds theirs (docs/FORMAT.md, section 7).

A person takes all indexes and exactly one bucket, whether or not there is an answer, so that the
relay sees the same either way. Every publication has a salt of its own, so nobody without a tag key
sees which tags of two publications are one person's, or which are anybody's.
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
from causeway.wire.sizes import BUCKET_CELLS, BUCKETS_MAX, CELL_BYTES, SALT_BYTES, TAG_BYTES, TAGS_STEP

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

_TAG_KEY_BYTES = 32

CELL_ROOM = envelope_room(CELL_BYTES)
"""Bytes of JSON that one cell holds."""


def answer_tag(tag_key: bytes, *, day: Day, slot: int, salt: bytes, n: int) -> bytes:
    """Return the 8 bytes under which a conversation's answer stands in one publication's index."""
    message = b"causeway/tag/1\0" + day.to_bytes(4, "big") + bytes([slot]) + salt + bytes([n])
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

    Every cell is sealed anew and every tag has a new salt in it, so that two publications have nothing in
    common but their number of buckets.

    Raises:
        TooLarge: More cells than a board holds, or a content that does not fit a cell.
    """
    if len(cells) > BUCKETS_MAX * BUCKET_CELLS:
        raise TooLarge("There are more answers than a board holds.", answers=len(cells))
    salt = random(SALT_BYTES)
    sealed: list[tuple[bytes, bytes]] = [
        (
            answer_tag(cell.tag_key, day=day, slot=slot, salt=salt, n=min(cell.n, NEWER_MAX)),
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
        salt=salt,
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
    random: Callable[[int], bytes] = os.urandom,
) -> Choice | None:
    """Return which bucket to take: the newest match's, else one of no meaning; `None`: the board is empty.

    Without a match the same words take the same bucket of the same board, as they would with one:
    somebody who can link two visits must not see by the buckets whether there was an answer.

    Args:
        indexes: Of the board, at most one for each board slot.
        tag_key: `None` where the words were wrong: a bucket is taken all the same, any.
        random: Returns so many random bytes.
    """
    key = random(_TAG_KEY_BYTES) if tag_key is None else tag_key
    best: tuple[tuple[Day, int], Choice] | None = None
    for index in indexes:
        held = index.tags[: len(index.buckets) * BUCKET_CELLS]
        positions = {tag: position for position, tag in enumerate(held)}
        for n in range(NEWER_MAX + 1):
            tag = answer_tag(key, day=index.day, slot=index.slot, salt=index.salt, n=n)
            position = positions.get(tag)
            if position is not None and (best is None or (index.day, n) > best[0]):
                bucket, cell = divmod(position, BUCKET_CELLS)
                best = ((index.day, n), Choice(bucket=index.buckets[bucket], cell=cell))
    # Worked out in any case, so that a match does not show in the time that this takes.
    meaningless = _bucket_without_match(indexes, key)
    return meaningless if best is None else best[1]


def _bucket_without_match(indexes: Sequence[BoardIndex], tag_key: bytes) -> Choice | None:
    # The desk stays the same when boards are published anew, the bucket does not: so it is with an answer.
    def rank(place: tuple[BoardIndex, int]) -> bytes:
        index, number = place
        message = b"causeway/no-answer-desk/1\0" + bytes([index.slot]) + number.to_bytes(2, "big")
        return hmac.digest(tag_key, message, "sha256")

    places = [(index, number) for index in indexes for number in range(len(index.buckets))]
    if not places:
        return None
    index, _ = min(places, key=rank)
    drawn = hmac.digest(tag_key, b"causeway/no-answer-bucket/1\0" + index.salt, "sha256")
    return Choice(bucket=index.buckets[int.from_bytes(drawn[:4], "big") % len(index.buckets)], cell=None)


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
