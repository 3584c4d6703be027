"""Submissions at the real door: web process, nursery and relay as processes, a real disk. `--json` prints:

bench                   "door"
file_system             of the disk that the relay writes to; one in memory is refused
rounds                  of which the medians are taken, the bare loop and every number of clients in each
sent                    submissions of all rounds, both lanes
accepted                how many of them the door said it had
readable                how many different ones the centre's key opens at the end
bare_per_second         the same sealed slots in a bare loop: one a commit, WAL, synchronous=FULL, no network
js_per_second_1         the script's lane at one client, slots sealed beforehand: PUT through door and relay
js_per_second_8         at eight
js_per_second_32        at thirty-two
ratio_js_1              js_per_second_1 / bare_per_second of the same round
ratio_js_8              the same at eight
ratio_js_32             the same at thirty-two
nojs_per_second         the lane without script at eight clients, end to end: form, words, form, confirmation
p99_ms                  of the script's lane at thirty-two clients, from connecting to the end of the answer
relay_cpu_ms            processor time of the relay for one slot of the script's lane at thirty-two clients
door_cpu_ms             the same of the door's web process
rss_mb                  most memory of all processes of relay and door in these rounds, as PSS: pages that the
                        door's forked children share with each other count once, not once for each
rss_sum_mb              the same as a plain sum of RSS, in which they count once for each
text_when_full_seconds  the slower lane's text, where others keep both lanes full (limits as shipped)
text_when_full_script_seconds   the script's lane: it solves the puzzles that it is set, and waits as told
text_when_full_plain_seconds    the lane without script: it sends the form again after five seconds
junk_reports            slots of noise that were put first, with the disk's shares as shipped
after_junk_accepted     of two honest ones after them, one a lane, how many were accepted and opened

The clients run on the same machine, in threads of one process, and take their share of its processors. The
rates of the lanes are raised above what one machine can send, but for the part about full lanes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from door_load import (
    Memory,
    Sealer,
    Slot,
    ask,
    at_once,
    bare_loop,
    drain,
    processor_seconds,
    put_patiently,
    watching_memory,
)
from open_centre import OpenCentre, file_system_of, is_in_memory
from rich.console import Console
from rich.table import Table

from causeway.drills.children import Child, DoorProcess, RelayProcess, wait_until
from causeway.drills.family import family_of
from causeway.drills.visitors import DoorAway, PlainVisitor
from causeway.relay import Config, serve
from causeway.relay.config import LaneLimits, lane_limits
from causeway.wire.sizes import SLOT_BYTES

CLIENTS = (1, 8, 32)
PLAIN_CLIENTS = 8
ROUNDS = 5
PATIENCE_SECONDS = 180.0
FLOODERS = 24
BUSY_MAX = 32
"""Forms that a door serves at once."""
PLAIN_BURST = 210
CLEAR_HALF = 600
"""Below half of a lane's tokens, the relay sets puzzles."""
_CODE = re.compile(r"\b([0-9a-f]{32})\b")


@dataclass(frozen=True)
class Amounts:
    """How much of everything."""

    slots: int
    forms: int
    junk: int
    flood_seconds: float


QUICK = Amounts(slots=24, forms=4, junk=200, flood_seconds=1.0)
FULL = Amounts(slots=250, forms=40, junk=10_000, flood_seconds=10.0)


@dataclass(frozen=True)
class Place:
    """A centre whose door is open."""

    centre: OpenCentre
    relay: Child
    relay_socket: Path
    door: Child
    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    @property
    def pids(self) -> tuple[int, int]:
        return self.relay.pid, self.door.pid

    def sealer(self) -> Sealer:
        return Sealer(self.centre.intake.public)


@dataclass
class Tally:
    """What was measured, round for round."""

    sent: int = 0
    accepted: int = 0
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def median(self, name: str, digits: int = 2) -> float:
        return round(statistics.median(self.values[name]), digits)


@contextlib.contextmanager
def place(folder: Path, *, limits: bool) -> Iterator[Place]:
    """Run relay and door, with the lanes' rates as shipped or out of the way."""
    centre = OpenCentre()
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        if limits:
            running = stack.enter_context(RelayProcess.running(folder))
            relay, relay_socket, code = running.child, running.socket, running.setup_code
        else:
            relay_socket = folder / "relay.sock"
            command = [sys.executable, __file__, "--relay", str(folder / "relay")]
            relay = stack.enter_context(Child("relay", command, log=folder / "relay.log"))
            wait_until(
                lambda: relay_socket.exists() and _CODE.search(relay.said()) is not None,
                what="the relay was ready",
                child=relay,
            )
            found = _CODE.search(relay.said())
            code = found[1] if found else ""
        door = stack.enter_context(DoorProcess.running(folder, relay=relay_socket, root=centre.fingerprint))
        centre.open_door(door.url, setup_code=code)
        yield Place(centre, relay, relay_socket, door.child, door.url)


def serve_relay(folder: Path) -> None:
    """Run a relay whose lanes let through all that comes; their shares of the disk stay as shipped."""
    shipped = Config(data=folder)

    def raised(limits: LaneLimits) -> LaneLimits:
        return lane_limits(puts=1e6, reads=1e6, slots=limits.slots, chunks=limits.chunks)

    config = dataclasses.replace(
        shipped, clear=raised(shipped.clear), plain=raised(shipped.plain), desk=raised(shipped.desk)
    )
    serve(config, folder.parent / "relay.sock")


# ---- One round after the other ----


def putting(place: Place, slot: Slot) -> Callable[[], bool]:
    """Return what puts a slot, its request made beforehand, and returns whether it was taken."""
    address, request = place.address, slot.request(place.host)
    return lambda: ask(address, request).status == 201


def put(place: Place, slot: Slot) -> bool:
    """Put a slot; return whether it was taken."""
    return putting(place, slot)()


def fill_in(place: Place, number: int) -> bool:
    """Send a message as a browser without script does; return whether it was taken."""
    try:
        PlainVisitor(place.url, language="en").write(f"Form {number}: nothing in particular.")
    except DoorAway:
        return False
    return True


def one_round(place: Place, tally: Tally, amounts: Amounts, *, folder: Path, number: int) -> None:
    """Measure the bare loop and every number of clients once."""
    sealer = place.sealer()
    for clients in CLIENTS:
        slots = [sealer.seal(f"Slot {count} of round {number}.") for count in range(amounts.slots)]
        bare = len(slots) / bare_loop(folder, slots)
        jobs: list[Callable[[], bool]] = [putting(place, slot) for slot in slots]
        used = [processor_seconds(pid) for pid in place.pids]
        seconds, times, accepted = at_once(clients, jobs)
        used = [processor_seconds(pid) - before for pid, before in zip(place.pids, used, strict=True)]
        rate = len(slots) / seconds
        tally.sent += len(slots)
        tally.accepted += accepted
        tally.values["bare_per_second"].append(bare)
        tally.values[f"js_per_second_{clients}"].append(rate)
        tally.values[f"ratio_js_{clients}"].append(rate / bare)
        if clients == CLIENTS[-1]:
            for name, one in zip(("relay_cpu_ms", "door_cpu_ms"), used, strict=True):
                tally.values[name].append(one / len(slots) * 1_000)
            tally.values["p99_ms"].append(statistics.quantiles(times, n=100)[98] * 1_000)
    forms: list[Callable[[], bool]] = [
        lambda count=count: fill_in(place, count) for count in range(amounts.forms)
    ]
    seconds, _, accepted = at_once(PLAIN_CLIENTS, forms)
    tally.sent += len(forms)
    tally.accepted += accepted
    tally.values["nojs_per_second"].append(len(forms) / seconds)


def rounds(folder: Path, amounts: Amounts, console: Console) -> dict[str, Any]:
    """Measure rates, ratios, memory, and that all of it can be read."""
    tally = Tally()
    with place(folder / "rounds", limits=False) as here:
        with watching_memory(here.pids) as seen:
            for number in range(ROUNDS):
                console.print(f"round {number + 1} of {ROUNDS}")
                one_round(here, tally, amounts, folder=folder, number=number)
        seen.append(Memory.of(pid for root in here.pids for pid in family_of(root)))
        readable = len({message.message for message in here.centre.messages(here.url)})
    names = ("js_per_second", "ratio_js")
    return {
        "rounds": ROUNDS,
        "sent": tally.sent,
        "accepted": tally.accepted,
        "readable": readable,
        "bare_per_second": tally.median("bare_per_second", 0),
        **{f"{name}_{clients}": tally.median(f"{name}_{clients}") for name in names for clients in CLIENTS},
        "nojs_per_second": tally.median("nojs_per_second", 1),
        "p99_ms": tally.median("p99_ms", 1),
        "relay_cpu_ms": tally.median("relay_cpu_ms"),
        "door_cpu_ms": tally.median("door_cpu_ms"),
        "rss_mb": round(max(one.pss for one in seen) / 1e6, 1),
        "rss_sum_mb": round(max(one.rss for one in seen) / 1e6, 1),
    }


# ---- When others fill the lanes ----


def full_lanes(folder: Path, amounts: Amounts, console: Console) -> dict[str, Any]:
    """Keep both lanes full with what others send, and measure how long an honest text takes."""
    console.print("lanes kept full by others")
    with place(folder / "full", limits=True) as here, flooding(here):
        time.sleep(amounts.flood_seconds)
        script = put_patiently(
            here.address, here.host, here.sealer().seal("An honest text."), seconds=PATIENCE_SECONDS
        )
        plain = form_patiently(here)
        texts = {message.text for message in here.centre.messages(here.url)}
    assert script is None or "An honest text." in texts
    assert plain is None or "An honest form." in texts
    both = (script, plain)
    return {
        "text_when_full_seconds": None if None in both else round(max(one or 0.0 for one in both), 2),
        "text_when_full_script_seconds": None if script is None else round(script, 2),
        "text_when_full_plain_seconds": None if plain is None else round(plain, 2),
    }


@contextlib.contextmanager
def flooding(place: Place) -> Iterator[None]:
    """Send noise into both lanes while the block runs, as much as this machine can.

    The script's lane is flooded through the door, each slot with its puzzle solved. The door serves 32 forms
    at once: for most of them stand calls straight at the relay, which keep that lane in debt all the time, as
    no flood of real forms could from here.
    """
    ended = threading.Event()

    def slots() -> None:
        with contextlib.suppress(OSError):
            put_patiently(place.address, place.host, noise(), seconds=1.0)

    def calls() -> None:
        with contextlib.suppress(OSError):
            drain(place.relay_socket, lane="plain", slots=[noise()])

    def forms() -> None:
        fill_in(place, 0)

    def flood(one: Callable[[], None]) -> None:
        while not ended.is_set():
            one()

    # The bursts, which would take a while to use up.
    drain(place.relay_socket, lane="plain", slots=(noise() for _ in range(PLAIN_BURST)))
    drain(place.relay_socket, lane="clear", slots=(noise() for _ in range(CLEAR_HALF)))
    work = [*[slots] * FLOODERS, *[calls] * FLOODERS, *[forms] * (BUSY_MAX - FLOODERS)]
    threads = [threading.Thread(target=flood, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def noise() -> Slot:
    """Return a slot that nobody can open."""
    return Slot(os.urandom(16), os.urandom(SLOT_BYTES))


def form_patiently(place: Place) -> float | None:
    """Send one form, and the same again while the door says that it is busy; return the seconds."""
    begun = time.perf_counter()
    visitor = PlainVisitor(place.url, language="en")
    started = False
    while time.perf_counter() - begun < PATIENCE_SECONDS:
        try:
            if not started:
                visitor.start()
                started = True
            visitor.send_first("An honest form.")
        except DoorAway:
            time.sleep(5.0)
        else:
            return time.perf_counter() - begun
    return None


def after_junk(folder: Path, amounts: Amounts, console: Console) -> dict[str, Any]:
    """Put noise, then one honest message in each lane."""
    console.print(f"{amounts.junk:,} junk reports")
    with place(folder / "junk", limits=False) as here:
        jobs: list[Callable[[], bool]] = [lambda: put(here, noise()) for _ in range(amounts.junk)]
        _, _, junk = at_once(PLAIN_CLIENTS, jobs)
        slot = here.sealer().seal("Honest.")
        put(here, slot)
        fill_in(here, 0)
        honest = {"Honest.", "Form 0: nothing in particular."}
        accepted = len(honest & {message.text for message in here.centre.messages(here.url)})
    return {"junk_reports": junk, "after_junk_accepted": accepted}


def measure(amounts: Amounts, *, folder: Path, console: Console) -> dict[str, Any]:
    """Measure everything in a folder on a real disk."""
    return {
        "bench": "door",
        "file_system": file_system_of(folder),
        **rounds(folder, amounts, console),
        **full_lanes(folder, amounts, console),
        **after_junk(folder, amounts, console),
    }


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--quick", is_flag=True, help="A little of everything, to see that it runs.")
@click.option(
    "--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="On a real disk."
)
@click.option("--relay", "relay_folder", type=click.Path(path_type=Path), hidden=True)
def main(as_json: bool, quick: bool, folder: Path | None, relay_folder: Path | None) -> None:
    """Measure the door."""
    if relay_folder is not None:
        serve_relay(relay_folder)
        return
    base = folder or Path(tempfile.gettempdir())
    if is_in_memory(base):
        raise click.ClickException(
            f"{base} lies on a file system in memory ({file_system_of(base)}), where a commit costs nothing. "
            "Name a folder on a real disk with --folder."
        )
    with tempfile.TemporaryDirectory(prefix="causeway-door-", dir=base) as made:
        numbers = measure(QUICK if quick else FULL, folder=Path(made), console=Console(stderr=True))
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
