"""One conversation: reading, answering, labels, closing."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from causeway.desk.web import prepared
from causeway.desk.web.keeper import Undo
from causeway.desk.web.listing import listing_of
from causeway.desk.web.page import Page
from causeway.desk.web.thread import thread_of

__all__ = ["answer", "close", "insert", "label", "reopen", "show"]

LABEL_LENGTH_MAX: Final = 40
_LATIN: Final = frozenset({"de", "en", "es", "fr", "it", "nl", "pt", "sw"})


def show(page: Page) -> Response:
    """The conversation beside the list; a fragment is its messages and answers alone."""
    id_ = page.part("id")
    view = page.desk.conversation(id_)
    values = {"view": view, "thread": thread_of(view)}
    if page.fragment:
        return page.show_part("thread_part.html", **values)
    page.desk.mark_opened(id_)
    return page.show_desk(
        "conversation.html",
        listing=listing_of(page),
        current=id_,
        kept=page.kept(),
        prepared=prepared.words_for(view.row.language, fallback=page.language.tag),
        label_length_max=LABEL_LENGTH_MAX,
        answer_bytes_max=prepared.ANSWER_BYTES_MAX,
        room=_letters(view.row.language),
        **values,
    )


def answer(page: Page) -> Response:
    """Queue an answer."""
    id_, text = page.part("id"), page.form.text("text").replace("\r\n", "\n").strip()
    if not text:
        page.warn(page.sentence("There is nothing in the answer yet."))
        return _back(page)
    page.keep(_path(id_), {"text": text})
    page.desk.answer(id_, text)
    page.keep(_path(id_), {})
    row = next(
        (row for row in reversed(page.desk.outbox()) if row.conversation == id_ and not row.held), None
    )
    undo = (
        None if row is None else Undo(path=f"/outbox/{row.id}/withdraw", label=page.sentence("Take it back"))
    )
    page.say(page.sentence("The answer waits to be sent. Until then it can be taken back."), undo=undo)
    return _back(page)


def insert(page: Page) -> Response:
    """Put prepared words below what is in the field; for browsers without script."""
    id_, typed = page.part("id"), page.form.text("text").replace("\r\n", "\n").rstrip()
    words = prepared.text_of(page.form.text("words"))
    page.keep(_path(id_), {"text": f"{typed}\n\n{words}" if typed else words})
    return _back(page, "#answer")


def label(page: Page) -> Response:
    """Put a label on, or take one off."""
    id_ = page.part("id")
    before = page.desk.conversation(id_).row.labels
    wanted, unwanted = page.form.line("add")[:LABEL_LENGTH_MAX], page.form.text("remove")
    if page.form.text("exactly"):
        after = tuple(page.form.texts("label"))
    else:
        after = tuple(name for name in before if name != unwanted)
        after += (wanted,) if wanted and wanted not in after else ()
    if after != before:
        page.desk.set_labels(id_, after)
        fields = (("exactly", "1"), *(("label", name) for name in before))
        undo = Undo(path=f"{_path(id_)}/label", label=page.sentence("Undo"), fields=fields)
        page.say(page.sentence("The labels are changed."), undo=undo)
    return _back(page)


def close(page: Page) -> Response:
    """Close it: nobody waits for us here any more."""
    id_ = page.part("id")
    page.desk.close_conversation(id_)
    undo = Undo(path=f"{_path(id_)}/reopen", label=page.sentence("Open it again"))
    page.say(
        page.sentence("Closed. The person still finds your answers, and that this is closed."), undo=undo
    )
    return _back(page)


def reopen(page: Page) -> Response:
    """Open it again."""
    page.desk.reopen(page.part("id"))
    page.say(page.sentence("Open again."))
    return _back(page)


def _letters(language: str) -> int:
    """Return about how many letters of a language one answer holds: two bytes each, but for Latin ones."""
    each = 1 if language.split("-")[0] in _LATIN else 2
    return prepared.ANSWER_BYTES_MAX // each // 100 * 100


def _path(id_: str) -> str:
    return f"/c/{id_}"


def _back(page: Page, fragment: str = "") -> Response:
    query = page.request.url.query
    return page.go(_path(page.part("id")) + (f"?{query}" if query else "") + fragment)
