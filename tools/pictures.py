"""Take the README's pictures from a running demonstration: `python tools/pictures.py`.

Invented people only: it starts `causeway demo` and looks at its pages with Debian's Chromium.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs/pictures"
PHONE: ViewportSize = {"width": 360, "height": 740}
LAPTOP: ViewportSize = {"width": 1280, "height": 800}


def start_demo() -> tuple[subprocess.Popen[str], str, str]:
    """Start a demonstration; return it with the door's link and the desk's."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "causeway.cli", "demo", "--no-open"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    )
    assert demo.stdout is not None  # noqa: S101
    links: list[str] = []
    for line in demo.stdout:
        links += re.findall(r"http://127\S+", line)
        if len(links) == 2:
            break
    return demo, links[0], links[1]


def take_door(browser: Browser, link: str) -> None:
    """The first page and the words, on a phone."""
    page = browser.new_context(viewport=PHONE, locale="en-GB", device_scale_factor=2).new_page()
    page.goto(link)
    page.get_by_text(re.compile("read messages here")).first.wait_for()
    save(page, "door")
    page.get_by_role("button", name="I want to write").click()
    page.locator("ol[data-words] li").locator("visible=true").nth(7).wait_for()
    page.locator("details.words").locator("visible=true").scroll_into_view_if_needed()
    save(page, "words")


def take_desk(browser: Browser, link: str) -> None:
    """What a coordinator sees first, and one conversation."""
    page = browser.new_context(viewport=LAPTOP, locale="en-GB").new_page()
    page.goto(link)
    page.get_by_role("heading", name="Now").wait_for()
    save(page, "now")
    page.get_by_role("link", name="Open the conversation").click()
    page.get_by_role("button", name="Queue answer").wait_for()
    save(page, "conversation")


def save(page: Page, name: str) -> None:
    """Write one picture."""
    page.screenshot(path=PICTURES / f"{name}.png")


def main() -> None:
    """Take them all."""
    PICTURES.mkdir(exist_ok=True)
    demo, door, desk = start_demo()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            take_door(browser, door)
            take_desk(browser, desk)
            browser.close()
    finally:
        demo.terminate()
        demo.wait()


if __name__ == "__main__":
    main()
