"""The door on a bad line: Chromium with an empty cache, its own emulation of a line. `--json` prints:

bench                   "page"
browser                 its name and version
bytes_per_second        of the line, each way
latency_ms              of each request
runs                    of which the medians are taken
usable_bytes            until the first form can be used: its button is there and the page's script has begun
usable_seconds          the same in seconds, from the address on
sendable_bytes          until a message can be locked and sent: pressed at once, words and field are there
sendable_seconds        the same in seconds
sent_seconds            from pressing Send, with a text of a few lines, to "has arrived"
nojs_bytes              without script: until the first form can be used
nojs_usable_seconds     the same in seconds
answers_on_board        live answers of others and one's own
answer_read_bytes       a return visit as a whole, with script: page, words typed in no time, answer shown
answer_read_seconds     the same in seconds

Bytes are what the line brings: bodies as they were packed, and headers. Chromium adds the latency to every
request, not to making connections; that of TLS or Tor comes on top, on any site.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from open_centre import OpenCentre, today
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from causeway.drills.children import DoorProcess, RelayProcess
from causeway.drills.window import find_chromium
from causeway.sealed.board import CELL_ROOM, CellToPublish
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.receipt import Receipt
from causeway.wire.answer import Answer, fit_answers
from causeway.wire.base64url import b64encode

BYTES_PER_SECOND = 50_000
LATENCY_MS = 800
ANSWERS = 500
WAIT_MS = 90_000
TEXT = "I need to leave this town. " * 12
ANSWER = "We have read it. Come to the harbour at nine, and not before."

BUTTON = "main form[action='/start'] button[type=submit]"
SCRIPT_RUNS = "main:not(:has([data-plain]))"
WORDS = "main [data-words] li:nth-child(8)"
FIELD = "main textarea[name=text]"
RETURN = "main a[href$='/return']"
WORDS_FIELD = "main #words"


class Line:
    """What a page's line has brought so far."""

    def __init__(self, page: Page) -> None:
        """Slow a page's line down and count what it brings."""
        self._of: dict[str, int] = defaultdict(int)
        self._redirects = 0
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._on_request)
        session.on("Network.responseReceived", self._on_head)
        session.on("Network.dataReceived", self._on_data)
        session.on("Network.loadingFinished", self._on_end)
        session.send("Network.enable")
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY_MS,
                "downloadThroughput": BYTES_PER_SECOND,
                "uploadThroughput": BYTES_PER_SECOND,
            },
        )

    @property
    def brought(self) -> int:
        """Bytes, with what is still under way."""
        return self._redirects + sum(self._of.values())

    def _on_request(self, event: dict[str, Any]) -> None:
        self._redirects += int(event.get("redirectResponse", {}).get("encodedDataLength", 0))

    def _on_head(self, event: dict[str, Any]) -> None:
        self._of[event["requestId"]] += int(event["response"]["encodedDataLength"])

    def _on_data(self, event: dict[str, Any]) -> None:
        self._of[event["requestId"]] += int(event["encodedDataLength"])

    def _on_end(self, event: dict[str, Any]) -> None:
        self._of[event["requestId"]] = int(event["encodedDataLength"])


@contextlib.contextmanager
def visiting(browser: Browser, *, script: bool) -> Iterator[tuple[Page, Line]]:
    """Open a page in a browser that has never been here."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=script)
    context.set_default_timeout(WAIT_MS)
    try:
        page = context.new_page()
        yield page, Line(page)
    finally:
        context.close()


def write(browser: Browser, link: str) -> dict[str, float]:
    """Write a message with script."""
    with visiting(browser, script=True) as (page, line):
        begun = time.perf_counter()
        page.goto(link, wait_until="commit")
        page.wait_for_selector(BUTTON)
        page.wait_for_selector(SCRIPT_RUNS)
        usable = {"usable_seconds": time.perf_counter() - begun, "usable_bytes": line.brought}
        page.click(BUTTON)
        page.wait_for_selector(WORDS)
        page.wait_for_selector(FIELD)
        sendable = {"sendable_seconds": time.perf_counter() - begun, "sendable_bytes": line.brought}
        page.fill(FIELD, TEXT)
        pressed = time.perf_counter()
        page.click("main form[action='/send'] button[type=submit]")
        page.wait_for_selector(FIELD, state="detached")
        return {**usable, **sendable, "sent_seconds": time.perf_counter() - pressed}


def without_script(browser: Browser, link: str) -> dict[str, float]:
    """Come without script."""
    with visiting(browser, script=False) as (page, line):
        begun = time.perf_counter()
        page.goto(link, wait_until="load")
        page.wait_for_selector(BUTTON)
        return {"nojs_usable_seconds": time.perf_counter() - begun, "nojs_bytes": line.brought}


def read(browser: Browser, link: str, words: str) -> dict[str, float]:
    """Come back and read an answer with script."""
    with visiting(browser, script=True) as (page, line):
        begun = time.perf_counter()
        page.goto(link, wait_until="commit")
        page.wait_for_selector(SCRIPT_RUNS)
        page.click(RETURN)
        page.fill(WORDS_FIELD, words)
        page.click("main form[action='/read'] button[type=submit]")
        page.get_by_text(ANSWER).wait_for()
        return {"answer_read_seconds": time.perf_counter() - begun, "answer_read_bytes": line.brought}


def cell(receipt: Receipt | None) -> CellToPublish:
    """Return an answer for somebody, or for one of many others."""
    if receipt is None:
        tag_key, conversation = os.urandom(32), os.urandom(16)
        answer_key = HybridSecret.generate().public
    else:
        keys = receipt.keys()
        tag_key, answer_key, conversation = keys.tag_key, keys.answer.public, keys.conversation
    content = fit_answers(
        [Answer(n=1, day=today(), text=ANSWER)], conversation=conversation, closed=False, room=CELL_ROOM
    )
    return CellToPublish(tag_key=tag_key, n=0, answer_key=answer_key, content=content)


def measure(runs: int, console: Console) -> dict[str, Any]:
    """Run a door and visit it."""
    centre, receipt = OpenCentre(), Receipt.generate()
    found: dict[str, list[float]] = defaultdict(list)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        relay = stack.enter_context(RelayProcess.running(folder))
        door = stack.enter_context(DoorProcess.running(folder, relay=relay.socket, root=centre.fingerprint))
        centre.open_door(door.url, setup_code=relay.setup_code)
        console.print(f"{ANSWERS} answers on the board")
        centre.publish(door.url, [cell(receipt), *(cell(None) for _ in range(ANSWERS - 1))])
        playwright = stack.enter_context(sync_playwright())
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=arguments)
        stack.callback(browser.close)
        link = f"{door.url}/en#{b64encode(centre.fingerprint)}"
        words = " ".join(receipt.words("en"))
        visits: dict[str, Callable[[], dict[str, float]]] = {
            "write": lambda: write(browser, link),
            "without script": lambda: without_script(browser, f"{door.url}/en"),
            "read": lambda: read(browser, link, words),
        }
        for number in range(runs):
            for name, visit in visits.items():
                console.print(f"{name}, {number + 1} of {runs}")
                for key, value in visit().items():
                    found[key].append(value)
        version = browser.version
    medians = {
        key: round(statistics.median(values), 2)
        if key.endswith("seconds")
        else int(statistics.median(values))
        for key, values in sorted(found.items())
    }
    return {
        "bench": "page",
        "browser": f"Chromium {version}",
        "bytes_per_second": BYTES_PER_SECOND,
        "latency_ms": LATENCY_MS,
        "runs": runs,
        "answers_on_board": ANSWERS,
        **medians,
    }


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--quick", is_flag=True, help="One run of each, to see that it runs.")
def main(as_json: bool, quick: bool) -> None:
    """Measure the door's pages on a bad line."""
    numbers = measure(1 if quick else 3, Console(stderr=True))
    if as_json:
        json.dump(numbers, sys.stdout, indent=2)
        print()
        return
    table = Table("what", "value")
    for name, value in numbers.items():
        table.add_row(name, f"{value:,}" if isinstance(value, int | float) else str(value))
    Console().print(table)


if __name__ == "__main__":
    main()
