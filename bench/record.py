"""A new laptop takes a centre's record: from sealed slots to a vault that can be searched. `--json` prints:

bench               "record"
entries             how many, written by three devices: conversations that were opened, with messages and
                    answers in five languages, labels and states; chain by chain, as a desk sends them to
                    a new laptop
cases               in how many
slots               in how many record slots; taken by their random ids, so that most keys come after entries
bytes               size of the encrypted store in the end
fold_seconds        from the first slot to the last table, 64 slots at a time, as a round of syncing does
fold_per_second     entries / fold_seconds
bare_per_second     the same entries, those of 64 slots between two steps of the fold, in the same thread:
                    decoded, signature verified, key derived (once a chain), opened; and nothing kept
fold_ratio          fold_per_second / bare_per_second
fold_cpu_ratio      the same of the process's processor time: without waiting for the disk and for others
reopen_seconds      opening the desk again, the passphrase's stretching taken off; the slowest of three
arrive_ms           one entry that comes in a slot, until it is on the disk, shown and searchable; median
write_ms            one answer that is written here, likewise
entry_ms            the larger of the two
rss_mb              most memory of the process that folded, by the kernel's count (VmHWM), bare loop included
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from record_load import ENTRIES_A_CASE, PASSPHRASE, Load, SlotFile
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from causeway.desk.engine import Desk
from causeway.record.entry import EntryKeys, SealedEntry, decode_entry, entry_key, open_with, verify_entry
from causeway.record.signed import DAY_BYTES
from causeway.sealed.passphrase import CHEAP_FOR_TESTS, SALT_SIZE, derive
from causeway.sync import runner
from causeway.sync.core import parse_slots, read_record_slot
from causeway.units import Day, day_of
from causeway.wire.items import ItemType

_FULL, _QUICK = 5_000, 250
_REOPENED = 3


class Bare:
    """Verifies and opens entries, and does nothing else with them."""

    def __init__(self, known: dict[str, Any]) -> None:
        """Take all keys."""
        epoch, seed = known["epoch"]
        self._seeds = {bytes.fromhex(epoch): bytes.fromhex(seed)}
        self._devices = {bytes.fromhex(one): bytes.fromhex(key) for one, key in known["devices"].items()}
        self._secrets = {
            bytes.fromhex(one): [bytes.fromhex(secret) for secret in secrets]
            for one, secrets in known["compartments"].items()
        }
        self._keys: dict[tuple[bytes, bytes, bytes], bytes] = {}
        self.seconds = self.cpu_seconds = 0.0
        self.entries = 0

    def take(self, batch: Sequence[bytes]) -> None:
        """Open a batch, and count the time."""
        started, cpu = time.perf_counter(), time.process_time()
        for encoded in batch:
            entry = decode_entry(encoded)
            verify_entry(entry, device_key=self._devices[entry.device])
            open_with(entry, key=self._key(entry))
        self.seconds += time.perf_counter() - started
        self.cpu_seconds += time.process_time() - cpu
        self.entries += len(batch)

    def _key(self, entry: SealedEntry) -> bytes:
        name = entry.epoch, entry.compartment, entry.device
        key = self._keys.get(name)
        if key is None:
            case, compartment = self._secrets[entry.compartment]
            keys = EntryKeys(seed=self._seeds[entry.epoch], case_secret=case, compartment_secret=compartment)
            key = self._keys[name] = entry_key(entry, keys=keys)
        return key


class FileRelay:
    """As much of a relay as taking the record asks for; what it gives out the bare loop opens too."""

    def __init__(self, slots: SlotFile, *, day: Day, bare: Bare, transport_key: bytes, progress: Any) -> None:
        """Take slots that all came on one day."""
        self._slots, self._day, self._bare, self._key = slots, day, bare, transport_key
        self._progress = progress
        self.away = self.cpu_away = 0.0

    def days(self, kind: str) -> bytes:
        """Return the one day."""
        return self._day.to_bytes(DAY_BYTES, "big")

    def ids(self, kind: str, *, day: Day) -> bytes:
        """Return all ids."""
        return b"".join(self._slots.ids)

    def slots(self, kind: str, *, ids: list[bytes]) -> bytes:
        """Return slots; time spent in here is not the fold's."""
        started, cpu = time.perf_counter(), time.process_time()
        found = self._slots.read(ids)
        batch = [
            item.content
            for slot_id, slot in parse_slots(found, asked=ids)
            for item in read_record_slot(slot, slot_id=slot_id, transport_keys=[self._key])
            if item.type == ItemType.ENTRY
        ]
        self._bare.take(batch)
        self._progress(len(ids))
        self.away += time.perf_counter() - started
        self.cpu_away += time.process_time() - cpu
        return found


def most_memory_mb() -> float:
    """Return the most memory that this process ever took (proc(5))."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (most,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return round(int(most) / 1_024, 1)


def open_desk(folder: Path) -> Desk:
    """Open the laptop's desk, its passphrase stretched as little as may be."""
    return Desk.open(folder / "desk", passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS)


def fold(folder: Path, console: Console) -> dict[str, Any]:
    """Take all slots, in this process."""
    desk = open_desk(folder)
    store, parts = desk._store, desk._parts
    slots = SlotFile(folder / "slots")
    bare = Bare(json.loads((folder / "keys.json").read_text()))
    with Progress(console=console, transient=True) as shown:
        task = shown.add_task("folding", total=len(slots.ids))
        relay = FileRelay(
            slots,
            day=parts.today,
            bare=bare,
            transport_key=store.transport_keys()[0],
            progress=lambda count: shown.advance(task, count),
        )
        started, cpu = time.perf_counter(), time.process_time()
        runner._take_record(store, relay, thorough=True)  # type: ignore[arg-type]
        seconds = time.perf_counter() - started - relay.away
        cpu_seconds = time.process_time() - cpu - relay.cpu_away
    (unread,) = parts.db.row("SELECT count(*) FROM entry WHERE entry_id IS NULL") or (0,)
    (indexed,) = parts.db.row("SELECT count(*) FROM search_text") or (0,)
    kept = parts.vault.entries.count()
    numbers = {
        "entries": bare.entries,
        "cases": sum(desk.counts()[state] for state in ("waiting", "answered", "closed")),
        "slots": len(slots.ids),
        "fold_seconds": round(seconds, 2),
        "fold_per_second": round(bare.entries / seconds),
        "bare_per_second": round(bare.entries / bare.seconds),
        "fold_ratio": round(bare.seconds / seconds, 3),
        "fold_cpu_ratio": round(bare.cpu_seconds / cpu_seconds, 3),
        "rss_mb": most_memory_mb(),
    }
    desk.close()
    if unread or kept != bare.entries or indexed <= numbers["cases"]:
        raise SystemExit(f"{kept} of {bare.entries} entries count, {unread} of them can't be read")
    return numbers


def reopen(folder: Path) -> tuple[Desk, float]:
    """Open the desk; return how long that took beside the passphrase."""
    times = []
    for number in range(_REOPENED):
        started = time.perf_counter()
        derive(PASSPHRASE, salt=bytes(SALT_SIZE), profile=CHEAP_FOR_TESTS)
        derived = time.perf_counter()
        desk = open_desk(folder)
        times.append(time.perf_counter() - derived - (derived - started))
        if number < _REOPENED - 1:
            desk.close()
    return desk, max(times)


def one_by_one(desk: Desk, folder: Path) -> tuple[float, float]:
    """Take single entries, and write some; return the medians of their times in milliseconds."""
    store, today = desk._store, day_of(time.time())
    late = SlotFile(folder / "late")
    arrived, written = [], []
    for slot_id in late.ids:
        ((_, slot),) = parse_slots(late.read([slot_id]), asked=[slot_id])
        started = time.perf_counter()
        items = read_record_slot(slot, slot_id=slot_id, transport_keys=store.transport_keys())
        store.take_slots([(slot_id, items)], day=today)  # type: ignore[list-item]
        store.settle()
        arrived.append(time.perf_counter() - started)
    for number, about in enumerate(json.loads((folder / "keys.json").read_text())["conversations"]):
        started = time.perf_counter()
        desk.answer(about, f"Завтра у мельницы, в седьмом часу. Номер {number}, и не раньше.")
        written.append(time.perf_counter() - started)
        assert any(row.id == about for row in desk.search("у мельницы, в седьмом", limit=100))
    return statistics.median(arrived) * 1_000, statistics.median(written) * 1_000


def measure(cases: int, console: Console) -> dict[str, Any]:
    """Make a record, fold it in a process of its own, and open it here."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for step in ("make", "fold"):
            command = [sys.executable, __file__, f"--{step}", str(folder), "--cases", str(cases)]
            printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        numbers: dict[str, Any] = {"bench": "record", **json.loads(printed)}
        numbers["bytes"] = sum(path.stat().st_size for path in (folder / "desk").iterdir())
        desk, numbers["reopen_seconds"] = reopen(folder)
        try:
            arrive_ms, write_ms = one_by_one(desk, folder)
        finally:
            desk.close()
    numbers["reopen_seconds"] = round(numbers["reopen_seconds"], 3)
    numbers |= {"arrive_ms": round(arrive_ms, 2), "write_ms": round(write_ms, 2)}
    return numbers | {"entry_ms": round(max(arrive_ms, write_ms), 2)}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--quick", is_flag=True, help="10,000 entries, to see that it runs.")
@click.option(
    "--cases", type=click.IntRange(1), help=f"How many, of {ENTRIES_A_CASE} entries; 5,000 unless told."
)
@click.option("--make", "to_make", type=click.Path(path_type=Path), hidden=True)
@click.option("--fold", "to_fold", type=click.Path(path_type=Path), hidden=True)
def main(as_json: bool, quick: bool, cases: int | None, to_make: Path | None, to_fold: Path | None) -> None:
    """Measure how a new laptop takes a centre's record."""
    console = Console(stderr=True)
    count = cases or (_QUICK if quick else _FULL)
    if to_make is not None:
        load = Load(to_make, today=day_of(time.time()))
        load.write(
            count, track=lambda made: track(made, description="writing", console=console, transient=True)
        )
        return
    if to_fold is not None:
        json.dump(fold(to_fold, console), sys.stdout)
        return
    numbers = measure(count, console)
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
