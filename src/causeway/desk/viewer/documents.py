"""Pages of PDF documents, drawn by PDFium: in the child alone."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import pypdfium2 as pdfium
from PIL import Image

from causeway.desk.viewer.limits import SIDE_MAX
from causeway.desk.viewer.pictures import pixels

__all__ = ["count_pages", "draw_page", "warm_up"]

_SCALE_MAX: Final = 4.0
"""288 dots an inch: a small page is not blown up to fill the screen."""


def warm_up() -> None:
    """Draw a page of our own, so that all that is loaded on the way is loaded."""
    own = pdfium.PdfDocument.new()
    own.new_page(72, 72)
    written = BytesIO()
    own.save(written)
    draw_page(written.getvalue(), number=0)


def count_pages(content: bytes) -> bytes:
    """Return the number of pages, as `child` writes it.

    Raises:
        Exception: It can't be read, or asks for a password.
    """
    return b"N" + len(pdfium.PdfDocument(content)).to_bytes(4, "big")


def draw_page(content: bytes, *, number: int) -> bytes:
    """Return the pixels of a page, counted from 0. Forms and scripts are not run: this PDFium has neither.

    Raises:
        Exception: It can't be read, or there is no such page.
    """
    page = pdfium.PdfDocument(content)[number]
    scale = min(SIDE_MAX / max(*page.get_size(), 1.0), _SCALE_MAX)
    bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True, prefer_bgrx=True)
    picture = bitmap.to_pil()
    return pixels(Image.frombytes("RGB", picture.size, picture.convert("RGB").tobytes()))
