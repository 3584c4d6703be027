"""All keys that lay on a laptop, in the hands of somebody who knows the formats, and what they open.

Nothing of a desk's own rules is used: no roster, no cut, no day. What a key opens may hold further keys, and
those are used as well, until nothing more opens.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self, final

import msgspec

from causeway.drills.between import Traffic
from causeway.errors import RemoteError
from causeway.record.entry import Body, EntryKeys, SealedEntry, decode_entry, open_body
from causeway.record.keys import open_parcel_item
from causeway.record.parts import join_parts, read_part
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.intake import open_intake
from causeway.sealed.parcel import GivenAccess, open_parcel
from causeway.sealed.passphrase import Profile
from causeway.sealed.slots import open_slot
from causeway.vault import Vault
from causeway.wire.intake import IntakeMessage
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import CAPABILITY_BYTES, ID_BYTES, SIGNATURE_BYTES

__all__ = ["Loot"]

_SEED_BYTES: Final = 32
_PARCEL_HEAD: Final = SIGNATURE_BYTES + 2 * ID_BYTES + 4
"""Of what a key parcel holds: signature, giver, receiver, day."""

_OLDEST: Final = -1


@final
class Loot:
    """Keys, and the entries that lay beside them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.capabilities: set[bytes] = set()
        self._transport: dict[bytes, None] = {}
        self._wrapping: dict[bytes, HybridSecret] = {}
        self._intake: dict[bytes, HybridSecret] = {}
        self._epochs: dict[bytes, bytes] = {}
        self._cases: dict[bytes, bytes] = {}
        self._compartments: dict[bytes, bytes] = {}
        self._entries: dict[bytes, SealedEntry] = {}

    @classmethod
    def of(cls, folders: Iterable[Path], *, passphrase: str, profile: Profile) -> Self:
        """Return what lies in vaults of which copies were made; they are opened, not obeyed."""
        loot = cls()
        for folder in folders:
            with tempfile.TemporaryDirectory(prefix="causeway-drill-") as made:
                copy = Path(made, "vault")
                shutil.copytree(folder, copy)
                with Vault.open(copy, passphrase=passphrase, profile=profile) as vault:
                    loot._take_vault(vault)
        return loot

    @property
    def keys(self) -> int:
        """How many keys there are."""
        return sum(
            len(held)
            for held in (
                self.capabilities,
                self._transport,
                self._wrapping,
                self._intake,
                self._epochs,
                self._cases,
                self._compartments,
            )
        )

    def _take_vault(self, vault: Vault) -> None:
        def values(kind: str) -> Iterator[tuple[bytes, bytes]]:
            return ((one.id, one.value) for one in vault.secrets.all(kind))

        for kind in ("access", "rotation"):
            for _, value in values(kind):
                self.capabilities.add(value[:CAPABILITY_BYTES])
                self._transport[value[CAPABILITY_BYTES:]] = None
        self._transport |= dict.fromkeys(value for _, value in values("transport"))
        self._wrapping |= {seed: HybridSecret.from_seed(seed) for _, seed in values("wrapping")}
        self._intake |= {seed: HybridSecret.from_seed(seed) for _, seed in values("intake")}
        # What stands behind the seed says when the epoch began, and whose it is.
        self._epochs |= {one: value[:_SEED_BYTES] for one, value in values("epoch")}
        self._cases |= dict(values("case"))
        self._compartments |= dict(values("compartment"))
        counting = list(vault.entries.each())
        waiting = [stored for _, stored in vault.entries.not_counting()]
        self._entries |= {one.hash: decode_entry(one.sealed) for one in (*counting, *waiting)}
        aside = [
            Item(type=one.content[0], content=one.content[1:]) for one in vault.aside.all() if one.content
        ]
        self._take_items(aside)

    # ---- Opening ----

    def open(self, traffic: Traffic, *, signers: Sequence[bytes] = ()) -> Iterator[bytes]:
        """Yield the inside of all that opens: entries beside the keys, slots, messages.

        Args:
            traffic: What was recorded, and what the relay holds.
            signers: Public keys of the devices that have signed accesses.
        """
        slots, opened = dict(traffic.record), []
        known = -1
        while known != self.keys:
            known = self.keys
            for slot_id, slot in list(slots.items()):
                items = self._items(slot_id, slot)
                if items is not None:
                    del slots[slot_id]
                    opened += items
            self._take_items(opened)
            for parcel in traffic.parcels:
                self._take_parcel(parcel, signers=signers)
        yield from (item.content for item in opened)
        for entry in self._entries.values():
            body = self._body(entry)
            if body is not None:
                yield msgspec.msgpack.encode(body.value)
        for slot_id, slot in traffic.intake.items():
            with contextlib.suppress(RemoteError):
                message = open_intake(slot, slot_id=slot_id, secrets=list(self._intake.values()))
                yield b"\n".join(_inside(message))

    def _items(self, slot_id: bytes, slot: bytes) -> list[Item] | None:
        for key in self._transport:
            try:
                return open_slot(slot, slot_id=slot_id, transport_key=key)
            except RemoteError:
                continue
        return None

    def _take_items(self, items: Sequence[Item]) -> None:
        for item in [*items, *_joined(items)]:
            with contextlib.suppress(RemoteError):
                match item.type:
                    case ItemType.ENTRY:
                        self._entries[item.content] = decode_entry(item.content)
                    case ItemType.KEY_PARCEL:
                        wrapping = list(self._wrapping.values())
                        self._take_keys(open_parcel_item(item.content, wrapping=wrapping))

    def _take_keys(self, signed: bytes) -> None:
        """Take keys out of a parcel, whoever signed it."""
        form: Any = msgspec.msgpack.decode(signed[_PARCEL_HEAD:])
        _, epochs, cases, intake = form
        self._epochs |= {one[0]: one[1] for one in epochs}
        for case, secret, compartments in cases:
            self._cases[case] = secret
            self._compartments |= {one[0]: one[3] for one in compartments}
        self._intake |= {seed: HybridSecret.from_seed(seed) for _, seed in intake}

    def _take_parcel(self, parcel: bytes, *, signers: Sequence[bytes]) -> None:
        for signer in signers:
            with contextlib.suppress(RemoteError):
                given = open_parcel(
                    parcel, device_key=signer, secrets=list(self._wrapping.values()), newer_than=_OLDEST
                )
                if isinstance(given, GivenAccess):
                    self.capabilities.add(given.access.capability)
                    self._transport |= dict.fromkeys((given.access.transport_key, *given.earlier))

    def _body(self, entry: SealedEntry) -> Body | None:
        seed, secret = self._epochs.get(entry.epoch), self._compartments.get(entry.compartment)
        if seed is None or secret is None:
            return None
        for of_case in self._cases.values():
            keys = EntryKeys(seed=seed, case_secret=of_case, compartment_secret=secret)
            with contextlib.suppress(RemoteError):
                return open_body(entry, keys=keys)
        return None


def _joined(items: Sequence[Item]) -> Iterator[Item]:
    """Yield what was sent in parts."""
    parts = [read_part(item.content) for item in items if item.type == ItemType.PART]
    for part_id in dict.fromkeys(part.id for part in parts):
        with contextlib.suppress(RemoteError):
            yield join_parts(part for part in parts if part.id == part_id)


def _inside(message: IntakeMessage) -> Iterator[bytes]:
    yield message.text.encode()
    yield from (message.conversation, message.tag_key, message.answer_key, message.verify_key)
