"""The root: handing it out in shares, rebuilding it from them, and what it does then.

With a root in a vault, whoever takes that laptop open can appoint themselves. In shares it lies on paper with
some people; it is rebuilt in memory, signs one thing, and every desk says that it was used.
"""

from __future__ import annotations

import threading
from typing import Final, final

from causeway.casework.rotation import APPOINTMENT_DAYS
from causeway.desk.engine.issuing import Issuing
from causeway.desk.engine.parts import Parts
from causeway.desk.member_views import RecoveryPurpose, RecoveryView, SharesView, ShareView
from causeway.desk.views import AlarmKind
from causeway.errors import LocalError
from causeway.record.root import RosterChoice, appoint_for_roster, choose_roster, pq_hash
from causeway.record.roster import Roster
from causeway.record.roster_changes import hand_over
from causeway.sealed.shares import ReadShare, ShareRefused, combine_shares, read_share, split_secret
from causeway.sealed.sheet import appoint, root_fingerprint
from causeway.sealed.signing import HybridSigningKey
from causeway.units import Day

__all__ = ["Recovery", "appoint_this_device"]

_SHARES: Final = "root-shares"
_SERIAL_STEP: Final = 100
"""A centre signs a sheet a week, and one for each change: fewer than this a day."""


def appoint_this_device(parts: Parts, *, root: HybridSigningKey) -> None:
    """Have the root appoint this device for another 400 days; the roster with it goes to every desk.

    Raises:
        LocalError: Two rosters claim one version: the root has to choose first.
    """
    keys, today = parts.keys, parts.today
    last_day = Day(today + APPOINTMENT_DAYS)

    def change(roster: Roster) -> Roster:
        return hand_over(
            roster,
            device=keys.device_id,
            signer_pq=keys.device.pq_public,
            appointment=appoint(keys.device.public, root=root, last_day=last_day),
            roster_appointment=appoint_for_roster(keys.device, root=root, last_day=last_day),
        )

    with parts.vault.transaction():
        if not parts.is_coordinator:
            # Higher than any that the device before this one has signed: readers take the highest.
            parts.settings.sheet_serial = max(parts.settings.sheet_serial, _SERIAL_STEP * today)
        Issuing(parts).issue(change, appointed=True)
        parts.alarms.dismiss(AlarmKind.APPOINTMENT_ENDS)


class _HandingOut:
    """Shares that are being written down; they lie nowhere but here."""

    def __init__(self, shares: tuple[tuple[str, ...], ...], *, k: int, ask_back: int) -> None:
        self.shares = shares
        self.k = k
        self.ask_back = ask_back
        self.shown = 1

    def view(self) -> ShareView:
        """Return the share that is shown."""
        return ShareView(number=self.shown, n=len(self.shares), k=self.k, words=self.shares[self.shown - 1])


@final
class Recovery:
    """Shares of the root at one desk. What is typed or shown is in memory only, and gone when it locks."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._issuing = Issuing(parts)
        self._lock = threading.Lock()
        self._out: _HandingOut | None = None
        self._typed: dict[int, ReadShare] = {}

    # ---- Handing out ----

    def begin(self, *, k: int, n: int) -> ShareView:
        """Split the root, and return the first share; see `Members.begin_shares`."""
        with self._lock:
            root = self._parts.keys.root() or self._rebuilt()
            if root is None:
                raise LocalError("The root is not on this laptop. Type the shares that there are first.")
            shares = split_secret(root.seed, k=k, n=n)
            # One that nobody can foretell: who writes carelessly must not know which one will be asked for.
            ask_back = self._parts.random(1)[0] % n + 1
            self._out = _HandingOut(shares, k=k, ask_back=ask_back)
            return self._out.view()

    def next(self) -> ShareView | None:
        """Return the next share; `None` where all have been shown."""
        with self._lock:
            out = self._handing_out()
            if out.shown > len(out.shares) - 1:
                out.shown = len(out.shares) + 1
                return None
            out.shown += 1
            return out.view()

    def check(self, text: str) -> None:
        """Compare the share that is asked back; where it is right the root leaves the vault for good."""
        with self._lock:
            out = self._handing_out()
            if out.shown <= len(out.shares):
                raise LocalError("Write down all of the shares first.")
            typed = read_share(text)
            if typed.words != " ".join(out.shares[out.ask_back - 1]):
                raise ShareRefused("This is a share, and not the one that is asked for.")
            parts = self._parts
            with parts.vault.transaction():
                made = {"day": parts.today, "k": out.k, "n": len(out.shares)}
                parts.vault.settings.put(_SHARES, value=made)
                parts.keys.destroy_root()
            self._out = None

    def stop(self) -> None:
        """Forget the shares that are shown; the root stays where it is."""
        with self._lock:
            self._out = None

    def _handing_out(self) -> _HandingOut:
        if self._out is None:
            raise LocalError(
                "No shares are being handed out. Those that a lock cut off don't count: begin anew."
            )
        return self._out

    def shares_view(self) -> SharesView:
        """Return where the root is."""
        with self._lock:
            out = self._out
            made = self._parts.vault.settings.get(_SHARES)
            all_shown = out is not None and out.shown > len(out.shares)
            return SharesView(
                root_here=self._parts.keys.root() is not None,
                made=None if made is None else Day(made["day"]),
                k=out.k if out is not None else 0 if made is None else made["k"],
                n=len(out.shares) if out is not None else 0 if made is None else made["n"],
                under_way=out is not None,
                written=0 if out is None else min(out.shown, len(out.shares)),
                ask_back=out.ask_back if out is not None and all_shown else 0,
            )

    # ---- Rebuilding ----

    def add(self, text: str) -> RecoveryView:
        """Take a share that somebody types."""
        share = read_share(text)
        with self._lock:
            known = next(iter(self._typed.values()), None)
            if known is not None and (known.set, known.needed) != (share.set, share.needed):
                raise ShareRefused("This share is from another set than those before it.")
            self._typed[share.number] = share
        return self.view()

    def clear(self) -> None:
        """Forget the shares that were typed."""
        with self._lock:
            self._typed = {}

    def view(self) -> RecoveryView:
        """Return how many shares were typed, and how many it takes."""
        with self._lock:
            known = next(iter(self._typed.values()), None)
            return RecoveryView(typed=len(self._typed), needed=0 if known is None else known.needed)

    def recover(self, purpose: RecoveryPurpose, *, choose: str = "") -> None:
        """Use the root once, from the vault or from the shares that were typed; see `Members.recover`."""
        with self._lock:
            root = self._rebuilt() or self._parts.keys.root()
            if root is None:
                raise LocalError("It takes the shares of the root: type them first.")
            if purpose is RecoveryPurpose.CHOOSE:
                self._choose(choose, root=root)
            else:
                if purpose is RecoveryPurpose.RENEW and not self._parts.is_coordinator:
                    raise LocalError("This is done on the coordinator's laptop.")
                appoint_this_device(self._parts, root=root)
            self._typed = {}

    def _choose(self, chosen: str, *, root: HybridSigningKey) -> None:
        fork = self._parts.roster.fork()
        if fork is None:
            raise LocalError("There is one list of members, and nothing to choose.")
        found = next((one.hash for one in fork.successors if one.hash.hex() == chosen), None)
        if found is None:
            raise LocalError("This is none of the lists that claim to be the next one.")
        signed = choose_roster(RosterChoice(version=fork.version, hash=found), root=root)
        with self._parts.vault.transaction():
            self._parts.ledger.issue_choice(signed)

    def _rebuilt(self) -> HybridSigningKey | None:
        """Return the root from the shares that were typed; `None` where there are none.

        Raises:
            ShareRefused: Too few, or they make another centre's root.
        """
        if not self._typed:
            return None
        root = HybridSigningKey(combine_shares(list(self._typed.values())))
        fingerprint = root_fingerprint(root.public, root_pq=pq_hash(root.pq_public))
        if fingerprint != self._parts.roster.fingerprint():
            raise ShareRefused("These shares make another centre's root.")
        return root
