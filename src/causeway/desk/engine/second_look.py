"""What was refused once and might be taken now: after an upgrade, or with keys that came late."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from typing import Any, Final, final

from causeway.desk.engine.parts import Parts
from causeway.desk.engine.receiving import RETRIED, Receiving
from causeway.errors import RemoteError
from causeway.sync.core import RefusedSlot, read_intake_slot, read_record_slot
from causeway.units import Day
from causeway.wire.items import Item

__all__ = ["SecondLook"]

_LOOKED: Final = "second-look"


@final
class SecondLook:
    """Tries again what lies aside, once for each change of what this desk can read."""

    def __init__(self, parts: Parts, *, receiving: Receiving) -> None:
        self._parts = parts
        self._receiving = receiving

    def if_changed(self) -> None:
        """Try again, if the software is another than at the last time, or there are new keys."""
        now = self._able()
        before = self._parts.vault.settings.get(_LOOKED)
        if before is not None and not _can_more(now, before=before):
            return
        marks = ",".join("?" * len(RETRIED))
        rows = self._parts.db.rows(
            "SELECT aside.id, kind FROM aside LEFT JOIN seen ON seen.id = aside.id "  # noqa: S608
            f"WHERE reason IN ({marks}) AND length(bytes) > 0 ORDER BY aside.day, aside.id",
            RETRIED,
        )
        for aside_id, kind in rows:
            with suppress(RemoteError):
                self._try(bytes(aside_id), kind=kind)
        self._parts.vault.settings.put(_LOOKED, value=now)

    def _able(self) -> dict[str, Any]:
        keys = self._parts.keys
        return {
            "software": version("causeway"),
            "weeks": sorted(keys.intake()),
            "accesses": len(keys.accesses()),
        }

    def _try(self, aside_id: bytes, *, kind: str | None) -> None:
        vault, receiving = self._parts.vault, self._receiving
        with vault.transaction():
            row = self._parts.db.row("SELECT day, bytes FROM aside WHERE id = ?", (aside_id,))
            if row is None:
                return  # taken along with another
            day, content = Day(row[0]), bytes(row[1])
            if kind is None:
                if self._receiving.take_item(Item(type=content[0], content=content[1:])):
                    vault.aside.remove(aside_id)
                return
            if kind == "intake":
                secrets = list(self._parts.keys.intake().values())
                message = read_intake_slot(content, slot_id=aside_id, secrets=secrets)
                if not isinstance(message, RefusedSlot):
                    vault.aside.remove(aside_id)
                    receiving.take_message(message, slot=content, day=day)
                return
            transport = [access.transport_key for _, access in self._parts.keys.accesses()]
            items = read_record_slot(content, slot_id=aside_id, transport_keys=transport)
            if not isinstance(items, RefusedSlot):
                vault.aside.remove(aside_id)
                receiving.take_items(items, slot_id=aside_id, day=day)


def _can_more(now: Mapping[str, Any], *, before: Mapping[str, Any]) -> bool:
    return (
        now["software"] != before["software"]
        or now["accesses"] != before["accesses"]
        or not set(now["weeks"]) <= set(before["weeks"])
    )
