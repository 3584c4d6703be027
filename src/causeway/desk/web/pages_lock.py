"""The pages before the desk is open: unlocking, and locking again."""

from __future__ import annotations

import time

from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from causeway.desk.web.keeper import State
from causeway.desk.web.page import Page, own_path
from causeway.vault.errors import WrongPassphrase

__all__ = ["active", "language", "lock", "start", "unlock"]


def start(page: Page) -> Response:
    """Send to where this desk stands: made, locked, or not there yet."""
    match page.keeper.state:
        case State.NEW:
            return page.go("/first")
        case State.MAKING:
            return page.go("/first/making")
        case State.LOCKED:
            return page.show("unlock.html")
        case State.REVOKED:
            page.keeper.finish_destroying()
            return page.show("revoked.html")
        case State.WAITING:
            return page.go("/join")
        case _:
            return page.go("/now")


def unlock(page: Page) -> Response:
    """Try a passphrase."""
    try:
        page.keeper.unlock(page.form.text("passphrase"))
    except WrongPassphrase:
        # Each try costs a second of work anyway; this only slows down hands.
        time.sleep(page.keeper.delay_seconds)
        page.warn(
            page.sentence(
                "This passphrase does not open the desk. Look at Caps Lock and the keyboard's language."
            )
        )
        return page.go("/")
    return page.go("/join" if page.keeper.state is State.WAITING else "/now")


def lock(page: Page) -> Response:
    """Lock. Once this answer is out the process replaces itself: nothing of the open desk stays in memory."""
    page.keeper.leave()
    answer = RedirectResponse("/", status_code=303, background=BackgroundTask(page.keeper.ask_lock))
    answer.headers["Connection"] = "close"
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def active(page: Page) -> Response:
    """Hear that somebody is typing or reading; the guard has noted it."""
    return Response(status_code=204)


def language(page: Page) -> Response:
    """Choose the language of the desk, until its window is closed."""
    answer = page.go(own_path(page.form.text("back")))
    answer.set_cookie("language", page.form.line("language")[:8], httponly=True, samesite="strict")
    return answer
