"""One request as a page's code sees it, and the answers it may give."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from causeway.desk.engine import Desk
from causeway.desk.web.forms import Form
from causeway.desk.web.guard import QUIET
from causeway.desk.web.keeper import Keeper, Notice, Undo
from causeway.desk.web.language import Language
from causeway.desk.web.render import Renderer

__all__ = ["Page", "own_path"]

_HAVE: Final = "desk-have"
_VERSION: Final = "Desk-Version"


@dataclass(kw_only=True, slots=True)
class Page:
    """One request, its language, the desk behind it."""

    request: Request
    keeper: Keeper
    renderer: Renderer
    language: Language
    form: Form

    @property
    def desk(self) -> Desk:
        """The open desk."""
        return self.keeper.desk

    @property
    def fragment(self) -> bool:
        """The page asks for a part of itself."""
        return "hx-request" in self.request.headers

    @property
    def quiet(self) -> bool:
        """The page asks by itself, and nobody looks for the first time."""
        return QUIET in self.request.headers

    def sentence(self, message: str, **values: object) -> str:
        """Return a sentence in the page's language."""
        return (
            self.language.texts.gettext(message) % values if values else self.language.texts.gettext(message)
        )

    def part(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def asked(self, name: str) -> str:
        """Return a value from the address, empty where there is none."""
        return self.request.query_params.get(name, "")

    def say(self, sentence: str, *, undo: Undo | None = None) -> None:
        """Leave a sentence for the next page; it is in the page's language already."""
        self.keeper.leave_notice(Notice(text=sentence, undo=undo))

    def warn(self, sentence: str) -> None:
        """Leave a sentence about what went wrong."""
        self.keeper.leave_notice(Notice(text=sentence, problem=True))

    def kept(self) -> dict[str, str]:
        """Return what was typed on this page before it was refused."""
        return {} if self.fragment else self.keeper.take_fields(self.request.url.path)

    def go(self, path: str) -> Response:
        """Send the browser to another page of ours."""
        if self.fragment:
            return Response(status_code=200, headers={"HX-Redirect": path})
        return RedirectResponse(path, status_code=303)

    def show_desk(self, template: str, **values: Any) -> Response:
        """Answer with a page that has the places at its side."""
        return self.show(template, **(self.beside() | values))

    def beside(self) -> dict[str, Any]:
        """Return what the places' side shows: numbers, and one line about the relay."""
        return {
            "sync": self.desk.sync_view(),
            "counts": self.desk.counts(),
            "centre": self.desk.centre(),
            "answers": sum(row.conversation is not None for row in self.desk.outbox()),
        }

    def show(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """Answer with a whole page."""
        notice = None if self.fragment else self.keeper.take_notice()
        common = {"notice": notice, "state": self.keeper.state, "path": _address(self.request)}
        html = self.renderer.render(template, language=self.language, **common, **values)
        return HTMLResponse(html, status_code=status)

    def show_part(self, template: str, **values: Any) -> Response:
        """Answer with a part of a page, or with nothing where the page has just this already."""
        shown = urlsplit(self.request.headers.get("hx-current-url", "")).path
        html = self.renderer.render(template, language=self.language, path=shown, **values)
        version = hashlib.sha256(html.encode()).hexdigest()[:16]
        if self.request.headers.get(_HAVE) == version:
            return Response(status_code=204)
        return HTMLResponse(html, headers={_VERSION: version})

    def keep(self, path: str, fields: Mapping[str, str]) -> None:
        """Keep what was typed for when the page at `path` is shown again."""
        self.keeper.keep_fields(path, fields)


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def own_path(path: str) -> str:
    """Return a path that somebody's form named, if it is one of ours; else the first page."""
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    return path
