"""Files as phones send them, and as somebody makes them who means harm."""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib
from typing import Any

import av
from PIL import Image

PLACE = "Nikon Z 9 at 48.8584 N, 2.2945 E"
"""Stands in the metadata of `photo`, and must stand in nothing that is shown."""


def photo(size: tuple[int, int] = (640, 480), *, turned: int = 1, kind: str = "JPEG", **save: Any) -> bytes:
    """A picture, red on the left and blue on the right, with all that a phone writes beside it."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    exif[0x010E] = PLACE
    exif[0x0112] = turned
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, **save)
    return out.getvalue()


def pages(count: int) -> bytes:
    out = io.BytesIO()
    drawn = [Image.new("RGB", (600, 848), (number * 5 % 256, 90, 90)) for number in range(count)]
    drawn[0].save(out, "PDF", save_all=True, append_images=drawn[1:], title=PLACE)
    return out.getvalue()


def tone(seconds: float = 2.0, *, rate: int = 8_000, channels: int = 1) -> bytes:
    out = io.BytesIO()
    samples = [int(9_000 * math.sin(at / 9)) for at in range(int(seconds * rate))]
    with wave.open(out, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", one) * channels for one in samples))
    return out.getvalue()


def recorded(container: str, codec: str, *, rate: int = 48_000, film: bool = False) -> bytes:
    """Two seconds of a tone, as a browser or a phone records it; of a film with a picture."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as made:
        made.metadata["title"] = PLACE
        sound: Any = made.add_stream(codec, rate=rate, layout="mono")
        if film:
            moving: Any = made.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
            moving.width, moving.height, moving.pix_fmt = 64, 64, "yuv420p"
            for _ in range(20):
                frame = av.VideoFrame.from_image(Image.new("RGB", (64, 64), "green"))
                made.mux(moving.encode(frame))
            made.mux(moving.encode(None))
        resampler = av.AudioResampler(format=sound.format.name, layout="mono", rate=rate)
        with av.open(io.BytesIO(tone()), "r") as source:
            for frame in source.decode(audio=0):
                for part in resampler.resample(frame):
                    made.mux(sound.encode(part))
        made.mux(sound.encode(None))
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of so many pixels, of a few hundred kilobytes."""
    squeezed = zlib.compressobj(9)
    lines = b"".join(squeezed.compress(bytes(width * 3 + 1)) for _ in range(height)) + squeezed.flush()

    def part(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", lines) + part(b"IEND", b"")
