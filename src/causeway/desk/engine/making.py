"""Making a centre: a root, one member, one desk. Needs no network: the relay is claimed later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from causeway.casework.rotation import APPOINTMENT_DAYS
from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.roster import RosterBook
from causeway.desk.engine.settings import DeskSettings, DoorAddress
from causeway.desk.engine.tables import make_tables
from causeway.record.entry import ZERO_HASH, device_id
from causeway.record.root import appoint_for_roster, pq_hash
from causeway.record.roster import Device, Member, Role, Roster, sign_roster
from causeway.record.wrapping import sign_wrapping_key
from causeway.sealed.passphrase import Profile
from causeway.sealed.sheet import appoint
from causeway.sealed.signing import SigningKey
from causeway.units import Day
from causeway.vault import Vault
from causeway.wire.sizes import BOARD_SLOTS, ID_BYTES

__all__ = ["NewCentre", "fill_centre", "make_centre"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCentre:
    """What somebody who makes a centre says."""

    centre: str
    member: str
    door: DoorAddress
    setup_code: str


def make_centre(
    directory: Path,
    new: NewCentre,
    *,
    passphrase: str,
    profile: Profile,
    today: Day,
    random: Callable[[int], bytes],
) -> Vault:
    """Make a vault in a new or empty folder, with all that a centre's first desk needs; return it open.

    Raises:
        UnfitPassphrase: Too easily guessed.
        VaultExists: Something lies in the folder.
        VaultFull: The disk has no room.
    """
    vault = Vault.create(directory, passphrase=passphrase, profile=profile)
    try:
        with vault.transaction():
            fill_centre(vault, new, today=today, random=random)
    except BaseException:
        vault.close()
        raise
    return vault


def fill_centre(vault: Vault, new: NewCentre, *, today: Day, random: Callable[[int], bytes]) -> None:
    """Fill a new vault with all that a centre's first desk needs; call it in a transaction."""
    make_tables(vault.db)
    Keyring.begin(vault, today=today, random=random)
    keys = Keyring(vault, random=random)
    wrapping = keys.turn_wrapping(today=today)
    if wrapping is None:
        raise ValueError("a new desk has no wrapping key yet")
    root = keys.root()
    if root is None:
        raise ValueError("a new centre has its root")
    member = random(ID_BYTES)
    board_slot = random(1)[0] % BOARD_SLOTS
    # The others are keys that nobody holds, so that nobody outside knows how many desks there are.
    boards = [SigningKey.generate(random=random).public for _ in range(BOARD_SLOTS)]
    boards[board_slot] = keys.board.public
    last_day = Day(today + APPOINTMENT_DAYS)
    roster = Roster(
        version=1,
        previous=ZERO_HASH,
        day=today,
        centre=new.centre,
        root=root.public,
        root_pq=root.pq_public,
        appointment=appoint(keys.device.public, root=root, last_day=last_day),
        roster_appointment=appoint_for_roster(keys.device, root=root, last_day=last_day),
        signer_pq=keys.device.pq_public,
        members=(Member(member, new.member, Role.COORDINATOR.value),),
        devices=(
            Device(
                device_id(keys.device.public),
                member,
                keys.device.public,
                pq_hash(keys.device.pq_public),
                keys.board.public,
                board_slot,
            ),
        ),
    )
    RosterBook.begin(
        vault,
        signed=sign_roster(roster, device=keys.device),
        root=root.public,
        root_pq_hash=pq_hash(root.pq_public),
        today=today,
    )
    named = sign_wrapping_key(wrapping.public, day=today, device=keys.device.classical)
    RosterBook(vault).take_wrapping_key(named, today=today)
    keys.begin_epoch(roster_version=roster.version, today=today)
    settings = DeskSettings(vault)
    settings.boards = tuple(boards)
    settings.board_slot = board_slot
    settings.member = member
    settings.door = new.door
    settings.setup_code = new.setup_code
