"""`causeway drill laptop`: a member's laptop is taken, once locked, once cut off while the desk was open."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

from causeway.door.pages import LANGUAGES
from causeway.drills.canaries import Canaries
from causeway.drills.centre import Centre, running_centre, sync
from causeway.drills.children import Child, causeway, wait_until
from causeway.drills.family import family_of
from causeway.drills.folders import copy_folder, folder_sources
from causeway.drills.needles import Finder, Secret, needles_of
from causeway.drills.people import InventedPerson, invent, secrets_of
from causeway.drills.processes import frozen, take_process
from causeway.drills.relay_drill import PEOPLE
from causeway.drills.report import DrillReport
from causeway.drills.search import Search
from causeway.drills.sources import Source
from causeway.drills.visitors import ScriptVisitor
from causeway.drills.window import BrowserWindow
from causeway.units import day_of

__all__ = ["drill_laptop"]

_PASSPHRASE: Final = "lantern copper seven harbour"  # noqa: S105 (of an invented desk)
_PLACES: Final = {
    "HOME": "home",
    "TMPDIR": "tmp",
    "XDG_RUNTIME_DIR": "run",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
}
_MEMORY_NOT_SEARCHED: Final = "memory of the desk's process (left out with --without-memory)"
_NOT_SEARCHED: Final = (
    "the browser's memory after the lock: it is the browser's own, and ends with its window",
    "swap, hibernation, and memory that was freed and not yet given to another process",
    "memory of the graphics card, and what the screen showed",
    "the desktop: clipboard, keyboard learning, screenshots, recent files",
    "programs and libraries as they are installed",
    "earlier contents of the disk's blocks",
    "streams packed other than by gzip, zlib, Zstandard or ZIP",
    "other browsers than this machine's Chromium, without a screen; other systems than this one",
    "a passphrase that can be guessed",
)


@dataclass(slots=True)
class _Loot:
    """What was taken so far, and what it is."""

    sources: list[Source] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def take_disk(self, laptop: Path, *, to: Path, moment: str, canaries: Canaries) -> None:
        called = f"{moment}, disk"
        copy_folder(laptop, to=to)
        canaries.plant_in_folder(to / "canaries", called=called)
        self.sources.extend(folder_sources(to, called=called))
        if not any((to / _PLACES["XDG_RUNTIME_DIR"]).glob("*/Default")):
            self.missed.append(f"the profile of the desk's browser, on the {called}")
        self.searched.append(
            f"{called}: the desk's folder, the browser's profile, folders for temporary files, home"
        )

    def take(self, pid: int, *, where: str, memory: bool) -> None:
        taken = take_process(pid, where=where, memory=memory)
        self.sources.extend(taken.sources)
        in_memory = f", {taken.memory_bytes:,} bytes of memory" if memory else ""
        self.searched.append(f"{where}: arguments, environment{in_memory}")


def drill_laptop(
    *,
    people: int = PEOPLE,
    seed: int = 2,
    with_memory: bool = True,
    before_taking: Callable[[Path, Sequence[InventedPerson]], None] = lambda laptop, people: None,
    on_step: Callable[[str], None] = lambda step: None,
) -> DrillReport:
    """Work at a real desk in its window, lock it, take the laptop; open it again, cut it off, take it again.

    Args:
        people: How many have written.
        seed: Of the invented people.
        with_memory: Whether to read memory; without, the report says so.
        before_taking: What else happens before the laptop is taken; for tests of the drill itself.
        on_step: Told what goes on.

    Raises:
        MemoryRefused: The system does not let this user read memory.
        LocalError: A part did not run, Chromium is missing.
    """
    canaries, loot = Canaries(), _Loot()
    with tempfile.TemporaryDirectory(prefix="causeway-drill-") as made, contextlib.ExitStack() as stack:
        base = Path(made)
        server, laptop, bin_folder = base / "server", base / "laptop", base / "bin"
        for folder in (server, bin_folder, *(laptop / place for place in _PLACES.values())):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        on_step("people write")
        centre = stack.enter_context(running_centre(server, passphrase=_PASSPHRASE))
        cast = list(_write(centre, invent(people, seed=seed)))
        centre.desk.close()
        (laptop / "data").mkdir()
        centre.vault.rename(laptop / "data" / "desk")

        window = stack.enter_context(BrowserWindow(bin_folder))
        on_step("the desk opens in its window")
        desk = stack.enter_context(_desk(laptop, window))
        window.attach()
        secrets = [
            secret for person, visitor in cast for secret in secrets_of(person, entropy=visitor.entropy)
        ]
        finder = Finder(needles_of(secrets))
        in_window = [person for person, _ in cast]
        places = _work(window, in_window)
        missed = list(_control(desk, finder, secrets)) if with_memory else []

        on_step("locked, and taken")
        _lock(window, desk)
        before_taking(laptop, in_window)
        canary = stack.enter_context(canaries.sitting(base, in_memory=with_memory))
        with frozen([desk.pid]):
            loot.take(desk.pid, where="locked, the desk's process", memory=with_memory)
            for number, pid in enumerate(family_of(desk.pid)[1:]):
                loot.take(pid, where=f"locked, process {number + 1} of the browser", memory=False)
            loot.take(canary.pid, where="canary", memory=with_memory)
            loot.take_disk(laptop, to=base / "locked", moment="locked", canaries=canaries)

        on_step("open again, and cut off")
        _unlock(window)
        window.go(places[in_window[1].label])
        window.type_into("#answer-text", in_window[1].answer)
        desk.kill_family()
        loot.take_disk(laptop, to=base / "cut-off", moment="cut off", canaries=canaries)

        search = Search(Finder(chain(finder.needles, canaries.needles)))
        finds = list(search.search(loot.sources, on_source=on_step))
    return DrillReport.of(
        "laptop",
        people=people,
        finds=finds,
        canaries=canaries,
        missed=(*missed, *loot.missed),
        searched_bytes=search.searched_bytes,
        searched=loot.searched,
        not_searched=(*(() if with_memory else (_MEMORY_NOT_SEARCHED,)), *_NOT_SEARCHED),
    )


def _write(
    centre: Centre, invented: Sequence[InventedPerson]
) -> Iterator[tuple[InventedPerson, ScriptVisitor]]:
    """Have everybody write, and all but the first two answered."""
    today = day_of(time.time())
    for person in invented:
        language = person.page_language
        visitor = ScriptVisitor(
            centre.door.url, fingerprint=centre.fingerprint, today=today, language=language
        )
        visitor.write(person.message)
        yield person, visitor
    sync(centre.desk, holding=len(invented))
    answers = {person.message: person.answer for person in invented[2:]}
    for row in centre.desk.inbox(limit=len(invented)):
        text = centre.desk.conversation(row.id).messages[0].text
        if text in answers:
            centre.desk.answer(row.id, answers[text])
    sync(centre.desk)


@contextlib.contextmanager
def _desk(laptop: Path, window: BrowserWindow) -> Iterator[Child]:
    environment = {name: str(laptop / place) for name, place in _PLACES.items()}
    environment |= {
        "PATH": os.pathsep.join((str(window.folder), os.environ.get("PATH", os.defpath))),
        # There is none, and the browser needs none; without the name the desk would open no window.
        "DISPLAY": ":none",
        "CAUSEWAY_BROWSER_NO_SANDBOX": "1" if os.geteuid() == 0 else "0",
    }
    command = causeway(
        *("desk", "--data", str(laptop / "data" / "desk"), "--socks", "none"),
        *("--offer", ",".join(LANGUAGES)),
    )
    with Child("desk", command, log=laptop / "tmp" / "desk.log", environment=environment) as child:
        yield child
        child.kill_family()


# ---- At the window ----

_UNLOCK: Final = "form[action='/unlock']"
_LOCKED: Final = f'document.querySelector("{_UNLOCK}")'
_ROWS: Final = "document.querySelectorAll('#list a[data-row]')"
_ANOTHER_PROCESS: Final = b"causeway.cli.desk_resume"


def _unlock(window: BrowserWindow) -> None:
    window.wait_for(_LOCKED)
    window.type_into(f"{_UNLOCK} [name=passphrase]", _PASSPHRASE)
    window.click(f"{_UNLOCK} button")
    window.wait_for("location.pathname === '/now' && document.readyState === 'complete'")


def _lock(window: BrowserWindow, desk: Child) -> None:
    window.click("form[action='/lock'] button")
    arguments = Path("/proc", str(desk.pid), "cmdline")
    wait_until(lambda: _ANOTHER_PROCESS in arguments.read_bytes(), what="the desk was locked", child=desk)
    window.wait_for(_LOCKED)


def _work(window: BrowserWindow, people: Sequence[InventedPerson]) -> dict[str, str]:
    """Unlock, read everybody, answer one, search for one; return where each person's conversation is."""
    _unlock(window)
    window.go("/inbox")
    window.click("#filter-all")
    window.wait_for(f"{_ROWS}.length >= {len(people)}")
    paths: list[str] = window.run(f"[...{_ROWS}].map(row => new URL(row.href).pathname)")
    places = {}
    for path in paths:
        window.go(path)
        said: str = window.run("document.querySelector('#thread').textContent")
        places.update({person.label: path for person in people if person.sentence in said})
    first, second = people[:2]
    window.go(places[first.label])
    window.type_into("#answer-text", first.answer)
    window.click("#answer button.main")
    window.wait_for(f"document.querySelector('#thread').textContent.includes({json.dumps(first.answer)})")
    window.type_into("#q", second.name)
    window.click("form.search button")
    window.wait_for("location.pathname === '/inbox' && document.readyState === 'complete'")
    return places


def _control(desk: Child, finder: Finder, secrets: Sequence[Secret]) -> Iterator[str]:
    """Yield whom the search does not see in the memory of the open desk, where all were just read."""
    with frozen([desk.pid]):
        sources = take_process(desk.pid, where="open desk").sources
    seen = {find.secret.person for find in Search(finder).search(sources)}
    for label in sorted({secret.person for secret in secrets} - seen):
        yield f"{label}, in the memory of the desk while it was open"
