"""The child: reads a stranger's file from its input, is shut in, decodes it, and writes plain values.

What it writes, whatever the file was (integers big-endian):

    picture, page   "P" ‖ u32 width ‖ u32 height ‖ width × height × 3 bytes, red, green, blue
    count of pages  "N" ‖ u32
    sound           "S" ‖ u8 flags (1: cut at the longest length; 2: a film) ‖ samples, 16 bit, little-endian
    can't be read   "X"

The parent trusts none of it, and can be hurt by none of it: any bytes are a picture, any bytes are a sound.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Final

from causeway.desk.viewer.confine import confine
from causeway.desk.viewer.limits import CPU_SECONDS, MEMORY_BYTES
from causeway.desk.viewer.shapes import PICTURES, SOUNDS, Shape

__all__ = ["main"]

_READ_BYTES: Final = 1 << 20


def _worker(task: str, shape: Shape, number: int) -> Callable[[bytes], bytes]:
    """Return what decodes this file, with all its code loaded; another kind's decoder is never there."""
    if shape in PICTURES:
        from causeway.desk.viewer import pictures

        pictures.warm_up(shape)
        return lambda content: pictures.draw(content, shape=shape)
    if shape in SOUNDS:
        from causeway.desk.viewer import sounds

        sounds.warm_up()
        return lambda content: sounds.hear(content, shape=shape)
    from causeway.desk.viewer import documents

    documents.warm_up()
    if task == "count":
        return documents.count_pages
    return lambda content: documents.draw_page(content, number=number)


def _taken() -> bytes:
    parts = []
    while part := os.read(0, _READ_BYTES):
        parts.append(part)
    return b"".join(parts)


def _give(result: bytes) -> None:
    view = memoryview(result)
    while view:
        view = view[os.write(1, view) :]


def main(task: str, shape: str, number: str) -> None:
    """Do one task and end, without the interpreter's own cleaning up."""
    work = _worker(task, Shape(shape), int(number))
    confine(memory_bytes=MEMORY_BYTES, cpu_seconds=CPU_SECONDS)
    try:
        result = work(_taken())
    except BaseException:  # a decoder may raise anything; what it says may quote the file
        result = b"X"
    _give(result)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[-3:])
