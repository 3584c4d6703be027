"""The pages that are asked for by address: the first one, the one for coming back, and the static files."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from causeway.door.pages._attendance import Attendance, attendance_of
from causeway.door.pages._edition import EVERY, Edition
from causeway.door.pages._languages import choose_language
from causeway.door.pages._render import STATIC, render
from causeway.units import Day

__all__ = ["Site", "routes", "static_files"]

_KINDS = {".js": "text/javascript; charset=utf-8", ".txt": "text/plain; charset=utf-8"}
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Site:
    """What the pages need to know of the door that serves them.

    Attributes:
        relay_get: Returns the body of a GET at the relay, or `None` where it gave none.
        today: Returns the day.
        exit_label: What the exit shows next, in the centre's words: "weather.example".
        addresses: Other addresses of the centre, shown where nobody seems to be here.
        edition: The languages and texts of this door.
    """

    relay_get: Callable[[str], Awaitable[bytes | None]]
    today: Callable[[], Day]
    exit_label: str | None = None
    addresses: tuple[str, ...] = ()
    edition: Edition = EVERY

    def language_of(self, request: Request) -> str:
        """Return the language that a browser asks for, of those that are offered."""
        return choose_language(request.headers.get("accept-language", ""), languages=self.edition.languages)

    async def attendance(self, language: str) -> Attendance:
        """Ask the relay when somebody last read."""
        block = await self.relay_get("/v1/attendance")
        return attendance_of(block, today=self.today(), language=language)


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    plain: bytes
    packed: bytes

    @classmethod
    def of(cls, plain: bytes, *, kind: str) -> _File:
        # A fixed time in the header: the same page is the same bytes, whoever fetches it and when.
        return cls(kind, plain, gzip.compress(plain, 9, mtime=0))

    def answer(self, request: Request) -> Response:
        headers = {"content-type": self.kind, "vary": "accept-encoding, accept-language"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, headers={**headers, "content-encoding": "gzip"})
        return Response(self.plain, headers=headers)


def static_files() -> dict[str, tuple[str, bytes]]:
    """Return content type and bytes of all that is served under `/static/`, by name."""
    return {
        path.name: (_KINDS[path.suffix], path.read_bytes())
        for path in sorted(STATIC.iterdir())
        if path.suffix in _KINDS
    }


def routes(site: Site) -> list[Route]:
    """Return the routes of the pages. Static files are read once, now."""
    files = {name: _File.of(plain, kind=kind) for name, (kind, plain) in static_files().items()}

    async def document(request: Request, view: str, language: str) -> Response:
        page = render(
            view,
            language=language,
            edition=site.edition,
            document=True,
            attendance=await site.attendance(language),
            exit_label=site.exit_label,
            addresses=site.addresses,
        )
        return _File.of(page, kind=_HTML).answer(request)

    def missing(request: Request) -> Response:
        page = render(
            "problem",
            language=site.language_of(request),
            edition=site.edition,
            problem_key="not_found",
            exit_label=site.exit_label,
        )
        return Response(page, status_code=404, headers={"content-type": _HTML})

    async def first(request: Request) -> Response:
        return await document(request, "welcome", site.language_of(request))

    async def in_language(request: Request) -> Response:
        language = request.path_params["language"]
        if language not in site.edition.languages:
            return missing(request)
        return await document(request, "welcome", language)

    async def coming_back(request: Request) -> Response:
        language = request.path_params["language"]
        if language not in site.edition.languages:
            return missing(request)
        return await document(request, "return", language)

    async def static(request: Request) -> Response:
        found = files.get(request.path_params["name"])
        return found.answer(request) if found else missing(request)

    return [
        Route("/", first, methods=["GET"]),
        Route("/static/{name}", static, methods=["GET"]),
        Route("/{language}", in_language, methods=["GET"]),
        Route("/{language}/return", coming_back, methods=["GET"]),
    ]
