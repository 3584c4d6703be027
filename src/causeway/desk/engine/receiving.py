"""Taking what people sent, and what other desks wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, final

from causeway.casework.facts import CODE_NAME, MESSAGE, OPENED, OpenedFact, message_fact, opened_fact
from causeway.desk.engine.ledger import item_id
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.projector import load_conversation
from causeway.desk.views import AlarmKind
from causeway.errors import RemoteError
from causeway.record.errors import Fork, RecordError
from causeway.record.keys import open_parcel_item
from causeway.sealed.age import NoKeyFits
from causeway.sealed.words import word_list
from causeway.sync.store import Kind
from causeway.units import Day
from causeway.wire.intake import Action, IntakeMessage
from causeway.wire.items import Item, ItemType

__all__ = ["Receiving"]

_ASIDE_WITH_BYTES_MAX: Final = 1_000
"""32 MiB of junk; of what comes beyond that, id and reason are kept."""

_OTHER_KEYS: Final = "other-keys"
_UNKNOWN_TYPE: Final = "unknown-type"
_FORK: Final = Fork.reason
_LATER: Final = ("unknown-device", "not-readable", "out-of-sequence")
"""What may be taken once something else has come."""

_CODE_NAME_LANGUAGE: Final = "en"


@final
class Receiving:
    """The way in. One slot, taken or refused, is one transaction."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._kept = sum(parts.vault.aside.count().values())

    # ---- From people ----

    def take_message(self, message: IntakeMessage, *, slot: bytes, day: Day) -> None:
        """Take a message once; keep it aside where its keys are not those of its conversation."""
        parts = self._parts
        with parts.vault.transaction():
            known = parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (message.conversation,))
            if known is None:
                case = self._begin(opened_fact(message))
            else:
                case = bytes(known[0])
                folded = load_conversation(parts.db, message.conversation)
                if folded.opened != opened_fact(message):
                    self.refuse("intake", slot_id=message.message, slot=slot, reason=_OTHER_KEYS, day=day)
                    return
                if folded.has_message(message.message):
                    self._note_intake(message.message, day=day)
                    return
            parts.ledger.add(message_fact(message, day=day), case=case, name=MESSAGE)
            if message.action is Action.FORCED:
                parts.alarms.raise_(AlarmKind.FORCED, conversation=message.conversation)
            self._note_intake(message.message, day=day)

    def _begin(self, opened: OpenedFact) -> bytes:
        case = self._parts.ledger.new_case()
        self._parts.ledger.add(opened, case=case, name=OPENED)
        self._parts.ledger.set(CODE_NAME, self._code_name(), case=case, heads=())
        return case

    def _code_name(self) -> str:
        words = word_list(_CODE_NAME_LANGUAGE)
        while True:
            # A list has 4,096 words: the rest of two random bytes is as even as they are.
            numbers = [int.from_bytes(self._parts.random(2), "big") for _ in range(2)]
            name = " ".join(words[number % len(words)] for number in numbers)
            if self._parts.db.row("SELECT 1 FROM conversation WHERE code_name = ?", (name,)) is None:
                return name

    def _note_intake(self, slot_id: bytes, *, day: Day) -> None:
        self._parts.vault.seen.add("intake", ids=[slot_id], day=day)
        self._parts.db.run(
            "INSERT INTO desk_unacknowledged (id) VALUES (?) ON CONFLICT DO NOTHING", (slot_id,)
        )

    # ---- Refused ----

    def refuse(self, kind: Kind, *, slot_id: bytes, slot: bytes, reason: str, day: Day) -> None:
        """Keep a slot aside, and raise the alarm that counts them."""
        parts = self._parts
        with parts.vault.transaction():
            self._keep_aside(slot_id, content=slot, reason=reason, day=day)
            parts.alarms.raise_(AlarmKind.SLOT_REFUSED)
            if kind == "intake":
                self._note_intake(slot_id, day=day)
            else:
                parts.vault.seen.add("record", ids=[slot_id], day=day)

    def _keep_aside(self, aside_id: bytes, *, content: bytes, reason: str, day: Day) -> None:
        kept = content if self._kept < _ASIDE_WITH_BYTES_MAX else b""
        self._parts.vault.aside.put(aside_id, reason=reason, day=day, content=kept)
        self._kept += 1

    # ---- From other desks ----

    def take_items(self, items: Sequence[Item], *, slot_id: bytes, day: Day) -> None:
        """Take the items of a record slot; keep aside, with the reason, what can't be taken."""
        vault = self._parts.vault
        with vault.transaction():
            taken = [self._take_or_keep(item, day=day) for item in items]
            if any(taken):
                self._try_again()
            vault.seen.add("record", ids=[slot_id], day=day)

    def _take_or_keep(self, item: Item, *, day: Day) -> bool:
        framed = bytes([item.type]) + item.content
        try:
            with self._parts.vault.transaction():
                return self._take(item)
        except RemoteError as error:
            reason = error.reason if isinstance(error, RecordError) else RecordError.reason
            self._keep_aside(item_id(framed), content=framed, reason=reason, day=day)
            if reason == _FORK:
                self._parts.alarms.raise_(AlarmKind.CHAIN_FORKED)
            elif reason not in _LATER:
                self._parts.alarms.raise_(AlarmKind.SLOT_REFUSED)
            return False

    def _take(self, item: Item) -> bool:
        """Take one item; return whether it told anything new."""
        parts = self._parts
        takers: dict[int, Callable[[bytes], bool]] = {
            ItemType.ENTRY: parts.ledger.take_entry,
            ItemType.KEY_PARCEL: self._take_keys,
            ItemType.ROSTER: lambda content: parts.roster.take(content, today=parts.today),
            ItemType.WRAPPING_KEY: parts.roster.take_wrapping_key,
        }
        taker = takers.get(item.type)
        if taker is None:
            raise _UnknownType("An item has a type that this software does not know.")
        return taker(item.content)

    def _take_keys(self, content: bytes) -> bool:
        wrapping = [secret for _, secret in self._parts.keys.wrapping()]
        try:
            parcel = open_parcel_item(content, wrapping=wrapping)
        except NoKeyFits:
            return False  # another device's
        self._parts.ledger.take_keys(parcel)
        return True

    def _try_again(self) -> None:
        """Take what was kept aside because something was missing, for as long as that takes anything."""
        vault = self._parts.vault
        progress = True
        while progress:
            progress = False
            for kept in [one for reason in _LATER for one in vault.aside.all(reason=reason)]:
                if not kept.content:
                    continue
                try:
                    with vault.transaction():
                        self._take(Item(type=kept.content[0], content=kept.content[1:]))
                        vault.aside.remove(kept.id)
                except RemoteError:
                    continue
                progress = True


class _UnknownType(RecordError):
    reason = _UNKNOWN_TYPE
