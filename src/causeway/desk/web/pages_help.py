"""The page of keys."""

from __future__ import annotations

from starlette.responses import Response

from causeway.desk.web.page import Page

__all__ = ["show"]


def show(page: Page) -> Response:
    """Keys, and what the words of the desk mean."""
    return page.show_desk("help.html", lock_after_minutes=max(1, round(page.keeper.lock_after_seconds / 60)))
