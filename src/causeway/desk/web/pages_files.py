"""Files that came with messages: shown drawn anew, played in place, saved as they came only on purpose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from starlette.responses import Response, StreamingResponse

from causeway.desk.engine.errors import UnknownFile
from causeway.desk.viewer.limits import PAGES_MAX
from causeway.desk.viewer.results import Counted, Drawn, Heard, Result, Unreadable
from causeway.desk.viewer.shapes import SOUNDS, Shape
from causeway.desk.views import FileState, FileView
from causeway.desk.web.file_names import disposition, saved_name
from causeway.desk.web.guard import FILE_POLICY
from causeway.desk.web.page import Page
from causeway.errors import LocalError

__all__ = ["ask_save", "fetch_again", "page_of", "save", "set_room", "show", "sound", "take_away"]

_RANGE: Final = re.compile(r"bytes=(\d{1,12})-(\d{0,12})", re.ASCII)
_GIGABYTE: Final = 10**9


def show(page: Page) -> Response:
    """One file by itself; a fragment is what is shown of it in its conversation."""
    file = _file(page)
    result = _result(page, file)
    values = {
        "file": file,
        "conversation": page.part("id"),
        "able": page.keeper.previews.able,
        "result": result,
        "pages": result.pages if isinstance(result, Counted) else 0,
        "pages_max": PAGES_MAX,
        "first": _first(page, file, result),
    }
    if page.fragment:
        return page.show_part("file_part.html", **values)
    row = page.desk.conversation(page.part("id")).row
    return page.show_desk("file.html", row=row, **values)


def page_of(page: Page) -> Response:
    """A picture, or one page of a document, as a picture of our own making."""
    file, number = _file(page), int(page.part("number"))
    if file.shape is None or file.shape in SOUNDS or not 0 <= number < PAGES_MAX:
        raise UnknownFile
    match _decoded(page, file, number=number):
        case Drawn(content=content):
            return Response(content, media_type="image/png", headers=FILE_POLICY)
        case _:
            raise LocalError("This can't be drawn.")


def sound(page: Page) -> Response:
    """A sound as a WAV of our own making; a browser may ask for a part of it, to go back and forth."""
    file = _file(page)
    if file.shape not in SOUNDS:
        raise UnknownFile
    result = _decoded(page, file)
    if not isinstance(result, Heard):
        raise LocalError("This can't be played.")
    whole = len(result.content)
    headers = {**FILE_POLICY, "Accept-Ranges": "bytes"}
    asked = _RANGE.fullmatch(page.request.headers.get("range", ""))
    if asked is None:
        return Response(result.content, media_type="audio/wav", headers=headers)
    start, end = int(asked[1]), min(int(asked[2] or whole), whole - 1)
    if start > end:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{whole}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{whole}"
    part = result.content[start : end + 1]
    return Response(part, status_code=206, media_type="audio/wav", headers=headers)


def ask_save(page: Page) -> Response:
    """What saving a file as it came does, before it is done."""
    file = _file(page)
    row = page.desk.conversation(page.part("id")).row
    name = saved_name(file.name, shape=file.shape)
    return page.show_desk("file_save.html", row=row, file=file, saved_name=name)


def save(page: Page) -> Response:
    """The file as it came, for the browser to write to the disk, and never to show."""
    file = _file(page)
    headers = {
        **FILE_POLICY,
        "Content-Disposition": disposition(saved_name(file.name, shape=file.shape)),
        "Content-Length": str(file.size),
    }
    pieces = _pieces(page, file)
    return StreamingResponse(pieces, media_type="application/octet-stream", headers=headers)


def take_away(page: Page) -> Response:
    """Remove it from this laptop."""
    page.desk.files.take_away(_bytes(page, "id"), file=_bytes(page, "file"))
    page.keeper.previews.forget(page.part("file"))
    page.say(page.sentence("The file is gone from this laptop. The message that came with it stays."))
    return page.go(_conversation(page))


def fetch_again(page: Page) -> Response:
    """Fetch it after all."""
    page.desk.files.want_again(_bytes(page, "id"), file=_bytes(page, "file"))
    page.desk.fetch_files_now()
    page.say(page.sentence("Asking the relay for the file. It may not have it any more."))
    return page.go(_conversation(page))


def set_room(page: Page) -> Response:
    """Say how much files may take on this laptop."""
    typed = page.form.line("room")
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 4):
        page.warn(page.sentence("Write a whole number of gigabytes, such as 2."))
        return page.go("/centre/laptop#files")
    page.desk.files.set_room(int(typed) * _GIGABYTE)
    page.desk.fetch_files_now()
    page.say(page.sentence("Kept."))
    return page.go("/centre/laptop#files")


def _bytes(page: Page, name: str) -> bytes:
    return bytes.fromhex(page.part(name))


def _conversation(page: Page) -> str:
    return f"/c/{page.part('id')}?state=all"


def _file(page: Page) -> FileView:
    return page.desk.files.file(_bytes(page, "id"), file=_bytes(page, "file"))


def _pieces(page: Page, file: FileView) -> Iterable[bytes]:
    return page.desk.files.pieces(_bytes(page, "id"), file=bytes.fromhex(file.id))


def _decoded(page: Page, file: FileView, *, number: int = 0) -> Result:
    if file.shape is None or file.state is not FileState.WHOLE:
        return Unreadable()
    previews = page.keeper.previews
    return previews.show(file.id, pieces=lambda: _pieces(page, file), shape=file.shape, page=number)


def _result(page: Page, file: FileView) -> Result | None:
    """Return what there is to show; `None` where nothing of this kind is shown."""
    if file.shape is None or file.state is not FileState.WHOLE or not page.keeper.previews.able:
        return None
    if file.shape is Shape.PDF:
        return page.keeper.previews.count_pages(file.id, pieces=lambda: _pieces(page, file))
    return _decoded(page, file)


def _first(page: Page, file: FileView, result: Result | None) -> Drawn | None:
    """Return the picture, or the first page of the document."""
    first = _decoded(page, file) if isinstance(result, Counted) else result
    return first if isinstance(first, Drawn) else None
