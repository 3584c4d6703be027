"""Relay and desk are killed a hundred times while messages flow: nothing is lost, nothing comes twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from causeway.desk.engine import Desk
from causeway.sealed.board import choose_bucket, open_cell, verify_indexes
from causeway.sealed.hybrid import HybridPublic
from causeway.sealed.intake import seal_intake
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sealed.receipt import ConversationKeys, Receipt
from causeway.sealed.sheet import verify_sheet
from causeway.sync.client import RelayClient
from causeway.sync.errors import RelayRefused, RelayUnreachable
from causeway.units import day_of
from causeway.wire.intake import Action, IntakeMessage, SendingPath
from tests.line.place import PASSPHRASE, Place, until

ROOT = Path(__file__).parents[2]
KILLS = 100
WRITERS = 2
SEED = 2017


class Counted:
    """Counts things that happen elsewhere, and lets somebody wait until enough of them did."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def add(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait_for_more(self, number: int) -> None:
        with self._changed:
            goal = self._count + number
            assert self._changed.wait_for(lambda: self._count >= goal, timeout=60), "nothing moves any more"


class DeskProcess:
    """The desk at work; its lines are counted."""

    def __init__(self, folder: Path) -> None:
        self.lines = Counted()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.line.desk_at_work", str(folder)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for _ in self._process.stdout:
            self.lines.add()

    def kill(self) -> None:
        self._process.kill()
        assert self._process.wait(20) == -9, "the desk ended by itself"
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Writer:
    """Writes as many people; where the line breaks, tries again as the page does: the same id and bytes."""

    def __init__(
        self, url: str, sheet_key: bytes, name: str, accepted: Counted, stop: threading.Event
    ) -> None:
        self.sent: dict[str, ConversationKeys] = {}
        self._client = RelayClient(url, socks=None, capability=None)
        self._key = HybridPublic(sheet_key)
        self._name, self._accepted, self._stop = name, accepted, stop
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        with self._client:
            while not self._stop.is_set():
                self._write(f"{self._name} writes for the {len(self.sent)}th time")

    def _write(self, text: str) -> None:
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
        slot = seal_intake(message, signing=keys.signing, recipient=self._key)

        def put() -> bool:
            try:
                self._client.put_intake(message.message, slot=slot)
            except (RelayUnreachable, RelayRefused):
                return False
            return True

        until(put, seconds=60)
        self.sent[text] = keys
        self._accepted.add()


def _everybody_reads(url: str, people: dict[str, ConversationKeys]) -> Callable[[], bool]:
    def check() -> bool:
        today = day_of(time.time())
        with RelayClient(url, socks=None, capability=None) as visitor:
            sheet = verify_sheet(visitor.sheet(), fingerprint=None, today=today)
            indexes = verify_indexes(visitor.board(), boards=sheet.boards, today=today).genuine
            for keys in people.values():
                choice = choose_bucket(indexes, tag_key=keys.tag_key)
                if choice is None or choice.cell is None:
                    return False
                bucket = visitor.bucket(choice.bucket)
                if bucket is None:
                    return False
                page = open_cell(bucket, choice, answer=keys.answer, conversation=keys.conversation)
                assert len(page.answers) == 1
        return True

    return check


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_hundred_kills_lose_nothing_and_double_nothing() -> None:
    points = random.Random(SEED)  # noqa: S311 (the same points in every run)
    with tempfile.TemporaryDirectory(prefix="kills") as name, Place(Path(name)) as place:
        folder = place.folder / "desk"
        desk = place.make_desk()
        desk.start_sync(0.2)
        until(lambda: desk.sync_view().reached and desk.sync_view().waiting == 0)
        desk.close()
        with RelayClient(place.url, socks=None, capability=None) as visitor:
            sheet = verify_sheet(visitor.sheet(), fingerprint=None, today=day_of(time.time()))
        key = sheet.intake_key(sheet.day).key

        accepted, stop = Counted(), threading.Event()
        at_work = DeskProcess(folder)
        writers = [Writer(place.url, key, f"writer {i}", accepted, stop) for i in range(WRITERS)]
        try:
            for _ in range(KILLS):
                if points.random() < 0.5:
                    accepted.wait_for_more(points.randint(1, 8))
                    place.kill_relay()
                    place.start_relay()
                else:
                    at_work.lines.wait_for_more(points.randint(1, 25))
                    at_work.kill()
                    at_work = DeskProcess(folder)
        finally:
            stop.set()
            for writer in writers:
                writer.thread.join()
        people = {text: keys for writer in writers for text, keys in writer.sent.items()}
        assert len(people) > KILLS
        try:
            until(_everybody_reads(place.url, people), seconds=120)
        finally:
            at_work.kill()

        desk = Desk.open(folder, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS)
        try:
            rows = [
                row for at in range(0, len(people) + 200, 100) for row in desk.inbox(offset=at, limit=100)
            ]
            views = [desk.conversation(row.id) for row in rows]
            came = Counter(message.text for view in views for message in view.messages)
            assert came == Counter(list(people))
            assert {len(view.answers) for view in views} == {1}
            assert desk.sync_view().aside == 0
        finally:
            desk.close()
