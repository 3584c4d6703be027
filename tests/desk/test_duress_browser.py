"""Duress, backup and being taken out, in a real process and a browser, with and without script."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from causeway.desk.engine import Desk
from causeway.sealed.passphrase import STANDARD
from causeway.units import day_of
from tests.desk.running import PASSPHRASE, Running, running_desk
from tests.desk_engine.town import Person, Town, town
from tests.relay.running import Clock

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
DURESS = "eleven white storks"
OTHER = "five yellow wagtails"
SAID = "Канарейка поёт в семь"


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("village"), clock=Clock(day_of(time.time()))) as made:
        made.new_desk("mine", passphrase=PASSPHRASE, profile=STANDARD, centre="Lime Street").close()
        desk = Desk.open(made.folder / "mine", passphrase=PASSPHRASE, clock=made.clock)
        desk.sync_round()
        Person(made).send(SAID)
        desk.sync_round()
        desk.close()
        yield made


@pytest.fixture
def desk(village: Town) -> Iterator[Running]:
    with running_desk(village.folder / "mine") as running:
        yield running


@pytest.fixture
def window(desk: Running, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(desk.url)
    yield page
    context.close()


@pytest.fixture
def without_script(desk: Running, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(desk.url)
    yield page
    context.close()


def unlock(page: Page, passphrase: str = PASSPHRASE) -> None:
    page.get_by_label("Passphrase").fill(passphrase)
    page.get_by_role("button", name="Open").click()


def opened(page: Page) -> None:
    expect(page.get_by_role("heading", name="Now", level=1)).to_be_visible(timeout=60_000)


def shown(page: Page, desk: Running, path: str) -> None:
    page.goto(f"{desk.origin}{path}")


def test_a_backup_without_script(without_script: Page, desk: Running, tmp_path: Path) -> None:
    window = without_script
    unlock(window)
    opened(window)
    shown(window, desk, "/centre/backup")
    window.get_by_label("In which folder?").fill(str(tmp_path))
    window.get_by_label("A passphrase for the backup").fill(OTHER)
    window.get_by_label("The same again").fill(OTHER)
    window.get_by_role("button", name="Make the backup").click()
    expect(window.get_by_role("status")).to_contain_text("The backup is whole", timeout=60_000)
    (made,) = tmp_path.iterdir()
    assert sorted(path.name for path in made.iterdir()) == ["keyslots", "lock", "store"]


def test_axe_finds_nothing(window: Page, desk: Running) -> None:
    unlock(window)
    opened(window)
    for language in ("en", "ru"):
        window.locator(f"button[name=language][value={language}]").click()
        for scheme, width in (("light", 1280), ("dark", 420)):
            window.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            window.set_viewport_size({"width": width, "height": 800})
            for path in ("/centre/duress", "/centre/backup"):
                shown(window, desk, path)
                _check(window, path)


def test_axe_finds_nothing_at_the_first_run(browser: Browser, tmp_path: Path) -> None:
    with running_desk(tmp_path / "new") as new:
        context = browser.new_context(locale="ru", viewport={"width": 420, "height": 800})
        page = context.new_page()
        page.goto(new.url)
        shown(page, new, "/first/backup")
        _check(page, "/first/backup")
        context.close()


def _check(page: Page, path: str) -> None:
    page.evaluate(AXE.read_text())
    report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    wrong = [(one["id"], [node["html"] for node in one["nodes"]]) for one in report["violations"]]
    assert wrong == [], path
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{path} is wider than the window"


def test_typed_under_duress_the_desk_is_empty(window: Page, village: Town, desk: Running) -> None:
    copy = village.folder / "kept"
    _copy(village.folder / "mine", copy)
    try:
        unlock(window)
        opened(window)
        shown(window, desk, "/centre/duress")
        page = window
        page.locator("#passphrase").fill(PASSPHRASE)
        page.get_by_label("The passphrase that destroys").fill(DURESS)
        page.get_by_label("The same again").fill(DURESS)
        page.get_by_label("What shall the empty desk be called?").fill("Reading circle")
        page.get_by_label("And you, on it?").fill("Ada")
        page.get_by_label("I have read what it can't do.").check()
        page.get_by_role("button", name="Set it up").click()
        expect(page.get_by_role("status")).to_contain_text("It is set up.", timeout=60_000)
        page.get_by_role("button", name="Lock").click()
        expect(page.get_by_role("heading", name="Locked")).to_be_visible(timeout=30_000)
        unlock(page, DURESS)
        opened(page)
        assert not desk.memory_holds(SAID.encode())
        shown(page, desk, "/inbox?state=all")
        expect(page.locator("#list [data-row]")).to_have_count(0)
        shown(page, desk, "/centre")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Reading circle")
        page.get_by_role("button", name="Lock").click()
        expect(page.get_by_role("heading", name="Locked")).to_be_visible(timeout=30_000)
        unlock(page)
        expect(page.get_by_role("alert")).to_contain_text("does not open", timeout=60_000)
    finally:
        _copy(copy, village.folder / "mine")


def test_a_laptop_that_was_taken_out_says_so_by_itself(
    desk: Running, browser: Browser, village: Town
) -> None:
    copy = village.folder / "kept"
    _copy(village.folder / "mine", copy)
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    try:
        page.goto(desk.url)
        unlock(page)
        opened(page)
        shown(page, desk, "/inbox?state=all")
        expect(page.locator("#list [data-row]")).to_have_count(1)
        assert desk.memory_holds(SAID.encode())
        # As `destroy` begins; what comes after is what every start goes on with.
        (village.folder / "mine" / "revoked").touch()
        expect(page.get_by_role("heading", level=1)).to_contain_text("taken out", timeout=30_000)
        _until_gone(page, village.folder / "mine" / "store")
        assert not desk.memory_holds(SAID.encode())
        assert (village.folder / "mine" / "keyslots").read_bytes() != (copy / "keyslots").read_bytes()
        _check(page, "/")
        page.get_by_role("button", name="Make room for a new desk").click()
        expect(page.get_by_role("heading", name="A new desk")).to_be_visible()
    finally:
        context.close()
        _copy(copy, village.folder / "mine")


def _until_gone(page: Page, store: Path) -> None:
    for _ in range(100):
        if not store.exists():
            return
        page.wait_for_timeout(200)
        page.reload()
    raise AssertionError("the store is still there")


def _copy(folder: Path, to: Path) -> None:
    """Copy a vault's files; what else is there goes."""
    to.mkdir(exist_ok=True)
    for old in to.iterdir():
        old.unlink()
    for file in folder.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
