"""Making a centre: a root, one member, one desk. Needs no network: the relay is claimed later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from causeway.casework.rotation import APPOINTMENT_DAYS
from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.roster import RosterBook
from causeway.desk.engine.settings import DeskSettings, DoorAddress
from causeway.desk.engine.tables import make_tables
from causeway.desk.views import AlarmKind
from causeway.record.entry import ZERO_HASH, device_id
from causeway.record.root import appoint_for_roster, pq_hash
from causeway.record.roster import Device, Member, Roster, roster_hash, sign_roster
from causeway.record.wrapping import sign_wrapping_key
from causeway.sealed.passphrase import Profile
from causeway.sealed.sheet import appoint
from causeway.sealed.signing import SigningKey
from causeway.units import Day
from causeway.vault import Vault
from causeway.wire.items import ItemType
from causeway.wire.sizes import BOARD_SLOTS, ID_BYTES

__all__ = ["NewCentre", "make_centre", "renew_appointment"]

_COORDINATOR: Final = "coordinator"


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
            _fill(vault, new, today=today, random=random)
    except BaseException:
        vault.close()
        raise
    return vault


def _fill(vault: Vault, new: NewCentre, *, today: Day, random: Callable[[int], bytes]) -> None:
    make_tables(vault.db)
    Keyring.begin(vault, today=today, random=random)
    keys = Keyring(vault, random=random)
    wrapping = keys.turn_wrapping(today=today)
    if wrapping is None:
        raise ValueError("a new desk has no wrapping key yet")
    root = keys.root()
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
        members=(Member(member, new.member, _COORDINATOR),),
        devices=(
            Device(
                device_id(keys.device.public),
                member,
                keys.device.public,
                pq_hash(keys.device.pq_public),
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
    settings.coordinator = keys.device.public
    settings.door = new.door
    settings.setup_code = new.setup_code


def renew_appointment(parts: Parts) -> None:
    """Have the root appoint the coordinator's device anew; the roster with it goes to every desk."""
    keys, today = parts.keys, parts.today
    with parts.vault.transaction():
        current = parts.roster.current()
        root, last_day = keys.root(), Day(today + APPOINTMENT_DAYS)
        renewed = msgspec.structs.replace(
            current,
            version=current.version + 1,
            previous=roster_hash(parts.roster.signed()),
            day=today,
            appointment=appoint(keys.device.public, root=root, last_day=last_day),
            roster_appointment=appoint_for_roster(keys.device, root=root, last_day=last_day),
            signer_pq=keys.device.pq_public,
        )
        signed = sign_roster(renewed, device=keys.device)
        parts.roster.take(signed, today=today)
        parts.ledger.queue(ItemType.ROSTER, signed)
        parts.settings.sheet = None
        parts.alarms.dismiss(AlarmKind.APPOINTMENT_ENDS)
