"""Checkpoints: desks tell one another how far they have got, and give what another lacks.

A relay that shows two desks two histories, or keeps something from one, is found out by them.
"""

from __future__ import annotations

import hashlib
from typing import Final, final

from causeway.desk.engine.parts import Parts
from causeway.desk.views import AlarmKind
from causeway.record.chains import Whence
from causeway.record.checkpoint import (
    ChainHead,
    Checkpoint,
    checkpoint_device,
    sign_checkpoint,
    verify_checkpoint,
)
from causeway.units import WEEK_DAYS, Day
from causeway.vault import Chain, Vault
from causeway.wire.items import ItemType

__all__ = ["Checkpoints", "ask", "last"]

_LAST: Final = "checkpoint-day"
_SENT: Final = "checkpoint-sent"
_ASKING: Final = "checkpoint-asks"
_ASKED: Final = "checkpoint-asked-day"
_PATIENCE_DAYS: Final = 2
"""So long what another desk has may be on its way, before this desk asks for it."""

_AWAY_DAYS: Final = 60
"""Who was away longer asks: a relay keeps record slots for 90 days."""


def ask(vault: Vault) -> None:
    """Have the next checkpoint ask the others for all that this desk lacks: it is new, or was restored."""
    vault.settings.put(_ASKING, value=True)


def last(parts: Parts) -> dict[bytes, tuple[Day, int]]:
    """Return each device's day of its newest checkpoint, and how many entries here it did not know."""
    rows = parts.db.rows("SELECT device, day, behind FROM desk_checkpoint")
    return {bytes(device): (Day(day), behind) for device, day, behind in rows}


def _undisputed(chain: Chain) -> bool:
    return chain.fork is None and chain.rest in {"", Whence.OUT_OF_SEQUENCE}


@final
class Checkpoints:
    """Sends this desk's, and heeds those of others."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # ---- Sending ----

    def send_if_due(self) -> None:
        """Send one a week, and one that asks as soon as there is something to ask for."""
        parts = self._parts
        settings = parts.vault.settings
        today = parts.today
        if (
            parts.roster.current().device(parts.keys.device_id) is None
            or len(parts.roster.current().devices) < 2
        ):
            return
        asked = settings.get(_ASKED)
        wants = bool(settings.get(_ASKING)) or self._was_away() or self._lacks()
        if wants and (asked is None or asked != today):
            self.send(asks=True)
            settings.put(_ASKED, value=today)
            settings.put(_ASKING, value=False)
            return
        last = settings.get(_LAST)
        if last is None or not 0 <= today - last < WEEK_DAYS:
            self.send(asks=False)

    def _was_away(self) -> bool:
        reached = self._parts.settings.last_reached
        return reached is not None and self._parts.clock() - reached > _AWAY_DAYS * 86_400

    def _lacks(self) -> bool:
        row = self._parts.db.row(
            "SELECT 1 FROM desk_missing WHERE day <= ?", (self._parts.today - _PATIENCE_DAYS,)
        )
        return row is not None

    def send(self, *, asks: bool) -> None:
        """Queue a checkpoint.

        Args:
            asks: Name all chains, and ask for what this desk lacks; else those that changed since the last.
        """
        parts = self._parts
        with parts.vault.transaction():
            settings = parts.vault.settings
            position = int(settings.get(_SENT, default=0))
            (newest,) = parts.db.row("SELECT coalesce(max(position), 0) FROM entry") or (0,)
            heads = [
                ChainHead(one.device, one.compartment, one.next_sequence - 1, one.previous)
                for one in parts.vault.entries.heads()
            ]
            if not asks:
                changed = {
                    (bytes(device), bytes(compartment))
                    for device, compartment in parts.db.rows(
                        "SELECT DISTINCT device, compartment FROM entry WHERE position > ?", (position,)
                    )
                }
                heads = [one for one in heads if (one.device, one.compartment) in changed]
            checkpoint = Checkpoint(
                device=parts.keys.device_id,
                pq_key=parts.keys.device.pq_public,
                day=parts.today,
                heads=tuple(heads),
                asks=asks,
            )
            parts.ledger.queue(ItemType.CHECKPOINT, sign_checkpoint(checkpoint, device=parts.keys.device))
            settings.put(_LAST, value=parts.today)
            settings.put(_SENT, value=int(newest))

    # ---- Heeding ----

    def take(self, content: bytes) -> bool:
        """Heed another device's checkpoint; it tells nothing that other items wait for.

        Raises:
            UnknownDevice: The roster in force does not name the device.
            RemoteError: It is broken or forged, or from a day to come.
        """
        parts = self._parts
        device = parts.roster.named(checkpoint_device(content))
        found = verify_checkpoint(content, device=device, today=parts.today)
        if device.id == parts.keys.device_id:
            return False
        differ = False
        for head in found.heads:
            differ |= self._compare(head)
        if differ:
            parts.alarms.raise_(AlarmKind.HEADS_DIFFER)
        self._note(found)
        if found.asks:
            self._answer(found)
        return False

    def _compare(self, head: ChainHead) -> bool:
        """Note what this desk lacks of a chain; return whether the two can't be one chain."""
        parts = self._parts
        entries = parts.vault.entries
        chain = entries.chain_of(head.device, compartment=head.compartment)
        there = entries.at(head.device, compartment=head.compartment, sequence=head.sequence)
        if there is not None and head.sequence < chain.next_sequence:
            return there.hash != head.hash and _undisputed(chain)
        if there is None and _undisputed(chain):
            parts.db.run(
                "INSERT INTO desk_missing (device, compartment, sequence, day) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)",
                (head.device, head.compartment, head.sequence, parts.today),
            )
        return False

    def _note(self, found: Checkpoint) -> None:
        entries = self._parts.vault.entries
        known = {(one.device, one.compartment): one.sequence + 1 for one in found.heads}
        behind = sum(
            max(
                0,
                one.next_sequence
                - known.get((one.device, one.compartment), 0 if found.asks else one.next_sequence),
            )
            for one in entries.heads()
        )
        self._parts.db.run(
            "INSERT INTO desk_checkpoint (device, day, behind) VALUES (?1, ?2, ?3) ON CONFLICT (device) "
            "DO UPDATE SET day = ?2, behind = ?3 WHERE day <= ?2",
            (found.device, found.day, behind),
        )

    def forget_found(self) -> None:
        """Let go of notes about what has come since."""
        self._parts.db.run(
            "DELETE FROM desk_missing WHERE EXISTS (SELECT 1 FROM entry "
            "WHERE entry.device = desk_missing.device AND entry.compartment = desk_missing.compartment "
            "AND entry.sequence >= desk_missing.sequence)"
        )

    def _answer(self, asking: Checkpoint) -> None:
        """Give a device what it asks for: one desk does at once, the others if it asks again another day."""
        parts = self._parts
        known = parts.db.row("SELECT day, times FROM desk_asked WHERE device = ?", (asking.device,))
        if known is not None and known[0] == asking.day:
            return  # the same one again
        times = 0 if known is None or not 0 < asking.day - known[0] <= WEEK_DAYS else known[1]
        parts.db.run(
            "INSERT OR REPLACE INTO desk_asked (device, day, times) VALUES (?, ?, ?)",
            (asking.device, asking.day, times + 1),
        )
        if parts.roster.wrapping_key_of(asking.device) is None:
            return
        if times > 0 or self._is_first(asking.device):
            parts.ledger.queue_snapshot(asking.device, heads=asking.heads)
        else:
            # Nobody holds all keys: a coordinator reads no identity. Keys are few.
            parts.ledger.queue_keys(asking.device)

    def _is_first(self, asking: bytes) -> bool:
        """Return whether it is this desk's turn: all work out the same order for each that asks."""
        others = [one.id for one in self._parts.roster.current().devices if one.id != asking]
        first = min(others, key=lambda one: hashlib.sha256(asking + one).digest())
        return first == self._parts.keys.device_id
