"""What stands before every page: who may ask, from where, and what no answer goes without.

A local page has three enemies: other sites open in the same browser, other programs that listen on this
machine, and names that are made to point at 127.0.0.1. In order: (1) the Host header must be our own address;
(2) the browser must say that the request comes from our own page; (3) what changes something must carry our
own Origin; (4) the cookie must be the one that was given out.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from causeway.desk.web.session import COOKIE, Session

__all__ = ["ENTRANCE", "FILE_POLICY", "HEADERS", "QUIET", "Guard", "report"]

ENTRANCE: Final = "/open"
"""The one path that asks for a token instead of the cookie."""

QUIET: Final = "desk-quiet"
"""Header of a request that the page makes by itself: not a sign that somebody sits there."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # Not `no-referrer`: under it a browser sends `Origin: null` with a form, which could not be told from
    # another site's (Fetch, "append a request Origin header"). To other origins this sends as little.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-DNS-Prefetch-Control": "off",
}

_POLICY: Final = "Content-Security-Policy"
FILE_POLICY: Final = {_POLICY: "default-src 'none'; sandbox"}
"""For what was made of a stranger's file, or is one: opened by itself it can do nothing."""

_READING: Final = frozenset({"GET", "HEAD"})
_PARTS_OF_PAGES: Final = frozenset({"image", "audio", "video", "style", "script"})
_OUR_PAGES: Final = frozenset({"same-origin", "none"})
_NOT_YOURS: Final = (
    "This page belongs to the window that the desk opened. Start the desk again to get a new one.\n"
)


class Guard:
    """Middleware round the whole application; nothing is answered but through it."""

    def __init__(
        self, app: ASGIApp, *, authority: str, session: Session, on_activity: Callable[[], None]
    ) -> None:
        """Take the only Host that is served, `127.0.0.1:port`, and whom to tell that somebody sits there."""
        self._app = app
        self._authority = authority
        self._origin = f"http://{authority}"
        self._session = session
        self._on_activity = on_activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError("the desk speaks HTTP alone")
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                of_file = headers.get(_POLICY) == FILE_POLICY[_POLICY]
                for name, value in HEADERS.items():
                    headers[name] = value
                if of_file:
                    headers.update(FILE_POLICY)
                headers.add_vary_header("HX-Request")
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            report(error)
            if not started:
                broken = PlainTextResponse(
                    "Something in the desk broke. Go back, try again.\n", status_code=500
                )
                await broken(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        # (1)
        if headers.getlist("host") != [self._authority]:
            return PlainTextResponse("This address is not the desk's.\n", status_code=421)
        entrance = scope["path"] == ENTRANCE and scope["method"] == "GET"
        # (2) The window of its own is opened from a file, which a browser calls another site.
        if not entrance and headers.get("sec-fetch-site", "none") not in _OUR_PAGES:
            return PlainTextResponse(_NOT_YOURS, status_code=403)
        # (3)
        if scope["method"] not in _READING and headers.getlist("origin") != [self._origin]:
            return PlainTextResponse(_NOT_YOURS, status_code=403)
        # (4)
        if not entrance and not self._session.admits(_cookie(headers)):
            return PlainTextResponse(_NOT_YOURS, status_code=403)
        # Pictures and sounds are asked for by the page, perhaps long after somebody has left.
        by_itself = QUIET in headers or headers.get("sec-fetch-dest") in _PARTS_OF_PAGES
        if not entrance and not by_itself:
            self._on_activity()
        return None


def _cookie(headers: Headers) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return None if morsel is None else morsel.value


def report(error: Exception) -> None:
    """Say on stderr that a page broke, and where."""
    # The place and the kind alone: the words of an exception may quote what somebody wrote.
    for frame in traceback.extract_tb(error.__traceback__)[-3:]:
        print(f"  {frame.filename}:{frame.lineno} in {frame.name}", file=sys.stderr)
    print(f"The desk broke on a page: {type(error).__name__}", file=sys.stderr)
