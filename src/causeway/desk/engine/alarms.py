"""Alarms: what a person has to look at, counted until somebody has."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from causeway.desk.views import Alarm, AlarmKind
from causeway.vault import Database

__all__ = ["Alarms"]


@final
class Alarms:
    """The alarms of one desk."""

    def __init__(self, db: Database, *, clock: Callable[[], float]) -> None:
        self._db = db
        self._clock = clock

    def raise_(self, kind: AlarmKind, *, conversation: bytes | None = None) -> None:
        """Raise one, or count one more of the same."""
        self._db.run(
            "INSERT INTO desk_alarm (kind, conversation, since, count) VALUES (?, ?, ?, 1) "
            "ON CONFLICT (kind, conversation) DO UPDATE SET count = count + 1",
            (kind, conversation or b"", self._clock()),
        )

    def all(self) -> tuple[Alarm, ...]:
        """Return what was raised and not dismissed, oldest first."""
        rows = self._db.rows("SELECT kind, conversation, since, count FROM desk_alarm ORDER BY since, kind")
        return tuple(
            Alarm(kind=AlarmKind(kind), conversation=bytes(about).hex() or None, since=since, count=count)
            for kind, about, since, count in rows
        )

    def dismiss(self, kind: AlarmKind, *, conversation: bytes | None = None) -> None:
        """Take away those of a kind, or the one of them that is about a conversation."""
        self._db.run(
            "DELETE FROM desk_alarm WHERE kind = ?1 AND (?2 IS NULL OR conversation = ?2)",
            (kind, conversation),
        )
