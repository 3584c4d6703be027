"""Any interleaving of any desks' writing, over any partitions, restarts, removals, epoch cuts and wrong
clocks.

Real engines over real vaults; only the relay is a dict. In the end every desk that may read the same shows
the same, nothing that was sent is lost, and what tables say is what the entries say.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from causeway.errors import LocalError, RemoteError
from causeway.record.entry import decode_entry, entry_hash
from causeway.sealed.slots import open_slot
from causeway.units import DAY_SECONDS, Day
from causeway.wire.items import ItemType
from tests.desk_engine.several import DAY, One, Several, message, person

READERS = ("mira", "jonas", "vera", "vera-2")
DESKS = (*READERS, "log")
MESSAGES = [message(number, f"message {number}", message=bytes([number]) * 16) for number in range(3)]


@cache
def prepared() -> tuple[Path, dict[bytes, tuple[int, bytes]]]:
    """A centre of four members and five laptops that have met; copied for each run."""
    folder = Path(tempfile.mkdtemp(prefix="several-"))
    made = Several(folder)
    made.begin("mira")
    made.join("jonas", role="intake")
    made.join("vera", role="caseworker")
    made.join("vera-2", role="caseworker", member_of="vera")
    made.join("log", role="logistics")
    made.meet()
    for text in MESSAGES[:2]:
        made.desks["jonas"].store.take_message(text, slot=b"", day=Day(DAY))
    made.meet()
    made.close()
    return folder, made.slots


@pytest.fixture(scope="module", autouse=True)
def template() -> Iterator[None]:
    yield
    shutil.rmtree(prepared()[0])


acts = st.tuples(
    st.integers(0, len(MESSAGES) - 1),
    st.sampled_from(["hear", "answer", "answer", "close", "read", "a", "b c", ""]),
)
desks = st.sampled_from(DESKS)
readers = st.sampled_from(READERS)
numbers = st.integers(0, len(MESSAGES) - 1)


class Desks(RuleBasedStateMachine):
    """What may happen, in any order; what desks were prepared with are two conversations that all know."""

    def __init__(self) -> None:
        super().__init__()
        source, slots = prepared()
        self.folder = Path(tempfile.mkdtemp(prefix="several-"))
        shutil.copytree(source, self.folder, dirs_exist_ok=True)
        self.centre = Several(self.folder)
        self.centre.slots = dict(slots)
        self.centre.open_all(DESKS)
        self.removed: set[str] = set()
        self.moved: set[str] = set()
        self.copied = ""
        self.said = 0

    def one(self, name: str) -> One:
        return self.centre.desks[name]

    # ---- Writing ----

    @rule(name=readers, acts=st.lists(acts, min_size=1, max_size=5), then_sends=st.booleans())
    def works(self, name: str, acts: list[tuple[int, str]], then_sends: bool) -> None:
        for number, how in acts:
            self.does(name, number, how)
        if then_sends:
            self.centre.send(self.one(name))

    @rule(name=readers, acts=st.lists(acts, min_size=1, max_size=5))
    def works_on(self, name: str, acts: list[tuple[int, str]]) -> None:
        self.works(name, acts, then_sends=True)

    def does(self, name: str, number: int, how: str) -> None:
        one, about = self.one(name), person(number).conversation
        # A desk may not know the conversation, may have been taken off, or may lack its keys.
        with contextlib.suppress(LocalError, RemoteError):
            match how:
                case "hear":
                    one.store.take_message(MESSAGES[number], slot=b"", day=Day(DAY))
                case "answer":
                    self.said += 1
                    one.working.answer(about, f"{self.said} from {name}")
                case "close":
                    one.working.close_conversation(about)
                case "read":
                    one.working.mark_opened(about)
                case labels:
                    one.working.set_labels(about, labels.split())

    # ---- The relay ----

    @rule(name=desks, seed=st.integers(0, 9), share=st.sampled_from([0.3, 0.7, 1.0]), again=st.booleans())
    def takes(self, name: str, seed: int, share: float, again: bool) -> None:
        chance = random.Random(seed)  # noqa: S311
        ids = sorted(self.centre.slots)
        chance.shuffle(ids)
        self.centre.take(self.one(name), ids[: int(len(ids) * share)], again=again)

    @rule(name=desks)
    def meets(self, name: str) -> None:
        self.centre.send(self.one(name))
        self.centre.take(self.one(name))

    # ---- Laptops ----

    @rule(name=desks, how=st.sampled_from(["restart", "ask", "clock", "days"]), hours=st.integers(-20, 20))
    def passes(self, name: str, how: str, hours: int) -> None:
        match how:
            case "restart":
                self.one(name).restart()
            case "ask":
                self.centre.ask(name)
            case "clock":
                self.one(name).clock.off = hours * 3_600.0
            case _:
                self.centre.seconds += abs(hours) * DAY_SECONDS / 5

    # ---- Who is here ----

    @rule(
        name=st.sampled_from(["jonas", "vera", "vera-2", "log"]),
        how=st.sampled_from(["goes", "partner", "intake", "copied"]),
        number=numbers,
    )
    def changes(self, name: str, how: str, number: int) -> None:
        if name in self.removed:
            return
        match how:
            case "goes" if len(self.removed) < 2:
                self.removed.add(name)
                self.centre.remove(name)
                self.centre.send(self.one("mira"))
            case "partner" | "intake" if name in {"jonas", "log"}:
                self.moved.add(name)
                self.centre.give_role(name, how)
            case "copied" if not self.copied and name != "log":
                self.copied = name
                twin = self.centre.copy(name)
                self.does(twin.name, number % 2, "answer")
                self.centre.send(twin)

    # ---- A while of all that ----

    def a_while_passes(self, seed: int, steps: int) -> None:
        """Hypothesis likes few and simple steps; what goes wrong between desks takes many."""
        chance = random.Random(seed)  # noqa: S311
        kinds = ["hear", "answer", "answer", "answer", "close", "read", "a", "b c", ""]
        for _ in range(steps):
            name = chance.choice(DESKS)
            some = [(chance.randrange(3), chance.choice(kinds)) for _ in range(chance.randint(1, 5))]
            match chance.choices(["works", "takes", "meets", "passes", "changes"], [8, 4, 4, 3, 1])[0]:
                case "works":
                    self.works(chance.choice(READERS), some, then_sends=chance.random() < 0.7)
                case "takes":
                    self.takes(
                        name, chance.randrange(99), chance.choice([0.3, 0.6, 0.9]), chance.random() < 0.2
                    )
                case "meets":
                    self.meets(name)
                case "passes":
                    self.passes(
                        name, chance.choice(["restart", "ask", "clock", "days"]), chance.randint(-20, 20)
                    )
                case _:
                    how = chance.choice(["goes", "goes", "partner", "intake", "copied"])
                    self.changes(chance.choice(["jonas", "vera", "vera-2", "log"]), how, chance.randrange(3))

    # ---- The end ----

    def teardown(self) -> None:
        try:
            self.check()
        finally:
            self.centre.close()
            shutil.rmtree(self.folder)

    def check(self) -> None:
        for one in self.centre.desks.values():
            one.clock.off = 0.0
            self.centre.send(one)
        here = [name for name in DESKS if name not in self.removed]
        self.centre.seconds += DAY_SECONDS
        self.centre.meet(*here, rounds=12)
        live = {name: self.one(name) for name in here}
        first = live["mira"]
        sent = self.sent()
        for name, one in live.items():
            assert one.parts.roster.signed() == first.parts.roster.signed()
            assert one.chains() == first.chains(), name
            assert one.not_counting() == first.not_counting(), name
            assert sent <= one.holds(), name
        counted = first.counts()
        for digest, device in self.devices(sent):
            if device in {one.id for name, one in live.items() if name != self.copied}:
                assert digest in counted
        # A laptop of which there are two lacks the keys that its twin made: nobody gives a device its own.
        odd = self.moved | {self.copied}
        steady = [live[name] for name in READERS if name in live and name not in odd]
        shown = [one.shown() for one in steady]
        for one, what in zip(steady, shown, strict=True):
            assert what == shown[0], one.name
        for one in steady[:2]:
            one.parts.ledger.fold_again()
            assert one.shown() == shown[0], one.name

    def entries(self) -> Iterator[bytes]:
        key = self.one("mira").store.access().transport_key
        for slot_id, (_, slot) in self.centre.slots.items():
            for item in open_slot(slot, slot_id=slot_id, transport_key=key):
                if item.type == ItemType.ENTRY:
                    yield item.content

    def sent(self) -> set[bytes]:
        return {entry_hash(decode_entry(one)) for one in self.entries()}

    def devices(self, sent: set[bytes]) -> list[tuple[bytes, bytes]]:
        decoded = [decode_entry(one) for one in self.entries()]
        return [(entry_hash(one), one.device) for one in decoded if entry_hash(one) in sent]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(9))
def test_after_months_of_work_apart_every_desk_shows_the_same_and_nothing_is_lost(seed: int) -> None:
    desks = Desks()
    try:
        desks.a_while_passes(seed, 70)
    finally:
        desks.teardown()


@pytest.mark.slow
def test_in_any_few_steps_every_desk_ends_with_the_same() -> None:
    run_state_machine_as_test(
        Desks,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            print_blob=False,
            phases=[Phase.generate],  # a step takes tens of milliseconds: shrinking would take an hour
            suppress_health_check=list(HealthCheck),
        ),
    )
