"""Three desks that write at once, and a relay, are killed again and again: all end with the same record."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from causeway.desk.engine import Desk
from causeway.desk.engine.kept_aside import aside_count
from causeway.desk.views import AlarmKind
from causeway.sealed.hybrid import HybridPublic
from causeway.sealed.intake import seal_intake
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sealed.receipt import Receipt
from causeway.sealed.sheet import verify_sheet
from causeway.sync.client import RelayClient
from causeway.units import day_of
from causeway.wire.intake import Action, IntakeMessage, SendingPath
from tests.line.desk_that_writes import DONE
from tests.line.place import PASSPHRASE, Place, until

ROOT = Path(__file__).parents[2]
NAMES = ("mira", "jonas", "vera")
ENTRIES = 10_000
CONVERSATIONS = 150
KILLS = 24
SEED = 2026
SHOWN = ("fact", "case_of", "conversation", "answer", "label", "case_read", "search_text")


class Writer:
    """A desk at work in a process of its own, and how many of its entries it said were on its disk."""

    def __init__(self, folder: Path, *, quota: int) -> None:
        self._command = [
            *(sys.executable, "-m", "tests.line.desk_that_writes"),
            *(str(folder), str(quota)),
        ]
        self.name = folder.name
        self.durable = 0
        self.done = False
        self.starts = 0
        self._changed = threading.Condition()
        self.start()

    def start(self) -> None:
        self.starts += 1
        self._process = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                if line.strip().decode() == DONE:
                    self.done = True
                else:
                    self.durable = int(line)
                self._changed.notify_all()

    def wait_for_more(self, entries: int) -> None:
        with self._changed:
            goal = self.durable + entries
            moved = self._changed.wait_for(lambda: self.done or self.durable >= goal, timeout=120)
        assert moved, f"{self.name} writes no more"

    def kill(self) -> None:
        self._process.kill()
        assert self._process.wait(20) == -9, f"{self.name} ended by itself"
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


def invite(place: Place, coordinator: Desk, name: str, *, role: str) -> None:
    """Let another laptop in, with the words read aloud."""
    invited = coordinator.members.invite(name, role=role)
    waiting = Desk.join(
        place.folder / name,
        invitation=invited.text,
        passphrase=PASSPHRASE,
        socks=None,
        profile=CHEAP_FOR_TESTS,
    )
    view = coordinator.members.take_answer(waiting.view().answer)
    waiting.take_opening(view.text)
    assert waiting.view().words == view.words
    waiting.words_same()
    coordinator.members.words_same(view.id)
    coordinator.sync_round()
    until(waiting.look)
    desk = Desk.admitted(waiting)
    desk.sync_round()
    desk.close()


def people_write(place: Place) -> set[str]:
    """Put a first message of everybody at the relay."""
    texts = {f"person {number} writes" for number in range(CONVERSATIONS)}
    with RelayClient(place.url, socks=None, capability=None) as visitor:
        sheet = verify_sheet(visitor.sheet(), fingerprint=None, today=day_of(time.time()))
        key = HybridPublic(sheet.intake_key(sheet.day).key)
        for text in sorted(texts):
            keys = Receipt.generate().keys()
            message = IntakeMessage(
                conversation=keys.conversation,
                message=os.urandom(16),
                tag_key=keys.tag_key,
                answer_key=bytes(keys.answer.public),
                verify_key=keys.signing.public,
                path=SendingPath.SCRIPT,
                language="en",
                action=Action.WRITE,
                last_answer=0,
                text=text,
            )
            visitor.put_intake(
                message.message, slot=seal_intake(message, signing=keys.signing, recipient=key)
            )
    return texts


def open_desk(place: Place, name: str) -> Desk:
    return Desk.open(place.folder / name, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS)


def state(desk: Desk) -> str:
    """One hash over everything that was folded, and over how far each chain counts."""
    digest = hashlib.sha256()
    for table in SHOWN:
        columns = "doc, folded" if table == "search_text" else "*"
        for row in sorted(desk._parts.db.rows(f"SELECT {columns} FROM {table}"), key=repr):  # noqa: S608
            digest.update(repr((table, row)).encode())
    digest.update(repr(desk._parts.vault.entries.heads()).encode())
    return digest.hexdigest()


def number(desk: Desk, table: str) -> int:
    (count,) = desk._parts.db.row(f"SELECT count(*) FROM {table}") or (0,)  # noqa: S608
    return int(count)


def settle(desks: list[Desk]) -> bool:
    """Sync once; return whether all have the same."""
    for desk in desks:
        desk.sync_round(visit=True)
    return len({state(desk) for desk in desks}) == 1


def check(desk: Desk, *, texts: set[str], said: dict[bytes, int]) -> None:
    """Nothing is lost, nothing is twice, nothing was refused.

    Args:
        texts: What people wrote.
        said: By device, how many entries it said were on its disk.
    """
    entries = desk._parts.vault.entries
    counted = {device: sum(chain.next_sequence for chain in entries.chains(device=device)) for device in said}
    assert all(counted[device] >= least for device, least in said.items())
    assert sum(counted.values()) == entries.count() == number(desk, "entry")
    assert entries.count() >= ENTRIES
    assert aside_count(desk._parts) == {}
    assert {alarm.kind for alarm in desk.sync_view().alarms} <= {AlarmKind.JOINED}
    rows = [row for at in range(0, CONVERSATIONS + 100, 100) for row in desk.inbox(offset=at, limit=100)]
    views = [desk.conversation(row.id) for row in rows]
    assert Counter(message.text for view in views for message in view.messages) == Counter(texts)
    answers = Counter(answer.text for view in views for answer in view.answers)
    assert set(answers.values()) == {1}
    assert len(answers) == number(desk, "answer")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_three_desks_that_are_killed_again_and_again_end_with_the_same_record() -> None:
    points = random.Random(SEED)  # noqa: S311 (the same points in every run)
    with tempfile.TemporaryDirectory(prefix="three") as name, Place(Path(name)) as place:
        first = place.make_desk("mira")
        first.sync_round()
        for other, role in zip(NAMES[1:], ("intake", "caseworker"), strict=True):
            invite(place, first, other, role=role)
        first.sync_round()
        texts = people_write(place)
        first.close()

        quota = -(-ENTRIES // len(NAMES))
        writers = [Writer(place.folder / one, quota=quota) for one in NAMES]
        try:
            for _ in range(KILLS):
                busy = [one for one in writers if not one.done]
                if not busy:
                    break
                victim = points.choice([*busy, None])
                points.choice(busy).wait_for_more(points.randint(1, 2 * ENTRIES // KILLS))
                if victim is None:
                    place.kill_relay()
                    place.start_relay()
                else:
                    victim.kill()
                    victim.start()
            until(lambda: all(one.done for one in writers), seconds=300)
        finally:
            for one in writers:
                one.kill()

        desks = [open_desk(place, one) for one in NAMES]
        try:
            until(lambda: settle(desks), seconds=120)
            ids = {desk._parts.keys.device_id: writer for desk, writer in zip(desks, writers, strict=True)}
            for desk in desks:
                check(desk, texts=texts, said={one: max(w.durable, quota) for one, w in ids.items()})
            assert sum(one.starts for one in writers) > len(NAMES)
        finally:
            for desk in desks:
                desk.close()
