"""What an operator may set: where the relay keeps its file, and how much of everything it allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from causeway.relay.lanes import Lane, Rate
from causeway.units import KIB, MIB

__all__ = ["CHUNKS_INSIDE", "Config", "LaneLimits", "lane_limits"]


_NO_CHUNKS = Rate(1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLimits:
    """What one lane may use, whatever the others do.

    Attributes:
        puts: Calls that store something.
        reads: Calls that only read. Apart from `puts`, so that cheap reads can't crowd out a message.
        slots: Slots of 32 KiB on the disk.
        chunks: Chunks of 256 KiB on the disk, apart from the slots: attachments never take a text's room.
        chunk_puts: Calls that store a chunk, apart from `puts` for the same reason.
        inside: Calls at one time, waiting ones included; bounds memory at about 32 KiB each.
    """

    puts: Rate
    reads: Rate
    slots: int
    inside: int = 128
    chunks: int = 0
    chunk_puts: Rate = _NO_CHUNKS


CHUNKS_INSIDE = 16
"""Chunks of one lane under way at one time: 4 MiB of memory."""

_BURST_SECONDS = 10


def lane_limits(*, puts: float, reads: float, slots: int, chunks: int = 0, inside: int = 128) -> LaneLimits:
    """Return limits from calls a second, with bursts of ten seconds' worth."""
    return LaneLimits(
        puts=Rate(puts, puts * _BURST_SECONDS),
        reads=Rate(reads, reads * _BURST_SECONDS),
        slots=slots,
        inside=inside,
        chunks=chunks,
        chunk_puts=Rate(puts / 4, max(1.0, puts / 4 * _BURST_SECONDS)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One relay's settings.

    The default shares leave 3.25 GiB to slots, 1.5 GiB to attachments and 0.53 GiB to the board (sixteen
    desks, two publications each of at most 16.8 MiB); the rest of `disk_bytes` is SQLite's overhead. The
    daily rewrite of the file takes up to twice its size in the same folder for a while.

    Attributes:
        data: Folder of the store; made with mode 0700.
        disk_bytes: Size that the store's file never passes.
        wait_seconds: How long a call of a busy lane is delayed at most before it is refused.
        body_seconds: From the head of a request to the end of its body.
        publication_seconds: The same for a board publication, up to 16.8 MiB.
        head_seconds: From the first byte of a connection or request to the end of its head.
        send_seconds: How long a client may leave an answer unread.
        wrong_code_seconds: Delay of the answer to a wrong setup code.
        idle_seconds: Quiet time after which the write-ahead log is emptied.
        batch_max: Writes in one transaction at most.
        page_bytes: SQLite's page size, for a new store.
    """

    data: Path
    onion: LaneLimits = field(
        default_factory=lambda: lane_limits(puts=100, reads=500, slots=32_768, chunks=2_560)
    )
    clear: LaneLimits = field(
        default_factory=lambda: lane_limits(puts=100, reads=500, slots=24_576, chunks=2_048)
    )
    plain: LaneLimits = field(
        default_factory=lambda: lane_limits(puts=20, reads=100, slots=16_384, chunks=1_536)
    )
    desk: LaneLimits = field(default_factory=lambda: lane_limits(puts=500, reads=500, slots=32_768))
    claim: Rate = field(default_factory=lambda: Rate(1, 3))
    disk_bytes: int = 6 * KIB * MIB
    wait_seconds: float = 10.0
    body_seconds: float = 90.0
    publication_seconds: float = 900.0
    head_seconds: float = 10.0
    send_seconds: float = 60.0
    wrong_code_seconds: float = 1.0
    idle_seconds: float = 1.0
    batch_max: int = 256
    page_bytes: int = 4 * KIB

    def limits(self, lane: Lane) -> LaneLimits:
        """Return the limits of one lane."""
        return {Lane.ONION: self.onion, Lane.CLEAR: self.clear, Lane.PLAIN: self.plain, Lane.DESK: self.desk}[
            lane
        ]
