"""The desk's real pages over a real engine and a real relay, asked without a browser."""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from causeway.desk.web.app import build
from causeway.desk.web.guard import QUIET
from causeway.desk.web.keeper import Keeper, State
from causeway.desk.web.session import Session
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from tests.desk_engine.town import PASSPHRASE, Person, Town
from tests.relay.running import Clock

AUTHORITY = "127.0.0.1:8765"
ORIGIN = f"http://{AUTHORITY}"
SAME = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
FRAGMENT = {"HX-Request": "true", QUIET: "1"}


class Pages:
    """A browser's side of one desk."""

    def __init__(self, keeper: Keeper, session: Session, token: str, *, language: str | None = None) -> None:
        self.keeper = keeper
        self.session = session
        self.token = token
        self.app: ASGIApp = build(keeper=keeper, session=session, authority=AUTHORITY, language=language)
        self.client = self.another_browser()

    def another_browser(self) -> TestClient:
        return TestClient(self.app, base_url=ORIGIN, headers={"Sec-Fetch-Site": "none"})

    def enter(self) -> None:
        assert self.get(f"/open?token={self.token}", follow_redirects=False).status_code == 303

    def get(self, path: str, **settings: Any) -> httpx2.Response:
        return self.client.get(path, **settings)

    def part(self, path: str, **headers: str) -> httpx2.Response:
        return self.client.get(path, headers=FRAGMENT | headers, follow_redirects=False)

    def post(self, path: str, **fields: Any) -> httpx2.Response:
        return self.client.post(path, data=fields, headers=SAME)

    def send(self, path: str, **fields: Any) -> httpx2.Response:
        """A form, without going where it leads."""
        return self.client.post(path, data=fields, headers=SAME, follow_redirects=False)

    def sync(self) -> None:
        self.keeper.desk.sync_round()


def words(answer: httpx2.Response) -> str:
    """What stands on a page, without its markup."""
    text = re.sub(r"<[^>]+>", " ", answer.text)
    return " ".join(html.unescape(text).split())


def new_pages(
    folder: Path, *, clock: Clock | None = None, language: str | None = None, **settings: Any
) -> Pages:
    """A desk that is not made yet, or not open."""
    # Rounds are done by hand, so that nothing happens meanwhile: the interval is a day.
    defaults: dict[str, Any] = {
        "socks": None,
        "lock_after_seconds": 600,
        "sync_seconds": 86_400,
        "undo_seconds": 0,
    }
    keeper = Keeper(folder, profile=CHEAP_FOR_TESTS, clock=clock or Clock(), **(defaults | settings))
    session, token = Session.start()
    return Pages(keeper, session, token, language=language)


@contextlib.contextmanager
def opened_pages(place: Town, **settings: Any) -> Iterator[Pages]:
    made = place.new_desk()
    made.sync_round()
    made.close()
    pages = new_pages(place.folder / "desk", clock=place.clock, **settings)
    pages.enter()
    pages.post("/unlock", passphrase=PASSPHRASE)
    assert pages.keeper.state is State.OPEN
    # Rounds in the background would come in between.
    pages.keeper.desk.stop_sync()
    try:
        yield pages
    finally:
        pages.keeper.close()


def wrote(place: Town, pages: Pages, text: str, **changes: Any) -> Person:
    """Somebody new, whose message the desk has."""
    person = Person(place)
    person.send(text, **changes)
    pages.sync()
    return person
