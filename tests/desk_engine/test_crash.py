"""kill -9 of a desk, anywhere: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from causeway.record.entry import decode_entry
from causeway.sealed.slots import open_slot
from causeway.sync.client import RelayClient
from causeway.sync.core import parse_days, parse_ids, parse_slots
from causeway.wire.items import ItemType
from tests.desk_engine.town import PASSPHRASE, Person, Town, town

# Prints a line at every call to the relay and at every commit, before and after: places to be killed at.
_DESK = """
import sys
from pathlib import Path
from causeway.desk.engine import Desk
from causeway.desk.views import ConversationState
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sync.client import RelayClient
from causeway.vault import Database

def telling(method, name):
    def told(self, first, *arguments, **named):
        tells = name != "run" or first == "COMMIT"
        if tells:
            print("before", name, flush=True)
        try:
            return method(self, first, *arguments, **named)
        finally:
            if tells:
                print("after", name, flush=True)
    return told

folder, passphrase, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
desk = Desk.open(folder, passphrase=passphrase, profile=CHEAP_FOR_TESTS, clock=lambda: seconds)
Database.run = telling(Database.run, "run")
RelayClient._call = telling(RelayClient._call, "call")
for _ in range(2):
    desk.sync_round(visit=True)
    for row in desk.inbox(state=ConversationState.WAITING):
        desk.mark_opened(row.id)
        desk.answer(row.id, "answer to " + desk.conversation(row.id).messages[-1].text)
desk.sync_round(visit=True)
print("done", flush=True)
"""

_KILLS = 30


def run_and_kill(place: Town, after_lines: int) -> bool:
    """Run a desk until it has printed so many lines, then kill it; return whether it came to its end."""
    process = subprocess.Popen(
        [sys.executable, "-c", _DESK, str(place.folder / "desk"), PASSPHRASE, str(place.clock())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        for number, line in enumerate(process.stdout):
            if line == "done\n":
                break
            if number == after_lines:
                process.send_signal(signal.SIGKILL)
                break
        _, errors = process.communicate()
    assert process.returncode in {0, -signal.SIGKILL}, errors
    return process.returncode == 0


@pytest.mark.slow
def test_killed_anywhere_nothing_is_lost_and_nothing_is_twice(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311
    with town(tmp_path) as place:
        made = place.new_desk()
        made.sync_round()
        made.close()
        people = [Person(place) for _ in range(4)]
        killed = 0
        for number in range(_KILLS):
            person = chance.choice(people)
            person.send(f"message {number}")
            killed += not run_and_kill(place, chance.randrange(240))
        assert killed > _KILLS / 2
        assert run_and_kill(place, 10**9)

        desk = place.open_desk()
        shown = Counter(message.id for row in desk.inbox() for message in desk.conversation(row.id).messages)
        assert shown == Counter(sent.hex() for person in people for sent in person.sent)
        for person in people:
            if not person.sent:
                continue
            answers = desk.conversation(person.id).answers
            assert [answer.n for answer in answers] == list(range(1, len(answers) + 1))
            texts = [answer.text for answer in answers]
            assert len(set(texts)) == len(texts)
            assert texts[-1] == "answer to " + desk.conversation(person.id).messages[-1].text
            assert person.texts() == texts
        assert desk.outbox() == ()
        assert desk.sync_view().alarms == ()
        assert desk.sync_view().aside == 0
        assert desk._store.to_acknowledge() == []
        stored = Counter(entry.hash for entry in desk._parts.vault.entries.each())
        assert entries_at(place, desk._store.access().capability, desk._store.access().transport_key) == len(
            stored
        )
        desk.close()


def entries_at(place: Town, capability: bytes, transport_key: bytes) -> int:
    """Return how many entries the relay holds; fail if one is there twice."""
    entries: Counter[tuple[bytes, int]] = Counter()
    with RelayClient(place.url, socks=None, capability=capability) as client:
        for day in parse_days(client.days("record")):
            for slot_id in parse_ids(client.ids("record", day=day)):
                ((_, slot),) = parse_slots(client.slots("record", ids=[slot_id]), asked=[slot_id])
                for item in open_slot(slot, slot_id=slot_id, transport_key=transport_key):
                    if item.type == ItemType.ENTRY:
                        entry = decode_entry(item.content)
                        entries[entry.compartment, entry.sequence] += 1
    assert set(entries.values()) == {1}
    return len(entries)
