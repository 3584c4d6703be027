"""Under which name a stranger's file is saved: one that runs nothing when somebody clicks on it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from causeway.desk.viewer.shapes import Shape
from causeway.wire.attachments import clean_name

__all__ = ["disposition", "saved_name"]

_ENDINGS: Final = {
    Shape.JPEG: ("jpg", "jpeg"),
    Shape.PNG: ("png",),
    Shape.GIF: ("gif",),
    Shape.WEBP: ("webp",),
    Shape.BMP: ("bmp",),
    Shape.AVIF: ("avif",),
    Shape.PDF: ("pdf",),
    Shape.WAV: ("wav",),
    Shape.OGG: ("ogg", "oga", "opus"),
    Shape.FLAC: ("flac",),
    Shape.MP3: ("mp3",),
    Shape.AAC: ("aac",),
    Shape.AMR: ("amr",),
    Shape.MATROSKA: ("webm", "mka", "mkv"),
    Shape.MP4: ("m4a", "mp4", "3gp", "mov"),
}
_UNKNOWN: Final = "bin"
"""An ending that no system opens by itself."""

_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_STEM_MAX: Final = 60


def saved_name(claimed: str, *, shape: Shape | None) -> str:
    """Return a file's name on this laptop's disk: what its phone called it, with an ending that is true."""
    cleaned = clean_name(claimed)
    stem, _, ending = cleaned.rpartition(".")
    endings = _ENDINGS.get(shape, ()) if shape is not None else ()
    if ending.lower() not in endings:
        # What it claims to be stays legible, and stops being an ending.
        stem, ending = cleaned, endings[0] if endings else _UNKNOWN
    stem = stem.strip(" .-")[-_STEM_MAX:]
    if not stem or _RESERVED.fullmatch(stem):
        stem = f"file-{stem}" if stem else "file"
    return f"{stem}.{ending.lower()}"


def disposition(name: str) -> str:
    """Return the header that has a browser save under a name (RFC 6266)."""
    plain = _NOT_PLAIN.sub("_", name).strip("_") or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
