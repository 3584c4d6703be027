"""How much a stranger's file may take, and how much of it is shown. Child and parent hold to the same."""

from __future__ import annotations

from typing import Final

from causeway.units import MIB

__all__ = [
    "CPU_SECONDS",
    "MEMORY_BYTES",
    "PAGES_MAX",
    "PIXELS_MAX",
    "SIDE_MAX",
    "SOUND_RATE",
    "SOUND_SECONDS_MAX",
    "WALL_SECONDS",
]

MEMORY_BYTES: Final = 1_024 * MIB
"""Address space of a child, about 300 MB of which are libraries."""

CPU_SECONDS: Final = 20
WALL_SECONDS: Final = 40.0
"""From its start to its last byte; a busy machine gives it half of the time."""

PIXELS_MAX: Final = 50_000_000
"""Of a picture as it is decoded; a JPEG is decoded at a fraction of its size."""

SIDE_MAX: Final = 2_048
"""Of what is shown, in pixels: a photographed page stays legible."""

PAGES_MAX: Final = 50
"""Pages of a document that are shown."""

SOUND_RATE: Final = 16_000
"""Samples a second, one channel: enough for speech."""

SOUND_SECONDS_MAX: Final = 30 * 60
