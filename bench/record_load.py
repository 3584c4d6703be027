"""A centre's record as it reaches a new laptop: sealed slots, by three devices whose keys are all here."""

from __future__ import annotations

import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from causeway.casework.facts import (
    ANSWER,
    CODE_NAME,
    LABELS,
    MESSAGE,
    OPENED,
    STANDING,
    AnswerFact,
    Fact,
    MessageFact,
    OpenedFact,
    fact_value,
)
from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.roster import RosterBook
from causeway.desk.engine.settings import DeskSettings, DoorAddress
from causeway.desk.engine.tables import make_tables
from causeway.record.clock import first_clock
from causeway.record.entry import (
    ZERO_HASH,
    Body,
    EntryKeys,
    Operation,
    device_id,
    encode_entry,
    entry_hash,
    seal_entry,
)
from causeway.record.keys import (
    CaseKeys,
    Compartment,
    CompartmentKind,
    Epoch,
    KeyParcel,
    case_id,
    wrap_keys,
)
from causeway.record.readers import group_of
from causeway.record.root import appoint_for_roster, pq_hash
from causeway.record.roster import Device, Member, Role, Roster, sign_roster
from causeway.record.wrapping import sign_wrapping_key
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.sealed.parcel import RelayAccess
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sealed.receipt import conversation_id
from causeway.sealed.sheet import appoint, root_fingerprint
from causeway.sealed.signing import HybridSigningKey, SigningKey
from causeway.sealed.slots import seal_slots
from causeway.sealed.words import word_list
from causeway.units import DAY_SECONDS, Day
from causeway.vault import Vault
from causeway.wire.intake import Action, SendingPath
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import BOARD_SLOTS, ID_BYTES, SLOT_BYTES

PASSPHRASE = "nineteen grey herons"  # noqa: S105
WRITERS = ("Mira", "Jonas", "Vera")
ENTRIES_A_CASE = 40
LATE = 60
"""Slots with one entry each, for measuring how a single one arrives."""

_TRANSLATED = ("ar", "fa", "uk")
_LANGUAGES = ("ru", "en", *_TRANSLATED)
_FOREIGN_WORD = re.compile(r"[^\W\d_a-zA-Z]{3,}")
_LABELS = ("north", "family", "boat", "doctor", "papers", "winter")
_CASES_A_PARCEL = 136
_SLOT_RECORD = ID_BYTES + SLOT_BYTES


def _words(language: str) -> Sequence[str]:
    """Return a list of words, or those of the door's own texts in a language for which there is no list."""
    if language not in _TRANSLATED:
        return word_list(language)
    texts = resources.files("causeway.door.pages") / "locale" / language / "LC_MESSAGES" / "door.po"
    return _FOREIGN_WORD.findall(texts.read_text(encoding="utf-8"))


@dataclass
class Writer:
    """A device that writes: its keys, and where each of its chains goes on."""

    member: bytes = field(default_factory=lambda: os.urandom(ID_BYTES))
    keys: HybridSigningKey = field(default_factory=HybridSigningKey.generate)
    ends: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    board: bytes = field(default_factory=lambda: SigningKey.generate().public)

    @property
    def id(self) -> bytes:
        return device_id(self.keys.public)

    def device(self, board_slot: int) -> Device:
        return Device(
            self.id, self.member, self.keys.public, pq_hash(self.keys.pq_public), self.board, board_slot
        )

    def seal(self, body: Body, *, compartment: bytes, epoch: Epoch, keys: EntryKeys) -> bytes:
        """Return one more entry of this device's chain."""
        sequence, previous = self.ends.get(compartment, (0, ZERO_HASH))
        entry = seal_entry(
            body,
            compartment=compartment,
            epoch=epoch.id,
            keys=keys,
            device=self.keys.classical,
            sequence=sequence,
            previous=previous,
        )
        self.ends[compartment] = sequence + 1, entry_hash(entry)
        return encode_entry(entry)


@dataclass
class Case:
    """A case with one conversation, and the registers' values in force."""

    conversation: bytes
    verify_key: bytes
    secret: bytes
    id: bytes
    compartment: Compartment
    language: str
    heads: dict[str, bytes] = field(default_factory=dict)
    answers: int = 0

    @classmethod
    def begin(cls, *, group: bytes, language: str) -> Case:
        verify_key, secret = os.urandom(32), os.urandom(32)
        case = case_id(secret)
        compartment = Compartment.begin(
            CompartmentKind.CONVERSATION, case=case, secret=os.urandom(32), group=group
        )
        return cls(conversation_id(verify_key), verify_key, secret, case, compartment, language)


class Load:
    """Makes the vault of a new laptop, and the slots that wait for it."""

    def __init__(self, folder: Path, *, today: Day) -> None:
        self.folder = folder
        self.today = today
        self.chance = random.Random(1)
        self.writers = [Writer() for _ in WRITERS]
        self.transport_key = b""
        self.answer_key = bytes(HybridSecret.generate().public)
        self.words = {language: _words(language) for language in _LANGUAGES}
        self._clock = first_clock((today - 60) * DAY_SECONDS)
        self._signed, self._wrapping, self._reader = self._make_vault()

    # ---- The laptop ----

    def _make_vault(self) -> tuple[bytes, HybridPublic, bytes]:
        """Make a vault as it is when its laptop has just been let in."""
        root, first = HybridSigningKey.generate(), self.writers[0]
        boards = [SigningKey.generate().public for _ in range(BOARD_SLOTS)]
        last_day = Day(self.today + 300)
        with (
            Vault.create(self.folder / "desk", passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS) as vault,
            vault.transaction(),
        ):
            make_tables(vault.db)
            Keyring.begin_device(vault, today=self.today, random=os.urandom)
            keys = Keyring(vault, random=os.urandom)
            wrapping = keys.turn_wrapping(today=self.today)
            assert wrapping is not None
            member = os.urandom(ID_BYTES)
            reader = Device(
                keys.device_id,
                member,
                keys.device.public,
                pq_hash(keys.device.pq_public),
                keys.board.public,
                len(WRITERS),
            )
            roles = (Role.COORDINATOR, Role.INTAKE, Role.CASEWORKER)
            roster = Roster(
                version=1,
                previous=ZERO_HASH,
                day=self.today,
                centre="Harbour Desk",
                root=root.public,
                root_pq=root.pq_public,
                appointment=appoint(first.keys.public, root=root, last_day=last_day),
                roster_appointment=appoint_for_roster(first.keys, root=root, last_day=last_day),
                signer_pq=first.keys.pq_public,
                members=(
                    *(
                        Member(one.member, name, role.value)
                        for one, name, role in zip(self.writers, WRITERS, roles, strict=True)
                    ),
                    Member(member, "Anna", Role.CASEWORKER.value),
                ),
                devices=(*(one.device(slot) for slot, one in enumerate(self.writers)), reader),
            )
            signed = sign_roster(roster, device=first.keys)
            hashed = pq_hash(root.pq_public)
            RosterBook.begin(vault, signed=signed, root=root.public, root_pq_hash=hashed, today=self.today)
            named = sign_wrapping_key(wrapping.public, day=self.today, device=keys.device.classical)
            RosterBook(vault).take_wrapping_key(named, today=self.today)
            settings = DeskSettings(vault)
            settings.member, settings.board_slot, settings.boards = member, len(WRITERS), tuple(boards)
            settings.door = DoorAddress(url="", socks="")
            access = RelayAccess.generate()
            keys.add_access(0, access=access, today=self.today)
            self.transport_key = access.transport_key
        fingerprint = root_fingerprint(root.public, root_pq=hashed)
        self.group = group_of(CompartmentKind.CONVERSATION, fingerprint=fingerprint)
        self.epoch = Epoch.begin(os.urandom(32), roster_version=1, device=first.id, group=self.group)
        return signed, wrapping.public, reader.id

    # ---- What was written ----

    def _text(self, language: str, least: int, most: int) -> str:
        return " ".join(self.chance.choices(self.words[language], k=self.chance.randint(least, most)))

    def _body(self, case: Case, writer: Writer, name: str, value: Any, *, register: bool) -> Body:
        self._clock += 1 << 20
        entry_id = os.urandom(ID_BYTES)
        heads = (case.heads[name],) if register and name in case.heads else ()
        if register:
            case.heads[name] = entry_id
        return Body(
            entry_id=entry_id,
            case=case.id,
            operation=Operation.SET if register else Operation.ADD,
            name=name,
            value=value,
            heads=heads,
            clock=self._clock,
            member=writer.member,
        )

    def _message(self, case: Case) -> Fact:
        return MessageFact(
            message=os.urandom(ID_BYTES),
            day=self.today - self.chance.randint(1, 60),
            action=Action.WRITE,
            path=SendingPath.SCRIPT,
            language=case.language,
            last_answer=case.answers,
            text=self._text(case.language, 8, 40),
        )

    def _answer(self, case: Case) -> Fact:
        case.answers += 1
        return AnswerFact(n=case.answers, day=self.today - 1, text=self._text(case.language, 8, 30))

    def _entry(self, case: Case, number: int) -> tuple[str, Any, bool]:
        """Return name and value of a case's entry of this number, and whether it sets a register."""
        match number:
            case 0:
                opened = OpenedFact(
                    conversation=case.conversation,
                    tag_key=case.verify_key,
                    answer_key=self.answer_key,
                    verify_key=case.verify_key,
                )
                return OPENED, fact_value(opened), False
            case 1:
                return CODE_NAME, self._text("en", 2, 2), True
            case _ if number % 6 == 5:
                return LABELS, sorted(self.chance.sample(_LABELS, 2)), True
            case _ if number % 20 == 18:
                return STANDING, self.chance.choice(["open", "closed"]), True
            case _ if number % 2 == 0:
                return MESSAGE, fact_value(self._message(case)), False
            case _:
                return ANSWER, fact_value(self._answer(case)), False

    def sealed(self, case: Case, number: int) -> tuple[Writer, bytes]:
        """Return one of the writers, and an entry of its."""
        writer = self.chance.choice(self.writers)
        name, value, register = self._entry(case, number)
        keys = EntryKeys(
            seed=self.epoch.seed, case_secret=case.secret, compartment_secret=case.compartment.secret
        )
        body = self._body(case, writer, name, value, register=register)
        return writer, writer.seal(body, compartment=case.compartment.id, epoch=self.epoch, keys=keys)

    # ---- Slots ----

    def write(self, cases: int, *, track: Callable[[Sequence[Case]], Iterable[Case]]) -> None:
        """Write all slots, in the order in which a relay lists them, and the keys for who measures."""
        made = [Case.begin(group=self.group, language=self.chance.choice(_LANGUAGES)) for _ in range(cases)]
        chains: dict[tuple[bytes, bytes], list[bytes]] = defaultdict(list)
        for case in track(made):
            for number in range(ENTRIES_A_CASE):
                writer, encoded = self.sealed(case, number)
                chains[writer.id, case.compartment.id].append(encoded)
        slots = self._slots([*self._keys(made), *_entries(chains)])
        _write_slots(self.folder / "slots", sorted(slots))
        late = [self._late(made) for _ in range(LATE)]
        _write_slots(self.folder / "late", late)
        self._write_keys(made)

    def _late(self, made: Sequence[Case]) -> tuple[bytes, bytes]:
        _, encoded = self.sealed(self.chance.choice(made), 2)
        ((slot_id, slot),) = self._slots([Item(type=ItemType.ENTRY, content=encoded)])
        return slot_id, slot

    def _slots(self, items: Iterable[Item]) -> list[tuple[bytes, bytes]]:
        return seal_slots(items, transport_key=self.transport_key)

    def _keys(self, made: Sequence[Case]) -> Iterator[Item]:
        """Yield key parcels as a desk packs them for a new laptop."""
        cases = [CaseKeys(one.id, one.secret, (one.compartment,)) for one in made]
        parcels = [KeyParcel(epochs=(self.epoch,))]
        parcels += [
            KeyParcel(cases=tuple(cases[at : at + _CASES_A_PARCEL]))
            for at in range(0, len(cases), _CASES_A_PARCEL)
        ]
        for parcel in parcels:
            wrapped = wrap_keys(
                parcel,
                device=self.writers[0].keys.classical,
                recipient=self._reader,
                wrapping=self._wrapping,
                day=self.today,
            )
            yield Item(type=ItemType.KEY_PARCEL, content=wrapped)

    def _write_keys(self, made: Sequence[Case]) -> None:
        known = {
            "epoch": [self.epoch.id.hex(), self.epoch.seed.hex()],
            "devices": {one.id.hex(): one.keys.public.hex() for one in self.writers},
            "compartments": {
                one.compartment.id.hex(): [one.secret.hex(), one.compartment.secret.hex()] for one in made
            },
            "conversations": [one.conversation.hex() for one in made[:LATE]],
        }
        (self.folder / "keys.json").write_text(json.dumps(known))


def _entries(chains: Mapping[tuple[bytes, bytes], Sequence[bytes]]) -> Iterator[Item]:
    """Yield entries as a desk sends them to a new laptop: chain by chain."""
    for name in sorted(chains):
        for encoded in chains[name]:
            yield Item(type=ItemType.ENTRY, content=encoded)


def _write_slots(path: Path, slots: Sequence[tuple[bytes, bytes]]) -> None:
    with path.open("wb") as file:
        for slot_id, slot in slots:
            file.write(slot_id + slot)


class SlotFile:
    """Slots on a disk, as a relay gives them out: by id."""

    def __init__(self, path: Path) -> None:
        """Read which there are."""
        self._path = path
        count = path.stat().st_size // _SLOT_RECORD
        self._at: dict[bytes, int] = {}
        with path.open("rb") as file:
            for number in range(count):
                file.seek(number * _SLOT_RECORD)
                self._at[file.read(ID_BYTES)] = number * _SLOT_RECORD

    @property
    def ids(self) -> list[bytes]:
        """Return all ids, in the file's order."""
        return list(self._at)

    def read(self, ids: Sequence[bytes]) -> bytes:
        """Return ids and slots, one after the other."""
        found = []
        with self._path.open("rb") as file:
            for one in ids:
                file.seek(self._at[one])
                found.append(file.read(_SLOT_RECORD))
        return b"".join(found)
