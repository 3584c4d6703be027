"""What the parts of an open desk share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from causeway.desk.engine.alarms import Alarms
from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.ledger import Ledger
from causeway.desk.engine.roster import RosterBook
from causeway.desk.engine.settings import DeskSettings
from causeway.desk.engine.tables import make_tables
from causeway.units import Day, day_of
from causeway.vault import Database, Vault

__all__ = ["Parts", "assemble"]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Parts:
    """An open vault and what was built on it."""

    vault: Vault
    keys: Keyring
    roster: RosterBook
    settings: DeskSettings
    ledger: Ledger
    alarms: Alarms
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    undo_seconds: float

    @property
    def db(self) -> Database:
        """The vault's database, for tables of the desk's own."""
        return self.vault.db

    @property
    def is_coordinator(self) -> bool:
        """Whether this device signs rosters and door sheets."""
        return self.roster.current().signer.id == self.keys.device_id

    @property
    def board_slot(self) -> int | None:
        """This device's place on the board, by the roster in force; `None` where its role does not answer."""
        device = self.roster.current().device(self.keys.device_id)
        return None if device is None else device.board_slot

    @property
    def today(self) -> Day:
        """The UTC day."""
        return day_of(self.clock())


def assemble(
    vault: Vault, *, clock: Callable[[], float], random: Callable[[int], bytes], undo_seconds: float
) -> Parts:
    """Build the parts of a desk on its open vault.

    Args:
        undo_seconds: How long a new answer stays here before it leaves, so that it can be taken back.

    Raises:
        VaultDamaged: The desk was cut off while it was made.
    """
    keys = Keyring(vault, random=random)
    make_tables(vault.db)
    roster = RosterBook(vault)
    settings = DeskSettings(vault)
    ledger = Ledger(vault, keys=keys, roster=roster, member=settings.member, clock=clock, random=random)
    return Parts(
        vault=vault,
        keys=keys,
        roster=roster,
        settings=settings,
        ledger=ledger,
        alarms=Alarms(vault.db, clock=clock),
        clock=clock,
        random=random,
        undo_seconds=undo_seconds,
    )
