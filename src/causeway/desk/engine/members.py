"""Members and their laptops, as the page *Centre* and the command line call them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import final

from causeway.desk.engine.comparing import compare_heads
from causeway.desk.engine.conflicts import Conflicts
from causeway.desk.engine.errors import UnknownConversation
from causeway.desk.engine.inviting import Inviting
from causeway.desk.engine.issuing import Issuing, require_coordinator
from causeway.desk.engine.kept_aside import KeptAside
from causeway.desk.engine.listing import list_members
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.read_log import ReadLog
from causeway.desk.engine.recovery import Recovery
from causeway.desk.engine.removing import Going, removal
from causeway.desk.member_views import (
    HeadsView,
    InvitationView,
    MembersView,
    ReadView,
    RecoveryPurpose,
    RecoveryView,
    RemovalView,
    ShareView,
)
from causeway.errors import LocalError
from causeway.record.keys import CompartmentKind
from causeway.record.readers import roles_reading
from causeway.record.roster import Roster
from causeway.record.roster_changes import (
    change_role,
    checked_role,
    end_grant,
    give_grant,
    remove_devices,
    remove_member,
)
from causeway.units import Day
from causeway.wire.sizes import ID_BYTES

__all__ = ["Members"]


def _id(text: str) -> bytes:
    """Return the bytes of an id from a page.

    Raises:
        LocalError: It is none.
    """
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != ID_BYTES:
        raise LocalError("There is nothing of this number here.")
    return found


@final
class Members:
    """Who is in the centre; every method may be called from any thread. Ids are 32 hex digits."""

    def __init__(self, parts: Parts, *, wake: Callable[[], None]) -> None:
        """Take the parts of an open desk, and what begins a round of syncing."""
        self._parts = parts
        self._wake = wake
        self._inviting = Inviting(parts)
        self._issuing = Issuing(parts)
        self._recovery = Recovery(parts)
        self._one_at_a_time = threading.RLock()

    # ---- Looking ----

    def view(self) -> MembersView:
        """Return all that the page *Centre* shows."""
        return list_members(
            self._parts,
            invitations=self._inviting.views(),
            shares=self._recovery.shares_view(),
            recovery=self._recovery.view(),
        )

    def read_log(self, *, conversation: str | None = None, limit: int = 200) -> tuple[ReadView, ...]:
        """Return who opened which case on which day, the newest first.

        Args:
            conversation: Only this one's.
        """
        rows = ReadLog(self._parts).all(conversation=None if conversation is None else _id(conversation))
        return rows[:limit]

    # ---- Inviting ----

    def invite(self, name: str, *, role: str) -> InvitationView:
        """Begin to invite somebody: the text in the view is to be sent to them, through any messenger.

        Raises:
            LocalError: No name, no such role, no door yet, no room, or not the coordinator's laptop.
        """
        with self._one_at_a_time:
            return self._inviting.invite(name, role=role)

    def invite_device(self, member: str) -> InvitationView:
        """Begin to invite a second laptop of a member; as `invite`."""
        with self._one_at_a_time:
            return self._inviting.invite_device(_id(member))

    def take_answer(self, text: str) -> InvitationView:
        """Take the answer to an invitation: the view has the text to send back, and the words to compare.

        Raises:
            TextRefused, LocalError: It is none, was altered, or answers nothing that is under way here.
        """
        with self._one_at_a_time:
            return self._inviting.take_answer(text)

    def words_same(self, invitation: str) -> InvitationView:
        """Let in whoever read the same six words aloud, over a call in which both knew each other's voice."""
        with self._one_at_a_time:
            admitted = self._inviting.words_same(_id(invitation))
        self._wake()
        return admitted

    def words_differ(self, invitation: str) -> None:
        """Throw it all away: another word means that somebody sits in between."""
        with self._one_at_a_time:
            self._inviting.words_differ(_id(invitation))

    def forget_invitation(self, invitation: str) -> None:
        """Take an invitation back."""
        with self._one_at_a_time:
            self._inviting.forget(_id(invitation))

    # ---- Changing ----

    def change_role(self, member: str, role: str) -> RemovalView | None:
        """Give a member another role; return what was open to them where it reads less than the old one.

        Raises:
            LocalError: No such member or role, or not the coordinator's laptop.
        """
        about, new = _id(member), checked_role(role)
        with self._one_at_a_time:
            before = self._parts.roster.current()
            with self._parts.vault.transaction():
                sent = self._issuing.issue(lambda roster: change_role(roster, member=about, role=new))
                for device in before.devices_of(about):
                    self._parts.ledger.queue_keys(device.id)
            after = self._parts.roster.current()
        self._wake()
        if not _reads_less(before, after=after, member=about):
            return None
        return removal(self._parts, before, member=about, why=Going.ROLE, devices=0, bytes_queued=sent)

    def preview_removal(self, member: str) -> RemovalView:
        """Return what `remove_member` would say; nothing is done."""
        about, before = _id(member), self._parts.roster.current()
        require_coordinator(self._parts)
        remove_member(before, member=about)
        devices = len(before.devices_of(about))
        return removal(self._parts, before, member=about, why=Going.MEMBER, devices=devices, bytes_queued=0)

    def remove_member(self, member: str) -> RemovalView:
        """Take a member and all of their laptops off, and say what they have had open.

        Raises:
            LocalError: No such member, the one whose laptop signs, or not the coordinator's laptop.
        """
        about = _id(member)
        with self._one_at_a_time:
            before = self._parts.roster.current()
            sent = self._issuing.issue(lambda roster: remove_member(roster, member=about))
        self._wake()
        devices = len(before.devices_of(about))
        return removal(
            self._parts, before, member=about, why=Going.MEMBER, devices=devices, bytes_queued=sent
        )

    def preview_revocation(self, device: str) -> RemovalView:
        """Return what `revoke_device` would say; nothing is done."""
        about, before = _id(device), self._parts.roster.current()
        require_coordinator(self._parts)
        remove_devices(before, devices=[about])
        return self._revoked(before, device=about, bytes_queued=0)

    def revoke_device(self, device: str) -> RemovalView:
        """Take a lost laptop off: it learns so when it next looks, and destroys what it holds.

        Raises:
            LocalError: No such laptop, the one that signs, or not the coordinator's laptop.
        """
        about = _id(device)
        with self._one_at_a_time:
            before = self._parts.roster.current()
            sent = self._issuing.issue(lambda roster: remove_devices(roster, devices=[about]))
        self._wake()
        return self._revoked(before, device=about, bytes_queued=sent)

    def _revoked(self, before: Roster, *, device: bytes, bytes_queued: int) -> RemovalView:
        found = before.device(device)
        member = b"" if found is None else found.member
        return removal(
            self._parts, before, member=member, why=Going.LAPTOP, devices=1, bytes_queued=bytes_queued
        )

    def grant(self, member: str, *, conversation: str, last_day: Day | None) -> None:
        """Let a member read one case until a day, beyond what the role reads.

        Raises:
            UnknownConversation: There is none of this id.
            LocalError: No such member, or the day has passed.
        """
        about, cases = _id(member), self._cases_of(conversation)

        def change(roster: Roster) -> Roster:
            for case in cases:
                roster = give_grant(roster, member=about, case=case, last_day=last_day)
            return roster

        with self._one_at_a_time, self._parts.vault.transaction():
            self._issuing.issue(change)
            for device in self._parts.roster.current().devices_of(about):
                self._parts.ledger.queue_keys(device.id)
        self._wake()

    def end_grant(self, member: str, *, case: str) -> None:
        """Take a grant back; what was read under it stays read."""
        about, of = _id(member), _id(case)
        with self._one_at_a_time:
            self._issuing.issue(lambda roster: end_grant(roster, member=about, case=of))
        self._wake()

    def _cases_of(self, conversation: str) -> list[bytes]:
        """Return a conversation's case, or both where two desks began it apart."""
        rows = self._parts.db.rows(
            "SELECT case_id FROM case_of WHERE conversation = ? ORDER BY case_id", (_id(conversation),)
        )
        if not rows:
            raise UnknownConversation("There is no such conversation.")
        return [bytes(row[0]) for row in rows]

    # ---- Settling ----

    def settle_conflict(self, conversation: str, *, name: str, entry: str) -> None:
        """Keep one of the values that were set apart: that of this entry.

        Raises:
            LocalError: There is no such conflict any more.
        """
        with self._one_at_a_time:
            Conflicts(self._parts).settle(_id(conversation), register=name, entry=_id(entry))
        self._wake()

    def take_in(self, aside: str) -> int:
        """Take in what somebody who is gone wrote beyond their cut; return how many entries.

        Raises:
            LocalError: Not the coordinator's laptop, or there is nothing of this number.
        """
        with self._one_at_a_time:
            require_coordinator(self._parts)
            taken = KeptAside(self._parts).take_in(aside)
        self._wake()
        return taken

    def compare_heads(self, salt: str = "") -> HeadsView:
        """Return six words for all that this desk knows of every chain.

        Args:
            salt: The two words that the other side read aloud first; "" draws two, for this side to read.

        Raises:
            LocalError: These are not two words of one list.
        """
        return compare_heads(self._parts, salt=salt)

    # ---- The root ----

    def begin_shares(self, *, k: int, n: int) -> ShareView:
        """Split the root into n shares of which k make it again, and return the first to be written down.

        Raises:
            LocalError: Not 2 ≤ k ≤ n ≤ 16, or the root is not here.
        """
        return self._recovery.begin(k=k, n=n)

    def next_share(self) -> ShareView | None:
        """Return the next share; `None` where all were shown, and one is asked back."""
        return self._recovery.next()

    def check_share(self, text: str) -> None:
        """Compare the share that is asked back; where it is right the root leaves this laptop for good.

        Raises:
            ShareRefused: It is not; the root stays.
        """
        self._recovery.check(text)

    def stop_shares(self) -> None:
        """Give up handing out shares; the root stays where it is."""
        self._recovery.stop()

    def add_share(self, text: str) -> RecoveryView:
        """Take a share that its holder types on this laptop.

        Raises:
            ShareRefused: A word is wrong, or it belongs to another set.
        """
        return self._recovery.add(text)

    def clear_shares(self) -> None:
        """Forget the shares that were typed."""
        self._recovery.clear()

    def recover(self, purpose: RecoveryPurpose, *, choose: str = "") -> None:
        """Rebuild the root in memory and use it once; every desk says so, and whose it was.

        Args:
            purpose: Appoint this laptop the coordinator's, renew its appointment, or choose a roster.
            choose: Hash of the roster that counts (`RosterForkView.hash`).

        Raises:
            LocalError: Shares are missing or wrong, or there is nothing to choose.
        """
        with self._one_at_a_time:
            self._recovery.recover(purpose, choose=choose)
        self._wake()


def _reads_less(before: Roster, *, after: Roster, member: bytes) -> bool:
    was, now = before.member(member), after.member(member)
    if was is None or now is None:
        return False
    return any(
        was.role in roles_reading(kind) and now.role not in roles_reading(kind) for kind in CompartmentKind
    )
