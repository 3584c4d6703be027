"""Taking what people sent, and what other desks wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, final

from causeway.casework.conversation import Standing
from causeway.casework.facts import CODE_NAME, MESSAGE, OPENED, OpenedFact, message_fact, opened_fact
from causeway.desk.engine.checkpoints import Checkpoints
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.projector import load_conversation
from causeway.desk.engine.roster import DeviceStanding
from causeway.desk.engine.taking import Taken, item_id
from causeway.desk.views import AlarmKind
from causeway.errors import RemoteError
from causeway.record.errors import RecordError, UnknownDevice
from causeway.record.forgetting import FORGET, FORGOTTEN, AboutCase, verify_about_case
from causeway.record.keys import KeyParcel, open_parcel_item, verify_keys
from causeway.record.parts import join_parts, read_part
from causeway.record.signed import signer_of
from causeway.sealed.age import NoKeyFits
from causeway.sealed.words import word_list
from causeway.sync.store import Kind
from causeway.units import Day
from causeway.wire.intake import Action, IntakeMessage
from causeway.wire.items import Item, ItemType

__all__ = ["LATER", "RETRIED", "Receiving"]

_ASIDE_WITH_BYTES_MAX: Final = 1_000
"""32 MiB of what anybody can send, and as much again of what may be read one day; of more than that, id and
reason are kept. What desks wrote is kept whole: only they can send it, and the relay bounds how much."""

_FACTS_MAX: Final = 1_000
"""Entries of one conversation, after which a person adds nothing but a first "forced" or "close": it is
folded anew for every message, so that somebody who never stops would have everybody else wait."""

_OTHER_KEYS: Final = "other-keys"
_TOO_MANY: Final = "too-many"
_UNKNOWN_TYPE: Final = "unknown-type"
LATER: Final = ("unknown-device", "removed-device", "out-of-sequence", "incomplete")
"""What may be taken once something else has come."""

RETRIED: Final = ("does-not-open", RecordError.reason, _UNKNOWN_TYPE)
"""What a newer Causeway, or a key that comes late, may read: see `second_look`."""

_TRIED: Final = "tried-again-day"
_CODE_NAME_LANGUAGE: Final = "en"


@final
class Receiving:
    """The way in. One slot, taken or refused, is one transaction."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._checkpoints = Checkpoints(parts)
        counts = parts.db.rows(
            "SELECT reason, count(*) FROM aside JOIN seen ON seen.id = aside.id AND seen.kind = 'intake' "
            "WHERE length(bytes) > 0 GROUP BY reason"
        )
        self._kept = {True: 0, False: 0}
        for reason, count in counts:
            self._kept[reason in RETRIED] += count

    # ---- From people ----

    def take_message(self, message: IntakeMessage, *, slot: bytes, day: Day) -> None:
        """Take a message once; keep it aside where its keys are not those of its conversation."""
        parts = self._parts
        with parts.vault.transaction():
            known = parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (message.conversation,))
            if known is None:
                case = self._begin(opened_fact(message))
            else:
                # Two desks may have begun it apart: all go on in the case with the lowest id.
                case = bytes(known[0])
                if self._is_full(case, message=message):
                    self.refuse("intake", slot_id=message.message, slot=slot, reason=_TOO_MANY, day=day)
                    return
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

    def _is_full(self, case: bytes, *, message: IntakeMessage) -> bool:
        """Return whether a conversation has no room for this message."""
        db = self._parts.db
        (facts,) = db.row("SELECT count(*) FROM fact WHERE case_id = ?", (case,)) or (0,)
        if facts < _FACTS_MAX:
            return False
        forced, standing = db.row(
            "SELECT forced, standing FROM conversation WHERE id = ?", (message.conversation,)
        ) or (0, "")
        match message.action:
            case Action.FORCED:
                return bool(forced)
            case Action.CLOSE:
                return bool(standing == Standing.CLOSED_BY_PERSON)
            case _:
                return True

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
            if kind == "intake" and not self._has_room(reason):
                slot = b""
            self._keep_aside(slot_id, content=slot, reason=reason, day=day)
            parts.alarms.raise_(AlarmKind.SLOT_REFUSED)
            if kind == "intake":
                self._note_intake(slot_id, day=day)
            else:
                parts.vault.seen.add("record", ids=[slot_id], day=day)

    def _keep_aside(self, aside_id: bytes, *, content: bytes, reason: str, day: Day) -> None:
        self._parts.vault.aside.put(aside_id, reason=reason, day=day, content=content)

    def _has_room(self, reason: str) -> bool:
        retried = reason in RETRIED
        if self._kept[retried] >= _ASIDE_WITH_BYTES_MAX:
            return False
        self._kept[retried] += 1
        return True

    # ---- From other desks ----

    def take_items(self, items: Sequence[Item], *, slot_id: bytes, day: Day) -> None:
        """Take the items of a record slot; keep aside, with the reason, what can't be taken."""
        self.take_slots([(slot_id, items)], day=day)
        self._parts.ledger.folding.settle()

    def take_slots(self, slots: Sequence[tuple[bytes, Sequence[Item]]], *, day: Day) -> None:
        """Take record slots of one day, many at once: what they touch is worked out once.

        `settle` has to follow the last ones.
        """
        parts = self._parts
        with parts.vault.transaction():
            entries: list[bytes] = []
            told = False
            for _, items in slots:
                for item in items:
                    if item.type == ItemType.ENTRY:
                        entries.append(item.content)
                    else:
                        told |= self._take_or_keep(item, day=day)
            if entries:
                self._heed(parts.ledger.take_entries(entries, day=day))
            if told:
                self.try_again()
            parts.vault.seen.add("record", ids=[slot_id for slot_id, _ in slots], day=day)
            parts.ledger.folding.settle(soon=True)

    def settle(self) -> None:
        """Fold anew what many slots have touched; once a day, try what came from a day that had not come."""
        parts = self._parts
        if parts.vault.settings.get(_TRIED) != parts.today:
            with parts.vault.transaction():
                self.try_again()
                parts.vault.settings.put(_TRIED, value=parts.today)
        parts.ledger.folding.settle()

    def take_item(self, item: Item) -> bool:
        """Take one item that lay aside, and what waited for it; return whether it told anything new.

        Raises:
            RemoteError: It can't be taken now either.
        """
        with self._parts.vault.transaction():
            if item.type == ItemType.ENTRY:
                # It has its place, or has none to have: what is refused goes aside again, under its reason.
                taken = self._parts.ledger.take_entries([item.content], day=self._parts.today)
                if taken.refused:
                    raise RecordError("An entry can't be taken now either.")
                self._heed(taken)
                return bool(taken.new)
            told = self._take(item)
            if told:
                self.try_again()
        return told

    def _heed(self, taken: Taken | None) -> bool:
        """Raise the alarms of what came of a batch; return whether there was one."""
        if taken is None:
            return False
        alarms = self._parts.alarms
        for _ in taken.forked:
            alarms.raise_(AlarmKind.CHAIN_FORKED)
        for reason in taken.refused:
            if reason not in LATER:
                alarms.raise_(AlarmKind.SLOT_REFUSED)
        return True

    def _take_or_keep(self, item: Item, *, day: Day) -> bool:
        framed = bytes([item.type]) + item.content
        try:
            with self._parts.vault.transaction():
                return self._take(item)
        except RemoteError as error:
            reason = error.reason if isinstance(error, RecordError) else RecordError.reason
            self._keep_aside(item_id(framed), content=framed, reason=reason, day=day)
            if reason not in LATER:
                self._parts.alarms.raise_(AlarmKind.SLOT_REFUSED)
            return False

    def _take(self, item: Item) -> bool:
        """Take one item that is no entry; return whether it told anything new."""
        parts = self._parts
        takers: dict[int, Callable[[bytes], bool]] = {
            ItemType.KEY_PARCEL: self._take_keys,
            ItemType.ROSTER: self._take_roster,
            ItemType.CUT_LIST: lambda content: self._heed(parts.ledger.take_cut_list(content)),
            ItemType.ROSTER_CHOICE: lambda content: self._heed(parts.ledger.take_choice(content)),
            ItemType.WRAPPING_KEY: lambda content: parts.roster.take_wrapping_key(content, today=parts.today),
            ItemType.PART: self._take_part,
            ItemType.FORGET: self._take_forget,
            ItemType.FORGOTTEN: self._take_forgotten,
            ItemType.CHECKPOINT: self._checkpoints.take,
        }
        taker = takers.get(item.type)
        if taker is None:
            raise _UnknownType("An item has a type that this software does not know.")
        return taker(item.content)

    def _take_roster(self, content: bytes) -> bool:
        parts = self._parts
        forked = parts.roster.fork() is not None
        taken = self._heed(parts.ledger.take_roster(content))
        if taken and not forked and parts.roster.fork() is not None:
            parts.alarms.raise_(AlarmKind.ROSTER_FORKED)
        return taken

    def _take_keys(self, content: bytes) -> bool:
        parts = self._parts
        try:
            signed = open_parcel_item(content, wrapping=[secret for _, secret in parts.keys.wrapping()])
        except NoKeyFits:
            return False  # another device's
        giver = parts.roster.known_device(signer_of(signed))
        standing = DeviceStanding.UNKNOWN if giver is None else parts.roster.standing(giver.id)
        if giver is None or standing is DeviceStanding.UNKNOWN:
            raise UnknownDevice("No roster names the device that gives keys.")
        keys = verify_keys(signed, device_key=giver.key, recipient=parts.keys.device_id, today=parts.today)
        # A removed one's keys still read what counts of it: their ids show that they are the right ones.
        vouched = standing is DeviceStanding.LIVE
        if not vouched:
            keys = KeyParcel(epochs=keys.epochs, cases=keys.cases)
        return self._heed(parts.ledger.take_keys(keys, vouched=vouched))

    def _take_part(self, content: bytes) -> bool:
        """Take the whole of which this is the last part to come."""
        aside = self._parts.vault.aside
        part = read_part(content)
        others = {
            kept.id: read_part(kept.content[1:])
            for reason in LATER
            for kept in aside.all(reason=reason)
            if kept.content[:1] == bytes([ItemType.PART])
        }
        others = {kept: other for kept, other in others.items() if other.id == part.id}
        whole = join_parts([*others.values(), part])
        told = self._take(whole)
        for kept in others:
            aside.remove(kept)
        return told

    def _take_forget(self, content: bytes) -> bool:
        asked = self._about_case(content, domain=FORGET)
        return self._parts.keys.keep_tombstone(asked.case, day=asked.day)

    def _take_forgotten(self, content: bytes) -> bool:
        confirmed = self._about_case(content, domain=FORGOTTEN)
        added = self._parts.db.run(
            "INSERT INTO desk_confirmed (case_id, device, day) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (confirmed.case, confirmed.device, confirmed.day),
        )
        return bool(added)

    def _about_case(self, content: bytes, *, domain: bytes) -> AboutCase:
        device = self._parts.roster.signer(content)
        return verify_about_case(content, device_key=device.key, domain=domain, today=self._parts.today)

    def try_again(self) -> None:
        """Take what was kept aside because something was missing, for as long as that takes anything."""
        vault = self._parts.vault
        progress = True
        while progress:
            progress = False
            for kept in [one for reason in LATER for one in vault.aside.all(reason=reason)]:
                if not kept.content or kept.content[0] == ItemType.ENTRY:
                    continue  # an entry is found by its device or by its place, once something changes there
                try:
                    with vault.transaction():
                        told = self._take(Item(type=kept.content[0], content=kept.content[1:]))
                        vault.aside.remove(kept.id)
                except RemoteError:
                    continue
                progress |= told


class _UnknownType(RecordError):
    reason = _UNKNOWN_TYPE
