"""What honest desks hold and notice while somebody attacks; and how a hostile device makes what it sends."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, final

from causeway.casework.facts import ANSWER, AnswerFact, fact_value
from causeway.desk.engine import Desk
from causeway.drills.company import FIRST, Company
from causeway.errors import LocalError, RemoteError
from causeway.record.entry import Body, Operation, SealedEntry, decode_entry, encode_entry, seal_entry
from causeway.record.keys import CompartmentKind
from causeway.sealed.signing import SigningKey
from causeway.sealed.slots import seal_slots
from causeway.sync.client import RelayClient
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import ID_BYTES

__all__ = [
    "COPIED",
    "FORKED",
    "HOSTILE",
    "PLAIN",
    "SIX_WORDS",
    "SKIPPED",
    "TWICE",
    "WITNESS",
    "Scene",
    "false_words",
]

WITNESS: Final = "Nur"
HOSTILE: Final = "Vera"
COPIED: Final = "Jonas"

PLAIN: Final = 0
SKIPPED: Final = 1
FORKED: Final = 2
TWICE: Final = 3
"""Numbers of the people in whose conversations things happen: what a fork freezes is no matter elsewhere."""

SIX_WORDS: Final = "six words differ"
_NOT_READABLE: Final = "not-readable"
_CONFLICT: Final = "conflict"


def false_words(number: int) -> str:
    """Return what nobody has said; it must stand on no honest desk."""
    return f"nobody has ever said this, number {number}"


@final
@dataclass(slots=True)
class Scene:
    """A centre under attack.

    Attributes:
        conversations: Ids (32 hex digits), one for each person.
        genuine: Texts that have to stand on every honest desk, each with its conversation.
        honest: Laptops that are.
        changed: What an attack has brought about that no attack may.
        chosen: Hash of the roster that the root is to choose, where there are two.
    """

    company: Company
    conversations: Sequence[str]
    genuine: list[tuple[str, str]] = field(default_factory=list)
    honest: tuple[str, ...] = (FIRST, WITNESS)
    changed: list[str] = field(default_factory=list)
    chosen: bytes = b""

    def desk(self, name: str) -> Desk:
        """Return somebody's desk."""
        return self.company.desks[name]

    def case(self, number: int) -> bytes:
        """Return the case of a person's conversation."""
        about = bytes.fromhex(self.conversations[number])
        row = self.desk(FIRST)._parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (about,))
        return bytes(row[0]) if row else b""

    def answer(self, name: str, number: int, text: str) -> None:
        """Have an honest desk answer a person."""
        self.desk(name).answer(self.conversations[number], text)
        self.genuine.append((self.conversations[number], text))

    def meet(self, *names: str, rounds: int = 2) -> None:
        """Have desks sync, whatever the relay does to them."""
        for _ in range(rounds):
            for name in names or self.honest:
                with contextlib.suppress(RemoteError):
                    self.company.meet(name, rounds=1)

    # ---- Looking ----

    def shown(self, name: str) -> set[tuple[str, str]]:
        """Return every text that a desk shows, with its conversation."""
        desk, found = self.desk(name), set()
        for row in desk.inbox(limit=1_000):
            view = desk.conversation(row.id)
            texts = [*(one.text for one in view.messages), *(one.text for one in view.answers)]
            found |= {(row.id, text) for text in (*texts, *row.labels, row.code_name)}
        return found

    def lost(self) -> list[str]:
        """Return the conversations of which some honest desk lacks something."""
        lacking = {one[0] for name in self.honest for one in set(self.genuine) - self.shown(name)}
        return sorted(lacking)

    def false(self, number: int) -> list[str]:
        """Return the conversations in which some honest desk shows what nobody has said."""
        words = false_words(number)
        return sorted({about for name in self.honest for about, text in self.shown(name) if words in text})

    def quiet(self) -> dict[str, Counter[str]]:
        """Take all alarms away, as somebody does who has looked; return what lies aside already."""
        for name in self.honest:
            for alarm in self.desk(name).sync_view().alarms:
                self.desk(name).dismiss_alarm(alarm.kind)
        return {name: self._aside(name) for name in self.honest}

    def noticed(self, name: str, *, before: Counter[str]) -> set[str]:
        """Return what a desk has noticed since: alarms, reasons of what lies aside, conflicts."""
        alarms = {alarm.kind.value for alarm in self.desk(name).sync_view().alarms}
        aside = self._aside(name) - before
        return (
            alarms
            | {f"aside: {reason}" for reason in aside if reason != _CONFLICT}
            | ({_CONFLICT} if aside[_CONFLICT] else set())
        )

    def _aside(self, name: str) -> Counter[str]:
        view = self.desk(name).members.view()
        found = Counter({_CONFLICT: len(view.conflicts)})
        for one in view.aside:
            if one.reason != _NOT_READABLE:
                found[one.reason] += one.count
        return found

    def words_differ(self, first: str, second: str) -> bool:
        """Return whether two people who compare their heads read other words."""
        here = self.desk(first).members.compare_heads()
        salt = " ".join(here.salt["en"])
        return self.desk(second).members.compare_heads(salt).words != here.words

    # ---- Writing as a hostile device does ----

    def body(self, desk: Desk, number: int, *, text: str, **changes: Any) -> Body:
        """Return an answer as this desk would write it, but for the changes."""
        parts = desk._parts
        fields: dict[str, Any] = {
            "entry_id": parts.random(ID_BYTES),
            "case": self.case(number),
            "operation": Operation.ADD,
            "name": ANSWER,
            "value": fact_value(AnswerFact(n=9, day=parts.today, text=text)),
            "heads": (),
            "clock": int(parts.clock() * 1000) << 16,
            "member": parts.settings.member,
        }
        return Body(**(fields | changes))

    def seal(
        self, desk: Desk, body: Body, *, ahead: int = 0, place: tuple[int, bytes] | None = None
    ) -> SealedEntry:
        """Return an entry that this desk signs, at the end of its chain.

        Args:
            ahead: Places that are left out before it.
            place: Its sequence and the hash before it, where it is not to be at the end.
        """
        parts = desk._parts
        row = parts.db.row(
            "SELECT id, readers FROM desk_compartment WHERE case_id = ? AND kind = ?",
            (body.case, CompartmentKind.CONVERSATION),
        )
        if row is None:
            raise LocalError("A hostile desk has no keys of this case.")
        compartment, readers = bytes(row[0]), bytes(row[1])
        epoch = parts.ledger.epoch_for(readers, case=body.case)
        keys = parts.ledger.reader.entry_keys(body.case, compartment=compartment, seed=epoch.seed)
        if keys is None:
            raise LocalError("A hostile desk has no keys of this case.")
        chain = parts.vault.entries.chain_of(parts.keys.device_id, compartment=compartment)
        sequence, previous = place or (chain.next_sequence + ahead, chain.head)
        signing: SigningKey = parts.keys.device.classical
        return seal_entry(
            body,
            compartment=compartment,
            epoch=epoch.id,
            keys=keys,
            device=signing,
            sequence=sequence,
            previous=previous,
        )

    def put(self, *items: Item | SealedEntry) -> None:
        """Put items at the relay, in a slot of the centre's."""
        access = self.desk(FIRST)._store.access()
        found = [
            one if isinstance(one, Item) else Item(type=ItemType.ENTRY, content=encode_entry(one))
            for one in items
        ]
        url = self.company.centre.door.url
        with RelayClient(url, socks=None, capability=access.capability) as client:
            for slot_id, slot in seal_slots(found, transport_key=access.transport_key):
                client.put_record(slot_id, slot=slot)

    def entries_of(self, name: str, number: int) -> Iterator[tuple[SealedEntry, bytes]]:
        """Yield the entries of a desk's own in a person's conversation, with their hashes, in order."""
        desk = self.desk(name)
        for stored in desk._parts.vault.entries.each():
            entry = decode_entry(stored.sealed)
            if entry.device != desk._parts.keys.device_id:
                continue
            row = desk._parts.db.row(
                "SELECT case_id, kind FROM desk_compartment WHERE id = ?", (entry.compartment,)
            )
            if row is not None and (bytes(row[0]), row[1]) == (
                self.case(number),
                CompartmentKind.CONVERSATION,
            ):
                yield entry, stored.hash
