"""Files in Chromium: shown, played, saved; and what its profile keeps of them, which is nothing."""

from __future__ import annotations

import contextlib
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Page, expect

from causeway.desk.engine import Desk
from causeway.units import day_of
from causeway.wire.attachments import AttachmentKind
from tests.desk import material
from tests.desk.running import PASSPHRASE, Running, running_desk
from tests.desk.test_desk_browser import AXE, SMALL_TARGETS
from tests.desk_engine.town import Person, Town, town
from tests.relay.running import Clock

pytestmark = pytest.mark.slow

NAME = "IMG_20261122_hospital.jpg"
LINES = 50
"""Bytes of a needle: long enough to be nowhere by chance."""


@contextlib.contextmanager
def profile(kind: BrowserType, launch: dict[str, Any], folder: Path) -> Iterator[BrowserContext]:
    """An everyday profile on the disk; the desk's own window is private besides."""
    context = kind.launch_persistent_context(
        str(folder), locale="en-GB", viewport={"width": 1280, "height": 800}, **launch
    )
    try:
        yield context
    finally:
        context.close()


@contextlib.contextmanager
def cacheable(content: bytes) -> Iterator[str]:
    """The same picture from a server that lets it be kept: what the search has to find."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Cache-Control", "max-age=3600")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def kept(folder: Path, needle: bytes) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


def needles(content: bytes) -> list[bytes]:
    return [
        content[at : at + LINES] for at in range(200, len(content) - LINES, max(LINES, len(content) // 20))
    ]


def unlock(page: Page, desk: Running) -> None:
    page.goto(desk.url)
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#status")).to_contain_text("Relay reached", timeout=60_000)


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path, clock=Clock(day_of(time.time()))) as made:
        yield made


@pytest.fixture
def someone(village: Town) -> Person:
    """Somebody who has sent a picture, a voice, a document and a program, and a desk that has the text."""
    desk = Desk.create(
        village.folder / "mine",
        passphrase=PASSPHRASE,
        centre="Lime Street",
        member="Mira",
        door_url=village.url,
        setup_code=village.codes[0],
        socks=None,
    )
    desk.sync_round()
    person = Person(village)
    files = (
        person.put_file(material.photo((900, 600)), NAME, media_type="image/jpeg"),
        person.put_file(
            material.recorded("webm", "libopus"), kind=AttachmentKind.VOICE, media_type="audio/webm"
        ),
        person.put_file(material.pages(2), "справка.pdf", media_type="application/pdf"),
        person.put_file(b"MZ" + bytes(300_000), "صورة.exe", media_type="image/png"),
    )
    person.send("Вот фотография.", files=files)
    desk.close()
    return person


def test_files_are_shown_played_and_saved_and_the_profile_keeps_nothing(
    village: Town,
    someone: Person,
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "profile"
    served: dict[str, bytes] = {}
    errors: list[str] = []
    with (
        running_desk(village.folder / "mine") as desk,
        profile(browser_type, browser_type_launch_args, folder) as context,
    ):
        page = context.new_page()
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        unlock(page, desk)
        expect_row = page.locator("#now [data-row]")
        expect(expect_row).to_have_count(1, timeout=60_000)
        page.goto(f"{desk.origin}/c/{someone.id}")
        # The files may be here in any order; the picture comes first once all of them are.
        expect(page.locator(".shown img")).not_to_have_count(1, timeout=60_000)
        expect(page.locator("audio")).to_have_count(1, timeout=60_000)
        picture = page.locator(".shown img").first
        expect(picture).to_be_visible(timeout=60_000)
        assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 900
        player = page.locator("audio")
        player.scroll_into_view_if_needed(timeout=60_000)
        at = player.evaluate(
            "one => new Promise((done, fail) => { one.muted = true; one.onerror = fail;"
            " one.onended = () => done(one.currentTime); one.play(); })"
        )
        assert at == pytest.approx(2, abs=0.2)
        page.locator(".shown img").nth(1).scroll_into_view_if_needed(timeout=60_000)
        expect(page.get_by_text("2 pages in all")).to_be_visible(timeout=60_000)
        source = picture.get_attribute("src")
        sound = player.get_attribute("src")
        assert source is not None
        assert sound is not None
        served["picture"] = context.request.get(desk.origin + source).body()
        served["sound"] = context.request.get(desk.origin + sound).body()
        for width, scheme in ((1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for path in (
                f"/c/{someone.id}",
                source.rsplit("/page", 1)[0],
                source.rsplit("/page", 1)[0] + "/save",
            ):
                page.goto(desk.origin + path)
                looks_well(page)
        with cacheable(served["picture"]) as elsewhere:
            page.goto(f"{elsewhere}/kept.png")
        page.goto(desk.origin)
    assert errors == []
    raw = material.photo((900, 600))
    for content in (raw, served["sound"], NAME.encode(), material.PLACE.encode()):
        for needle in needles(content) or [content]:
            assert kept(folder, needle) == []
    # The very same bytes of the picture are there from the address that lets them be kept, and no other.
    for needle in needles(served["picture"]):
        found = kept(folder, needle)
        assert found != []
        assert all(elsewhere.encode() in Path(one).read_bytes() for one in found)


def looks_well(page: Page) -> None:
    page.evaluate(AXE.read_text())
    report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in report["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.evaluate(SMALL_TARGETS) == []


def test_a_sound_goes_on_while_the_page_keeps_up_and_stops_when_it_is_blanked(
    village: Town, someone: Person, page: Page
) -> None:
    with running_desk(village.folder / "mine") as desk:
        unlock(page, desk)
        expect(page.locator("#now [data-row]")).to_have_count(1, timeout=60_000)
        page.goto(f"{desk.origin}/c/{someone.id}")
        player = page.locator("audio")
        player.wait_for(timeout=60_000)
        player.evaluate("one => { one.muted = true; one.loop = true; window.mine = one; return one.play(); }")
        someone.send("One thing more.")
        page.evaluate("fetch('/sync', {method: 'POST', body: new URLSearchParams()})")
        expect(page.locator(".thread")).to_contain_text("One thing more.", timeout=30_000)
        assert player.evaluate("one => one === window.mine && !one.paused")
        assert page.evaluate(BLANK_WHILE_PLAYING)
        expect(page.get_by_role("heading", name="Locked")).to_be_visible(timeout=30_000)


BLANK_WHILE_PLAYING = """async () => {
  const player = window.mine;
  const silent = new Promise((done) => { player.onpause = () => done(true); });
  window.dispatchEvent(new KeyboardEvent("keydown", { code: "Space", ctrlKey: true }));
  return await silent && player.paused;
}"""


def test_saving_is_a_download_and_nothing_is_opened(village: Town, someone: Person, page: Page) -> None:
    with running_desk(village.folder / "mine") as desk:
        unlock(page, desk)
        expect(page.locator("#now [data-row]")).to_have_count(1, timeout=60_000)
        page.goto(f"{desk.origin}/c/{someone.id}")
        last = page.locator(".file").last
        expect(last).to_contain_text("none that it knows", timeout=60_000)
        last.get_by_role("link", name="Save it as it came …").click()
        expect(page.get_by_role("heading", name="Save this file as it came?")).to_be_visible()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Save it, unencrypted").click()
        assert waiting.value.suggested_filename == "صورة.exe.bin"
        assert Path(waiting.value.path()).read_bytes() == b"MZ" + bytes(300_000)
        expect(page.get_by_role("heading", name="Save this file as it came?")).to_be_visible()
