"""What was kept aside, for the page *Centre*: by reason and device, with one plain sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

from causeway.desk.engine.parts import Parts
from causeway.desk.member_views import AsideView
from causeway.errors import LocalError, RemoteError
from causeway.record.chains import Whence
from causeway.record.entry import SealedEntry, decode_entry
from causeway.sentences import Sentence, say
from causeway.units import Day
from causeway.wire.items import ItemType

__all__ = ["KeptAside", "aside_count"]

_NOT_READABLE: Final = "not-readable"
_SENTENCES: Final[dict[str, Sentence]] = {
    "out-of-sequence": say(
        "This came before something that it follows. It is taken by itself once that is here; if it stays "
        "for days, something was held back on the way."
    ),
    "incomplete": say("Parts of this have not come yet. It is taken by itself once they are here."),
    "unknown-device": say(
        "No list of members that is here names the laptop that this is from. Either the list is still on "
        "its way, or somebody writes who does not belong to the centre."
    ),
    "removed-device": say(
        "A laptop that was taken off sent this afterwards, or it came late. It counts for nothing, and "
        "nobody has to do anything."
    ),
    "beyond-cut": say(
        "A laptop that was taken off wrote this, after what counts of it. Its member may take it in on "
        "another laptop; for somebody who is gone the coordinator may. Look at it first: it may be by "
        "whoever has the laptop."
    ),
    "forked": say(
        "One laptop wrote two different things at the same place. Its key is in two hands, or a copy of "
        "it was opened. Nothing of it counts from there on: take this laptop off, and invite its member "
        "anew."
    ),
    "re-signed": say(
        "Somebody passed this on in another member's name, and changed it. It is not shown. Ask whose "
        "laptop it is from."
    ),
    "broken": say(
        "This can't be read, or claims what it must not. It was damaged on the way, or made to mislead."
    ),
    "forged": say("The signature under this is not the sender's. It is not shown."),
    "does-not-open": say(
        "No key of this desk opens this. It may be sealed to a key that is still on its way, or be noise."
    ),
    "unknown-type": say("A newer Causeway wrote this. It is read once this one is brought up to date."),
    "other-keys": say(
        "This names a conversation, and does not have its keys. It may be somebody else; it is not shown "
        "there."
    ),
    "too-many": say(
        "There is more in this conversation than a desk can take. What came after that lies here."
    ),
    _NOT_READABLE: say(
        "This has its place, and this desk has no key for it: its member reads something else, or the key "
        "is still on its way. Nobody has to do anything."
    ),
}
_OTHER: Final = say("This could not be taken. It is kept for somebody who can tell why.")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    reason: str
    device: bytes
    day: Day
    entry: SealedEntry | None
    hash: bytes | None


@final
class KeptAside:
    """What this desk holds and does not count."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def all(self) -> tuple[AsideView, ...]:
        """Return what is kept aside, grouped by reason and device, and what can't be read here."""
        groups: dict[tuple[str, bytes], list[_Kept]] = {}
        for kept in self._each():
            if kept.reason == Whence.BEYOND_CUT and self._is_taken_in(kept):
                continue
            groups.setdefault((kept.reason, kept.device), []).append(kept)
        views = [self._view(reason, device, found) for (reason, device), found in sorted(groups.items())]
        return tuple(views)

    def _each(self) -> Iterator[_Kept]:
        vault = self._parts.vault
        for kept in vault.aside.all():
            device, entry = b"", None
            if kept.content[:1] == bytes([ItemType.ENTRY]):
                try:
                    entry = decode_entry(kept.content[1:])
                    device = entry.device
                except RemoteError:
                    entry = None
            yield _Kept(reason=kept.reason, device=device, day=kept.day, entry=entry, hash=kept.hash)
        for rest, stored in vault.entries.not_counting():
            yield _Kept(
                reason=rest or Whence.OUT_OF_SEQUENCE,
                device=stored.device,
                day=self._parts.today,
                entry=decode_entry(stored.sealed),
                hash=stored.hash,
            )
        for device, count in vault.entries.unopened_by_device():
            yield from [
                _Kept(reason=_NOT_READABLE, device=device, day=self._parts.today, entry=None, hash=None)
            ] * count

    def _is_taken_in(self, kept: _Kept) -> bool:
        """Return whether an entry beyond a cut was issued again: it counts as that."""
        if kept.entry is None:
            return False
        try:
            opened = self._parts.ledger.reader.original(kept.entry)
        except RemoteError:
            return False
        row = (
            None
            if opened is None
            else self._parts.db.row(
                "SELECT 1 FROM fact WHERE case_id = ? AND entry_id = ?",
                (opened.body.case, opened.body.entry_id),
            )
        )
        return row is not None

    def _view(self, reason: str, device: bytes, found: list[_Kept]) -> AsideView:
        parts = self._parts
        known = parts.roster.known_device(device)
        names = {one.id: one.name for roster in parts.roster.chain() for one in roster.members}
        mine = known is not None and known.member == parts.settings.member
        return AsideView(
            id=f"{reason}:{device.hex()}",
            reason=reason,
            sentence=_SENTENCES.get(reason, _OTHER),
            member="" if known is None else names.get(known.member, ""),
            device=device.hex(),
            first_day=min(one.day for one in found),
            count=len(found),
            can_take_in=reason == Whence.BEYOND_CUT and (mine or parts.is_coordinator),
        )

    def take_in(self, aside: str) -> int:
        """Issue again what lies beyond the cut of a device; return how many entries that is.

        Args:
            aside: Id of an `AsideView`.

        Raises:
            LocalError: There is nothing of this id that can be taken in here.
        """
        parts = self._parts
        wanted = {view.id for view in self.all() if view.can_take_in}
        if aside not in wanted:
            raise LocalError("There is nothing here that can be taken in.")
        taken = 0
        with parts.vault.transaction():
            found = [
                one
                for one in self._each()
                if f"{one.reason}:{one.device.hex()}" == aside
                and one.hash is not None
                and one.entry is not None
                and not self._is_taken_in(one)
            ]
            for one in sorted(found, key=_place):
                try:
                    parts.ledger.issue_again(one.hash or b"")
                except (LocalError, RemoteError):
                    continue  # what can't be read here another desk may take in
                taken += 1
        return taken


def _place(kept: _Kept) -> tuple[bytes, int]:
    return (b"", 0) if kept.entry is None else (kept.entry.compartment, kept.entry.sequence)


def aside_count(parts: Parts) -> dict[str, int]:
    """Return how many things there are for each reason, without those that wait for keys."""
    counts = parts.vault.aside.count()
    for rest, count in parts.vault.entries.waiting().items():
        reason = rest or Whence.OUT_OF_SEQUENCE.value
        counts[reason] = counts.get(reason, 0) + count
    return counts
