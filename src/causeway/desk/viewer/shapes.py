"""What a file is by its first bytes. Its name and the type that its sender claims are never looked at."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["HEAD_BYTES", "PICTURES", "SOUNDS", "Shape", "shape_of"]

HEAD_BYTES: Final = 64
"""As many bytes as `shape_of` wants to see."""


class Shape(StrEnum):
    """A kind of file that can be shown; the values are the decoders' names for it."""

    JPEG = "JPEG"
    PNG = "PNG"
    GIF = "GIF"
    WEBP = "WEBP"
    BMP = "BMP"
    AVIF = "AVIF"
    PDF = "pdf"
    WAV = "wav"
    OGG = "ogg"
    FLAC = "flac"
    MP3 = "mp3"
    AAC = "aac"
    AMR = "amr"
    MATROSKA = "matroska"
    MP4 = "mov"


PICTURES: Final = frozenset({Shape.JPEG, Shape.PNG, Shape.GIF, Shape.WEBP, Shape.BMP, Shape.AVIF})
SOUNDS: Final = frozenset(Shape) - PICTURES - {Shape.PDF}
"""The last two of these may as well be films, of which the sound is played."""

_STARTS: Final = (
    (b"\xff\xd8\xff", Shape.JPEG),
    (b"\x89PNG\r\n\x1a\n", Shape.PNG),
    (b"GIF87a", Shape.GIF),
    (b"GIF89a", Shape.GIF),
    (b"%PDF-", Shape.PDF),
    (b"OggS", Shape.OGG),
    (b"fLaC", Shape.FLAC),
    (b"ID3", Shape.MP3),
    (b"#!AMR", Shape.AMR),
    (b"\x1a\x45\xdf\xa3", Shape.MATROSKA),
)
_RIFF: Final = {b"WEBP": Shape.WEBP, b"WAVE": Shape.WAV}
_STILL_BRANDS: Final = {b"avif": Shape.AVIF, b"avis": Shape.AVIF}
_OTHER_STILLS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
"""Apple's pictures: no decoder of ours reads them."""


def shape_of(head: bytes) -> Shape | None:
    """Return what a file is; `None` for all that this desk does not show.

    Args:
        head: The first `HEAD_BYTES` bytes, or all where there are fewer.
    """
    for start, shape in _STARTS:
        if head.startswith(start):
            return shape
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return None if brand in _OTHER_STILLS else _STILL_BRANDS.get(brand, Shape.MP4)
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return Shape.BMP
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:  # ISO 13818-7, ADTS: layer 0
        return Shape.AAC
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # ISO 11172-3: sync of a frame
        return Shape.MP3
    return None
