"""The read log: who opened which case on which day, sealed per case, and gone after half a year."""

from __future__ import annotations

from typing import Final, final

from causeway.casework.facts import READ, ReadFact, fact_value
from causeway.desk.engine.parts import Parts
from causeway.desk.member_views import ReadView
from causeway.record.entry import Operation
from causeway.record.errors import NotReadable
from causeway.record.keys import CompartmentKind
from causeway.units import Day

__all__ = ["ReadLog"]

_KEPT_DAYS: Final = 180
_NEW_DAYS: Final = 150
"""A log's compartment is written in for thirty days, so that what is written last in it stays this long."""


@final
class ReadLog:
    """The log of all cases that this desk may read."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def note(self, case: bytes) -> None:
        """Write that this desk's member reads a case today; a second time on a day nothing is written."""
        parts = self._parts
        known = parts.db.row(
            "SELECT 1 FROM case_read WHERE case_id = ? AND day = ? AND member = ?",
            (case, parts.today, parts.settings.member),
        )
        if known is not None:
            return
        try:
            parts.ledger.write(
                case,
                kind=CompartmentKind.READLOG,
                operation=Operation.ADD,
                name=READ,
                value=fact_value(ReadFact(day=parts.today)),
                last_day=Day(parts.today + _KEPT_DAYS),
                since_day=Day(parts.today + _NEW_DAYS),
            )
        except NotReadable:
            return  # its keys are on their way, or destroyed: reading what is shown must not fail for that

    def all(self, *, conversation: bytes | None = None, member: bytes | None = None) -> tuple[ReadView, ...]:
        """Return who read what on which day, the newest first.

        Args:
            conversation: Only this one.
            member: Only by this one.
        """
        parts = self._parts
        names = {one.id: one.name for roster in parts.roster.chain() for one in roster.members}
        rows = parts.db.rows(
            "SELECT DISTINCT day, member, case_of.conversation, code_name FROM case_read "
            "JOIN case_of USING (case_id) JOIN conversation ON conversation.id = case_of.conversation "
            "WHERE (?1 IS NULL OR case_of.conversation = ?1) AND (?2 IS NULL OR member = ?2) "
            "ORDER BY day DESC, member, case_of.conversation",
            (conversation, member),
        )
        return tuple(
            ReadView(
                day=Day(day), member=names.get(bytes(by), ""), conversation=bytes(about).hex(), code_name=name
            )
            for day, by, about, name in rows
        )
