"""Pictures, drawn anew: in the child alone."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from causeway.desk.viewer.limits import PIXELS_MAX, SIDE_MAX
from causeway.desk.viewer.shapes import Shape

__all__ = ["draw", "pixels", "warm_up"]

# Named so that they are loaded: Pillow would look for them among its files once the process is shut in.
_DECODERS: Final = (
    AvifImagePlugin.AvifImageFile,
    BmpImagePlugin.BmpImageFile,
    GifImagePlugin.GifImageFile,
    JpegImagePlugin.JpegImageFile,
    MpoImagePlugin.MpoImageFile,
    PngImagePlugin.PngImageFile,
    WebPImagePlugin.WebPImageFile,
)
# A second thread can't be made in here.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
Image.MAX_IMAGE_PIXELS = None  # counted below, where a JPEG's fraction is known


def warm_up(shape: Shape) -> None:
    """Draw something of our own, so that all that is loaded on the way is loaded."""
    own = BytesIO()
    Image.new("RGB", (SIDE_MAX + 8, 8)).save(own, shape.value)
    draw(own.getvalue(), shape=shape)


def draw(content: bytes, *, shape: Shape) -> bytes:
    """Return a picture's pixels, as `child` writes them; of a moving one the first.

    Raises:
        Exception: It can't be read, or has too many pixels.
    """
    # Phones put several pictures into what begins as a JPEG; the first of them is meant.
    formats = ["JPEG", "MPO"] if shape is Shape.JPEG else [shape.value]
    with Image.open(BytesIO(content), formats=formats) as opened:
        opened.draft("RGB", (SIDE_MAX, SIDE_MAX))
        if opened.width * opened.height > PIXELS_MAX:
            raise ValueError("too many pixels")
        opened.load()
        # The way up stands beside the pixels, in what is not taken along.
        return pixels(ImageOps.exif_transpose(opened))


def pixels(picture: Image.Image) -> bytes:
    """Return an image's pixels on white, at most `SIDE_MAX` on the longer side, as `child` writes them."""
    if picture.mode.startswith("I;16"):
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    picture.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        picture = Image.new("RGB", seen.size, "white")
        picture.paste(seen, mask=seen.getchannel("A"))
    drawn = picture.convert("RGB")
    size = drawn.width.to_bytes(4, "big") + drawn.height.to_bytes(4, "big")
    return b"P" + size + drawn.tobytes()
