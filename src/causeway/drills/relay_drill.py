"""`causeway drill relay`: the server is taken while it runs: disk, memory, logs of relay, door, children."""

from __future__ import annotations

import contextlib
import re
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from causeway.drills.canaries import Canaries
from causeway.drills.centre import Centre, running_centre, sync
from causeway.drills.children import Child, wait_until
from causeway.drills.family import family_of
from causeway.drills.folders import copy_folder, folder_sources
from causeway.drills.needles import Finder, Secret, needles_of
from causeway.drills.people import InventedPerson, invent, secrets_of
from causeway.drills.processes import frozen, name_of, take_process
from causeway.drills.report import DrillReport, Found
from causeway.drills.search import Search
from causeway.drills.sources import Source
from causeway.drills.visitors import PlainVisitor, ScriptVisitor, Visitor
from causeway.errors import LocalError
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.units import day_of
from causeway.wire.intake import Action

__all__ = ["PEOPLE", "RelayCast", "drill_relay"]

PEOPLE: Final = 12
_DISK: Final = "the server's disk"
_PASSPHRASE: Final = "no vault is taken in this drill"  # noqa: S105
_MEMORY_NOT_SEARCHED: Final = "memory of the processes (left out with --without-memory)"
_CONTROL_SECONDS: Final = 15.0
_ANOTHER: Final = 1_000_003
"""Between the seed of the drill's people and that of the control, who is none of them."""

_ID_OR_ADDRESS: Final = re.compile(r"[0-9a-f]{16,}|\b\d{1,3}(?:\.\d{1,3}){3}\b")
_NOT_SEARCHED: Final = (
    "swap, and memory that was freed and not yet given to another process",
    "the kernel's buffers of sockets and pipes",
    "programs and libraries as they are installed",
    "earlier contents of the disk's blocks",
    "streams packed other than by gzip, zlib, Zstandard or ZIP",
    "tor, a web server in front of the door, the provider",
    "the memory of a child while it serves a request: it holds that one person's text (seen as a control)",
)


@dataclass(frozen=True, slots=True)
class RelayCast:
    """Who takes part: each person with the visitor that acts for them."""

    people: tuple[tuple[InventedPerson, Visitor], ...]

    def secrets(self) -> Iterator[Secret]:
        """Yield all that must not be found."""
        for person, visitor in self.people:
            yield from secrets_of(person, entropy=visitor.entropy)


def drill_relay(
    *,
    people: int = PEOPLE,
    seed: int = 1,
    with_memory: bool = True,
    before_taking: Callable[[Centre, RelayCast], None] = lambda centre, cast: None,
    on_step: Callable[[str], None] = lambda step: None,
) -> DrillReport:
    """Run a centre, let people write and read on both paths, take the server and search it.

    Args:
        people: How many write; at least four, so that each path has one whose result still waits.
        seed: Of the invented people.
        with_memory: Whether to read memory; without, the report says so.
        before_taking: What else happens before the server is taken; for tests of the drill itself.
        on_step: Told what goes on.

    Raises:
        MemoryRefused: The system does not let this user read memory.
        LocalError: A part did not run.
    """
    canaries = Canaries()
    with tempfile.TemporaryDirectory(prefix="causeway-drill-") as made, contextlib.ExitStack() as stack:
        folder, seized = Path(made) / "server", Path(made) / "seized"
        places = {"TMPDIR": folder / "tmp", "HOME": folder / "home"}
        for place in places.values():
            place.mkdir(parents=True, mode=0o700)
        on_step("starting relay and door")
        centre = stack.enter_context(
            running_centre(
                folder,
                passphrase=_PASSPHRASE,
                profile=CHEAP_FOR_TESTS,
                environment={name: str(place) for name, place in places.items()},
            )
        )
        on_step("people write, a desk answers, people read")
        cast = _write_and_read(centre, invent(people, seed=seed))
        missed = list(_control(centre, seed=seed)) if with_memory else []
        before_taking(centre, cast)
        on_step("taking the server")
        canary = stack.enter_context(canaries.sitting(Path(made), in_memory=with_memory))
        sources, searched = _take(centre, canary, seized=seized, canaries=canaries, with_memory=with_memory)
        finder = Finder(chain(needles_of(cast.secrets()), canaries.needles))
        search = Search(finder)
        finds = list(search.search(sources, on_source=on_step))
        in_logs = list(_in_logs(centre))
    return DrillReport.of(
        "relay",
        people=people,
        finds=finds,
        canaries=canaries,
        missed=missed,
        also_found=in_logs,
        searched_bytes=search.searched_bytes,
        searched=searched,
        not_searched=(*(() if with_memory else (_MEMORY_NOT_SEARCHED,)), *_NOT_SEARCHED),
    )


# ---- What happens before ----


def _write_and_read(centre: Centre, invented: Sequence[InventedPerson]) -> RelayCast:
    """Let half of them come with script and half without, of whom the last one leaves an answer waiting."""
    today = day_of(time.time())
    people: list[tuple[InventedPerson, Visitor]] = []
    leaver: PlainVisitor | None = None
    visitor: Visitor
    for number, person in enumerate(invented):
        language = person.page_language
        if number % 2:
            visitor = leaver = PlainVisitor(centre.door.url, language=language)
        else:
            fingerprint = centre.fingerprint
            visitor = ScriptVisitor(centre.door.url, fingerprint=fingerprint, today=today, language=language)
        visitor.write(person.message)
        people.append((person, visitor))
    sync(centre.desk, holding=len(invented))
    answers = {person.message: person.answer for person in invented}
    for row in centre.desk.inbox(limit=len(invented)):
        centre.desk.mark_opened(row.id)
        centre.desk.answer(row.id, answers[centre.desk.conversation(row.id).messages[0].text])
    sync(centre.desk)
    for person, visitor in people:
        if visitor is leaver:
            continue
        if visitor.read() != (person.answer,):
            raise LocalError("An answer did not come back as it was written.")
        visitor.act(Action.WRITE, person.sentence)
        visitor.act(Action.READ)
    sync(centre.desk)
    if leaver is not None:
        leaver.leave_answers_waiting()
    return RelayCast(tuple(people))


def _control(centre: Centre, *, seed: int) -> Iterator[str]:
    """Yield what was not seen in the memory of a child that is just reading a form: it has to be."""
    person = invent(1, seed=seed + _ANOTHER)[0]
    finder = Finder(needles_of(secrets_of(person)))
    body = urlencode({"language": person.page_language, "words": person.message}).encode()
    head = (
        f"POST /read HTTP/1.1\r\nHost: {urlsplit(centre.door.url).netloc}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body) + 1}\r\n\r\n"
    )
    holding: set[int] = set()

    def held() -> bool:
        for pid in family_of(centre.door.child.pid)[1:]:
            with frozen([pid]):
                sources = take_process(pid, where="child").sources
            if any(Search(finder).search(sources)):
                holding.add(pid)
        return bool(holding)

    address = urlsplit(centre.door.url)
    with socket.create_connection((address.hostname, address.port)) as half_sent:
        half_sent.sendall(head.encode() + body)
        with contextlib.suppress(LocalError):
            wait_until(held, what="the control was seen", seconds=_CONTROL_SECONDS)
    if not holding:
        yield "the text of a form under way, in the memory of the child that reads it"
    wait_until(lambda: not holding & set(family_of(centre.door.child.pid)), what="the child had ended")


# ---- Taking ----


def _take(
    centre: Centre, canary: Child, *, seized: Path, canaries: Canaries, with_memory: bool
) -> tuple[list[Source], list[str]]:
    """Return what to search, and what it is."""
    sources: list[Source] = []
    searched = [f"{_DISK}: the relay's folder, folders for temporary files, home, logs"]
    pids = [pid for child in (centre.relay.child, centre.door.child) for pid in family_of(child.pid)]
    with frozen(pids):
        for pid in (*pids, canary.pid):
            name = "canary" if pid == canary.pid else f"process {name_of(pid)}"
            taken = take_process(pid, where=name, memory=with_memory)
            sources.extend(taken.sources)
            searched.append(f"{name}: arguments, environment, {taken.memory_bytes:,} bytes of memory")
        # The desk is elsewhere; its folder is here because the drill runs on one machine.
        copy_folder(centre.folder, to=seized, without=("desk",))
    canaries.plant_in_folder(seized / "relay" / "canaries", called=_DISK)
    sources.extend(folder_sources(seized, called=_DISK))
    return sources, searched


def _in_logs(centre: Centre) -> Iterator[Found]:
    """Yield what no log may hold: an id, or an address but the one that the door listens on."""
    for child, own in ((centre.relay.child, centre.relay.setup_code), (centre.door.child, centre.door.url)):
        if _ID_OR_ADDRESS.search(child.said().replace(own, "")):
            yield Found("an id or an address", f"log of the {child.name}", "a line of the log holds one")
