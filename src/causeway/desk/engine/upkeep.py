"""What a desk does by itself as days pass, with or without a network: keys turn, and old notes go."""

from __future__ import annotations

from typing import Final

from causeway.casework.rotation import appointment_ends
from causeway.desk.engine.checkpoints import Checkpoints
from causeway.desk.engine.files import Files
from causeway.desk.engine.issuing import Issuing
from causeway.desk.engine.parts import Parts
from causeway.desk.views import AlarmKind
from causeway.record.keys import KeyParcel
from causeway.record.roster import last_day_of
from causeway.record.roster_changes import drop_lapsed_grants
from causeway.record.wrapping import sign_wrapping_key
from causeway.units import Day
from causeway.wire.items import ItemType

__all__ = ["keep_up"]

_SEEN_DAYS: Final = 400
"""Far beyond what a relay may keep: an id that it lists again after that long was never deleted."""

_ASIDE_DAYS: Final = 180
_CLOCKS_APART_DAYS: Final = 2
_ANNOUNCED: Final = "announced"
_WARNED: Final = "appointment-warned"


def keep_up(parts: Parts) -> None:
    """Do what today asks for; a second time on the same day does nothing."""
    today = parts.today
    with parts.vault.transaction():
        _announce(parts)
        _end_grants(parts)
        # What people send is sealed to keys of one laptop's making: that of whoever signs the door sheet.
        made = parts.keys.turn_intake(today=today, make=parts.is_coordinator, destroy=_relay_agrees(parts))
        if made:
            parts.ledger.share(KeyParcel(intake=tuple(made)))
            parts.settings.sheet = None
        parts.ledger.give_own_keys()
        wrapping = parts.keys.turn_wrapping(today=today)
        if wrapping is not None and parts.roster.current().device(parts.keys.device_id) is not None:
            signed = sign_wrapping_key(wrapping.public, day=today, device=parts.keys.device.classical)
            parts.roster.take_wrapping_key(signed, today=today)
            parts.ledger.queue(ItemType.WRAPPING_KEY, signed)
        ended = parts.keys.destroy_ended_compartments(today=today)
        if ended:
            parts.ledger.folding.fold_cases_again(_cases_of(parts, ended))
            Files(parts).drop_unnamed()
        checkpoints = Checkpoints(parts)
        checkpoints.forget_found()
        checkpoints.send_if_due()
        parts.vault.seen.prune("intake", before=Day(today - _SEEN_DAYS))
        parts.vault.seen.prune("record", before=Day(today - _SEEN_DAYS))
        parts.vault.aside.prune(before=Day(today - _ASIDE_DAYS))
        _watch_appointment(parts)


def _cases_of(parts: Parts, compartments: list[bytes]) -> set[bytes]:
    rows = [parts.db.row("SELECT case_id FROM desk_compartment WHERE id = ?", (one,)) for one in compartments]
    return {bytes(row[0]) for row in rows if row is not None}


def _relay_agrees(parts: Parts) -> bool:
    """Say whether the relay has the same day: a laptop's clock that jumps would destroy keys still needed."""
    day = parts.settings.relay_day
    return day is not None and abs(day - parts.today) <= _CLOCKS_APART_DAYS


def _end_grants(parts: Parts) -> None:
    """Have the next roster say that grants ran out: until then desks only know by their clocks."""
    lapsed = drop_lapsed_grants(parts.roster.current(), today=parts.today) is not None
    if lapsed and parts.is_coordinator and parts.roster.fork() is None:
        Issuing(parts).issue(lambda roster: roster)


def _announce(parts: Parts) -> None:
    """Queue, once, what every other desk of the centre needs first."""
    if parts.vault.settings.get(_ANNOUNCED):
        return
    newest_day, newest = parts.keys.wrapping()[0]
    signed = sign_wrapping_key(newest.public, day=newest_day, device=parts.keys.device.classical)
    parts.ledger.queue(ItemType.ROSTER, parts.roster.signed())
    parts.ledger.queue(ItemType.WRAPPING_KEY, signed)
    parts.vault.settings.put(_ANNOUNCED, value=True)


def _watch_appointment(parts: Parts) -> None:
    last_day = last_day_of(parts.roster.current())
    warned = parts.vault.settings.get(_WARNED)
    if appointment_ends(last_day, today=parts.today) and warned != parts.today:
        parts.alarms.raise_(AlarmKind.APPOINTMENT_ENDS)
        parts.vault.settings.put(_WARNED, value=parts.today)
