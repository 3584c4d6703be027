"""The roster that is in force, and the wrapping keys that devices have named since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from causeway.desk.engine.errors import NotMade
from causeway.record.errors import Fork, OutOfSequence, RecordError, UnknownDevice
from causeway.record.roster import Device, Roster, roster_hash, verify_roster
from causeway.record.signed import signer_of
from causeway.record.wrapping import verify_wrapping_key
from causeway.sealed.hybrid import PUBLIC_SIZE, HybridPublic
from causeway.sealed.sheet import root_fingerprint
from causeway.units import Day
from causeway.vault import Vault
from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.sizes import HASH_BYTES, ID_BYTES

__all__ = ["KnownDevice", "RosterBook"]

_ROSTER: Final = "roster"
_FINGERPRINT: Final = "fingerprint"
_WRAPPING: Final = "wrapping/"
_DEVICE: Final = "device/"


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDevice:
    """A device of any roster so far: its id (16 bytes), Ed25519 key (32) and member (16)."""

    id: bytes
    key: bytes
    member: bytes


@final
class RosterBook:
    """Reads and renews the roster."""

    def __init__(self, vault: Vault) -> None:
        self._settings = vault.settings
        self._current: Roster | None = None

    @staticmethod
    def begin(vault: Vault, *, signed: bytes, root: bytes, root_pq_hash: bytes, today: Day) -> None:
        """Start with the first version."""
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

    def signed(self) -> bytes:
        """Return the signed roster that is in force."""
        value = self._settings.get(_ROSTER)
        return b64decode(value["signed"], size=value["bytes"])

    def current(self) -> Roster:
        """Return the roster that is in force."""
        if self._current is None:
            value = self._settings.get(_ROSTER)
            # Verified when it was taken, by that day's appointment.
            self._current = verify_roster(
                self.signed(), fingerprint=self.fingerprint(), today=Day(value["day"])
            )
        return self._current

    def take(self, signed: bytes, *, today: Day) -> bool:
        """Take a newer version; return whether it was new.

        Raises:
            OutOfSequence: Versions between are missing.
            Fork: It follows another version than the one in force.
            RemoteError: It is broken, forged or another centre's.
        """
        held = self.signed()
        if signed == held:
            return False
        roster = verify_roster(signed, fingerprint=self.fingerprint(), today=today)
        current = self.current()
        if roster.version > current.version + 1:
            raise OutOfSequence("A roster came before the one that it follows.")
        if roster.version < current.version:
            return False
        if roster.version == current.version or roster.previous != roster_hash(held):
            raise Fork("Two rosters claim one version.")
        for device in roster.devices:
            known = self.known_device(device.id)
            if known is not None and known.member != device.member:
                raise RecordError("A roster gives a device to another member.")
        self._keep(signed, roster=roster, today=today)
        return True

    def _keep(self, signed: bytes, *, roster: Roster, today: Day) -> None:
        for device in roster.devices:
            # Kept beyond its removal: what it wrote before stays in the record, and has to be read again.
            known = {"key": b64encode(device.key), "member": b64encode(device.member)}
            self._settings.put(_DEVICE + device.id.hex(), value=known)
        self._settings.put(_ROSTER, value={"signed": b64encode(signed), "bytes": len(signed), "day": today})
        self._current = None

    def known_device(self, device: bytes) -> KnownDevice | None:
        """Return a device that is in the roster, or was in an earlier one."""
        value = self._settings.get(_DEVICE + device.hex())
        if value is None:
            return None
        return KnownDevice(
            id=device,
            key=b64decode(value["key"], size=HASH_BYTES),
            member=b64decode(value["member"], size=ID_BYTES),
        )

    def signer(self, signed: bytes) -> Device:
        """Return the device that a blob says it is from.

        Raises:
            UnknownDevice: The roster in force does not name it.
            RecordError: There is no blob.
        """
        device = self.current().device(signer_of(signed))
        if device is None:
            raise UnknownDevice("No roster names the device that something is from.")
        return device

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
        self._settings.put(key, value={"day": named.day, "key": b64encode(bytes(named.key))})
        return True

    def wrapping_keys(self) -> list[tuple[bytes, HybridPublic]]:
        """Return id and newest wrapping key of every device that has named one."""
        keys = []
        for device in self.current().devices:
            named = self._settings.get(_WRAPPING + device.id.hex())
            if named is not None:
                keys.append((device.id, HybridPublic(b64decode(named["key"], size=PUBLIC_SIZE))))
        return keys
