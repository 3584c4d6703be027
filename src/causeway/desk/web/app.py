"""The desk's local application: the table of pages behind the guard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from causeway.desk.views import AlarmKind
from causeway.desk.web.forms import Form, FormRefused, read_form
from causeway.desk.web.guard import ENTRANCE, Guard, report
from causeway.desk.web.keeper import Keeper, Locked, State
from causeway.desk.web.language import choose, load
from causeway.desk.web.page import Page
from causeway.desk.web.render import Renderer
from causeway.desk.web.routes import ROUTES
from causeway.desk.web.routes import Route as PageRoute
from causeway.desk.web.session import COOKIE, Session
from causeway.errors import Error
from causeway.vault.errors import VaultClosed

__all__ = ["STATIC", "build"]

STATIC: Final = Path(__file__).parent.parent / "static"


class _Id(Convertor[str]):
    regex = "[0-9a-f]{32}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _Kind(Convertor[str]):
    regex = "|".join(AlarmKind)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("id", _Id())
register_url_convertor("kind", _Kind())


class _Application:
    """Turns the table of pages into endpoints."""

    def __init__(self, *, keeper: Keeper, session: Session, language: str | None) -> None:
        self._keeper = keeper
        self._session = session
        self._preferred = language
        self._languages = load()
        self._renderer = Renderer(self._languages, clock=keeper.clock)

    def routes(self) -> list[Route | Mount]:
        """Return what Starlette serves."""
        pages = [Route(one.path, self._endpoint(one), methods=[one.method]) for one in ROUTES]
        entrance = Route(ENTRANCE, self._enter, methods=["GET"])
        return [entrance, *pages, Mount("/static", StaticFiles(directory=STATIC))]

    def page(self, request: Request, *, form: Form | None = None) -> Page:
        """Return a request as a page's code sees it."""
        tag = choose(
            cookie=request.cookies.get("language"),
            preferred=self._preferred,
            accept=request.headers.get("accept-language", ""),
        )
        return Page(
            request=request,
            keeper=self._keeper,
            renderer=self._renderer,
            language=self._languages[tag],
            form=form or Form([]),
        )

    async def not_there(self, request: Request, error: Exception) -> Response:
        """Answer for an address that is none of ours, or a method that it does not have."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        page = self.page(request)
        sentence = page.sentence("There is nothing at this address.")
        return page.show("problem.html", status=status, sentence=sentence)

    def _endpoint(self, route: PageRoute) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            page = self.page(request)
            if self._keeper.state is State.LEAVING:
                return _leaving(page)
            if self._keeper.state not in route.states:
                return page.go("/")
            try:
                if route.method == "POST":
                    page.form = await read_form(request)
                return await run_in_threadpool(route.view, page)
            except (Locked, VaultClosed):
                return page.go("/")
            except Error as error:
                return self._refused(page, route, error)
            except Exception as error:  # a fault of ours: the page says so, and the desk goes on
                report(error)
                sentence = page.sentence("Something in the desk broke. What you saved before is still there.")
                return page.show("problem.html", status=500, sentence=sentence)

        return endpoint

    def _refused(self, page: Page, route: PageRoute, error: Error) -> Response:
        if route.method == "GET" or isinstance(error, FormRefused):
            status = 404 if route.method == "GET" else 400
            return page.show("problem.html", status=status, sentence=page.sentence(error.what))
        page.warn(page.sentence(error.what))
        return page.go(route.back.format_map(page.request.path_params))

    async def _enter(self, request: Request) -> Response:
        cookie = self._session.redeem(request.query_params.get("token", ""))
        if cookie is None:
            if self._session.admits(request.cookies.get(COOKIE)):
                return RedirectResponse("/", status_code=303)
            page = self.page(request)
            return page.show("spent.html", status=403)
        self._keeper.touch()
        if request.headers.get("sec-fetch-site", "none") == "none":
            answer: Response = RedirectResponse("/", status_code=303)
        else:
            # Opened from a file: a browser would not send a strict cookie along with a redirect from there.
            answer = HTMLResponse(
                '<!doctype html><title>Desk</title><meta http-equiv="refresh" content="0;url=/">'
            )
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", path="/")
        return answer


def _leaving(page: Page) -> Response:
    """Answer in the moment between a lock and the next process: nothing, and come back."""
    answer = page.go("/") if page.fragment else page.show("leaving.html", status=503)
    answer.headers["Connection"] = "close"
    return answer


def build(*, keeper: Keeper, session: Session, authority: str, language: str | None = None) -> ASGIApp:
    """Return the desk's application.

    Args:
        authority: `127.0.0.1:port`, the only Host that is answered.
        language: Preferred tag; `None` leaves it to the browser.
    """
    application = _Application(keeper=keeper, session=session, language=language)
    inner = Starlette(
        routes=application.routes(),
        exception_handlers={404: application.not_there, 405: application.not_there},
    )
    return Guard(inner, authority=authority, session=session, on_activity=keeper.touch)
