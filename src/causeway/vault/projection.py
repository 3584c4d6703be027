"""What a desk makes of its entries: tables that can always be thrown away and made again from the entries.

A projector is the desk's: it owns tables, and folds events into them. When its version is not the one that
wrote its tables, all projectors' tables and the search index are made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar, final

import msgspec

from causeway.vault import search
from causeway.vault._database import Database, quoted
from causeway.vault._entries import StoredEntry
from causeway.vault._schema import OWN_TABLES
from causeway.vault.vault import Vault

__all__ = ["Projections", "Projector"]

Event = TypeVar("Event")
Given = TypeVar("Given", contravariant=True)

_SEARCH: str = "search"
_AT_ONCE = 2_000
"""Events that are folded in at a time: a few megabytes."""


class Projector(Protocol[Given]):
    """Folds events into tables of its own.

    Events of one chain come in its order; chains may come in any order, and `apply_all` must end at the same
    tables. It touches its own tables and the search index only, and is run inside a transaction.
    """

    @property
    def name(self) -> str:
        """Its name in the store; never reused for another."""

    @property
    def version(self) -> int:
        """One higher whenever its tables or what it puts in them change."""

    @property
    def tables(self) -> Sequence[str]:
        """The names of its tables, all of which are dropped to make them again."""

    def create(self, db: Database) -> None:
        """Make the tables, empty."""

    def apply_all(self, db: Database, events: Sequence[Given]) -> None:
        """Fold events in: many at once are much cheaper than one by one."""


@final
class Projections(Generic[Event]):
    """All projectors of one desk, and the bringing up to date of their tables."""

    def __init__(
        self,
        vault: Vault,
        *,
        projectors: Sequence[Projector[Event]],
        opening: Callable[[StoredEntry], Event | None],
    ) -> None:
        """Take the desk's projectors.

        Args:
            vault: An open vault.
            projectors: In the order in which they see each event.
            opening: Opens a stored entry; None where this member has no key for it (any more).

        Raises:
            ValueError: Two projectors share a name or a table, or one claims a table of the vault.
        """
        names = [projector.name for projector in projectors]
        tables = [table for projector in projectors for table in projector.tables]
        if len({*names, _SEARCH}) <= len(names) or len(set(tables)) < len(tables):
            raise ValueError("two projectors share a name or a table")
        if not OWN_TABLES.isdisjoint(tables):
            raise ValueError("this table is the vault's own")
        self._vault = vault
        self._projectors = tuple(projectors)
        self._opening = opening

    def bring_up(self, *, progress: Callable[[int, int], None] | None = None, again: bool = False) -> bool:
        """Make all tables again if any is missing or of another version; return whether they were.

        Args:
            progress: Called with how many entries are done, and of how many. If it raises, all is as before.
            again: Make them again in any case: after keys came that open more, or were destroyed.
        """
        wanted = {projector.name: projector.version for projector in self._projectors}
        wanted[_SEARCH] = search.FOLD_VERSION
        db = self._vault.db
        if not again and dict(db.rows("SELECT name, version FROM projection")) == wanted:
            return False
        with db.transaction():
            self._drop_all(db)
            for projector in self._projectors:
                projector.create(db)
            for name, version in wanted.items():
                tables = next((list(p.tables) for p in self._projectors if p.name == name), [])
                db.run(
                    "INSERT INTO projection VALUES (?, ?, ?)", (name, version, msgspec.json.encode(tables))
                )
            total = self._vault.entries.count()
            events: list[Event] = []
            for done, entry in enumerate(self._vault.entries.each(), start=1):
                event = self._opening(entry)
                if event is not None:
                    events.append(event)
                if len(events) == _AT_ONCE:
                    self.apply_all(events)
                    events = []
                if progress is not None:
                    progress(done, total)
            self.apply_all(events)
            db.empty_wal_after_commit()
        return True

    def apply(self, event: Event) -> None:
        """Show one event to every projector, in one transaction."""
        self.apply_all([event])

    def apply_all(self, events: Sequence[Event]) -> None:
        """Show events to every projector, in one transaction."""
        with self._vault.db.transaction():
            for projector in self._projectors:
                projector.apply_all(self._vault.db, events)

    def _drop_all(self, db: Database) -> None:
        for (tables,) in db.rows("SELECT tables FROM projection"):
            for table in msgspec.json.decode(tables, type=list[str]):
                db.run(f"DROP TABLE IF EXISTS {quoted(table)}")
        db.run("DELETE FROM projection")
        search.clear(db)
