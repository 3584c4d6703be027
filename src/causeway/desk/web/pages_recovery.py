"""The root on paper: handing out its shares one at a time, and making it again from them."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from causeway.desk.member_views import RecoveryPurpose
from causeway.desk.web.centre_frame import show_centre
from causeway.desk.web.page import Page

__all__ = ["add", "ask_use", "begin", "check", "clear", "following", "share", "show", "stop", "use"]

_CHOICES: Final = ((2, 3), (3, 5), (4, 7))
"""How many of how many. Each outlives the loss of one or more, and no single holder can use it."""
_SHARE: Final = "/centre/recovery/share"
_USE: Final = "/centre/recovery/use"


def show(page: Page) -> Response:
    """Where the root is, and when it was used."""
    return show_centre(page, "centre_recovery.html", people=page.desk.members.view(), choices=_CHOICES)


def begin(page: Page) -> Response:
    """Make shares; the first is shown."""
    chosen = next((pair for pair in _CHOICES if f"{pair[0]}-{pair[1]}" == page.form.text("of")), _CHOICES[0])
    page.keeper.share = page.desk.members.begin_shares(k=chosen[0], n=chosen[1])
    return page.go(_SHARE)


def share(page: Page) -> Response:
    """The one share that is to be written now, or the one that is asked back."""
    return show_centre(page, "centre_share.html", people=page.desk.members.view(), share=page.keeper.share)


def following(page: Page) -> Response:
    """Go on to the next share. A form that is sent twice takes no share away unseen."""
    shown = page.keeper.share
    if shown is None or page.form.text("number") == str(shown.number):
        page.keeper.share = page.desk.members.next_share()
    return page.go(_SHARE)


def check(page: Page) -> Response:
    """Compare what was typed from paper with what was shown."""
    page.desk.members.check_share(page.form.text("text"))
    page.say(page.sentence("It is right. The root is on paper only; this laptop has it no longer."))
    return page.go("/centre/recovery")


def stop(page: Page) -> Response:
    """Throw the shares of this time away."""
    page.keeper.share = None
    page.desk.members.stop_shares()
    page.say(page.sentence("Stopped. Burn what was written: these shares make nothing."))
    return page.go("/centre/recovery")


def ask_use(page: Page) -> Response:
    """Typing shares, then what the root shall do."""
    return show_centre(page, "centre_rebuild.html", people=page.desk.members.view())


def add(page: Page) -> Response:
    """Take one typed share."""
    page.desk.members.add_share(page.form.text("text"))
    return page.go(_USE)


def clear(page: Page) -> Response:
    """Forget the typed shares."""
    page.desk.members.clear_shares()
    page.say(page.sentence("What was typed is forgotten."))
    return page.go("/centre/recovery")


def use(page: Page) -> Response:
    """Use the root, and have every desk told."""
    wanted, _, choose = page.form.text("do").partition("-")
    if wanted not in list(RecoveryPurpose):
        page.warn(page.sentence("Please choose what the root shall do."))
        return page.go(_USE)
    page.desk.members.recover(RecoveryPurpose(wanted), choose=choose)
    page.say(page.sentence("Done. Every desk is told, with the day and your name."))
    return page.go("/centre")
