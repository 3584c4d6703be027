"""Inviting, at the coordinator's desk: three texts, six words, then a place in the roster."""

from __future__ import annotations

from typing import Any, Final, final

import msgspec

from causeway.desk.engine.issuing import Issuing, require_coordinator
from causeway.desk.engine.parts import Parts
from causeway.desk.member_views import InvitationStep, InvitationView
from causeway.desk.views import AlarmKind
from causeway.errors import LocalError
from causeway.record.invitation import (
    INVITATION_DAYS,
    NONCE_BYTES,
    Answer,
    Invitation,
    Opening,
    Pasted,
    commitment_to,
    encode_invitation,
    encode_opening,
    joining_words,
    read_answer,
    read_text,
    seal_opening,
    write_text,
)
from causeway.record.roster import DEVICES_MAX, Device, Member, Roster
from causeway.record.roster_changes import admit_device, admit_member, checked_name, checked_role
from causeway.units import Day
from causeway.wire.sizes import ID_BYTES

__all__ = ["Inviting"]

_KEY: Final = "invitation/"
_LIST: Final = "invitations"
_KEPT_DAYS: Final = 14
"""How long an invitation stays in sight after it has ended, or has brought somebody in."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation as the vault holds it."""

    id: bytes
    name: str
    role: str
    member: bytes
    second_laptop: bool
    invitation: bytes
    opening: bytes
    last_day: int
    answer: bytes = b""
    opening_text: str = ""
    device: bytes = b""
    admitted: int = 0

    @property
    def commitment(self) -> bytes:
        return commitment_to(self.opening)


@final
class Inviting:
    """Invitations under way."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._issuing = Issuing(parts)

    # ---- First text ----

    def invite(self, name: str, *, role: str) -> InvitationView:
        """Begin to invite somebody; see `Members.invite`."""
        checked = checked_name(name)
        current = self._parts.roster.current()
        if any(one.name.casefold() == checked.casefold() for one in current.members):
            raise LocalError("A member of this name is in the centre already. Give the new one another.")
        member = Member(self._parts.random(ID_BYTES), checked, checked_role(role).value)
        return self._begin(member, second_laptop=False)

    def invite_device(self, member: bytes) -> InvitationView:
        """Begin to invite a second laptop of a member."""
        found = self._parts.roster.current().member(member)
        if found is None:
            raise LocalError("There is no such member.")
        return self._begin(found, second_laptop=True)

    def _begin(self, member: Member, *, second_laptop: bool) -> InvitationView:
        parts = self._parts
        require_coordinator(parts)
        door = parts.settings.door
        if not door.url:
            raise LocalError("Say first where the door is: whoever is invited finds the centre through it.")
        if parts.settings.setup_code is not None:
            raise LocalError("The relay is not this centre's yet. Let this desk reach it once, then invite.")
        current = parts.roster.current()
        if len(current.devices) >= DEVICES_MAX:
            raise LocalError("A centre has at most 64 laptops. Take one off first.")
        me = current.member(parts.settings.member)
        opening = encode_opening(
            Opening(
                nonce=parts.random(NONCE_BYTES),
                device=parts.keys.device.public,
                centre=current.centre,
                inviter="" if me is None else me.name,
                member=member.id,
                name=member.name,
                role=member.role,
                second_laptop=second_laptop,
            )
        )
        last_day = Day(parts.today + INVITATION_DAYS)
        invitation = encode_invitation(
            Invitation(
                door_url=door.url,
                fingerprint=parts.roster.fingerprint(),
                commitment=commitment_to(opening),
                last_day=last_day,
            )
        )
        kept = _Kept(
            id=parts.random(ID_BYTES),
            name=member.name,
            role=member.role,
            member=member.id,
            second_laptop=second_laptop,
            invitation=invitation,
            opening=opening,
            last_day=last_day,
        )
        with parts.vault.transaction():
            self._keep(kept)
        return self._view(kept)

    # ---- Second text, and third ----

    def take_answer(self, text: str) -> InvitationView:
        """Take the answer to one of the invitations; the view has the opening, and the six words."""
        parts = self._parts
        require_coordinator(parts)
        content = read_text(text, kind=Pasted.ANSWER)
        answer = read_answer(content, today=parts.today)
        kept = next((one for one in self._all() if one.commitment == answer.commitment), None)
        if kept is None or kept.admitted or kept.last_day < parts.today:
            raise LocalError("This answers no invitation that is under way here. Invite anew.")
        if kept.answer:
            if kept.answer != content:
                # Both can't be theirs. Whoever made the second has seen the opening, perhaps.
                raise LocalError(
                    "This invitation was answered with another text before. If that was not the same person, "
                    "take the invitation back, and begin anew."
                )
            return self._view(kept)
        # What can't be admitted is said now, before two people read words to each other.
        self._with(parts.roster.current(), kept=kept, answer=answer)
        opening = write_text(Pasted.OPENING, seal_opening(kept.opening, wrapping=answer.wrapping.key))
        with parts.vault.transaction():
            kept = msgspec.structs.replace(
                kept, answer=content, opening_text=opening, device=answer.device_id
            )
            self._keep(kept)
        return self._view(kept)

    # ---- The words ----

    def words_same(self, invitation: bytes) -> InvitationView:
        """Admit whoever has read the same six words aloud."""
        parts = self._parts
        kept = self._get(invitation)
        if kept.admitted or not kept.answer:
            raise LocalError("There is nothing to confirm here: the answer has not come, or is confirmed.")
        answer = read_answer(kept.answer, today=parts.today)
        with parts.vault.transaction():
            self._issuing.issue(
                lambda roster: self._with(roster, kept=kept, answer=answer), named=answer.named
            )
            parts.ledger.queue_keys(answer.device_id)
            kept = msgspec.structs.replace(kept, admitted=parts.today)
            self._keep(kept)
        return self._view(kept)

    @staticmethod
    def _with(roster: Roster, *, kept: _Kept, answer: Answer) -> Roster:
        """Return the roster with whoever answered."""
        device = Device(answer.device_id, kept.member, answer.device, answer.pq_hash, answer.board_key, None)
        if kept.second_laptop:
            return admit_device(roster, device=device)
        return admit_member(roster, member=Member(kept.member, kept.name, kept.role), device=device)

    def words_differ(self, invitation: bytes) -> None:
        """Throw an invitation away after other words were read: somebody sits in between."""
        with self._parts.vault.transaction():
            self._drop(self._get(invitation).id)
            self._parts.alarms.raise_(AlarmKind.WORDS_DIFFER)

    def forget(self, invitation: bytes) -> None:
        """Take an invitation back."""
        with self._parts.vault.transaction():
            self._drop(self._get(invitation).id)

    # ---- Showing ----

    def views(self) -> tuple[InvitationView, ...]:
        """Return the invitations, the newest last; those long ended go."""
        today = self._parts.today
        stale = [one for one in self._all() if max(one.last_day, one.admitted) + _KEPT_DAYS < today]
        if stale:
            with self._parts.vault.transaction():
                for one in stale:
                    self._drop(one.id)
        return tuple(self._view(one) for one in self._all())

    def _view(self, kept: _Kept) -> InvitationView:
        words: dict[str, tuple[str, ...]] = {}
        text = write_text(Pasted.INVITATION, kept.invitation)
        step = InvitationStep.SENT
        if kept.answer:
            step, text = InvitationStep.COMPARING, kept.opening_text
            words = joining_words(invitation=kept.invitation, answer=kept.answer, opening=kept.opening)
        if kept.admitted:
            step, text, words = InvitationStep.ADMITTED, "", {}
        elif kept.last_day < self._parts.today:
            step, text, words = InvitationStep.ENDED, "", {}
        return InvitationView(
            id=kept.id.hex(),
            name=kept.name,
            role=kept.role,
            second_laptop=kept.second_laptop,
            step=step,
            text=text,
            words=words,
            last_day=Day(kept.last_day),
            seen=bool(kept.admitted) and self._heard_of(kept.device),
        )

    def _heard_of(self, device: bytes) -> bool:
        row = self._parts.db.row("SELECT 1 FROM entry WHERE device = ? LIMIT 1", (device,))
        return row is not None or self._parts.vault.settings.get(f"checkpoint/{device.hex()}") is not None

    # ---- Kept ----

    def _all(self) -> list[_Kept]:
        settings = self._parts.vault.settings
        return [self._decoded(settings.get(_KEY + one)) for one in settings.get(_LIST, default=[])]

    @staticmethod
    def _decoded(value: Any) -> _Kept:
        return msgspec.convert(value, type=_Kept)

    def _get(self, invitation: bytes) -> _Kept:
        found = next((one for one in self._all() if one.id == invitation), None)
        if found is None:
            raise LocalError("There is no such invitation. It may have ended.")
        return found

    def _keep(self, kept: _Kept) -> None:
        settings = self._parts.vault.settings
        listed = settings.get(_LIST, default=[])
        if kept.id.hex() not in listed:
            settings.put(_LIST, value=[*listed, kept.id.hex()])
        settings.put(_KEY + kept.id.hex(), value=msgspec.to_builtins(kept))

    def _drop(self, invitation: bytes) -> None:
        settings = self._parts.vault.settings
        left = [one for one in settings.get(_LIST, default=[]) if one != invitation.hex()]
        settings.put(_LIST, value=left)
        settings.remove(_KEY + invitation.hex())
