"""The desk in Chromium: first run to answer, keys, locking, no script, and what axe says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from causeway.units import day_of
from causeway.wire.intake import Action, SendingPath
from tests.desk.running import PASSPHRASE, Running, running_desk
from tests.desk_engine.town import Person, Town, town
from tests.relay.running import Clock

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
ARABIC = "مرحبا، أخاف من أخي. هل يمكنكم المساعدة؟"


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("village"), clock=Clock(day_of(time.time()))) as made:
        yield made


@pytest.fixture(scope="module")
def desk(village: Town) -> Iterator[Running]:
    """One real process for all tests here, made by the first run in the first of them."""
    with running_desk(village.folder / "mine") as made:
        yield made


@pytest.fixture(scope="module")
def window(desk: Running, village: Town, browser: Browser) -> Iterator[Page]:
    """A window that has gone through the first run, with four people who wrote."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto(desk.url)
    page.get_by_role("link", name="Make a centre").click()
    page.get_by_label("What shall the centre be called?").fill("Lime Street")
    page.get_by_label("What shall the others call you?").fill("Mira")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_label("The same again").fill(PASSPHRASE)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Address of the door").fill(village.url)
    page.get_by_label("Setup code of the relay").fill(village.codes[0])
    page.get_by_label("Where Tor listens").fill("")
    page.get_by_role("button", name="Make the desk").click()
    expect(page.get_by_role("heading", name="Lime Street")).to_be_visible(timeout=60_000)
    expect(page.locator("#status")).to_contain_text("Relay reached", timeout=60_000)
    Person(village).send("Можно ли вам писать с работы? " * 40)
    Person(village).send(ARABIC, language="ar", path=SendingPath.PLAIN)
    Person(village).send("They took my phone.", language="en", action=Action.FORCED)
    page.goto(f"{desk.origin}/outbox")
    page.get_by_role("button", name="Send now").click()
    page.goto(f"{desk.origin}/inbox")
    expect(page.locator("#list [data-row]")).to_have_count(3, timeout=60_000)
    yield page
    context.close()
    assert refused == [], "the content security policy stopped something"


@pytest.fixture
def inbox(window: Page, desk: Running) -> Page:
    """The inbox, unlocked."""
    window.goto(f"{desk.origin}/inbox?state=all")
    if window.get_by_label("Passphrase").is_visible():
        unlock(window)
        window.goto(f"{desk.origin}/inbox?state=all")
    return window


def unlock(page: Page) -> None:
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="Now", level=1)).to_be_visible(timeout=60_000)


def opened(page: Page, how: Callable[[], object]) -> None:
    """Open a conversation, and wait until its script listens to keys."""
    how()
    expect(page.locator("[data-conversation]")).to_be_visible()
    page.wait_for_load_state()


def storages(page: Page) -> list[str]:
    return list(page.evaluate("[...Object.values(localStorage), ...Object.values(sessionStorage)]"))


def test_answer_from_the_inbox(inbox: Page, village: Town) -> None:
    opened(inbox, inbox.locator("[data-row]").filter(has_text="Можно ли вам").click)
    inbox.keyboard.press("r")
    expect(inbox.get_by_label(re.compile("^Answer to"))).to_be_focused()
    inbox.keyboard.type("Здравствуйте.")
    expect(inbox.locator("#answer-room")).to_contain_text("Room for about 3,")
    inbox.get_by_text("Prepared words").click()
    inbox.get_by_role("button", name="Не присылайте чужих имён").click()
    field = inbox.get_by_label(re.compile("^Answer to"))
    expect(field).to_have_value(re.compile("^Здравствуйте.\n\nПожалуйста, не присылайте имена"))
    inbox.keyboard.press("Control+Enter")
    expect(inbox.locator(".turn.ours")).to_contain_text("Здравствуйте.")
    expect(inbox.locator(".turn.ours")).to_contain_text("at the door, not read yet", timeout=60_000)
    assert not any("Здравствуйте" in kept for kept in storages(inbox))


def test_a_new_message_comes_in_by_itself(inbox: Page, village: Town) -> None:
    rows = inbox.locator("#list [data-row]")
    before = rows.count()
    Person(village).send("I have just come.", language="en")
    inbox.evaluate("fetch('/sync', {method: 'POST', body: new URLSearchParams()})")
    expect(rows).to_have_count(before + 1, timeout=30_000)


def test_keys_in_the_list(inbox: Page) -> None:
    rows = inbox.locator("#list [data-row]")
    inbox.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    inbox.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    inbox.wait_for_timeout(6_000)
    expect(rows.nth(1)).to_be_focused()
    inbox.keyboard.press("k")
    opened(inbox, lambda: inbox.keyboard.press("Enter"))
    inbox.keyboard.press("Escape")
    expect(inbox.locator("[data-conversation]")).to_have_count(0)
    inbox.wait_for_load_state()
    opened(inbox, lambda: inbox.keyboard.press("."))
    inbox.keyboard.press("?")
    expect(inbox.get_by_role("heading", name="Help")).to_be_visible()


def test_the_palette_searches_as_one_types(inbox: Page) -> None:
    inbox.keyboard.press("Control+k")
    expect(inbox.locator("#palette")).to_be_visible()
    inbox.keyboard.type("работ")
    found = inbox.locator("#palette-found [data-row]")
    expect(found).to_have_count(1)
    inbox.keyboard.press("ArrowDown")
    expect(found.first).to_be_focused()
    inbox.keyboard.press("Enter")
    expect(inbox.locator(".thread")).to_contain_text("Можно ли вам")
    assert "работ" not in inbox.url


def test_ctrl_space_blanks_at_once_and_locks(inbox: Page, desk: Running) -> None:
    opened(inbox, inbox.locator("[data-row]").filter(has_text="Можно ли вам").click)
    inbox.get_by_label(re.compile("^Answer to")).fill("half a word")
    assert desk.memory_holds("Можно ли вам".encode())
    # Within the very event, before anything was asked of the desk.
    assert inbox.evaluate(CTRL_SPACE) == ""
    expect(inbox.get_by_role("heading", name="Locked")).to_be_visible(timeout=30_000)
    assert not desk.memory_holds("Можно ли вам".encode())
    inbox.go_back()
    expect(inbox.get_by_role("heading", name="Locked")).to_be_visible()
    inbox.goto(desk.origin)
    unlock(inbox)


def test_a_page_left_open_goes_when_the_desk_is_locked_elsewhere(inbox: Page, desk: Running) -> None:
    other = inbox.context.new_page()
    other.goto(f"{desk.origin}/now")
    other.get_by_role("button", name="Lock").click()
    expect(other.get_by_role("heading", name="Locked")).to_be_visible(timeout=30_000)
    expect(inbox.get_by_role("heading", name="Locked")).to_be_visible(timeout=30_000)
    other.close()
    unlock(inbox)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 420])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_axe_finds_nothing(inbox: Page, desk: Running, scheme: Any, width: int, language: str) -> None:
    inbox.emulate_media(color_scheme=scheme)
    inbox.set_viewport_size({"width": width, "height": 800})
    inbox.locator(f"button[name=language][value={language}]").click()
    rows = [row.get_attribute("href") for row in inbox.locator("#list [data-row]").all()]
    try:
        for path in ("/now", "/inbox", "/outbox", "/count", "/centre", "/centre/door", "/help", *rows):
            inbox.goto(f"{desk.origin}{path}")
            inbox.evaluate(AXE.read_text())
            report = inbox.evaluate("axe.run(document, {resultTypes: ['violations']})")
            wrong = [(one["id"], [node["html"] for node in one["nodes"]]) for one in report["violations"]]
            assert wrong == [], path
            wide = inbox.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, f"{path} is wider than the window"
            small = inbox.evaluate(SMALL_TARGETS)
            assert small == [], path
    finally:
        inbox.emulate_media(color_scheme="light")
        inbox.set_viewport_size({"width": 1280, "height": 800})
        inbox.goto(f"{desk.origin}/help")
        inbox.locator("button[name=language][value=en]").click()


CTRL_SPACE = """() => {
  window.dispatchEvent(new KeyboardEvent("keydown", { code: "Space", ctrlKey: true }));
  return document.documentElement.innerText.trim();
}"""

SMALL_TARGETS = """[...document.querySelectorAll("button, summary, input, .go a, .row a, .filters a")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1)
  .filter((one) => one.getBoundingClientRect().height < 28)
  .map((one) => one.outerHTML)"""


def test_it_works_without_script(inbox: Page, desk: Running, browser: Browser) -> None:
    state = inbox.context.storage_state()
    context = browser.new_context(java_script_enabled=False, locale="en-GB", storage_state=state)
    page = context.new_page()
    page.goto(f"{desk.origin}/inbox?state=all")
    page.get_by_label("Search in all conversations").first.fill("работ")
    page.keyboard.press("Enter")
    page.locator("#list [data-row]").click()
    page.get_by_text("Prepared words").click()
    page.get_by_role("button", name="Вернитесь завтра").click()
    expect(page.get_by_label(re.compile("^Answer to"))).to_have_value(
        re.compile("^Нам нужно, |^Чтобы ответить")
    )
    page.get_by_label("New label").fill("passport")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".labels")).not_to_contain_text("passport")
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    unlock(page)
    context.close()
