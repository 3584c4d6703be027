"""A site that does all that the door does not: it leaves what it is given in every store of a browser.

What is left are canaries: a search that does not find each of them, in its own encoding and its own store,
has not shown that anything else is not there.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, final

import cramjam
import zstandard

from causeway.drills.canaries import Canaries, Canary
from causeway.drills.encodings import ENCODINGS
from causeway.drills.search import Find
from causeway.drills.window import BrowserWindow

__all__ = [
    "VOICE",
    "ControlSite",
    "StoreCanaries",
    "plant_everywhere",
    "running_control_site",
    "type_control",
]

VOICE: Final = b"\x4d\x80\x86Chrome\x57\x41\x86Chrome"
"""In the head of every sound that Chromium has recorded: the names of who joined and who wrote it (WebM)."""

_AS_TEXT: Final = (
    "UTF-16LE",
    "Latin-1",
    "percent-encoded",
    "JSON escapes",
    "HTML entities",
    "base64",
    "base64 of UTF-16LE",
    "hex",
)
"""How a string of a page may lie in a store: as it is, narrow or wide, or written down by the page itself."""

_WIDE: Final = ("UTF-16LE",)
_IN_ADDRESS: Final = ("percent-encoded", "hex")
_FILLER: Final = b"Nothing in particular. " * 400
_PACKED: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda body: bytes(cramjam.brotli.compress(body)),
    "zstd": lambda body: zstandard.ZstdCompressor().compress(body),
}
# A transparent dot.
_ICON: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@final
class ControlSite:
    """What the site serves, and where."""

    def __init__(self, port: int, bodies: dict[str, tuple[bytes, str]]) -> None:
        """Take the port, and the place for what is to be served with a coding."""
        self.url = f"http://control.localhost:{port}"
        self.elsewhere = f"http://weather.localhost:{port}/"
        self._bodies = bodies

    def serve(self, path: str, body: bytes, *, coding: str) -> None:
        """Serve something that a browser may keep, packed by a coding."""
        self._bodies[path] = (_PACKED[coding](body), coding)


@contextlib.contextmanager
def running_control_site() -> Iterator[ControlSite]:
    """Serve on a free port of this machine until the block ends."""
    page = (Path(__file__).parent / "control_page.html").read_bytes()
    bodies: dict[str, tuple[bytes, str]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, coding = bodies.get(self.path, (page, ""))
            icon = self.path.startswith("/icon")
            body = _ICON if icon else body
            self.send_response(200)
            self.send_header("Content-Type", "image/png" if icon else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if coding:
                self.send_header("Content-Encoding", coding)
            self.send_header("Cache-Control", "max-age=86400")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(303)
            self.send_header("Location", "/after")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield ControlSite(server.server_port, bodies)
        finally:
            server.shutdown()
            serving.join()


@dataclass(slots=True)
class StoreCanaries:
    """The canaries of browsers' stores: what the report says of each store, and where in a profile it lies.

    Attributes:
        canaries: All of the drill.
        places: By what a report calls a canary: the file or store that it has to be found in.
        stores: By the same: profile and store.
    """

    canaries: Canaries
    places: dict[str, str] = field(default_factory=dict)
    stores: dict[str, tuple[str, str]] = field(default_factory=dict)

    def make(self, store: str, *, profile: str, encodings: Sequence[str], place: str) -> list[Canary]:
        """Return canaries for a store of a profile that have to be found in a certain place there."""
        made = self.canaries.make(f"{store} ({profile})", encodings=encodings)
        for canary in made:
            self.places[canary.secret.what] = place
            self.stores[canary.secret.what] = (profile, store)
        return made

    def counts(self, find: Find) -> bool:
        """Whether a find is none of these canaries, or lies in its own store."""
        return self.places.get(find.secret.what, "") in find.where


def plant_everywhere(
    window: BrowserWindow, site: ControlSite, stores: StoreCanaries, *, profile: str, cookies: bool
) -> None:
    """Leave canaries in every store of a browser that a site can reach.

    Args:
        window: At the control page.
        site: Whose page it is.
        stores: Where the canaries are noted.
        profile: What the report calls this browser's profile.
        cookies: Whether they can be found: they are written every thirty seconds, and at the end.
    """

    def texts(store: str, place: str, encodings: Sequence[str] = _AS_TEXT) -> list[str]:
        made = stores.make(store, profile=profile, encodings=encodings, place=place)
        return [_as_string(canary) for canary in made]

    def raw(store: str, place: str) -> list[str]:
        return [base64.b64encode(canary.planted).decode() for canary in every(store, place)]

    def every(store: str, place: str) -> list[Canary]:
        return stores.make(store, profile=profile, encodings=tuple(ENCODINGS), place=place)

    fetched = []
    for coding in _PACKED:
        called = f"HTTP cache, {coding or 'as it is'}"
        body = b"\n".join((_FILLER, *(canary.planted for canary in every(called, "Cache_Data")), _FILLER))
        fetched.append(f"/fetched/{profile.replace(' ', '-')}/{coding}")
        site.serve(fetched[-1], body, coding=coding)
    what = {
        "local": texts("localStorage", "Local Storage"),
        "session": texts("sessionStorage", "Session Storage"),
        "indexed": texts("IndexedDB, string", "IndexedDB"),
        "table": texts("IndexedDB, LevelDB table packed by Snappy", "LevelDB table"),
        "bytes": raw("IndexedDB, bytes", "IndexedDB"),
        "blob": raw("IndexedDB, file", "IndexedDB"),
        "snappy": texts("IndexedDB, value packed by Snappy", "packed by Snappy", _WIDE),
        "cache": raw("CacheStorage", "CacheStorage"),
        "files": raw("file system of a site", "File System"),
        "history": [f"/{text}" for text in texts("history, address", "History", _IN_ADDRESS)],
        "state": texts("session file, state of a page", "Sessions", ("Latin-1", "hex")),
        "cookies": texts("cookies, name", "Cookies", ("hex",)) if cookies else [],
        "fetched": fetched,
    }
    (title,) = texts("history, title", "History", ("UTF-8",))
    (icon,) = texts("icons, address", "Favicons", ("hex",))
    window.run(f"plant({json.dumps(what)})")
    window.run(f"document.title = {json.dumps(title)}")
    window.run(
        "document.head.append(Object.assign(document.createElement('link'),"
        f" {{ rel: 'icon', href: '/icon/{icon}' }}))"
    )
    (once,) = texts("autofill", "Web Data", ("UTF-8",))
    window.press_keys("#once", once)
    window.click("form button")
    window.wait_for("location.pathname === '/after' && document.readyState === 'complete'")


def _as_string(canary: Canary) -> str:
    """Return the string that a page has to keep, so that it lies there as the canary's encoding has it."""
    if canary.encoding in ("UTF-8", "UTF-16LE", "Latin-1"):
        return canary.text
    return canary.planted.decode("ascii")


def type_control(window: BrowserWindow, folder: Path, stores: StoreCanaries, *, profile: str) -> bytes:
    """Type into a form that does not forbid to be kept, and choose a file; return what to wait for.

    Args:
        window: At the control page.
        folder: Where the file may lie: outside of what is searched.
        stores: Where the canaries are noted.
        profile: What the report calls this browser's profile.
    """
    typed, name = (
        stores.make(f"session file, {what}", profile=profile, encodings=_WIDE, place="Sessions")[0]
        for what in ("typed without autocomplete=off", "name of a chosen file")
    )
    path = folder / name.text
    path.touch()
    window.choose_file("#file", path)
    window.press_keys("#typed", typed.text)
    return typed.text.encode("utf-16-le")
