"""What comes back from the child, and how it becomes a picture or a sound that a browser shows.

The parent writes these files itself, from plain pixels and samples: nothing of the stranger's file, of what
it said beside them, or of a decoder that it may have taken over can stand in them.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final, TypeAlias

from causeway.desk.viewer.limits import SIDE_MAX, SOUND_RATE, SOUND_SECONDS_MAX
from causeway.units import KIB

__all__ = ["RESULT_BYTES_MAX", "Counted", "Drawn", "Heard", "Result", "Unreadable", "read_result"]

_NUMBER_BYTES: Final = 4
_PIXEL_BYTES: Final = 3
_SAMPLE_BYTES: Final = 2
_CUT: Final = 1
_FILM: Final = 2
_SOUND_BYTES_MAX: Final = SOUND_RATE * SOUND_SECONDS_MAX * _SAMPLE_BYTES
RESULT_BYTES_MAX: Final = max(SIDE_MAX * SIDE_MAX * _PIXEL_BYTES, _SOUND_BYTES_MAX) + KIB
"""More than this no child has to say."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Drawn:
    """A picture, or a page: a PNG of our own making."""

    width: int
    height: int
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Heard:
    """A sound: a WAV of our own making.

    Attributes:
        seconds: How long it is.
        cut: The file goes on after this.
        film: The file has pictures, too, which are not shown.
    """

    seconds: float
    cut: bool
    film: bool
    content: bytes


@dataclass(frozen=True, slots=True)
class Counted:
    """How many pages a document says that it has."""

    pages: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Nothing can be shown: it is broken, or not what it begins as, or took more than it may."""


Result: TypeAlias = Drawn | Heard | Counted | Unreadable


def read_result(said: bytes) -> Result:
    """Return what a child said (see `child`); anything that is not in its form is `Unreadable`."""
    kind, rest = said[:1], memoryview(said)[1:]
    match kind:
        case b"P" if len(rest) > 2 * _NUMBER_BYTES:
            width, height = struct.unpack(">II", rest[: 2 * _NUMBER_BYTES])
            pixels = rest[2 * _NUMBER_BYTES :]
            if not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX):
                return Unreadable()
            if len(pixels) != width * height * _PIXEL_BYTES:
                return Unreadable()
            return Drawn(width=width, height=height, content=_png(width, height, pixels=pixels))
        case b"S" if _SAMPLE_BYTES < len(rest) <= 1 + _SOUND_BYTES_MAX and len(rest) % _SAMPLE_BYTES:
            flags, samples = rest[0], rest[1:]
            return Heard(
                seconds=len(samples) / _SAMPLE_BYTES / SOUND_RATE,
                cut=bool(flags & _CUT),
                film=bool(flags & _FILM),
                content=_wav(samples),
            )
        case b"N" if len(rest) == _NUMBER_BYTES and any(rest):
            return Counted(int.from_bytes(rest, "big"))
        case _:
            return Unreadable()


def _png(width: int, height: int, *, pixels: memoryview) -> bytes:
    """Return pixels as a PNG (RFC 2083): 8 bits, red, green, blue, every line unfiltered."""
    line = width * _PIXEL_BYTES
    squeezing = zlib.compressobj(level=1)
    parts = []
    for start in range(0, height * line, line):
        parts += [squeezing.compress(b"\0"), squeezing.compress(pixels[start : start + line])]
    parts.append(squeezing.flush())
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _png_part(b"IHDR", head),
            _png_part(b"IDAT", b"".join(parts)),
            _png_part(b"IEND", b""),
        ]
    )


def _png_part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _wav(samples: memoryview) -> bytes:
    """Return samples as a WAV: PCM, 16 bits, one channel."""
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(samples),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        SOUND_RATE,
        SOUND_RATE * _SAMPLE_BYTES,
        _SAMPLE_BYTES,
        8 * _SAMPLE_BYTES,
        b"data",
        len(samples),
    )
    return head + bytes(samples)
