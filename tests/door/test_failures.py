"""What goes wrong in the field: a full disk, a clock that is off, a relay that is gone, an upload cut short.

On both paths it has to be said plainly, and nothing may be lost: the text is still there, and the same press
of the button sends the same message once.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from causeway.units import Day, day_of
from causeway.wire.ids import split_ids
from tests.door.parts import Centre, Door, Process, ask, hidden
from tests.door.test_files import LARGE, begin, chunks_at, fetched, multipart, only_message, send, ticket_of

TEXT = "Behind the mill, by the second gate"
HOUR = 3_600
DAY = 86_400

pytestmark = pytest.mark.slow


# ---- A full disk ----


@contextmanager
def full_disk(centre: Centre) -> Iterator[None]:
    """No file of the relay's can grow: to SQLite it is a disk, or a quota, that is used up."""
    pid = centre.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (512, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def test_without_script_a_full_disk_is_said_and_the_same_form_goes_later(centre: Centre, door: Door) -> None:
    ticket = ticket_of(door)
    with full_disk(centre):
        page = door.page("/send", language="en", ticket=ticket, text=TEXT)
        assert "There is no room for new messages just now" in page.text
        assert TEXT in page.text
        assert hidden(page.text, "ticket") == ticket
    assert centre.messages() == []
    assert "has arrived" in door.page("/send", language="en", ticket=ticket, text=TEXT).text
    assert only_message(centre).text == TEXT


def test_without_script_a_full_disk_keeps_the_text_that_came_with_files(centre: Centre, door: Door) -> None:
    ticket = ticket_of(door)
    with full_disk(centre):
        page = send(door, ticket, TEXT, ("scan.pdf", "application/pdf", LARGE))
        assert "There is no room for files just now" in page.text
        assert TEXT in page.text
    assert "has arrived" in send(door, ticket, TEXT, ("scan.pdf", "application/pdf", LARGE)).text
    message = only_message(centre)
    assert message.text == TEXT
    assert fetched(centre, message.files[0]) == LARGE


def written(browser: Browser, door: Door, *, ahead_seconds: float | None = None) -> Page:
    """A page on which somebody has written, ready to be sent."""
    page = browser.new_page(locale="en-GB")
    if ahead_seconds is not None:
        page.clock.install(time=time.time() + ahead_seconds)
    begin(page, door)
    page.locator("#text").fill(TEXT)
    return page


def press_send(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()


def arrived(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Your message has arrived", timeout=20_000)


def said(page: Page, sentence: str) -> None:
    expect(page.locator("[data-problem]:visible").first).to_contain_text(sentence, timeout=20_000)
    expect(page.locator("#text")).to_have_value(TEXT)


def test_with_script_a_full_disk_is_said_and_the_same_press_sends_later(
    browser: Browser, centre: Centre, door: Door
) -> None:
    page = written(browser, door)
    puts: list[str] = []
    page.on("request", lambda request: puts.append(request.url) if request.method == "PUT" else None)
    with full_disk(centre):
        press_send(page)
        said(page, "There is no room for new messages just now")
    press_send(page)
    arrived(page)
    assert only_message(centre).text == TEXT
    assert len(set(puts)) == 1, "the retry has another id"
    page.close()


# ---- A relay that is gone ----


def start_again(centre: Centre, folder: Path) -> None:
    """Start the relay on what it has."""
    centre.process = Process(
        "relay", "--data", str(folder / "store"), "--socket", str(centre.socket), folder=folder
    )
    until = time.monotonic() + 30
    while not centre._answers():
        assert time.monotonic() < until, centre.process.talk
        time.sleep(0.02)


def test_without_script_a_relay_that_was_gone_takes_the_same_message(
    folder: Path, centre: Centre, door: Door
) -> None:
    ticket = ticket_of(door)
    centre.process.stop()
    assert "Try again a little later" in door.ask("GET", "/en").text
    page = door.page("/send", language="en", ticket=ticket, text=TEXT)
    assert "The line broke. Nothing is lost." in page.text
    assert TEXT in page.text
    start_again(centre, folder)
    for _ in range(2):
        assert "has arrived" in door.page("/send", language="en", ticket=ticket, text=TEXT).text
    assert only_message(centre).text == TEXT


def test_with_script_a_relay_that_was_gone_for_a_day_takes_the_same_message(
    browser: Browser, folder: Path, centre: Centre, door: Door
) -> None:
    page = written(browser, door, ahead_seconds=-DAY)  # a day passes below, and then it is today
    centre.process.kill()
    press_send(page)
    said(page, "The line broke. Nothing is lost.")
    page.clock.fast_forward("24:00:00")
    start_again(centre, folder)
    press_send(page)
    arrived(page)
    assert only_message(centre).text == TEXT
    page.close()


# ---- A clock that is off ----

_SHIFT = """
import os, time
_real = time.time
time.time = lambda: _real() + float(os.environ["SHIFTED_SECONDS"])
"""


@pytest.fixture
def shifted(folder: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> float:
    """Whatever starts from now on has a clock that is so many seconds off."""
    seconds = float(request.param)
    (folder / "sitecustomize.py").write_text(_SHIFT)
    monkeypatch.setenv("SHIFTED_SECONDS", str(seconds))
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    )
    return seconds


def taken_on(centre: Centre, day: Day) -> int:
    return len(split_ids(centre.get(f"/v1/ids/intake/{day}")))


@pytest.mark.parametrize("shifted", [HOUR, -HOUR, DAY, -DAY], indirect=True)
def test_a_server_whose_clock_is_off_takes_messages_all_the_same(
    shifted: float, browser: Browser, centre: Centre, door: Door
) -> None:
    ticket = ticket_of(door)
    assert "has arrived" in door.page("/send", language="en", ticket=ticket, text=TEXT).text
    page = written(browser, door)
    press_send(page)
    arrived(page)
    assert taken_on(centre, day_of(time.time() + shifted)) == 2
    page.close()


@pytest.mark.parametrize("shifted", [30 * DAY, -30 * DAY], indirect=True)
def test_a_server_whose_clock_is_a_month_off_says_so_without_script(
    shifted: float, new_centre: Centre, new_door: Door
) -> None:
    new_centre.open_door()
    page = new_door.page("/start", language="en")
    assert "This page could not be checked. Do not write here." in page.text


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, DAY, -DAY])
def test_a_phone_whose_clock_is_off_sends_all_the_same(
    ahead: float, browser: Browser, shared_centre: Centre, shared_door: Door
) -> None:
    before = len(shared_centre.messages())
    page = written(browser, shared_door, ahead_seconds=ahead)
    press_send(page)
    arrived(page)
    assert len(shared_centre.messages()) == before + 1
    page.close()


@pytest.mark.parametrize("ahead", [30 * DAY, -30 * DAY])
def test_a_phone_whose_clock_is_a_month_off_is_told_to_look_at_its_date(
    ahead: float, browser: Browser, shared_door: Door
) -> None:
    page = browser.new_page(locale="en-GB")
    page.clock.install(time=time.time() + ahead)
    page.goto(f"http://{shared_door.address[0]}:{shared_door.address[1]}/en")
    page.get_by_role("button", name="I want to write", exact=True).click()
    expect(page.locator("[data-problem]:visible")).to_contain_text("Look at the date.")
    page.close()


# ---- An upload cut short ----


def test_without_script_an_upload_cut_short_sends_nothing_and_the_same_form_goes_later(
    centre: Centre, door: Door
) -> None:
    ticket = ticket_of(door)
    body = multipart({"language": "en", "ticket": ticket, "text": TEXT}, ("scan.pdf", "a/b", LARGE))
    head = (
        b"POST /send HTTP/1.1\r\nHost: door\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    for part in (0, 100, len(body) // 2, len(body) - 1):
        with door.connect() as connection:
            connection.sendall(head + body[:part])
    assert "has arrived" in send(door, ticket, TEXT, ("scan.pdf", "a/b", LARGE)).text
    message = only_message(centre)
    assert (message.text, len(message.files)) == (TEXT, 1)
    assert fetched(centre, message.files[0]) == LARGE
    assert chunks_at(centre) >= 4


def test_a_slot_cut_short_is_not_stored(centre: Centre, door: Door) -> None:
    with door.connect() as connection:
        connection.sendall(
            b"PUT /v1/intake/" + b"a" * 32 + b" HTTP/1.1\r\nHost: door\r\nContent-Length: 32768\r\n\r\n"
        )
        connection.sendall(bytes(32_000))
    assert ask(door.address, "GET", "/v1/board").status == 200
    assert taken_on(centre, day_of(time.time())) == 0
