"""The pages in a real browser, as large as a small phone: both paths, every view, and what stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    ViewportSize,
    expect,
)

from causeway.door.pages import LANGUAGES
from causeway.door.pages._languages import day_name
from causeway.sealed.words import decode_receipt, encode_fingerprint, encode_receipt
from causeway.units import Day
from causeway.wire.answer import Answer
from causeway.wire.intake import Action
from tests.door.pages_centre import SAMPLES, Centre, serving, today

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
PHONE: ViewportSize = {"width": 360, "height": 740}
RIGHT_TO_LEFT = {"ar", "fa"}
VIEWS = ["/{language}", "/{language}/return", *(f"/sample/{{language}}/{name}" for name in SAMPLES)]


@pytest.fixture
def centre() -> Centre:
    return Centre()


@pytest.fixture
def base(centre: Centre) -> Iterator[str]:
    with serving(centre) as address:
        yield address


@pytest.fixture
def context(browser: Browser, base: str) -> Iterator[BrowserContext]:
    """A phone's window that fails the test when a page asks for anything elsewhere, or complains."""
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    elsewhere: list[str] = []
    complaints: list[str] = []

    def on_request(request: Request) -> None:
        if not request.url.startswith((base, "data:")):
            elsewhere.append(request.url)

    def on_console(message: ConsoleMessage) -> None:
        # A status that a test asked for is no complaint of the page's.
        if "Failed to load resource" not in message.text:
            complaints.append(message.text)

    context.on("request", on_request)
    context.on("console", on_console)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert elsewhere == []
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def start_writing(page: Page, address: str) -> list[str]:
    page.goto(address)
    button(page, "I want to write").click()
    heading(page, "Your words and your message")
    expect(page.locator("[data-words] li")).to_have_count(8)
    return page.locator("[data-words] li").all_inner_texts()


def look(page: Page, address: str, typed: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="I have been here before").click()
    page.locator("#words").fill(typed)
    button(page, "Look for an answer").click()


# ---- With script: one document ----


def test_a_message_and_its_answer(page: Page, centre: Centre, base: str) -> None:
    link = centre.link(base, "/en")
    words = start_writing(page, link)
    assert page.url == f"{base}/en"
    page.locator("#text").fill("Nobody in particular.\nТолько проверка")
    button(page, "Send").click()
    heading(page, "Your message has arrived")
    assert page.url == f"{base}/en"
    (message,) = centre.messages()
    assert (message.text, message.language) == ("Nobody in particular.\nТолько проверка", "en")
    answers = [Answer(n=n, day=Day(today() - 2 + n), text=f"Line {n}\nand <more>") for n in (1, 2)]
    centre.publish((message, answers))

    look(page, link, "\n".join(f"{n}. {word.upper()}" for n, word in enumerate(words, 1)))
    heading(page, "Our answer")
    assert page.locator(".answer").all_inner_texts() == ["Line 1\nand <more>", "Line 2\nand <more>"]
    expect(page.locator("#words")).to_have_count(0)
    button(page, "Somebody made me open this").click()
    heading(page, "It is done")
    forced = page.locator("main").inner_text()
    look(page, link, " ".join(words))
    button(page, "I have read it: remove it").click()
    heading(page, "It is done")
    assert page.locator("main").inner_text() == forced
    acted = [one for one in centre.messages() if one.message != message.message]
    assert {(one.action, one.last_answer) for one in acted} == {(Action.FORCED, 2), (Action.READ, 2)}
    assert {one.conversation for one in acted} == {message.conversation}


def test_words_that_belong_to_nobody_look_like_no_answer(page: Page, centre: Centre, base: str) -> None:
    link = centre.link(base, "/en")
    words = start_writing(page, link)
    look(page, link, " ".join(words))
    heading(page, "There is no answer for these words yet")
    expect(page.locator("article")).to_have_count(0)
    expect(button(page, "I have read it: remove it")).to_have_count(0)
    asked = [one for one in centre.asked if one.startswith("GET /v1/b")]
    assert len(asked) == 2


def test_a_slip_in_a_word_is_named_and_the_words_stay(page: Page, centre: Centre, base: str) -> None:
    words = start_writing(page, centre.link(base, "/en"))
    look(page, centre.link(base, "/en"), " ".join([*words[:7], "xqzv"]))
    expect(page.get_by_role("alert")).to_contain_text("This word is not one of ours: xqzv.")
    expect(page.locator("#words")).to_have_value(" ".join([*words[:7], "xqzv"]))


def test_a_broken_line_keeps_the_text_and_sends_once(page: Page, centre: Centre, base: str) -> None:
    start_writing(page, centre.link(base, "/en"))

    def arrive_and_lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/v1/intake/*", arrive_and_lose_the_answer, times=1)
    page.locator("#text").fill("keep me")
    button(page, "Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is lost")
    expect(page.locator("#text")).to_have_value("keep me")
    button(page, "Send").click()
    heading(page, "Your message has arrived")
    assert len(centre.slots) == 1
    assert centre.asked.count("PUT /v1/intake") == 2


def test_a_full_lane_is_said_waited_for_and_can_be_stopped(page: Page, centre: Centre, base: str) -> None:
    start_writing(page, centre.link(base, "/en"))
    centre.busy = 1_000
    page.locator("#text").fill("patience")
    button(page, "Send").click()
    expect(page.get_by_role("status")).to_contain_text("Many people are writing just now.")
    expect(button(page, "Send")).to_be_disabled()
    button(page, "Stop").click()
    expect(button(page, "Send")).to_be_enabled()
    expect(page.get_by_role("status")).to_be_empty()
    expect(page.locator("#text")).to_have_value("patience")
    centre.busy = 1
    button(page, "Send").click()
    heading(page, "Your message has arrived")


@pytest.mark.parametrize("what", ["another centre", "old", "unreadable"])
def test_nobody_is_asked_to_write_to_a_centre_that_cannot_be_checked(
    page: Page, centre: Centre, base: str, what: str
) -> None:
    centre.sheet = {
        "another centre": Centre().sheet,
        "old": centre.sheet_of(Day(today() - 15)),
        "unreadable": b"nothing",
    }[what]
    page.goto(centre.link(base, "/en"))
    expect(page.locator("[data-attendance]")).to_contain_text("This page could not be checked.")
    button(page, "I want to write").click()
    expect(page.get_by_role("alert")).to_contain_text("o not write here")
    expect(page.locator("#text")).to_have_count(0)


def test_attendance_is_replaced_by_what_can_be_checked(page: Page, centre: Centre, base: str) -> None:
    centre.read_here(Day(today() - 5))
    page.goto(centre.link(base, "/en"))
    expect(page.locator("[data-attendance]")).to_contain_text("Maybe nobody is here.")
    centre.attendance = Centre().attendance
    page.goto(centre.link(base, "/ru"))
    expect(page.locator("[data-attendance]")).to_contain_text("не удалось проверить")


def test_a_link_without_a_fingerprint_asks_for_the_whole_link(page: Page, centre: Centre, base: str) -> None:
    page.goto(f"{base}/en")
    expect(page.get_by_text("Open the whole of it.")).to_be_visible()
    page.goto(centre.link(base, "/en"))
    expect(page.locator("[data-attendance]")).to_contain_text("today")
    expect(page.get_by_text("Open the whole of it.")).to_be_hidden()


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_fingerprint_the_words_of_the_place_can_be_compared(
    page: Page, centre: Centre, base: str, language: str
) -> None:
    page.goto(f"{base}/{language}")
    place = page.locator("[data-unlinked] details")
    expect(place).to_be_visible()
    expect(place.locator("li").first).to_be_hidden()
    place.locator("summary").click()
    words = list(encode_fingerprint(centre.fingerprint, lang=language))
    assert place.locator("li").all_inner_texts() == words
    # They are there again when somebody comes back to the first view.
    page.locator("[data-go=return]").click()
    page.locator("[data-go=welcome]").click()
    place.locator("summary").click()
    assert place.locator("li").all_inner_texts() == words
    page.goto(centre.link(base, f"/{language}"))
    page.locator("[data-attendance] p").first.wait_for()
    expect(place).to_be_hidden()


def test_a_place_that_cannot_be_checked_shows_no_words(page: Page, centre: Centre, base: str) -> None:
    centre.sheet = b"nothing"
    page.goto(f"{base}/en")
    expect(page.locator("[data-attendance]")).to_contain_text("This page could not be checked.")
    expect(page.locator("[data-unlinked]")).to_be_visible()
    expect(page.locator("[data-unlinked] details")).to_be_hidden()


def test_the_fingerprint_goes_along_into_another_language(page: Page, centre: Centre, base: str) -> None:
    centre.sheet = Centre().sheet
    page.goto(centre.link(base, "/en"))
    page.get_by_role("link", name="Русский").click()
    page.wait_for_url(f"{base}/ru")
    expect(page.locator("[data-attendance]")).to_contain_text("не удалось проверить")


def test_leaving_covers_the_page_before_anything_else_comes(page: Page, centre: Centre, base: str) -> None:
    words = start_writing(page, centre.link(base, "/en"))
    page.locator("#text").fill("gone at once")
    # An answer without a page: the browser stays where it is.
    page.route("**/exit", lambda route: route.fulfill(status=204))
    page.get_by_role("link", name="Leave now").click()
    expect(page.locator("body")).to_be_hidden()
    assert "gone at once" not in page.content()
    assert words[0] not in page.content()
    assert page.evaluate("document.querySelectorAll('textarea').length") == 0


def test_leaving_replaces_the_page_in_the_history(page: Page, centre: Centre, base: str) -> None:
    page.goto("data:text/plain,before")
    start_writing(page, centre.link(base, "/en"))
    page.get_by_role("link", name="Leave now").click()
    expect(page.get_by_text("Fair, 12 degrees.")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("before")).to_be_visible()


def test_nothing_is_stored(page: Page, context: BrowserContext, centre: Centre, base: str) -> None:
    start_writing(page, centre.link(base, "/en"))
    page.locator("#text").fill("nothing of this")
    button(page, "Send").click()
    heading(page, "Your message has arrived")
    assert context.cookies() == []
    kept = page.evaluate(
        "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,"
        " (await navigator.serviceWorker.getRegistrations()).length, history.length, document.title]"
    )
    assert kept == [0, 0, 0, 0, 2, "Page"]


def test_a_part_that_did_not_come_is_loaded_at_the_next_press(page: Page, centre: Centre, base: str) -> None:
    page.route("**/static/seal.js*", lambda route: route.abort())
    page.goto(centre.link(base, "/en"))
    button(page, "I want to write").click()
    expect(page.get_by_role("alert")).to_contain_text("did not come through")
    page.unroute("**/static/seal.js*")
    button(page, "I want to write").click()
    heading(page, "Your words and your message")


def test_a_browser_without_what_is_needed_keeps_the_forms(context: BrowserContext, base: str) -> None:
    page = context.new_page()
    page.add_init_script("delete window.BigInt")
    page.goto(f"{base}/en")
    expect(page.get_by_text("Scripts are off in this browser, or it is too old for them.")).to_be_visible()
    with page.expect_request(f"{base}/start") as asked:
        button(page, "I want to write").click()
    assert asked.value.method == "POST"


# ---- Without script ----


def test_without_script_it_is_the_same_page(browser: Browser, base: str) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/en")
    expect(page.get_by_text("Scripts are off in this browser")).to_be_visible()
    with page.expect_request(f"{base}/start") as asked:
        button(page, "I want to write").click()
    assert asked.value.post_data == "language=en"
    page.goto(f"{base}/sample/en/write")
    assert page.locator("[data-words] li").all_inner_texts() == SAMPLES["write"]["words"]
    page.get_by_text("Hide or show the words").click()
    expect(page.locator("[data-words]")).to_be_hidden()
    page.locator("#text").fill("typed")
    with page.expect_request(f"{base}/send") as sent:
        button(page, "Send").click()
    assert (sent.value.headers["content-type"]).startswith("multipart/form-data")
    page.goto(f"{base}/sample/en/write")
    page.get_by_role("link", name="Leave now").click()
    expect(page.get_by_text("Fair, 12 degrees.")).to_be_visible()
    context.close()


# ---- How it looks ----


LIVE = """
() => {
  const views = document.querySelector("#views").content;
  const problems = [...views.querySelectorAll("[data-problem-text]")].map((text) => text.textContent);
  return problems.reduce((longest, text) => (text.length > longest.length ? text : longest), "");
}
"""

MEASURE = """
() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll("main *, #exit")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 0)
    // The browser's own parts of a file field are cut with an ellipsis.
    .filter((one) => one.type !== "file")
    .filter((one) => {
      const box = one.getBoundingClientRect();
      return box.left < -0.5 || box.right > width + 0.5 || one.scrollWidth > one.clientWidth + 1 &&
        getComputedStyle(one).display !== "inline";
    })
    .map((one) => one.outerHTML.slice(0, 120));
  const exit = document.querySelector("#exit").getBoundingClientRect();
  const rtl = document.documentElement.dir === "rtl";
  return {
    scroll: document.documentElement.scrollWidth > width,
    wide,
    exit: exit.top >= 0 && exit.bottom <= innerHeight && exit.left >= 0 && exit.right <= width,
    side: rtl ? exit.left < 30 : width - exit.right < 30,
    direction: getComputedStyle(document.body).direction,
  };
}
"""

COVERED = """
() => {
  const exit = document.querySelector("#exit").getBoundingClientRect();
  const covered = [];
  const kinds = ["textarea", "button", "a", "summary", "input[type=file]"].map((kind) => `main ${kind}`);
  for (const one of document.querySelectorAll(kinds.join(", "))) {
    if (!one.checkVisibility()) continue;
    one.focus();
    if (document.activeElement !== one) continue;
    one.scrollIntoView({ block: "nearest" });
    const box = one.getBoundingClientRect();
    const over = box.bottom <= exit.top || box.top >= exit.bottom;
    const beside = box.right <= exit.left || box.left >= exit.right;
    // A text field may be longer than the window: then its first lines, where typing begins, are free.
    const free = one.tagName === "TEXTAREA" && box.top + 90 <= exit.top;
    if (!over && !beside && !free) covered.push(one.outerHTML.slice(0, 120));
  }
  return covered;
}
"""

SIZES: tuple[tuple[int, str], ...] = ((320, "112.5%"), (360, "112.5%"), (320, "225%"))
"""Widths of small phones, and 200 % text on the smallest."""


def shown(page: Page, address: str, problem: bool) -> None:
    """Show a view; `problem` puts the longest sentence about what went wrong on it."""
    page.goto(address)
    if problem and page.locator("#views").count():
        text = page.evaluate(LIVE)
        page.evaluate(
            "text => { const place = document.querySelector('[data-problem]');"
            " if (place) { place.textContent = text; place.hidden = false } }",
            text,
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_fits_and_can_be_read(browser: Browser, base: str, language: str) -> None:
    """One window a language: every view at every width and size of text, in light and dark."""
    context = browser.new_context(bypass_csp=True, viewport=PHONE)
    page = context.new_page()
    wrong: list[object] = []
    rules = (
        "axe.run({runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice'],"
        " rules: {'color-contrast-enhanced': {enabled: true}, 'target-size': {enabled: true}}})"
    )
    contrast = "axe.run({runOnly: ['color-contrast', 'color-contrast-enhanced']})"
    for path in VIEWS:
        shown(page, base + path.format(language=language), problem=True)
        for width, size in SIZES:
            page.set_viewport_size({"width": width, "height": 640})
            page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
            page.evaluate("scrollTo(0, 0)")
            at = (path, width, size)
            found = page.evaluate(MEASURE)
            side = "rtl" if language in RIGHT_TO_LEFT else "ltr"
            if found != {"scroll": False, "wide": [], "exit": True, "side": True, "direction": side}:
                wrong.append((at, found))
            wrong += [(at, "is covered", one) for one in page.evaluate(COVERED)]
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size(PHONE)
        page.evaluate(AXE.read_text("utf-8"))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            # What is the same in both is looked at once.
            only = rules if scheme == "light" else contrast
            wrong += [
                (path, scheme, rule["id"], [node["html"] for node in rule["nodes"]])
                for rule in page.evaluate(only)["violations"]
            ]
    context.close()
    assert wrong == []


@pytest.mark.parametrize("language", ["ar", "uk"])
def test_digit_groups_come_and_go_as_rows(page: Page, centre: Centre, base: str, language: str) -> None:
    page.goto(centre.link(base, f"/{language}"))
    page.locator("[data-form=start] button[type=submit]").click()
    place = page.locator("main [data-words]")
    expect(place.locator("li")).to_have_count(8)
    groups = place.locator("li").all_inner_texts()
    assert groups == list(encode_receipt(decode_receipt(" ".join(groups)), lang=language))
    boxes = [one.bounding_box() for one in place.locator("li").all()]
    rows = [(round(box["y"]), round(box["x"])) for box in boxes if box]
    # Four a row, from the left, whichever way the page is read.
    assert rows == sorted(rows)
    assert [len([row for row in rows if row[0] == top]) for top in sorted({top for top, _ in rows})] == [4, 4]
    page.locator("#text").fill("0")
    page.locator("[data-form=send] button[type=submit]").click()
    expect(page.locator("main ol.points")).to_be_visible()
    page.goto(centre.link(base, f"/{language}/return"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    page.locator("#words").fill("".join(groups).translate(arabic))
    page.locator("[data-form=read] button").first.click()
    expect(page.locator("main [data-when=none]")).to_be_visible()
    assert [one for one in asked if "words-" in one] == []
    page.goto(centre.link(base, f"/{language}/return"))
    page.locator("#words").fill(" ".join(groups[:7]))
    page.locator("[data-form=read] button").first.click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_the_script_writes_days_as_the_server_does(page: Page, centre: Centre, base: str) -> None:
    shown, checked = Day(today() - 3), Day(today() - 2)
    centre.read_here(checked)
    vouched = centre.attendance
    centre.read_here(shown)
    page.route("**/v1/attendance", lambda route: route.fulfill(body=vouched))
    for language in LANGUAGES:
        page.goto(centre.link(base, f"/{language}"))
        expect(page.locator("main [data-day]")).to_have_text(day_name(checked, language=language))


def test_everything_to_press_is_as_large_as_a_thumb(browser: Browser, base: str) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    small = []
    for path in VIEWS:
        page.goto(base + path.format(language="ru"))
        for one in page.locator("a, button, summary, textarea").all():
            box = one.bounding_box() if one.is_visible() else None
            if box and (box["height"] < 44 or box["width"] < 44):
                small.append((path, one.inner_text(), box))
    context.close()
    assert small == []
