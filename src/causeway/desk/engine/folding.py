"""Folding: what entries say becomes the tables that pages read, many entries at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, final

from causeway.desk.engine.file_projector import FileProjector
from causeway.desk.engine.projector import ConversationProjector
from causeway.desk.engine.read_projector import ReadProjector
from causeway.desk.engine.reader import Opened, Reader
from causeway.errors import RemoteError
from causeway.record.entry import decode_entry
from causeway.vault import Projections, StoredEntry, Vault

__all__ = ["REFUSED", "Folding"]

REFUSED: Final = b""
"""In the place of the entry id of one whose inside was refused: it has its place in the chain, no more."""

_SOON_MAX: Final = 100
"""Conversations that are folded anew after a batch; of more, at the end of the round."""


@final
class Folding:
    """The tables of one desk, and how they follow the record."""

    def __init__(self, vault: Vault, *, reader: Reader) -> None:
        self._vault = vault
        self._reader = reader
        self._conversations = ConversationProjector()
        self._others = FileProjector(), ReadProjector()
        self._projections: Projections[Opened] = Projections(
            vault, projectors=[self._conversations, *self._others], opening=self._open_stored
        )
        self._projections.bring_up()
        self.settle()

    def add(self, opened: Sequence[Opened]) -> None:
        """Take what entries say. `settle` has to follow where they are many."""
        if opened:
            self._projections.apply_all(opened)

    def settle(self, *, soon: bool = False) -> None:
        """Fold anew what many entries have touched.

        Args:
            soon: More is coming: leave it to the end where it is much.
        """
        self._conversations.refresh(self._vault.db, at_most=_SOON_MAX if soon else None)

    def fold_again(self) -> None:
        """Make all tables again, after keys were destroyed."""
        self._projections.bring_up(again=True)
        self.settle()

    def fold_cases_again(self, cases: Iterable[bytes]) -> None:
        """Make again what some cases' entries say: some count no longer, or can't be read any more."""
        db = self._vault.db
        with db.transaction():
            for case in sorted(set(cases)):
                self._conversations.drop_case(db, case)
                for projector in self._others:
                    projector.drop_case(db, case)
                self.add(list(self._entries_of(case)))

    def _entries_of(self, case: bytes) -> Iterable[Opened]:
        compartments = self._vault.db.rows(
            "SELECT id FROM desk_compartment WHERE case_id = ? ORDER BY id", (case,)
        )
        for (compartment,) in compartments:
            for stored in self._vault.entries.each(compartment=compartment):
                opened = self._open_stored(stored)
                if opened is not None:
                    yield opened

    def _open_stored(self, stored: StoredEntry) -> Opened | None:
        if stored.entry_id == REFUSED:
            return None
        try:
            return self._reader.open(decode_entry(stored.sealed))
        except RemoteError:
            return None
