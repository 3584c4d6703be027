"""Taking entries that devices signed: each gets its place in its chain, and what counts is folded.

The rules are `record.chains.judge`. Here is the common case, more entries at the end of an undisputed
chain, without it; and what has to change when a roster, a cut list or a second beginning changes a verdict.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, final

from causeway.desk.engine.folding import REFUSED, Folding
from causeway.desk.engine.reader import Opened, Reader, WaitsForOrigin
from causeway.desk.engine.roster import DeviceStanding, RosterBook
from causeway.errors import RemoteError
from causeway.record.chains import Link, Whence, judge
from causeway.record.entry import SealedEntry, decode_entry, entry_hash, verify_entry
from causeway.record.errors import RecordError, UnknownDevice
from causeway.units import Day
from causeway.vault import NO_HASH, Chain, KeptAside, Place, StoredEntry, Vault
from causeway.wire.items import ItemType
from causeway.wire.sizes import ID_BYTES

__all__ = ["Taken", "Taking", "item_id"]

_Name: TypeAlias = tuple[bytes, bytes]
"""Of a chain: device and compartment."""

_CHAINS_MAX: Final = 60_000
_ENTRY: Final = bytes([ItemType.ENTRY])


def item_id(content: bytes) -> bytes:
    """Return the id under which an item waits or is kept aside: the same item twice is the same item."""
    return hashlib.sha256(content).digest()[:ID_BYTES]


@dataclass(frozen=True, slots=True)
class _Verified:
    """An entry whose signature is its device's, its hash and its bytes."""

    entry: SealedEntry
    hash: bytes
    encoded: bytes

    @property
    def name(self) -> _Name:
        return self.entry.device, self.entry.compartment

    @property
    def link(self) -> Link:
        return Link(hash=self.hash, sequence=self.entry.sequence, previous=self.entry.previous)

    def stored(self, entry_id: bytes | None) -> StoredEntry:
        one = self.entry
        return StoredEntry(
            self.hash, entry_id, one.compartment, one.device, one.sequence, one.epoch, self.encoded
        )


def _first(pair: tuple[_Name, object]) -> _Name:
    return pair[0]


def _again(stored: StoredEntry) -> _Verified:
    return _Verified(decode_entry(stored.sealed), stored.hash, stored.sealed)


@dataclass(kw_only=True, slots=True)
class Taken:
    """What came of a batch.

    Attributes:
        new: How many entries were not here before, or count now.
        refused: The word for each that was kept aside.
        forked: Chains in which two entries claim one place, for the first time.
        cut_off: Hashes of entries that counted here and lie beyond the cut of a removed device.
    """

    new: int = 0
    refused: list[str] = field(default_factory=list)
    forked: list[_Name] = field(default_factory=list)
    cut_off: list[bytes] = field(default_factory=list)

    def add(self, other: Taken) -> None:
        """Count another batch with this one."""
        self.new += other.new
        self.refused += other.refused
        self.forked += other.forked
        self.cut_off += other.cut_off


@final
class Taking:
    """Gives entries their places. Everything is done inside the caller's transaction."""

    def __init__(self, vault: Vault, *, roster: RosterBook, reader: Reader, folding: Folding) -> None:
        self._vault = vault
        self._entries = vault.entries
        self._roster = roster
        self._reader = reader
        self._folding = folding
        self._chains: dict[_Name, Chain] = {}
        self._waiting: set[_Name] | None = None
        self._undone = vault.db.undone

    # ---- What came ----

    def take(self, batch: Sequence[bytes], *, day: Day) -> Taken:
        """Take signed entries, in any order; keep aside, with the reason, what can't be taken."""
        taken = Taken()
        by_chain: dict[_Name, dict[bytes, _Verified]] = defaultdict(dict)
        for encoded in batch:
            verified = self._verified(encoded, day=day, taken=taken)
            if verified is not None:
                by_chain[verified.name][verified.hash] = verified
        rows: list[StoredEntry] = []
        opened: list[Opened] = []
        moved: list[Chain] = []
        disputed: list[_Name] = []
        for name, found in sorted(by_chain.items(), key=_first):
            chain = self._chain(name)
            ordered = sorted(found.values(), key=lambda one: one.entry.sequence)
            there = self._waiting_at(name)
            run = self._run(chain, ordered, there=there)
            if run is None:
                self._store(ordered, day=day, taken=taken)
                disputed.append(name)
                continue
            for one in ordered[:run]:
                rows.append(one.stored(self._open(one, day=day, opened=opened, taken=taken)))
            waiting = [one for one in ordered[run:] if one.entry.sequence not in there]
            rows += [one.stored(self._peek(one)) for one in waiting]
            taken.new += run + len(waiting)
            if waiting:
                self._with_waiting().add(name)
            if run:
                last = ordered[run - 1]
                chain = Chain(*name, last.entry.sequence + 1, last.hash)
            moved.append(chain)
        self._entries.place(rows)
        self._set_chains(moved)
        disputed += [
            (one.device, one.compartment) for one in moved if not self._drain(one, opened, day, taken)
        ]
        self._folding.add(opened)
        for name in disputed:
            self._judge(name, day=day, taken=taken)
        if taken.new:
            self._try_repeats(
                [digest for found in by_chain.values() for digest in found], day=day, taken=taken
            )
        return taken

    def _verified(self, encoded: bytes, *, day: Day, taken: Taken) -> _Verified | None:
        try:
            entry = decode_entry(encoded)
        except RemoteError:
            self._aside(encoded, reason=RecordError.reason, day=day, taken=taken)
            return None
        name = entry.device, entry.compartment
        known = self._roster.known_device(entry.device)
        if known is None:
            place = Place(*name, entry.sequence)
            self._aside(encoded, reason=UnknownDevice.reason, day=day, taken=taken, place=place)
            return None
        if entry.sequence < self._chain(name).next_sequence:
            there = self._entries.at(name[0], compartment=name[1], sequence=entry.sequence)
            if there is not None and there.hash == entry_hash(entry):
                return None  # it came again, as whatever a relay serves twice
        try:
            digest = verify_entry(entry, device_key=known.key)
        except RemoteError:
            self._aside(encoded, reason=RecordError.reason, day=day, taken=taken)
            return None
        return _Verified(entry, digest, encoded)

    def _run(self, chain: Chain, ordered: Sequence[_Verified], *, there: Mapping[int, bytes]) -> int | None:
        """Return how many of these follow the chain at once; `None` where the chain has to be judged."""
        if self._roster.standing(chain.device) is not DeviceStanding.LIVE or chain.fork is not None:
            return None
        run, head = 0, chain.head
        places: set[int] = set()
        for one in ordered:
            sequence = one.entry.sequence
            if sequence < chain.next_sequence or sequence in places:
                return None
            places.add(sequence)
            if sequence == chain.next_sequence + run and sequence not in there:
                if one.entry.previous != head:
                    return None
                run, head = run + 1, one.hash
            elif there.get(sequence, one.hash) != one.hash:
                return None
        return run

    def _waiting_at(self, name: _Name) -> dict[int, bytes]:
        """Return what waits in a chain: hashes by their places."""
        if name not in self._with_waiting():
            return {}
        return self._entries.waiting_places(name[0], compartment=name[1])

    def _drain(self, chain: Chain, opened: list[Opened], day: Day, taken: Taken) -> bool:
        """Go on with what waited for this; return whether the chain is still beyond dispute."""
        name = chain.device, chain.compartment
        if name not in self._with_waiting():
            return True
        next_sequence, head = chain.next_sequence, chain.head
        waiting = self._entries.in_chain(*name[:1], compartment=name[1], since=next_sequence)
        for stored in waiting:
            one = _again(stored)
            if stored.sequence != next_sequence:
                break
            if one.entry.previous != head:
                return False
            self._identify(stored, self._open(one, day=day, opened=opened, taken=taken))
            next_sequence, head = next_sequence + 1, stored.hash
        else:
            self._with_waiting().discard(name)
        if next_sequence > chain.next_sequence:
            self._set_chains([Chain(*name, next_sequence, head)])
        return True

    def _peek(self, one: _Verified) -> bytes | None:
        """Return the id of an entry that does not count yet: to note it later would cost a write more."""
        try:
            found = self._reader.open(one.entry)
        except RemoteError:
            return None
        return None if found is None else found.body.entry_id

    def _identify(self, stored: StoredEntry, entry_id: bytes | None) -> None:
        if entry_id != stored.entry_id:
            self._entries.identify(stored.hash, entry_id=entry_id)

    def _open(self, one: _Verified, *, day: Day, opened: list[Opened], taken: Taken) -> bytes | None:
        """Open an entry that counts; return its id, `None` where it can't be read, b"" if it is refused."""
        try:
            found = self._reader.open(one.entry)
        except WaitsForOrigin as error:
            self._vault.db.run(
                "INSERT INTO desk_waiting (origin, entry) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (error.origin, one.hash),
            )
            return None
        except RemoteError as error:
            # It keeps its place: else the next would be taken for a gap, and chains could not be compared.
            reason = error.reason if isinstance(error, RecordError) else RecordError.reason
            self._aside(one.encoded, reason=reason, day=day, taken=taken)
            return REFUSED
        if found is None:
            return None
        opened.append(found)
        return found.body.entry_id

    # ---- Keys that came ----

    def open_more(self, *, compartments: Iterable[bytes], epochs: Iterable[bytes], day: Day) -> Taken:
        """Fold what counts and could not be read, now that these keys are here."""
        taken = Taken()
        found: dict[bytes, StoredEntry] = {}
        for compartment in compartments:
            found |= {one.hash: one for one in self._entries.unopened_in(compartment)}
        for epoch in epochs:
            found |= {one.hash: one for one in self._entries.unopened_under(epoch)}
        self._fold_late(found.values(), day=day, taken=taken)
        if found:
            self._try_repeats(None, day=day, taken=taken)
        return taken

    def _try_repeats(self, origins: Sequence[bytes] | None, *, day: Day, taken: Taken) -> None:
        """Fold entries that issue these again, or any, if what they repeat can be read now."""
        rows = self._vault.db.rows("SELECT origin, entry FROM desk_waiting")
        if not rows:
            return
        wanted = None if origins is None else set(origins)
        for origin, digest in rows:
            if wanted is None or bytes(origin) in wanted:
                stored = self._entries.get(digest)
                if stored is not None and stored.entry_id is None and self._counts(stored):
                    self._fold_late([stored], day=day, taken=taken)

    def _counts(self, stored: StoredEntry) -> bool:
        return stored.sequence < self._chain((stored.device, stored.compartment)).next_sequence

    def _fold_late(self, found: Iterable[StoredEntry], *, day: Day, taken: Taken) -> None:
        opened: list[Opened] = []
        ids: list[tuple[bytes, bytes]] = []
        for stored in found:
            entry_id = self._open(_again(stored), day=day, opened=opened, taken=taken)
            if entry_id is not None:
                ids.append((stored.hash, entry_id))
            else:
                self._identify(stored, None)
        self._entries.identify_all(ids)
        db = self._vault.db
        if db.row("SELECT 1 FROM desk_waiting LIMIT 1") is not None:
            db.run_many("DELETE FROM desk_waiting WHERE entry = ?", [(digest,) for digest, _ in ids])
        self._folding.add(opened)

    # ---- Verdicts that change ----

    def judge_again(self, devices: Iterable[bytes], *, day: Day) -> Taken:
        """Judge all chains of some devices anew: what the roster or the cut list says of them has changed."""
        taken = Taken()
        for device in sorted(devices):
            names = {(device, one.compartment) for one in self._entries.chains(device=device)}
            early: list[KeptAside] = []
            for kept in self._vault.aside.of_device(device):
                if kept.hash is None:
                    early.append(kept)
                elif kept.place is not None:
                    names.add((device, kept.place.compartment))
            for name in sorted(names):
                self._judge(name, day=day, taken=taken)
            if self._roster.known_device(device) is not None and early:
                for kept in early:
                    self._vault.aside.remove(kept.id)
                taken.add(self.take([kept.content[1:] for kept in early], day=day))
        return taken

    def _judge(self, name: _Name, *, day: Day, taken: Taken) -> None:
        """Work out what counts of a chain, and make tables follow."""
        device, compartment = name
        chain = self._chain(name)
        standing = self._roster.standing(device)
        cut = self._roster.cut(device, compartment=compartment)
        if standing is DeviceStanding.WAITING:
            self._set_chains([chain])
            return  # what counts stays until the list is here that says so
        if cut is not None and (chain.next_sequence - 1, chain.head) == (cut.sequence, cut.hash):
            self._set_chains([Chain(*name, chain.next_sequence, chain.head, None, Whence.BEYOND_CUT)])
            self._vault.aside.say_why(device, compartment=compartment, reason=Whence.BEYOND_CUT)
            return
        rows = self._entries.in_chain(device, compartment=compartment)
        others = {
            kept.hash: kept
            for kept in self._vault.aside.of_chain(device, compartment=compartment)
            if kept.hash is not None
        }
        known = {one.hash: _again(one) for one in rows}
        known |= {
            digest: _Verified(decode_entry(kept.content[1:]), digest, kept.content[1:])
            for digest, kept in others.items()
        }
        counting: tuple[bytes, ...] = ()
        fork, rest = chain.fork, UnknownDevice.reason
        if standing is not DeviceStanding.UNKNOWN:
            verdict = judge([one.link for one in known.values()], cut=cut)
            counting, rest = verdict.counting, verdict.rest.value
            fork = None if cut is not None else verdict.fork
            if fork is not None and chain.fork is None:
                taken.forked.append(name)
        before = [one.hash for one in rows if one.sequence < chain.next_sequence]
        self._put_in_place(counting, rows=rows, others=others, known=known, day=day)
        self._vault.aside.say_why(device, compartment=compartment, reason=rest)
        head = counting[-1] if counting else NO_HASH
        self._set_chains([Chain(*name, len(counting), head, fork, rest)])
        if len(rows) > len(counting):
            self._with_waiting().add(name)
        self._refold(before, counting, compartment=compartment, known=known, day=day, taken=taken)

    def _put_in_place(
        self,
        counting: Sequence[bytes],
        *,
        rows: Sequence[StoredEntry],
        others: dict[bytes, KeptAside],
        known: dict[bytes, _Verified],
        day: Day,
    ) -> None:
        """Have the entries that count stand in the chain, and those in their places aside."""
        in_place = {one.sequence: one.hash for one in rows}
        for sequence, digest in enumerate(counting):
            there = in_place.get(sequence)
            if there == digest:
                continue
            if there is not None:
                self._entries.take_out(there)
                self._keep(known[there], reason=Whence.FORKED, day=day)
            self._entries.place([known[digest].stored(None)])
            self._vault.aside.remove(others[digest].id)

    def _refold(
        self,
        before: Sequence[bytes],
        counting: Sequence[bytes],
        *,
        compartment: bytes,
        known: dict[bytes, _Verified],
        day: Day,
        taken: Taken,
    ) -> None:
        gone = [digest for digest in before if digest not in set(counting)]
        if self._roster.cut(known[gone[0]].entry.device, compartment=compartment) if gone else None:
            taken.cut_off += gone
        new = [digest for digest in counting if digest not in set(before)]
        taken.new += len(new)
        stored = [self._entries.get(digest) for digest in new]
        self._fold_late([one for one in stored if one is not None], day=day, taken=taken)
        row = self._vault.db.row("SELECT case_id FROM desk_compartment WHERE id = ?", (compartment,))
        if gone and row is not None:
            self._folding.fold_cases_again([bytes(row[0])])

    # ---- What is kept ----

    def _store(self, found: Sequence[_Verified], *, day: Day, taken: Taken) -> None:
        """Keep entries of a chain that has to be judged: in their places, or aside where those are taken."""
        for one in found:
            entry = one.entry
            there = self._entries.at(entry.device, compartment=entry.compartment, sequence=entry.sequence)
            if there is None:
                self._entries.place([one.stored(None)])
                self._with_waiting().add(one.name)
                taken.new += 1
            elif there.hash != one.hash:
                self._keep(one, reason=Whence.FORKED, day=day)

    def _keep(self, one: _Verified, *, reason: str, day: Day) -> None:
        framed = _ENTRY + one.encoded
        place = Place(one.entry.device, one.entry.compartment, one.entry.sequence)
        self._vault.aside.put(
            item_id(framed), reason=reason, day=day, content=framed, place=place, hash=one.hash
        )

    def _aside(
        self, encoded: bytes, *, reason: str, day: Day, taken: Taken, place: Place | None = None
    ) -> None:
        framed = _ENTRY + encoded
        self._vault.aside.put(item_id(framed), reason=reason, day=day, content=framed, place=place)
        taken.refused.append(reason)

    # ---- What is remembered ----

    def _forget_undone(self) -> None:
        if self._undone != self._vault.db.undone:
            self._undone = self._vault.db.undone
            self._chains.clear()
            self._waiting = None

    def _chain(self, name: _Name) -> Chain:
        self._forget_undone()
        found = self._chains.get(name)
        if found is None:
            if len(self._chains) >= _CHAINS_MAX:
                self._chains.clear()
            found = self._chains[name] = self._entries.chain_of(name[0], compartment=name[1])
        return found

    def _set_chains(self, chains: Sequence[Chain]) -> None:
        self._entries.set_chains(chains)
        self._forget_undone()
        self._chains |= {(one.device, one.compartment): one for one in chains}

    def _with_waiting(self) -> set[_Name]:
        self._forget_undone()
        if self._waiting is None:
            self._waiting = set(self._entries.waiting_chains())
        return self._waiting

    def wrote(self, chain: Chain) -> None:
        """Note that this device wrote an entry itself."""
        self._forget_undone()
        self._chains[chain.device, chain.compartment] = chain
