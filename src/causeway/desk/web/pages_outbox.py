"""What waits to leave this laptop."""

from __future__ import annotations

from starlette.responses import Response

from causeway.desk.web.page import Page

__all__ = ["hold", "release", "show", "withdraw"]


def show(page: Page) -> Response:
    """All that waits; a fragment is the list alone."""
    values = {"outbox": page.desk.outbox(), "sync": page.desk.sync_view(), "centre": page.desk.centre()}
    if page.fragment:
        return page.show_part("outbox_part.html", **values)
    return page.show_desk("outbox.html", **values)


def hold(page: Page) -> Response:
    """Keep it on this laptop until somebody lets it go."""
    page.desk.hold(page.part("id"), True)
    return page.go("/outbox")


def release(page: Page) -> Response:
    """Let it go with the next round."""
    page.desk.hold(page.part("id"), False)
    return page.go("/outbox")


def withdraw(page: Page) -> Response:
    """Take an answer back; its text stands in the answer field again."""
    id_ = page.part("id")
    row = next((row for row in page.desk.outbox() if row.id == id_), None)
    if row is None or row.conversation is None:
        page.warn(page.sentence("It has left meanwhile, or was taken back already."))
        return page.go("/outbox")
    before = {answer.n: answer.text for answer in page.desk.conversation(row.conversation).answers}
    page.desk.withdraw(id_)
    left = {answer.n for answer in page.desk.conversation(row.conversation).answers}
    taken = [text for n, text in before.items() if n not in left]
    path = f"/c/{row.conversation}"
    page.keep(path, {"text": "\n\n".join(taken)})
    page.say(page.sentence("Taken back: it was not sent. Its words are in the field again."))
    return page.go(f"{path}#answer")
