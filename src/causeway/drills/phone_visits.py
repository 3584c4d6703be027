"""Visits at the door with a real Chromium: somebody writes, sends or reads, and then the phone is taken."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from causeway.drills.children import Child, wait_until
from causeway.drills.control_site import ControlSite, StoreCanaries, type_control
from causeway.drills.people import InventedPerson
from causeway.drills.window import BrowserWindow
from causeway.errors import LocalError
from causeway.sealed.words import decode_receipt

__all__ = ["Ending", "Moment", "Visit", "Visited", "Way", "browsing", "end", "run_visit", "session_file_has"]

_SETTLE_SECONDS: Final = 7.0
"""A page's fields are in the session file six seconds after they were typed into (measured)."""
_FLUSH_SECONDS: Final = 30.0
_CLOSE_SECONDS: Final = 20.0

_PLACES: Final = {
    "HOME": "home",
    "TMPDIR": "tmp",
    "XDG_RUNTIME_DIR": "run",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
}
_FLAGS: Final = (
    "--no-first-run",
    "--password-store=basic",
    "--disable-background-networking",
    "--disable-component-update",
    "--window-size=360,740",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
_NO_SCRIPT: Final = {"profile": {"default_content_setting_values": {"javascript": 2}}}
"""As the browser's own setting has it: scripts are blocked on every site."""


class Way(StrEnum):
    """How somebody writes."""

    SCRIPT = "script"
    PLAIN = "no script"


class Moment(StrEnum):
    """What somebody is doing when it ends."""

    TYPING = "typing"
    SENT = "sent"
    READING = "reading"


class Ending(StrEnum):
    """How it ends."""

    CLOSED = "closed"
    LEFT = "left by the exit, closed"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit in a profile of its own.

    Attributes:
        words: Of a message that was sent before, where somebody comes to read.
        private: Whether the window is a private one.
    """

    number: int
    way: Way
    moment: Moment
    ending: Ending
    person: InventedPerson
    words: tuple[str, ...] = ()
    private: bool = False

    @property
    def label(self) -> str:
        """What the report calls it."""
        window = ", private window" if self.private else ""
        return f"{self.way}, {self.moment}, {self.ending}{window}"


@dataclass(frozen=True, slots=True)
class Visited:
    """What is left of a visit.

    Attributes:
        phone: Folder with the profile, home and temporary files.
        entropy: Behind the words that the page has shown.
        ticket: That the form of the path without script has carried, if any.
        flushed: Whether the session file was seen to hold what it must.
        browser: Its version.
    """

    visit: Visit
    phone: Path
    entropy: bytes
    ticket: str
    flushed: bool
    browser: str


@contextlib.contextmanager
def browsing(
    folder: Path, address: str, *, script: bool = True, private: bool = False
) -> Iterator[tuple[BrowserWindow, Child]]:
    """Run a browser whose profile, home and temporary files lie in `phone` in a folder."""
    phone, program = folder / "phone", folder / "bin"
    for place in (program, *(phone / name for name in _PLACES.values()), phone / "profile" / "Default"):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not script:
        (phone / "profile" / "Default" / "Preferences").write_text(json.dumps(_NO_SCRIPT))
    command = [
        str(program / "chromium"),
        *_FLAGS,
        f"--user-data-dir={phone / 'profile'}",
        *(("--no-sandbox",) if os.geteuid() == 0 else ()),
        *(("--incognito",) if private else ()),
        address,
    ]
    environment = {name: str(phone / place) for name, place in _PLACES.items()}
    with (
        BrowserWindow(program) as window,
        Child("browser", command, log=folder / "browser.log", environment=environment) as child,
    ):
        try:
            window.attach()
            yield window, child
        finally:
            child.kill_family()


def run_visit(
    visit: Visit,
    *,
    door: str,
    fragment: str,
    site: ControlSite,
    stores: StoreCanaries,
    folder: Path,
    attachment: Path,
) -> Visited:
    """Come to the door, do what the visit says, and end it.

    Args:
        visit: Who does what.
        door: Address of the door.
        fragment: What stands behind the `#` in the centre's links.
        site: The control.
        stores: Where its canaries are noted.
        folder: An empty folder.
        attachment: A file to add.

    Raises:
        LocalError: The door or the browser did not do what it should.
    """
    script = visit.way is Way.SCRIPT
    link = f"{door}/{visit.person.page_language}{'#' + fragment if script else ''}"
    with browsing(folder, link, script=script, private=visit.private) as (window, child):
        version = str(window.ask("Browser.getVersion")["product"])
        window.wait_for("document.readyState === 'complete' && document.querySelector('#exit')")
        if visit.moment is Moment.READING:
            entropy = _read(window, visit, door=door)
            ticket = _ticket(window)
        else:
            entropy, ticket = _write(window, visit, attachment=attachment)
        if visit.ending is Ending.LEFT:
            window.click("#exit")
            window.wait_for(f"location.href === {json.dumps(site.elsewhere)}")
        done = time.monotonic()
        flushed = visit.private or _control(window, site, stores, visit=visit, folder=folder)
        time.sleep(max(0.0, done + _SETTLE_SECONDS - time.monotonic()))
        end(window, child, killed=visit.ending is Ending.KILLED)
    return Visited(visit, folder / "phone", entropy, ticket, flushed, version)


def end(window: BrowserWindow, child: Child, *, killed: bool) -> None:
    """Cut a browser off, or close it as its owner does.

    Raises:
        LocalError: It did not close.
    """
    if killed:
        child.kill_family()
        return
    window.tell("Browser.close")
    wait_until(lambda: not child.running, what="the browser had closed", seconds=_CLOSE_SECONDS)


def session_file_has(phone: Path, typed: bytes) -> bool:
    """Wait until something typed stands in the session file; return whether it ever did."""

    def there() -> bool:
        files = (phone / "profile" / "Default" / "Sessions").glob("Session_*")
        return any(typed in file.read_bytes() for file in files)

    try:
        wait_until(there, what="the session file was written", seconds=_FLUSH_SECONDS, look_seconds=0.2)
    except LocalError:
        return False
    return True


def _control(
    window: BrowserWindow, site: ControlSite, stores: StoreCanaries, *, visit: Visit, folder: Path
) -> bool:
    """Have the same browser keep what it may keep, in another tab, until that is on the disk."""
    window.new_tab(f"{site.url}/control")
    window.wait_for("document.readyState === 'complete' && document.querySelector('#typed')")
    typed = type_control(window, folder, stores, profile=visit.label)
    return session_file_has(folder / "phone", typed)


# ---- At the door ----

_ITEMS: Final = "[...document.querySelectorAll('main [data-words] li')].filter(one => one.checkVisibility())"


def _write(window: BrowserWindow, visit: Visit, *, attachment: Path) -> tuple[bytes, str]:
    window.click("main form[action='/start'] button[type=submit]")
    window.wait_for(f"{_ITEMS}.length === 8 && document.querySelector('main textarea[name=text]')")
    words: list[str] = window.run(f"{_ITEMS}.map(item => item.textContent.trim())")
    ticket = _ticket(window)
    window.press_keys("main textarea[name=text]", visit.person.message)
    window.choose_file("main input[type=file]", attachment)
    if visit.way is Way.SCRIPT:
        rows = "document.querySelectorAll('main [data-file-row]').length"
        window.wait_for(f"{rows} === 1")
        window.click("main [data-record]")
        window.wait_for("/[1-9]/.test(document.querySelector('main [data-seconds]').textContent)")
        window.click("main [data-record-stop]")
        window.wait_for(f"{rows} === 2")
    if visit.moment is Moment.SENT:
        window.click("main form[action='/send'] button[type=submit]")
        window.wait_for("document.readyState === 'complete' && !document.querySelector('main textarea')")
    return decode_receipt(" ".join(words)), ticket


def _read(window: BrowserWindow, visit: Visit, *, door: str) -> bytes:
    window.click("main a[href$='/return']")
    window.wait_for("document.readyState === 'complete' && document.querySelector('main #words')")
    window.press_keys("main #words", " ".join(visit.words))
    window.click("main form[action='/read'] button[type=submit]")
    answer = json.dumps(visit.person.answer)
    window.wait_for(f"document.querySelector('main').textContent.includes({answer})")
    return decode_receipt(" ".join(visit.words))


def _ticket(window: BrowserWindow) -> str:
    found = window.run("document.querySelector('main [name=ticket]')?.value")
    return found if isinstance(found, str) else ""
