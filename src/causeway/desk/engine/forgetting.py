"""Forgetting a case at this desk: its keys, all that was made of it, and its files."""

from __future__ import annotations

from causeway.desk.engine.files import Files
from causeway.desk.engine.parts import Parts
from causeway.record.forgetting import FORGET, FORGOTTEN, sign_about_case
from causeway.wire.items import ItemType

__all__ = ["forget_case"]


def forget_case(parts: Parts, case: bytes) -> None:
    """Destroy a case's keys here, and what was made of its entries; ask the other desks, and tell them.

    What was sealed under those keys stays, unreadable. `Vault.scour` writes the store anew without what lay
    between its rows; that takes long, and is the caller's to choose.
    """
    device, today = parts.keys.device.classical, parts.today
    with parts.vault.transaction():
        rows = parts.db.rows("SELECT id FROM desk_compartment WHERE case_id = ?", (case,))
        parts.keys.forget(case, compartments=[bytes(row[0]) for row in rows], day=today)
        parts.ledger.folding.fold_cases_again([case])
        Files(parts).drop_unnamed()
        for kind, domain in ((ItemType.FORGET, FORGET), (ItemType.FORGOTTEN, FORGOTTEN)):
            parts.ledger.queue(kind, sign_about_case(case, day=today, device=device, domain=domain))
        parts.db.run(
            "INSERT INTO desk_confirmed (case_id, device, day) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (case, parts.keys.device_id, today),
        )
