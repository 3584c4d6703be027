"""What members set apart, and settling it: all values are shown until somebody has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

from causeway.casework.conversation import Conversation
from causeway.desk.engine.errors import UnknownConversation
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.projector import load_conversation
from causeway.desk.member_views import ConflictValueView, ConflictView
from causeway.errors import LocalError
from causeway.record.clock import clock_millis

__all__ = ["Conflicts", "set_register"]


def set_register(parts: Parts, folded: Conversation, register: str, *, value: Any, case: bytes) -> None:
    """Set a register of a conversation in place of all its values, in every case that holds one.

    Heads never cross compartments: a conversation that two desks began has two.

    Args:
        case: Where the value stands if the register has none yet.
    """
    heads = folded.heads(register) or {case: ()}
    for where, replaced in heads.items():
        parts.ledger.set(register, value, case=where, heads=replaced)


@final
class Conflicts:
    """The registers of conversations that have more than one value."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def all(self) -> tuple[ConflictView, ...]:
        """Return what is to be settled, the conversation with the newest activity first."""
        parts = self._parts
        with parts.vault.transaction():
            rows = parts.db.rows(
                "SELECT id, code_name FROM conversation WHERE conflict ORDER BY last_activity DESC, id"
            )
            return tuple(view for about, name in rows for view in self._of(bytes(about), code_name=name))

    def _of(self, about: bytes, *, code_name: str) -> list[ConflictView]:
        folded = load_conversation(self._parts.db, about)
        names = {one.id: one.name for roster in self._parts.roster.chain() for one in roster.members}
        return [
            ConflictView(
                conversation=about.hex(),
                code_name=code_name,
                name=register,
                values=tuple(
                    ConflictValueView(
                        entry=one.entry_id.hex(),
                        member=names.get(one.member, ""),
                        written=clock_millis(one.clock) / 1000,
                        text=_text(one.value),
                    )
                    for one in folded.values(register)
                ),
            )
            for register in folded.apart
        ]

    def settle(self, conversation: bytes, *, register: str, entry: bytes) -> None:
        """Keep the value of one entry, in place of all others.

        Raises:
            UnknownConversation: There is none of this id.
            LocalError: The entry's value is no longer in force.
        """
        parts = self._parts
        with parts.vault.transaction():
            row = parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (conversation,))
            if row is None:
                raise UnknownConversation("There is no such conversation here.")
            folded = load_conversation(parts.db, conversation)
            chosen = [one.value for one in folded.values(register) if one.entry_id == entry]
            if not chosen:
                raise LocalError("Somebody has settled this meanwhile. Look at it again.")
            set_register(parts, folded, register, value=chosen[0], case=bytes(row[0]))


def _text(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
