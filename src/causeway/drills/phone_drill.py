"""`causeway drill phone`: the phone of somebody who was at the door is taken, and its profile searched.

A real Chromium with a profile on the disk comes to a real door, with script and without; it is closed, left
by the door's exit or killed while somebody types, after sending, and while an answer is on the screen.
"""

from __future__ import annotations

import contextlib
import os
import secrets as chance
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from itertools import chain, product
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from causeway.door.pages import LANGUAGES
from causeway.drills.canaries import CANARY, Canaries
from causeway.drills.centre import Centre, running_centre, sync
from causeway.drills.control_site import (
    VOICE,
    ControlSite,
    StoreCanaries,
    plant_everywhere,
    running_control_site,
    type_control,
)
from causeway.drills.folders import folder_sources
from causeway.drills.needles import Finder, Needle, Secret, needles_of
from causeway.drills.people import invent
from causeway.drills.phone_report import PhoneReport, StoreRow, VisitRow, trace_of
from causeway.drills.phone_secrets import VisitorSecrets
from causeway.drills.phone_visits import (
    Ending,
    Moment,
    Visit,
    Visited,
    Way,
    browsing,
    end,
    run_visit,
    session_file_has,
)
from causeway.drills.profiles import profile_sources
from causeway.drills.report import DrillReport
from causeway.drills.search import Find, Search
from causeway.drills.visitors import PlainVisitor, ScriptVisitor, Visitor
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sealed.receipt import Receipt
from causeway.units import KIB, day_of
from causeway.wire.base64url import b64encode

__all__ = ["drill_phone"]

_PASSPHRASE: Final = "no vault is taken in this drill"  # noqa: S105
_AT_ONCE: Final = 4
_HOST: Final = "harbour.localhost"
"""Any name under `localhost` is this machine, and a secure place for a browser, as an onion address is."""

_TRACE: Final = "the door"
_SPOKEN: Final = "voice"
_FILE_BYTES: Final = 300 * KIB
_COOKIE_SECONDS: Final = 12.0
"""What sites store is written after a few seconds, but for cookies, which wait for thirty."""

_NOT_SEARCHED: Final = (
    "keyboards that learn, spelling services, screenshots, the clipboard, recent files and thumbnails",
    "the provider, and whoever watches the line",
    "swap, and the browser's memory while its window is open",
    "earlier contents of the disk's blocks",
    "what Chromium locks with a key of the system: values of cookies, passwords, and a second copy of the "
    "session file, whose open copy was searched",
    "what a file dialog remembers: the drill chooses files without one",
    "Chromium on Android or with a screen, other browsers, extensions, synchronising with an account",
    "a page that a changed server serves",
)


def drill_phone(
    *,
    seed: int = 3,
    quick: bool = False,
    before_taking: Callable[[Visited], None] = lambda visited: None,
    on_step: Callable[[str], None] = lambda step: None,
) -> PhoneReport:
    """Run a centre, have people come to its door with a browser, take every profile and search it.

    Args:
        seed: Of the invented people.
        quick: A third of the visits, each path, moment and ending once.
        before_taking: What else happens to a phone before it is searched; for tests of the drill itself.
        on_step: Told what goes on.

    Raises:
        LocalError: A part did not run, Chromium is missing.
    """
    stores = StoreCanaries(Canaries())
    cast = VisitorSecrets()
    with tempfile.TemporaryDirectory(prefix="causeway-drill-") as made, contextlib.ExitStack() as stack:
        base = Path(made)
        server = base / "server"
        server.mkdir(mode=0o700)
        site = stack.enter_context(running_control_site())
        on_step("starting relay and door")
        centre = stack.enter_context(
            running_centre(
                server,
                passphrase=_PASSPHRASE,
                profile=CHEAP_FOR_TESTS,
                environment={"CAUSEWAY_DOOR_EXIT_URL": site.elsewhere},
            )
        )
        on_step("people have written, a desk answers")
        visits = _answered(centre, list(_visits(seed=seed, quick=quick)))
        party = _Party(centre, site, stores, base, on_step)
        visited, controls = party.run(visits, quick=quick)
        for one in visited:
            before_taking(one)
            cast.add(one, name=party.file_of(one.visit).stem, content=party.file_of(one.visit).read_bytes())
        on_step("searching")
        canary_folder = base / "canaries"
        stores.canaries.plant_in_folder(canary_folder, called="a folder")
        trace = [
            Secret(_TRACE, "host", (_HOST,)),
            Secret(_TRACE, "fragment", (b64encode(centre.fingerprint),)),
        ]
        voice = Needle(VOICE, Secret(_SPOKEN, "recorded voice", (VOICE,)), "raw bytes")
        finder = Finder(chain(needles_of((*cast.secrets, *trace)), stores.canaries.needles, (voice,)))
        profiles = {one.visit.label: one.phone for one in visited} | controls | {"a folder": canary_folder}
        found, sizes = _search(profiles, finder, on_step=on_step)
    return _report(visited, controls, found, sizes, stores)


# ---- Who comes ----


def _visits(*, seed: int, quick: bool) -> Iterator[Visit]:
    every = [(*way, False) for way in product(Way, Moment, Ending)]
    if quick:
        every = [
            (Way.SCRIPT, Moment.TYPING, Ending.KILLED, False),
            (Way.PLAIN, Moment.TYPING, Ending.CLOSED, False),
            (Way.SCRIPT, Moment.SENT, Ending.LEFT, False),
            (Way.PLAIN, Moment.READING, Ending.KILLED, False),
            (Way.SCRIPT, Moment.READING, Ending.CLOSED, False),
        ]
    else:
        every += [(way, Moment.SENT, Ending.KILLED, True) for way in Way]
    people = invent(len(every), seed=seed)
    for number, ((way, moment, ending, private), person) in enumerate(zip(every, people, strict=True)):
        offered = person.page_language if person.page_language in LANGUAGES else LANGUAGES[0]
        yield Visit(number, way, moment, ending, replace(person, page_language=offered), private=private)


def _answered(centre: Centre, visits: Sequence[Visit]) -> list[Visit]:
    """Let those who come to read have written before, and a desk have answered."""
    words: dict[int, tuple[str, ...]] = {}
    for visit in visits:
        if visit.moment is Moment.READING:
            visitor = _visitor(centre, visit)
            visitor.write(visit.person.message)
            language = visit.person.page_language
            words[visit.number] = Receipt(visitor.entropy or b"").words(language)
    sync(centre.desk, holding=len(words))
    answers = {visit.person.message: visit.person.answer for visit in visits}
    for row in centre.desk.inbox(limit=len(visits)):
        centre.desk.mark_opened(row.id)
        centre.desk.answer(row.id, answers[centre.desk.conversation(row.id).messages[0].text])
    sync(centre.desk)
    return [replace(visit, words=words.get(visit.number, ())) for visit in visits]


def _visitor(centre: Centre, visit: Visit) -> Visitor:
    language = visit.person.page_language
    if visit.way is Way.PLAIN:
        return PlainVisitor(centre.door.url, language=language)
    today = day_of(time.time())
    return ScriptVisitor(centre.door.url, fingerprint=centre.fingerprint, today=today, language=language)


@dataclass(frozen=True, slots=True)
class _Party:
    """The visits, a few at a time, and the browsers of the control."""

    centre: Centre
    site: ControlSite
    stores: StoreCanaries
    base: Path
    on_step: Callable[[str], None]

    def run(self, visits: Sequence[Visit], *, quick: bool) -> tuple[list[Visited], dict[str, Path]]:
        """Run all, and return what is left of the visits, and the control's profiles by name."""
        endings = (Ending.KILLED,) if quick else (Ending.CLOSED, Ending.KILLED)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            controls = {f"control, {ending}": pool.submit(self._control, ending) for ending in endings}
            running: list[Future[Visited]] = [pool.submit(self._visit, visit) for visit in visits]
            try:
                visited = [one.result() for one in running]
                return visited, {name: one.result() for name, one in controls.items()}
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def file_of(self, visit: Visit) -> Path:
        """Return the file that somebody adds to a message."""
        (folder := self.base / "files").mkdir(exist_ok=True)
        path = folder / f"снимок {visit.person.name} {visit.number}.jpg"
        if not path.exists():
            path.write_bytes(chance.token_bytes(_FILE_BYTES))
        return path

    def _folder(self, name: str) -> Path:
        folder = self.base / name
        folder.mkdir(mode=0o700)
        return folder

    def _visit(self, visit: Visit) -> Visited:
        self.on_step(visit.label)
        return run_visit(
            visit,
            door=f"http://{_HOST}:{urlsplit(self.centre.door.url).port}",
            fragment=b64encode(self.centre.fingerprint),
            site=self.site,
            stores=self.stores,
            folder=self._folder(str(visit.number)),
            attachment=self.file_of(visit),
        )

    def _control(self, ending: Ending) -> Path:
        profile = f"control, {ending}"
        self.on_step(profile)
        folder = self._folder(f"control-{ending.name.lower()}")
        with browsing(folder, f"{self.site.url}/control") as (window, child):
            window.wait_for("document.readyState === 'complete' && typeof plant === 'function'")
            closed = ending is Ending.CLOSED
            plant_everywhere(window, self.site, self.stores, profile=profile, cookies=closed)
            typed = type_control(window, folder, self.stores, profile=profile)
            session_file_has(folder / "phone", typed)
            time.sleep(_COOKIE_SECONDS)
            end(window, child, killed=not closed)
        return folder / "phone"


# ---- Searching ----


def _search(
    profiles: dict[str, Path], finder: Finder, *, on_step: Callable[[str], None]
) -> tuple[dict[str, list[Find]], dict[str, int]]:
    found: dict[str, list[Find]] = {}
    sizes: dict[str, int] = {}
    for label, folder in profiles.items():
        on_step(f"searching: {label}")
        found[label] = list(Search(finder).search(profile_sources(folder, called=label)))
        sizes[label] = sum(source.size for source in folder_sources(folder, called=label))
    return found, sizes


def _report(
    visited: Sequence[Visited],
    controls: Iterable[str],
    found: dict[str, list[Find]],
    sizes: dict[str, int],
    stores: StoreCanaries,
) -> PhoneReport:
    missed = [f"what was typed, in the session file: {one.visit.label}" for one in visited if not one.flushed]
    of_people: list[Find] = []
    rows = []
    for one in visited:
        finds = [find for find in found[one.visit.label] if find.secret.person != CANARY]
        traces = [find for find in finds if find.secret.person == _TRACE]
        told = [_voiced(find, one) for find in finds if find.secret.person != _TRACE]
        of_people.extend(told)
        hosts = {_store(find.where) for find in traces if find.secret.what == "host"}
        rows.append(
            VisitRow(
                path=one.visit.way,
                moment=one.visit.moment,
                ending=one.visit.ending,
                private=one.visit.private,
                searched_bytes=sizes[one.visit.label],
                found=tuple(sorted({find.secret.what for find in told})),
                host_in=tuple(sorted(hosts)),
            )
        )
        if not hosts and not one.visit.private:
            missed.append(f"the door's host, which every ordinary window keeps: {one.visit.label}")
    for name in controls:
        if not any(find.secret.person == _SPOKEN for find in found[name]):
            missed.append(f"a recorded voice in {name}")
    fragments = sum(any(find.secret.what == "fragment" for find in found[one.visit.label]) for one in visited)
    canaries = [
        find
        for find in chain.from_iterable(found.values())
        if find.secret.person == CANARY and stores.counts(find)
    ]
    report = DrillReport.of(
        "phone",
        people=len(visited),
        finds=(*of_people, *canaries),
        canaries=stores.canaries,
        searched_bytes=sum(sizes.values()),
        searched=[
            f"{label}: {size:,} bytes of profile, home, temporary files" for label, size in sizes.items()
        ],
        not_searched=_NOT_SEARCHED,
        missed=missed,
    )
    return PhoneReport(
        **{one.name: getattr(report, one.name) for one in fields(DrillReport)},
        browser=visited[0].browser,
        visits=tuple(rows),
        stores=tuple(_store_rows(stores, {find.secret for find in canaries})),
        trace=trace_of(rows, fragments=fragments),
    )


def _voiced(find: Find, visited: Visited) -> Find:
    """Give a voice to whoever's phone it lay in; every other find has its person."""
    if find.secret.person != _SPOKEN:
        return find
    secret = Secret(visited.visit.person.label, find.secret.what, find.secret.forms)
    return Find(secret, find.where, find.offset, find.encoding, find.packed)


def _store(where: str) -> str:
    """Return the part of a profile that a find lies in."""
    path = where.partition(": ")[2].partition(", ")[0].removeprefix("profile/").removeprefix("Default/")
    first = path.split(os.sep)[0]
    for end_ in ("-journal", "-wal", "-shm"):
        first = first.removesuffix(end_)
    return first


def _store_rows(stores: StoreCanaries, found: set[Secret]) -> Iterator[StoreRow]:
    grouped: dict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)
    seen = {secret.what for secret in found}
    for what, place in stores.stores.items():
        grouped[place].append((what.partition(" in ")[0], what in seen))
    for (profile, store), ones in grouped.items():
        yield StoreRow(
            profile=profile,
            store=store,
            encodings=tuple(sorted({encoding for encoding, _ in ones})),
            planted=len(ones),
            found=sum(there for _, there in ones),
        )
