"""What a desk does by itself as days pass, with or without a network: keys turn, and old notes go."""

from __future__ import annotations

from typing import Final

from causeway.casework.rotation import appointment_ends
from causeway.desk.engine.files import Files
from causeway.desk.engine.parts import Parts
from causeway.desk.views import AlarmKind
from causeway.record.keys import KeyParcel
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
        made = parts.keys.turn_intake(today=today, destroy=_relay_agrees(parts))
        if made:
            parts.ledger.share(KeyParcel(intake=tuple(made)))
            parts.settings.sheet = None
        wrapping = parts.keys.turn_wrapping(today=today)
        if wrapping is not None:
            signed = sign_wrapping_key(wrapping.public, day=today, device=parts.keys.device.classical)
            parts.roster.take_wrapping_key(signed, today=today)
            parts.ledger.queue(ItemType.WRAPPING_KEY, signed)
        if parts.keys.destroy_ended_compartments(today=today):
            parts.ledger.fold_again()
            Files(parts).drop_unnamed()
        parts.vault.seen.prune("intake", before=Day(today - _SEEN_DAYS))
        parts.vault.seen.prune("record", before=Day(today - _SEEN_DAYS))
        parts.vault.aside.prune(before=Day(today - _ASIDE_DAYS))
        _watch_appointment(parts)


def _relay_agrees(parts: Parts) -> bool:
    """Say whether the relay has the same day: a laptop's clock that jumps would destroy keys still needed."""
    day = parts.settings.relay_day
    return day is not None and abs(day - parts.today) <= _CLOCKS_APART_DAYS


def _announce(parts: Parts) -> None:
    """Queue, once, what every other desk of the centre needs first."""
    if parts.vault.settings.get(_ANNOUNCED):
        return
    newest_day, newest = parts.keys.wrapping()[0]
    signed = sign_wrapping_key(newest.public, day=newest_day, device=parts.keys.device.classical)
    parts.ledger.queue(ItemType.ROSTER, parts.roster.signed())
    parts.ledger.queue(ItemType.WRAPPING_KEY, signed)
    parts.ledger.share(KeyParcel(epochs=(parts.keys.epoch(),)))
    parts.vault.settings.put(_ANNOUNCED, value=True)


def _watch_appointment(parts: Parts) -> None:
    last_day = Day(int.from_bytes(parts.roster.current().appointment[:4], "big"))
    warned = parts.vault.settings.get(_WARNED)
    if appointment_ends(last_day, today=parts.today) and warned != parts.today:
        parts.alarms.raise_(AlarmKind.APPOINTMENT_ENDS)
        parts.vault.settings.put(_WARNED, value=parts.today)
