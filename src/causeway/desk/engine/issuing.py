"""Issuing a version of the roster: what every change of members and laptops comes down to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

from causeway.desk.engine.parts import Parts
from causeway.desk.engine.rotation import Rotations
from causeway.errors import LocalError
from causeway.record.keys import KeyParcel
from causeway.record.readers import reads_intake
from causeway.record.roster import Roster, sign_roster
from causeway.record.roster_changes import drop_lapsed_grants, next_version, with_cuts
from causeway.sealed.signing import SigningKey
from causeway.wire.items import ItemType
from causeway.wire.sizes import BOARD_SLOTS, PARCEL_WRAPS

__all__ = ["Issuing", "require_coordinator", "require_one_roster"]

_SHEET_BYTES: Final = 8_192
"""What a door sheet has at most."""


def require_coordinator(parts: Parts) -> None:
    """Refuse what only the desk may do that signs rosters.

    Raises:
        LocalError: Another device signs, or two rosters claim one version.
    """
    if not parts.is_coordinator:
        raise LocalError("This is done on the coordinator's laptop.")
    require_one_roster(parts)


def require_one_roster(parts: Parts) -> None:
    """Refuse to sign a version while two claim to be the newest.

    Raises:
        LocalError: They do.
    """
    if parts.roster.fork() is not None:
        raise LocalError(
            "There are two lists of members, and only the root can say which one counts. Nobody comes or "
            "goes until then: bring the shares together."
        )


def _fewer_take_messages(before: Roster, *, after: Roster) -> bool:
    """Return whether a device holds the intake keys that is not to have the next ones."""
    held = {one.id for one in before.devices if reads_intake(before, one.member)}
    return bool(held - {one.id for one in after.devices if reads_intake(after, one.member)})


@final
class Issuing:
    """Makes, signs and queues versions at the coordinator's desk."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rotations = Rotations(parts)

    def issue(
        self,
        change: Callable[[Roster], Roster],
        *,
        named: bytes | None = None,
        appointed: bool = False,
    ) -> int:
        """Put the next version in force here, and have it leave; return about how many bytes leave for it.

        Whoever is in the version before and not in this one loses all access: the cut list says what of
        their devices counts, and the access to the relay is replaced. So are the intake keys, where somebody
        goes, or stays in another role, who holds them.

        Args:
            change: Takes the next version with the content of this one, and returns it changed.
            appointed: The root has made this device the coordinator's, by this very version.
            named: The wrapping key that a new device names: the parcel of a new access lets it in.

        Raises:
            LocalError: The change must not be, or this is not the coordinator's desk.
        """
        parts = self._parts
        with parts.vault.transaction():
            if appointed:
                require_one_roster(parts)
            else:
                require_coordinator(parts)
            before = parts.roster.current()
            following = next_version(before, signed=parts.roster.signed(), day=parts.today)
            after = change(following)
            kept = drop_lapsed_grants(after, today=parts.today) or after
            gone = {one.id for one in before.devices} - {one.id for one in kept.devices}
            cuts = parts.ledger.cuts_for(sorted(gone)) if gone else None
            if cuts is not None:
                kept = with_cuts(kept, cuts=cuts)
            if gone:
                self._remember(gone)
            moved = bool(gone) or named is not None
            signed = sign_roster(kept, device=parts.keys.device)
            parts.ledger.issue_roster(signed, cuts=cuts, queued=not moved)
            self.renew_boards()
            if named is not None:
                parts.roster.take_wrapping_key(named, today=parts.today)
                parts.ledger.queue(ItemType.WRAPPING_KEY, named)
            if _fewer_take_messages(before, after=kept):
                made = parts.keys.replace_intake(today=parts.today)
                parts.ledger.share(KeyParcel(intake=tuple(made)))
            parts.settings.sheet = None
            leaving = self._rotations.begin() if moved else 0
            return leaving + self._rotations.first_bytes() + _SHEET_BYTES

    def _remember(self, gone: set[bytes]) -> None:
        """Keep wrapping keys of those who go: parcels tell their laptops so."""
        parts = self._parts
        keys = [parts.roster.wrapping_key_of(device) for device in sorted(gone)]
        new = tuple(bytes(key) for key in keys if key is not None)
        parts.settings.taken_off = (*new, *parts.settings.taken_off)[:PARCEL_WRAPS]

    def renew_boards(self) -> None:
        """Put the roster's board keys into their places; the other places hold keys that nobody has.

        A place that nobody has used keeps its key: changing those would tell which ones are in use.
        """
        parts = self._parts
        held = list(parts.settings.boards)
        rosters = parts.roster.chain()
        ever = {one.board_key for roster in rosters for one in roster.devices}
        now = {one.board_slot: one.board_key for one in rosters[-1].devices if one.board_slot is not None}
        for slot in range(BOARD_SLOTS):
            if slot in now:
                held[slot] = now[slot]
            elif held[slot] in ever:
                held[slot] = SigningKey.generate(random=parts.random).public
        parts.settings.boards = tuple(held)
