"""`causeway drill duress`: a laptop is searched by somebody who was given a passphrase, once each kind."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from causeway.desk.engine import Desk
from causeway.drills.canaries import CANARY, Canaries
from causeway.drills.centre import running_centre
from causeway.drills.desk_client import opened_desk
from causeway.drills.duress_installations import Comparison, compare_installations
from causeway.drills.duress_report import DuressReport, UnlockTimes
from causeway.drills.folders import copy_folder, folder_sources
from causeway.drills.needles import Finder, needles_of
from causeway.drills.opened_store import opened_sources
from causeway.drills.people import InventedPerson, invent, secrets_of
from causeway.drills.processes import frozen, take_process
from causeway.drills.relay_drill import PEOPLE
from causeway.drills.report import DrillReport, Found
from causeway.drills.search import Find, Search
from causeway.drills.sources import BytesSource, Source
from causeway.drills.written import write_and_answer
from causeway.errors import Error
from causeway.vault import WrongPassphrase, keyslots

__all__ = ["INSTALLATIONS", "TIMED", "drill_duress"]

INSTALLATIONS: Final = 100
_ORDINARY: Final = "lantern copper seven harbour"
_DURESS: Final = "orchard velvet nine ladder"
TIMED: Final = 5
_MEMORY_NOT_SEARCHED: Final = "memory of the desk's process (left out with --without-memory)"
_NOT_SEARCHED: Final = (
    "what a solid-state disk or a copying file system keeps of overwritten blocks: perhaps the old key slot",
    "images and backups from before: they open with their own passphrases",
    "the dates of files, which show when they were made anew",
    "swap, hibernation, the browser, the desktop, other programs",
    "other laptops of the centre, and the relay",
    "whether anybody believes it",
)


def drill_duress(
    *,
    people: int = PEOPLE,
    seed: int = 5,
    with_memory: bool = True,
    installations: int = INSTALLATIONS,
    timed: int = TIMED,
    before_taking: Callable[[Path, Sequence[InventedPerson]], None] = lambda vault, people: None,
    comparing: Callable[..., Comparison] = compare_installations,
    on_step: Callable[[str], None] = lambda step: None,
) -> DuressReport:
    """Have people write, then unlock the desk before somebody's eyes: ordinarily, and under duress.

    Args:
        people: How many have written.
        seed: Of the invented people.
        with_memory: Whether to read memory; without, the report says so.
        installations: How many desks with, and how many without, are compared.
        timed: How often each passphrase is timed.
        before_taking: What else happens between the duress passphrase and the search; for tests of the drill.
        comparing: Compares the installations; for tests of the drill.
        on_step: Told what goes on.

    Raises:
        MemoryRefused: The system does not let this user read memory.
        LocalError: A part did not run.
    """
    canaries = Canaries()
    with tempfile.TemporaryDirectory(prefix="causeway-drill-") as made:
        base = Path(made)
        server = base / "server"
        server.mkdir()
        on_step("people write")
        with running_centre(server, passphrase=_ORDINARY) as centre:
            cast = list(write_and_answer(centre, invent(people, seed=seed)))
            centre.desk.duress.set_up(_ORDINARY, duress=_DURESS, centre="Reading circle", member="Ada")
            centre.desk.close()
            ordinary, laptop = base / "ordinary", base / "laptop"
            shutil.copytree(centre.vault, ordinary)
            shutil.copytree(centre.vault, laptop)
        finder = Finder(
            needles_of(
                secret for person, visitor in cast for secret in secrets_of(person, entropy=visitor.entropy)
            )
        )
        on_step("unlocked as every day")
        seen = _Seizure(base / "before", with_memory=with_memory)
        seen.unlock(ordinary, passphrase=_ORDINARY)
        before = {find.secret.person for find in Search(finder).search(seen.sources)}

        on_step("unlocked under duress")
        taken = _Seizure(base / "after", with_memory=with_memory)
        taken.unlock(laptop, passphrase=_DURESS, then=lambda: before_taking(laptop, [one for one, _ in cast]))
        canaries.plant_in_folder(base / "canaries", called="under duress, disk")
        taken.sources.extend(folder_sources(base / "canaries", called="canaries"))
        search = Search(Finder(chain(finder.needles, canaries.needles)))
        finds: list[Find] = list(search.search(taken.sources, on_source=on_step))
        times = _times(base, timed=timed, on_step=on_step)
    comparison = comparing(installations, on_step=on_step)
    report = DrillReport.of(
        "duress",
        people=people,
        finds=finds,
        canaries=canaries,
        missed=_missed(cast_labels=[person.label for person, _ in cast], before=before),
        also_found=[
            *taken.opens_still(laptop),
            *(Found(tells, "many installations compared", "duress set up") for tells in comparison.tells),
        ],
        searched_bytes=search.searched_bytes,
        searched=taken.searched,
        not_searched=(*(() if with_memory else (_MEMORY_NOT_SEARCHED,)), *_NOT_SEARCHED),
    )
    return DuressReport(
        **{field.name: getattr(report, field.name) for field in dataclasses.fields(report)},
        people_before=len(before - {CANARY}),
        comparison=comparison,
        times=times,
    )


def _missed(*, cast_labels: Sequence[str], before: set[str]) -> list[str]:
    return [f"{label}, after an ordinary unlock" for label in cast_labels if label not in before]


class _Seizure:
    """Somebody who stands beside while a desk is unlocked, then takes the laptop as it is."""

    def __init__(self, folder: Path, *, with_memory: bool) -> None:
        folder.mkdir()
        self._folder = folder
        self._with_memory = with_memory
        self.sources: list[Source] = []
        self.searched: list[str] = []

    def unlock(self, vault: Path, *, passphrase: str, then: Callable[[], None] = lambda: None) -> None:
        """Run the desk, unlock it, look at every page, take memory and disk; then open what was given."""
        with opened_desk(vault, passphrase=passphrase, log=self._folder / "desk.log") as (desk, client):
            pages = list(client.read_everything())
            then()
            with frozen([desk.pid]):
                taken = take_process(desk.pid, where="open desk", memory=self._with_memory)
                copy_folder(vault, to=self._folder / "disk")
        self.sources.append(BytesSource("pages of the desk", b"\n".join(pages)))
        self.sources.extend(taken.sources)
        self.sources.extend(folder_sources(self._folder / "disk", called="disk"))
        self.sources.extend(
            opened_sources(self._folder / "disk", passphrases=(_ORDINARY, _DURESS), called="disk")
        )
        self.searched += [
            f"{len(pages)} pages that the desk shows",
            "the desk's folder, file by file",
            "the store, opened with every passphrase: rows, pages, journal",
        ]
        if self._with_memory:
            self.searched.append(f"memory of the desk's process, open: {taken.memory_bytes:,} bytes")

    def opens_still(self, vault: Path) -> list[Found]:
        """Return it as a find if the ordinary passphrase still opens anything."""
        try:
            keyslots.open_slot(vault, passphrase=_ORDINARY)
        except Error:
            return []
        return [Found("the ordinary passphrase", "key slots", "it still opens one")]


def _times(base: Path, *, timed: int, on_step: Callable[[str], None]) -> UnlockTimes:
    """Measure how long each passphrase takes, with the profile of every desk, in turns."""
    original = base / "timed"
    desk = Desk.create(
        original,
        passphrase=_ORDINARY,
        centre="Harbour Desk",
        member="Mira",
        door_url="",
        setup_code="",
        socks=None,
    )
    desk.duress.set_up(_ORDINARY, duress=_DURESS, centre="Reading circle", member="Ada")
    desk.close()
    slots: list[list[float]] = [[], [], []]
    whole: list[list[float]] = [[], []]
    for number in range(timed):
        on_step(f"timed, {number + 1} of {timed}")
        for passphrase, into in zip(("neither of the two", _ORDINARY, _DURESS), slots, strict=True):
            start = time.perf_counter()
            with contextlib.suppress(WrongPassphrase):
                keyslots.unlock(original, passphrase=passphrase)
            into.append(time.perf_counter() - start)
        for passphrase, into in zip((_ORDINARY, _DURESS), whole, strict=True):
            folder = base / "once"
            shutil.copytree(original, folder)
            start = time.perf_counter()
            Desk.open(folder, passphrase=passphrase).close()
            into.append(time.perf_counter() - start)
            shutil.rmtree(folder)
    medians = [statistics.median(one) for one in (*slots, *whole)]
    return UnlockTimes(slots=(medians[0], medians[1], medians[2]), desk=(medians[3], medians[4]))
