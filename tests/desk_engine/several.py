"""Several real desks on one laptop, and a relay that is a dict: what goes between them can be held, mixed
and doubled.

The desks are the engine's own parts over real vaults. Nothing is invited and nobody reads words aloud: that
is tested elsewhere, and takes too long for thousands of steps.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from causeway.desk.engine.checkpoints import Checkpoints
from causeway.desk.engine.kept_aside import aside_count
from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.making import NewCentre, fill_centre
from causeway.desk.engine.parts import Parts, assemble
from causeway.desk.engine.relaystore import RelayStore
from causeway.desk.engine.roster import RosterBook
from causeway.desk.engine.settings import DeskSettings, DoorAddress
from causeway.desk.engine.tables import make_tables
from causeway.desk.engine.upkeep import keep_up
from causeway.desk.engine.working import Working
from causeway.record.root import pq_hash
from causeway.record.roster import Device, Member, Roster, roster_hash, sign_roster
from causeway.record.roster_changes import with_cuts
from causeway.record.wrapping import sign_wrapping_key
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sealed.receipt import ConversationKeys, Receipt
from causeway.sealed.slots import open_slot
from causeway.units import DAY_SECONDS, day_of
from causeway.vault import Vault
from causeway.wire.intake import Action, IntakeMessage, SendingPath
from causeway.wire.items import ItemType

PASSPHRASE = "nineteen grey herons"
DAY = 20_500
_ANNOUNCED = "announced"


@cache
def person(number: int) -> ConversationKeys:
    """Somebody who writes in."""
    return Receipt.generate().keys()


def message(number: int, text: str, **changes: Any) -> IntakeMessage:
    """What somebody writes."""
    keys = person(number)
    fields: dict[str, Any] = {
        "conversation": keys.conversation,
        "message": os.urandom(16),
        "tag_key": keys.tag_key,
        "answer_key": bytes(keys.answer.public),
        "verify_key": keys.signing.public,
        "path": SendingPath.SCRIPT,
        "language": "ru",
        "action": Action.WRITE,
        "last_answer": 0,
        "text": text,
    }
    return IntakeMessage(**(fields | changes))


@dataclass
class Clock:
    """A laptop's clock, which may be wrong."""

    now: Callable[[], float]
    off: float = 0.0

    def __call__(self) -> float:
        return self.now() + self.off


@dataclass
class One:
    """One desk."""

    name: str
    folder: Path
    clock: Clock
    parts: Parts = field(init=False)
    store: RelayStore = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        vault = Vault.open(self.folder, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS)
        self.parts = assemble(vault, clock=self.clock, random=os.urandom, undo_seconds=0.0)
        keep_up(self.parts)
        self.store = RelayStore(self.parts)

    def close(self) -> None:
        self.parts.vault.close()

    def restart(self) -> None:
        self.close()
        self.open()

    @property
    def id(self) -> bytes:
        return self.parts.keys.device_id

    @property
    def working(self) -> Working:
        return Working(self.parts)

    @property
    def conversations(self) -> list[bytes]:
        return [bytes(row[0]) for row in self.parts.db.rows("SELECT id FROM conversation ORDER BY id")]

    # ---- What it shows ----

    def shown(self) -> dict[str, Any]:
        """All that pages read, and how far each chain counts."""
        db = self.parts.db
        tables = {
            name: sorted(db.rows(f"SELECT * FROM {name}"))  # noqa: S608
            for name in ("fact", "case_of", "conversation", "answer", "label", "case_read")
        }
        found = db.rows("SELECT doc, folded FROM search_text ORDER BY doc, folded")
        return tables | {"search": found, "chains": self.chains(), "roster": self.parts.roster.signed()}

    def chains(self) -> list[tuple[bytes, bytes, int, bytes]]:
        return [
            (one.device, one.compartment, one.next_sequence, one.previous)
            for one in self.parts.vault.entries.heads()
        ]

    def aside(self) -> dict[str, int]:
        return aside_count(self.parts)

    def not_counting(self) -> dict[str, set[bytes]]:
        """Entries that it keeps and does not count, by why."""
        found: dict[str, set[bytes]] = {}
        for rest, stored in self.parts.vault.entries.not_counting():
            found.setdefault(rest or "out-of-sequence", set()).add(stored.hash)
        for kept in self.parts.vault.aside.verified():
            found.setdefault(kept.reason, set()).add(kept.hash or b"")
        return found

    def holds(self) -> set[bytes]:
        """Hashes of all entries that it counts or keeps."""
        vault = self.parts.vault
        held = {bytes(row[0]) for row in self.parts.db.rows("SELECT hash FROM entry")}
        return held | {kept.hash for kept in vault.aside.verified() if kept.hash is not None}

    def counts(self) -> set[bytes]:
        return {one.hash for one in self.parts.vault.entries.each()}


class Several:
    """A centre's desks and their relay."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds = DAY * DAY_SECONDS + 3_600.0
        self.slots: dict[bytes, tuple[int, bytes]] = {}
        self.desks: dict[str, One] = {}

    def now(self) -> float:
        return self.seconds

    # ---- Who is here ----

    def begin(self, name: str = "mira") -> One:
        folder = self.folder / name
        with Vault.create(folder, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS) as vault:
            new = NewCentre(
                centre="Lantern House", member=name, door=DoorAddress(url="", socks=""), setup_code="x"
            )
            with vault.transaction():
                fill_centre(vault, new, today=day_of(self.now()), random=os.urandom)
        return self._opened(name)

    def _opened(self, name: str) -> One:
        one = One(name, self.folder / name, Clock(self.now))
        self.desks[name] = one
        return one

    def open_all(self, names: Sequence[str]) -> None:
        for name in names:
            self._opened(name)

    def close(self) -> None:
        for one in self.desks.values():
            one.close()

    @property
    def coordinator(self) -> One:
        return next(one for one in self.desks.values() if one.parts.is_coordinator)

    def join(self, name: str, *, role: str, member_of: str | None = None) -> One:
        """Let a laptop in that has shown its keys."""
        first, today = self.coordinator, day_of(self.now())
        vault = Vault.create(self.folder / name, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS)
        with vault.transaction():
            make_tables(vault.db)
            Keyring.begin_device(vault, today=today, random=os.urandom)
            keys = Keyring(vault, random=os.urandom)
            wrapping = keys.turn_wrapping(today=today)
            assert wrapping is not None
            known = None if member_of is None else self.desks[member_of].parts.settings.member
            member = known or os.urandom(16)
            device = Device(
                keys.device_id,
                member,
                keys.device.public,
                pq_hash(keys.device.pq_public),
                keys.board.public,
                None,
            )

            def admit(roster: Roster) -> Roster:
                members = roster.members if known else (*roster.members, Member(member, name, role))
                return msgspec.structs.replace(roster, members=members, devices=(*roster.devices, device))

            signed = self.change(admit)
            roster = first.parts.roster.current()
            root_hash = pq_hash(roster.root_pq)
            RosterBook.begin(vault, signed=signed, root=roster.root, root_pq_hash=root_hash, today=today)
            named = sign_wrapping_key(wrapping.public, day=today, device=keys.device.classical)
            RosterBook(vault).take_wrapping_key(named, today=today)
            settings = DeskSettings(vault)
            settings.member, settings.boards = member, first.parts.settings.boards
            ((_, access), *_) = first.parts.keys.accesses()
            keys.add_access(0, access=access, today=today)
            vault.settings.put(_ANNOUNCED, value=True)
        vault.close()
        first.parts.roster.take_wrapping_key(named, today=today)
        first.parts.ledger.queue_keys(keys.device_id)
        first.parts.ledger.queue(ItemType.WRAPPING_KEY, named)
        return self._opened(name)

    def change(
        self, how: Callable[[Roster], Roster], *, gone: Sequence[bytes] = (), by: One | None = None
    ) -> bytes:
        """Have the coordinator's desk sign the next version of the roster."""
        first = by or self.coordinator
        book, ledger = first.parts.roster, first.parts.ledger
        before = book.current()
        following = msgspec.structs.replace(
            before, version=before.version + 1, previous=roster_hash(book.signed()), day=first.parts.today
        )
        after = how(following)
        cuts = ledger.cuts_for(gone) if gone else None
        signed = sign_roster(
            after if cuts is None else with_cuts(after, cuts=cuts), device=first.parts.keys.device
        )
        ledger.issue_roster(signed, cuts=cuts)
        return signed

    def remove(self, name: str, *, by: One | None = None) -> None:
        """Take a laptop off the list; its member goes with the last one."""
        device = self.desks[name].id

        def without(roster: Roster) -> Roster:
            devices = tuple(one for one in roster.devices if one.id != device)
            left = {one.member for one in devices}
            members = tuple(one for one in roster.members if one.id in left)
            grants = tuple(one for one in roster.grants if one.member in left)
            return msgspec.structs.replace(roster, devices=devices, members=members, grants=grants)

        self.change(without, gone=[device], by=by)

    def give_role(self, name: str, role: str) -> None:
        member = self.desks[name].parts.settings.member

        def changed(roster: Roster) -> Roster:
            members = tuple(
                Member(one.id, one.name, role) if one.id == member else one for one in roster.members
            )
            return msgspec.structs.replace(roster, members=members)

        self.change(changed)
        for device in self.coordinator.parts.roster.current().devices_of(member):
            self.coordinator.parts.ledger.queue_keys(device.id)

    def copy(self, name: str) -> One:
        """Somebody opens a copy of a laptop's disk."""
        twin = f"{name}-twin"
        self.desks[name].close()
        shutil.copytree(self.folder / name, self.folder / twin)
        self.desks[name].open()
        return self._opened(twin)

    # ---- The relay ----

    def send(self, one: One) -> None:
        for slot_id, slot in one.store.slots_to_send():
            self.slots[slot_id] = day_of(self.now()), slot
            one.store.slot_sent(slot_id)

    def take(self, one: One, ids: Sequence[bytes] | None = None, *, again: bool = False) -> None:
        """Let a desk take slots, by default all that it lacks; `again`: whether it has them or not."""
        wanted = list(self.slots) if ids is None else list(ids)
        if not again:
            wanted = one.store.lacking("record", ids=wanted)
        opened = [
            (slot_id, open_slot(self.slots[slot_id][1], slot_id=slot_id, transport_key=key))
            for slot_id in wanted
            for key in one.store.transport_keys()[:1]
        ]
        one.store.take_slots(opened, day=day_of(one.clock()))
        one.store.settle()

    def meet(self, *names: str, rounds: int = 8) -> None:
        """Let desks sync until nothing is new."""
        desks = [self.desks[name] for name in names] if names else list(self.desks.values())
        for _ in range(rounds):
            before = len(self.slots)
            for one in desks:
                keep_up(one.parts)
                self.send(one)
                self.take(one)
            lacking = any(one.store.lacking("record", ids=list(self.slots)) for one in desks)
            waiting = any(one.parts.vault.outbox.waiting() for one in desks)
            if len(self.slots) == before and not lacking and not waiting:
                return

    def ask(self, name: str) -> None:
        Checkpoints(self.desks[name].parts).send(asks=True)
