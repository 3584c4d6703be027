"""The rosters that this desk knows, the one in force, and the wrapping keys that devices have named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, final

from causeway.desk.engine.errors import NotMade
from causeway.record.chains import NOTHING, ChainCut
from causeway.record.cuts import NO_CUTS, CutList, cut_list_hash, decode_cut_list
from causeway.record.errors import OutOfSequence, RecordError, RemovedDevice, UnknownDevice
from causeway.record.lineage import Lineage, RosterFork, Version, lineage
from causeway.record.root import RosterChoice, verify_roster_choice
from causeway.record.roster import Device, Roster, last_day_of, read_roster, roster_hash, verify_roster
from causeway.record.signed import signer_of
from causeway.record.wrapping import verify_wrapping_key
from causeway.sealed.hybrid import PUBLIC_SIZE, HybridPublic
from causeway.sealed.sheet import root_fingerprint
from causeway.units import Day
from causeway.vault import Vault
from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.sizes import ID_BYTES

__all__ = ["ChainCuts", "DeviceStanding", "KnownDevice", "RosterBook"]

_FINGERPRINT: Final = "fingerprint"
_WRAPPING: Final = "wrapping/"


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDevice:
    """A device of any roster so far: its id (16 bytes), Ed25519 key (32) and member (16)."""

    id: bytes
    key: bytes
    member: bytes


class DeviceStanding(Enum):
    """How a device stands in the roster in force.

    `WAITING`: it was removed, and the list that says what of it counts has not come.
    """

    LIVE = "live"
    REMOVED = "removed"
    WAITING = "waiting"
    UNKNOWN = "unknown"


ChainCuts = Mapping[bytes, ChainCut]
"""What counts of a removed device, by compartment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """All that follows from the rosters, choices and cut lists that are here."""

    lineage: Lineage
    rosters: tuple[Roster, ...]
    devices: Mapping[bytes, KnownDevice]
    standings: Mapping[bytes, DeviceStanding]
    cut_list: CutList | None
    cuts: Mapping[bytes, ChainCuts]


@final
class RosterBook:
    """Reads and renews the roster."""

    def __init__(self, vault: Vault) -> None:
        self._settings = vault.settings
        self._db = vault.db
        self._state: _Known | None = None
        self._undone = 0

    @staticmethod
    def begin(vault: Vault, *, signed: bytes, root: bytes, root_pq_hash: bytes, today: Day) -> None:
        """Start with the first version, or with the one under which this device joins.

        Those before it, which whoever invited this desk sends, are taken backwards: each is named by the
        next.
        """
        fingerprint = root_fingerprint(root, root_pq=root_pq_hash)
        roster = verify_roster(signed, fingerprint=fingerprint, today=today)
        vault.settings.put(_FINGERPRINT, value=b64encode(fingerprint))
        RosterBook(vault)._keep(signed, roster=roster, today=today)

    def fingerprint(self) -> bytes:
        """Return the root's fingerprint, 16 bytes."""
        value = self._settings.get(_FINGERPRINT)
        if value is None:
            raise NotMade
        return b64decode(value, size=ID_BYTES)

    # ---- What is in force ----

    def _known(self) -> _Known:
        if self._undone != self._db.undone:
            self._undone, self._state = self._db.undone, None
        if self._state is None:
            self._state = self._work_out()
        return self._state

    def _work_out(self) -> _Known:
        versions = [
            Version(hash=digest, roster=read_roster(signed), late=bool(late))
            for digest, signed, late in self._db.rows("SELECT hash, signed, late FROM desk_roster")
        ]
        if not versions:
            raise NotMade
        found = lineage(versions, choices=self._choices())
        rosters = tuple(one.roster for one in found.chain)
        current = rosters[-1]
        devices: dict[bytes, KnownDevice] = {}
        for roster in (*(one.roster for one in versions), *rosters):
            for one in roster.devices:
                devices[one.id] = KnownDevice(id=one.id, key=one.key, member=one.member)
        cut_list = self._cut_list(current)
        cuts: dict[bytes, dict[bytes, ChainCut]] = {}
        for cut in () if cut_list is None else cut_list.cuts:
            cuts.setdefault(cut.device, {})[cut.compartment] = ChainCut(sequence=cut.sequence, hash=cut.hash)
        live = {one.id for one in current.devices}
        gone = {one.id for roster in rosters for one in roster.devices} - live
        standings = dict.fromkeys(devices, DeviceStanding.UNKNOWN) | dict.fromkeys(live, DeviceStanding.LIVE)
        removed = DeviceStanding.WAITING if cut_list is None else DeviceStanding.REMOVED
        standings |= dict.fromkeys(gone, removed)
        return _Known(
            lineage=found,
            rosters=rosters,
            devices=devices,
            standings=standings,
            cut_list=cut_list,
            cuts=cuts,
        )

    def _choices(self) -> list[RosterChoice]:
        rows = self._db.rows("SELECT version, hash FROM desk_choice")
        return [RosterChoice(version=version, hash=digest) for version, digest in rows]

    def _cut_list(self, roster: Roster) -> CutList | None:
        if roster.cuts == NO_CUTS:
            return CutList(cuts=())
        row = self._db.row("SELECT encoded FROM desk_cut_list WHERE hash = ?", (roster.cuts,))
        return None if row is None else decode_cut_list(row[0], named=roster.cuts)

    def current(self) -> Roster:
        """Return the roster that is in force."""
        return self._known().rosters[-1]

    def signed(self) -> bytes:
        """Return the signed roster that is in force."""
        digest = self._known().lineage.chain[-1].hash
        (signed,) = self._db.row("SELECT signed FROM desk_roster WHERE hash = ?", (digest,)) or (b"",)
        return bytes(signed)

    def chain(self) -> tuple[Roster, ...]:
        """Return all versions up to the one in force, from the oldest that is here."""
        return self._known().rosters

    def every_signed(self) -> list[bytes]:
        """Return all signed versions that are here, those beyond a fork included, the oldest first."""
        return [
            bytes(row[0]) for row in self._db.rows("SELECT signed FROM desk_roster ORDER BY version, hash")
        ]

    def every_choice(self) -> list[bytes]:
        """Return the root's signed choices."""
        return [bytes(row[0]) for row in self._db.rows("SELECT signed FROM desk_choice ORDER BY hash")]

    def every_cut_list(self) -> list[bytes]:
        """Return the cut lists that are here."""
        return [bytes(row[0]) for row in self._db.rows("SELECT encoded FROM desk_cut_list ORDER BY hash")]

    def fork(self) -> RosterFork | None:
        """Return the fork at which the roster in force stops. While there is one no version may be signed."""
        return self._known().lineage.fork

    def taken_off_beyond(self) -> frozenset[bytes]:
        """Return the devices of the roster in force that some version beyond its fork removed."""
        beyond = self._known().lineage.beyond
        here = {one.id for one in self.current().devices}
        return frozenset(
            device for one in beyond for device in here - {device.id for device in one.roster.devices}
        )

    def cut_list(self) -> CutList | None:
        """Return the cut list of the roster in force; `None` where it has not come."""
        return self._known().cut_list

    # ---- Devices ----

    def known_device(self, device: bytes) -> KnownDevice | None:
        """Return a device that is in the roster, or was in an earlier one."""
        return self._known().devices.get(device)

    def standing(self, device: bytes) -> DeviceStanding:
        """Return how a device stands."""
        return self._known().standings.get(device, DeviceStanding.UNKNOWN)

    def standings(self) -> dict[bytes, tuple[DeviceStanding, ChainCuts]]:
        """Return how every device stands, and what counts of it: what has to be judged again shows here."""
        known = self._known()
        return {device: (how, known.cuts.get(device, {})) for device, how in known.standings.items()}

    def cut(self, device: bytes, *, compartment: bytes) -> ChainCut | None:
        """Return what counts of a device in a compartment; `None` where there is no limit."""
        known = self._known()
        if known.standings.get(device) is not DeviceStanding.REMOVED:
            return None
        return known.cuts.get(device, {}).get(compartment, NOTHING)

    def signer(self, signed: bytes) -> Device:
        """Return the device that a blob says it is from.

        Raises:
            UnknownDevice: The roster in force does not name it.
            RecordError: There is no blob.
        """
        return self.named(signer_of(signed))

    def named(self, device: bytes) -> Device:
        """Return a device of the roster in force.

        Raises:
            UnknownDevice: It names none of this id; a `RemovedDevice` where an earlier one did.
        """
        found = self.current().device(device)
        if found is not None:
            return found
        if self.standing(device) is DeviceStanding.UNKNOWN:
            raise UnknownDevice("No roster names the device that something is from.")
        raise RemovedDevice("The device that something is from was taken off the roster.")

    # ---- Taking ----

    def take(self, signed: bytes, *, today: Day) -> bool:
        """Take a version; return whether it was new.

        Raises:
            OutOfSequence: Versions between are missing, or it is from a day to come.
            RemoteError: It is broken, forged or another centre's.
        """
        digest = roster_hash(signed)
        if self._db.row("SELECT 1 FROM desk_roster WHERE hash = ?", (digest,)) is not None:
            return False
        roster = read_roster(signed)
        if roster.day > today + 1:
            raise OutOfSequence("A roster is from a day that has not come.")
        # By its own day: who was away while an appointment ran out still needs the versions under it.
        roster = verify_roster(signed, fingerprint=self.fingerprint(), today=Day(roster.day))
        self._check_place(roster, digest=digest)
        self._keep(signed, roster=roster, today=today)
        return True

    def _check_place(self, roster: Roster, *, digest: bytes) -> None:
        before = self._version(roster.previous)
        if before is not None:
            if roster.version != before.version + 1:
                raise RecordError("A roster does not follow the one that it names.")
            self._check_members(roster, before=before)
            return
        oldest = self.chain()[0]
        if digest != oldest.previous or roster.version != oldest.version - 1:
            raise OutOfSequence("A roster came before the one that it follows.")

    def _version(self, digest: bytes) -> Roster | None:
        row = self._db.row("SELECT signed FROM desk_roster WHERE hash = ?", (digest,))
        return None if row is None else read_roster(row[0])

    def _check_members(self, roster: Roster, *, before: Roster) -> None:
        """Refuse a version that gives a device to another member than one before it did."""
        members = {one.id: one.member for one in roster.devices}
        at: Roster | None = before
        while at is not None:
            if any(members.get(one.id, one.member) != one.member for one in at.devices):
                raise RecordError("A roster gives a device to another member.")
            at = self._version(at.previous)

    def _keep(self, signed: bytes, *, roster: Roster, today: Day) -> None:
        self._db.run(
            "INSERT INTO desk_roster (hash, version, signed, late) VALUES (?, ?, ?, ?)",
            (roster_hash(signed), roster.version, signed, int(today > last_day_of(roster))),
        )
        self._state = None

    def take_choice(self, signed: bytes) -> bool:
        """Take the root's choice between two rosters; return whether it was new.

        Raises:
            RemoteError: It is broken, or not this root's.
        """
        current = self.current()
        choice = verify_roster_choice(signed, root=current.root, root_pq=current.root_pq)
        added = self._db.run(
            "INSERT INTO desk_choice (hash, version, signed) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (choice.hash, choice.version, signed),
        )
        self._state = None
        return bool(added)

    def take_cut_list(self, encoded: bytes) -> bool:
        """Take the cut list that some version names; return whether it was new.

        Raises:
            OutOfSequence: No version that is here names it.
            RecordError: It does not have its form.
        """
        digest = cut_list_hash(encoded)
        named = {one.cuts for one in map(read_roster, self.every_signed())}
        if digest not in named:
            raise OutOfSequence("A cut list came before the roster that names it.")
        decode_cut_list(encoded, named=digest)
        added = self._db.run(
            "INSERT INTO desk_cut_list (hash, encoded) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (digest, encoded),
        )
        self._state = None
        return bool(added)

    # ---- Wrapping keys ----

    def take_wrapping_key(self, signed: bytes, *, today: Day) -> bool:
        """Take the wrapping key that a device names; return whether it is newer than the one known.

        Raises:
            UnknownDevice: No roster names the device.
            RemoteError: It is broken or forged, or from a day that has not come.
        """
        named = verify_wrapping_key(signed, device_key=self.signer(signed).key, today=today)
        key = _WRAPPING + named.device.hex()
        known = self._settings.get(key)
        if known is not None and known["day"] >= named.day:
            return False
        value = {"day": named.day, "key": b64encode(bytes(named.key)), "signed": b64encode(signed)}
        self._settings.put(key, value=value | {"bytes": len(signed)})
        return True

    def wrapping_day(self, device: bytes) -> Day | None:
        """Return the day of the newest wrapping key that a device has named."""
        named = self._settings.get(_WRAPPING + device.hex())
        return None if named is None else Day(named["day"])

    def wrapping_keys(self) -> list[tuple[bytes, HybridPublic]]:
        """Return id and newest wrapping key of every device that has named one."""
        keys = []
        for device in self.current().devices:
            key = self.wrapping_key_of(device.id)
            if key is not None:
                keys.append((device.id, key))
        return keys

    def wrapping_key_of(self, device: bytes) -> HybridPublic | None:
        """Return the newest wrapping key that a device has named."""
        named = self._settings.get(_WRAPPING + device.hex())
        return None if named is None else HybridPublic(b64decode(named["key"], size=PUBLIC_SIZE))

    def every_wrapping_key(self) -> list[bytes]:
        """Return the signed items by which the devices of the roster in force named their newest keys."""
        named = [self._settings.get(_WRAPPING + one.id.hex()) for one in self.current().devices]
        return [b64decode(one["signed"], size=one["bytes"]) for one in named if one is not None]
