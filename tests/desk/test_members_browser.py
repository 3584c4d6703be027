"""A second member comes in through the windows of two real desks: how many clicks and pastes that takes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from causeway.sealed.passphrase import STANDARD
from causeway.units import day_of
from tests.desk.running import PASSPHRASE, Running, running_desk
from tests.desk_engine.town import Person, Town, town
from tests.relay.running import Clock

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
SAID = "They took my phone, I write from my sister's."
ROUND = "fetch('/sync', {method: 'POST', body: new URLSearchParams()}).then(() => undefined)"
SMALL_TARGETS = """[...document.querySelectorAll("button, summary, input, select, .sub a, .act, .main, .who")]
  .filter((one) => one.checkVisibility() && one.tagName !== "SPAN" && one.getBoundingClientRect().width > 1)
  .filter((one) => one.getBoundingClientRect().height < 27.9)
  .map((one) => one.outerHTML)"""


class Hand:
    """Somebody at one desk, whose clicks, pastes and typed fields are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.pastes = self.typed = 0
        self.refused: list[str] = []
        page.on("console", lambda said: self.refused.append(said.text) if said.type == "error" else None)

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.clicks += 1

    def link(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.clicks += 1

    def choose(self, name: str) -> None:
        self.page.get_by_role("radio", name=re.compile(f"^{name}")).check()
        self.clicks += 1

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)
        self.typed += 1

    def copy(self) -> None:
        self.button("Copy it")
        expect(self.page.get_by_role("button", name="Copied")).to_be_visible()

    def paste(self, label: str) -> None:
        # The field has the focus already: nobody has to click into it.
        expect(self.page.get_by_label(label, exact=True)).to_be_focused()
        self.page.keyboard.press("Control+v")
        self.pastes += 1

    def six(self) -> list[str]:
        return self.page.locator(".stages > .words.large li, main > .words.large li").all_inner_texts()


def clean(page: Page) -> None:
    """Nothing that axe finds, nothing wider than the window, nothing too small to hit."""
    page.evaluate(AXE.read_text())
    report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    wrong = [(one["id"], [node["html"] for node in one["nodes"]]) for one in report["violations"]]
    assert wrong == [], page.url
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is wider than the window"
    assert page.evaluate(SMALL_TARGETS) == [], page.url


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A relay, and a centre of one member whom somebody has written to."""
    with town(tmp_path_factory.mktemp("village"), clock=Clock(day_of(time.time()))) as made:
        desk = made.new_desk("mine", passphrase=PASSPHRASE, profile=STANDARD, clock=time.time)
        desk.sync_round()
        Person(made).send(SAID, language="en")
        desk.sync_round()
        desk.close()
        yield made


@pytest.fixture(scope="module")
def desks(village: Town) -> Iterator[tuple[Running, Running]]:
    with (
        running_desk(village.folder / "mine", "--socks", "none") as mine,
        running_desk(village.folder / "theirs", "--socks", "none") as theirs,
    ):
        yield mine, theirs


@pytest.fixture(scope="module")
def hands(desks: tuple[Running, Running], browser: Browser) -> Iterator[tuple[Hand, Hand]]:
    """The window of the coordinator, unlocked, and that of whoever is invited, at its first page."""
    made = []
    for desk in desks:
        context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=desk.origin)
        made.append(Hand(context.new_page()))
        made[-1].page.goto(desk.url)
    mine, theirs = made
    mine.page.get_by_label("Passphrase").fill(PASSPHRASE)
    mine.page.get_by_role("button", name="Open").click()
    expect(mine.page.get_by_role("heading", name="Now", level=1)).to_be_visible(timeout=60_000)
    yield mine, theirs
    for hand in made:
        assert hand.refused == [], "the content security policy stopped something"
        hand.page.context.close()


def test_a_second_member_comes_in_with_few_clicks(hands: tuple[Hand, Hand]) -> None:
    mine, theirs = hands
    begun = time.monotonic()
    mine.link("Centre")
    mine.link("Invite somebody")
    mine.write("What shall the others call them?", "Jonas")
    mine.choose("Caseworker")
    mine.button("Make the invitation")
    mine.copy()

    theirs.link("I was invited")
    theirs.paste("The text that you were sent, whole")
    theirs.button("Go on")
    theirs.write("Passphrase", "seven quiet ferries")
    theirs.write("The same again", "seven quiet ferries")
    theirs.button("Go on")
    expect(theirs.page.get_by_role("heading", name="Send this back")).to_be_visible(timeout=60_000)
    theirs.copy()
    theirs.link("I have sent it")

    mine.link("I have sent it")
    mine.paste("The answer, whole")
    mine.button("Go on")
    mine.copy()

    theirs.paste("Their second text, whole")
    theirs.button("Go on")
    expect(theirs.page.get_by_role("heading", name="Read these six words to each other")).to_be_visible()
    assert mine.six() == theirs.six()
    assert len(mine.six()) == 6
    spent = time.monotonic()
    for hand in hands:
        clean(hand.page)
    begun += time.monotonic() - spent

    mine.button("They are the same")
    theirs.button("They are the same")
    expect(theirs.page.get_by_role("heading", name="Now", level=1)).to_be_visible(timeout=60_000)
    expect(theirs.page.get_by_text("You are in.")).to_be_visible()
    row = theirs.page.locator("[data-row]").filter(has_text=SAID)
    expect(row.first).to_be_visible(timeout=60_000)
    row.first.click()
    expect(theirs.page.locator(".thread")).to_contain_text(SAID)
    expect(theirs.page.locator(".head")).to_contain_text("Read by Mira, Jonas.")
    # Two minutes are for two people; what the desks and the relay add must stay a fraction of it.
    assert time.monotonic() - begun < 90
    print(f"clicks {mine.clicks}+{theirs.clicks}, pastes {mine.pastes}+{theirs.pastes}, ", end="")
    print(f"typed {mine.typed}+{theirs.typed}, {time.monotonic() - begun:.1f} s")
    assert mine.clicks + theirs.clicks <= 18
    assert (mine.pastes, theirs.pastes) == (1, 2)
    assert (mine.typed, theirs.typed) == (1, 2)
    for hand in (theirs, mine):  # each does a round a minute; nobody has to wait for them here
        hand.page.evaluate(ROUND)
        expect(hand.page.locator("#status")).to_contain_text("Relay reached just now", timeout=60_000)
    expect(mine.page.get_by_text("Their desk was heard from. All is done.")).to_be_visible(timeout=90_000)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing(
    hands: tuple[Hand, Hand], desks: tuple[Running, Running], scheme: Any, width: int
) -> None:
    page, origin = hands[0].page, desks[0].origin
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{origin}/centre")
    member = page.locator(".people a.who").last.get_attribute("href")
    page.goto(f"{origin}{member}")
    lost = page.get_by_role("link", name="This laptop is lost").get_attribute("href")
    page.goto(f"{origin}/centre/invite")
    parts = ("", "/reads", "/settle", "/aside", "/readlog", "/recovery", "/recovery/use", "/compare", "/door")
    conversation = page.goto(f"{origin}/inbox?state=all") and page.locator(
        "#list a[data-row]"
    ).first.get_attribute("href")
    readers = str(conversation).split("?")[0] + "/readers"
    for path in (
        *(f"/centre{part}" for part in parts),
        "/centre/laptop",
        "/centre/invite",
        member,
        f"{member}/remove",
        lost,
        readers,
    ):
        page.goto(f"{origin}{path}")
        clean(page)


def test_the_last_one_is_let_go_without_script(
    hands: tuple[Hand, Hand], desks: tuple[Running, Running], browser: Browser
) -> None:
    state = hands[0].page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, locale="en-GB", storage_state=state)
    page = context.new_page()
    page.goto(f"{desks[0].origin}/centre")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("What shall the others call them?").fill("Ilse")
    page.get_by_role("radio", name=re.compile("^Partner")).check()
    page.get_by_role("button", name="Make the invitation").click()
    expect(page.get_by_label("The text to send")).to_have_value(re.compile(r"^causeway-invitation\.\S+\.$"))
    page.get_by_role("link", name="I have sent it").click()
    page.get_by_label("The answer, whole").fill("causeway-opening.AAAA.")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("This is a text that you send.")
    page.get_by_role("button", name="Throw the invitation away").click()
    page.get_by_role("link", name="Jonas").click()
    page.get_by_role("link", name="Look at what removing does").click()
    expect(page.locator("main")).to_contain_text("1 case was open to them")
    page.get_by_label(re.compile("^To remove them")).fill("Jonas")
    page.get_by_role("button", name="Remove them now").click()
    expect(page.get_by_role("heading", name="Jonas is removed")).to_be_visible()
    expect(page.locator("main")).to_contain_text(SAID[:20])
    context.close()
    # The laptop that was taken off learns it by itself, and shows nothing any more.
    theirs = hands[1].page
    theirs.get_by_role("button", name="Lock").wait_for()
    theirs.evaluate(ROUND)
    expect(theirs.get_by_text("This laptop was taken out of the centre")).to_be_visible(timeout=90_000)
