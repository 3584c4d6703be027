"""The keys that this desk holds, in the vault, each under its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, final

from causeway.casework.rotation import intake_last_day, plan_intake, plan_wrapping
from causeway.desk.engine.errors import NotMade
from causeway.record.entry import device_id
from causeway.record.epochs import NO_RESTRICTION
from causeway.record.keys import EVERYBODY, Compartment, Epoch, case_id
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.parcel import RelayAccess
from causeway.sealed.signing import HybridSigningKey, SigningKey
from causeway.units import Day, Week, week_of
from causeway.vault import Secret, Vault
from causeway.wire.sizes import CAPABILITY_BYTES, ID_BYTES

__all__ = ["Keyring"]

_ROOT: Final = "root"
_DEVICE: Final = "device"
_BOARD: Final = "board"
_INTAKE: Final = "intake"
_WRAPPING: Final = "wrapping"
_EPOCH: Final = "epoch"
_CASE: Final = "case"
_COMPARTMENT: Final = "compartment"
_ACCESS: Final = "access"
_TRANSPORT: Final = "transport"
_ROTATION: Final = "rotation"
_TOMBSTONE: Final = "tombstone/"

_ONLY: Final = b"\0"
_SEED_BYTES: Final = 32
_NUMBER_BYTES: Final = 4


def _number(value: int) -> bytes:
    return value.to_bytes(_NUMBER_BYTES, "big")


_REMEMBERED_MAX: Final = 40_000
"""Secrets of cases and compartments that are kept in memory: all of a large centre's."""


@dataclass(kw_only=True, slots=True)
class _Held:
    """Keys that were read once."""

    epochs: dict[bytes, Epoch] | None = None
    secrets: dict[tuple[str, bytes], bytes] = field(default_factory=dict)


@final
class Keyring:
    """Reads and makes keys. What is made inside a transaction is kept with it or not at all."""

    def __init__(self, vault: Vault, *, random: Callable[[int], bytes]) -> None:
        """Load the keys that are used all the time.

        Raises:
            NotMade: They are not there.
        """
        self._secrets = vault.secrets
        self._settings = vault.settings
        self._db = vault.db
        self._random = random
        self._held = _Held()
        self._undone = vault.db.undone
        self.added = 0
        """How often keys came: what could not be opened may be opened now."""
        self.destroyed = 0
        """How often keys were destroyed: what was worked out from them must go as well."""
        self.device = HybridSigningKey(self._only(_DEVICE))
        self.device_id = device_id(self.device.public)
        self.board = SigningKey(self._only(_BOARD))

    @staticmethod
    def begin_device(vault: Vault, *, today: Day, random: Callable[[int], bytes]) -> None:
        """Make the keys of a new desk, of any centre's."""
        for kind in (_DEVICE, _BOARD):
            vault.secrets.put(kind, secret_id=_ONLY, value=random(_SEED_BYTES), from_day=today)

    @staticmethod
    def begin(vault: Vault, *, today: Day, random: Callable[[int], bytes]) -> None:
        """Make the keys of a new centre's first desk."""
        Keyring.begin_device(vault, today=today, random=random)
        vault.secrets.put(_ROOT, secret_id=_ONLY, value=random(_SEED_BYTES), from_day=today)
        access = RelayAccess.generate(random=random)
        vault.secrets.put(
            _ACCESS,
            secret_id=_number(0),
            value=access.capability + access.transport_key,
            from_day=today,
        )

    def root(self) -> HybridSigningKey | None:
        """Return the root, used for appointments alone; `None` where shares of it were handed out."""
        secret = self._secrets.get(_ROOT, secret_id=_ONLY)
        return None if secret is None else HybridSigningKey(secret.value)

    def destroy_root(self) -> None:
        """Let go of the root for good."""
        self._secrets.destroy(_ROOT, secret_id=_ONLY)

    def _only(self, kind: str) -> bytes:
        secret = self._secrets.get(kind, secret_id=_ONLY)
        if secret is None:
            raise NotMade
        return secret.value

    # ---- Relay ----

    def accesses(self) -> list[tuple[int, RelayAccess]]:
        """Return number and access of every rotation, newest first."""
        return self._accesses(_ACCESS)

    def _accesses(self, kind: str) -> list[tuple[int, RelayAccess]]:
        found = [
            (
                int.from_bytes(one.id, "big"),
                RelayAccess(one.value[:CAPABILITY_BYTES], one.value[CAPABILITY_BYTES:]),
            )
            for one in self._secrets.all(kind)
        ]
        return sorted(found, key=lambda one: one[0], reverse=True)

    def add_access(self, number: int, *, access: RelayAccess, today: Day) -> None:
        """Keep the access of a rotation."""
        value = access.capability + access.transport_key
        self._secrets.put(_ACCESS, secret_id=_number(number), value=value, from_day=today)

    def transport_keys(self) -> list[bytes]:
        """Return the transport keys of all rotations that this desk knows, the newest first."""
        earlier = [one.value for one in reversed(self._secrets.all(_TRANSPORT))]
        return list(dict.fromkeys([access.transport_key for _, access in self.accesses()] + earlier))

    def add_transport_keys(self, transport_keys: Sequence[bytes], *, today: Day) -> None:
        """Keep transport keys of rotations that this desk slept through, the newest first."""
        held = set(self.transport_keys())
        number = len(self._secrets.all(_TRANSPORT))
        for key in reversed(transport_keys):
            if key not in held:
                self._secrets.put(_TRANSPORT, secret_id=_number(number), value=key, from_day=today)
                number += 1

    def rotations(self) -> list[tuple[int, RelayAccess]]:
        """Return number and access of rotations that the relay has not confirmed, the newest first."""
        return self._accesses(_ROTATION)

    def add_rotation(self, number: int, *, access: RelayAccess, today: Day) -> None:
        """Keep an access that is to be in force once the relay has it."""
        value = access.capability + access.transport_key
        self._secrets.put(_ROTATION, secret_id=_number(number), value=value, from_day=today)

    def drop_rotations(self) -> None:
        """Let go of all that wait: one is in force, or another device has rotated."""
        for number, _ in self.rotations():
            self._secrets.destroy(_ROTATION, secret_id=_number(number))

    # ---- Epochs ----

    def _fresh(self) -> _Held:
        """Return what is remembered, or nothing where a transaction was undone since."""
        if self._undone != self._db.undone:
            self._undone, self._held = self._db.undone, _Held()
        return self._held

    def epochs(self) -> dict[bytes, Epoch]:
        """Return all epochs that are held, by id."""
        held = self._fresh()
        if held.epochs is None:
            held.epochs = {one.id: self._epoch(one) for one in self._secrets.all(_EPOCH)}
        return held.epochs

    def begin_epoch(
        self, *, roster_version: int, today: Day, group: bytes = EVERYBODY, mark: bytes = NO_RESTRICTION
    ) -> Epoch:
        """Begin an epoch for a group's readers under this version of the roster.

        Args:
            mark: See `record.epochs.restriction`.
        """
        epoch = Epoch.begin(
            self._random(_SEED_BYTES), roster_version=roster_version, device=self.device_id, group=group
        )
        self.add_epoch(epoch, today=today, mark=mark)
        return epoch

    def writing_epoch(
        self, *, group: bytes, from_version: int, to_version: int, mark: bytes = NO_RESTRICTION
    ) -> Epoch | None:
        """Return the epoch in which this desk writes for a group: that of the highest roster version.

        Of several begun apart under one version any will do; every desk takes the same. One that only
        a removed device has answered for is for reading.

        Args:
            group: Whose readers.
            from_version: Epochs of lower versions are closed.
            to_version: That of the roster in force.
            mark: Where there is one, only epochs with it, which this desk began, count.
        """
        unfit = {bytes(row[0]) for row in self._db.rows("SELECT id FROM desk_epoch WHERE vouched = 0")}
        fit = None
        if mark:
            fit = {
                bytes(row[0]) for row in self._db.rows("SELECT id FROM desk_epoch WHERE mark = ?", (mark,))
            }
        found = [
            one
            for one in self.epochs().values()
            if one.group == group
            and from_version <= one.roster_version <= to_version
            and one.id not in unfit
            and (fit is None or one.id in fit)
        ]
        return max(found, key=lambda one: (one.roster_version, one.id), default=None)

    @staticmethod
    def _epoch(secret: Secret) -> Epoch:
        rest = secret.value[_SEED_BYTES:]
        version, names = rest[:_NUMBER_BYTES], rest[_NUMBER_BYTES:]
        return Epoch(
            secret.id,
            secret.value[:_SEED_BYTES],
            int.from_bytes(version, "big"),
            names[:ID_BYTES],
            names[ID_BYTES:],
        )

    def find_epoch(self, epoch: bytes) -> Epoch | None:
        """Return the epoch of this id; `None` where this desk does not hold it."""
        return self.epochs().get(epoch)

    def add_epoch(
        self, epoch: Epoch, *, today: Day, mark: bytes = NO_RESTRICTION, vouched: bool = True
    ) -> bool:
        """Keep an epoch; return whether it is new.

        Args:
            vouched: A device of the roster in force answers for it: it may be written in.
        """
        new = self.find_epoch(epoch.id) is None
        if new:
            value = epoch.seed + _number(epoch.roster_version) + epoch.device + epoch.group
            self._secrets.put(_EPOCH, secret_id=epoch.id, value=value, from_day=today)
            self.epochs()[epoch.id] = epoch
            self.added += 1
        if new or vouched:
            self._db.run(
                "INSERT INTO desk_epoch (id, mark, vouched) VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET vouched = max(vouched, excluded.vouched)",
                (epoch.id, mark, int(vouched)),
            )
        return new

    # ---- Cases ----

    def _remembered(self, kind: str, secret_id: bytes) -> bytes | None:
        held = self._fresh().secrets
        found = held.get((kind, secret_id))
        if found is None:
            secret = self._secrets.get(kind, secret_id=secret_id)
            if secret is None:
                return None
            if len(held) >= _REMEMBERED_MAX:
                held.clear()
            found = held[kind, secret_id] = secret.value
        return found

    def case_secret(self, case: bytes) -> bytes | None:
        """Return a case's secret; `None` where it is not held, or was destroyed."""
        return self._remembered(_CASE, case)

    def cases(self) -> list[bytes]:
        """Return the cases whose secrets are held."""
        return [one.id for one in self._secrets.all(_CASE)]

    def new_case(self, *, today: Day) -> tuple[bytes, bytes]:
        """Make a case; return its id and its secret."""
        secret = self._random(_SEED_BYTES)
        case = case_id(secret)
        self.add_case(case, secret=secret, today=today)
        return case, secret

    def add_case(self, case: bytes, *, secret: bytes, today: Day) -> bool:
        """Keep a case's secret, unless it was to be forgotten: an older parcel must not bring it back."""
        if self.tombstone(case) is not None:
            return False
        if self.case_secret(case) is None:
            self._secrets.put(_CASE, secret_id=case, value=secret, from_day=today)
            self.added += 1
        return True

    def compartment_secret(self, compartment: bytes) -> bytes | None:
        """Return a compartment's secret; `None` where it is not held, or was destroyed."""
        return self._remembered(_COMPARTMENT, compartment)

    def add_compartment(self, compartment: Compartment, *, today: Day) -> bool:
        """Keep a compartment's secret until its last day, unless that has passed."""
        if compartment.last_day is not None and compartment.last_day < today:
            return False
        if self.compartment_secret(compartment.id) is None:
            self._secrets.put(
                _COMPARTMENT,
                secret_id=compartment.id,
                value=compartment.secret,
                from_day=today,
                until_day=None if compartment.last_day is None else Day(compartment.last_day),
            )
            self.added += 1
        return True

    def destroy_ended_compartments(self, *, today: Day) -> list[bytes]:
        """Destroy the secrets of compartments whose last day has passed; return those compartments."""
        ended = [
            one.id
            for one in self._secrets.all(_COMPARTMENT)
            if one.until_day is not None and one.until_day < today
        ]
        for compartment in ended:
            self._destroy(_COMPARTMENT, compartment)
        return ended

    def _destroy(self, kind: str, secret_id: bytes) -> None:
        self._secrets.destroy(kind, secret_id=secret_id)
        self._held = _Held()
        self.destroyed += 1

    # ---- Forgetting ----

    def tombstone(self, case: bytes) -> Day | None:
        """Return the day on which somebody asked for a case to be forgotten."""
        day = self._settings.get(_TOMBSTONE + case.hex())
        return None if day is None else Day(day)

    def tombstones(self) -> list[tuple[bytes, Day]]:
        """Return all cases that are to be forgotten, with the days on which somebody asked."""
        found = self._settings.under(_TOMBSTONE)
        return [(bytes.fromhex(case), Day(day)) for case, day in found.items()]

    def keep_tombstone(self, case: bytes, *, day: Day) -> bool:
        """Refuse a case's keys from now on; return whether that is new. What is held is not destroyed."""
        if self.tombstone(case) is not None:
            return False
        self._settings.put(_TOMBSTONE + case.hex(), value=day)
        return True

    def forget(self, case: bytes, *, compartments: Sequence[bytes], day: Day) -> None:
        """Destroy a case's keys, and refuse them from now on."""
        self.keep_tombstone(case, day=day)
        self._destroy(_CASE, case)
        for compartment in compartments:
            self._destroy(_COMPARTMENT, compartment)

    # ---- Keys that turn ----

    def intake(self) -> dict[Week, HybridSecret]:
        """Return the newest intake key of each week that has one."""
        return {week: HybridSecret.from_seed(seed) for week, _, seed in sorted(self._intake())}

    def intake_secrets(self) -> list[tuple[Week, HybridSecret]]:
        """Return all intake keys that are held, the newest first; those that were replaced still open."""
        return [
            (week, HybridSecret.from_seed(seed)) for week, _, seed in sorted(self._intake(), reverse=True)
        ]

    def _intake(self) -> list[tuple[Week, int, bytes]]:
        """Return week, number within the week, and seed of every intake key."""
        return [
            (
                Week(int.from_bytes(one.id[:_NUMBER_BYTES], "big")),
                int.from_bytes(one.id[_NUMBER_BYTES:], "big"),
                one.value,
            )
            for one in self._secrets.all(_INTAKE)
        ]

    def add_intake(self, week: Week, *, secret: HybridSecret, today: Day) -> None:
        """Keep an intake key; a second one of a week replaces the first for what is sealed from now on."""
        held = [(number, seed) for of, number, seed in self._intake() if of == week]
        if secret.seed not in {seed for _, seed in held}:
            self._secrets.put(
                _INTAKE,
                secret_id=_number(week) + _number(max((number for number, _ in held), default=-1) + 1),
                value=secret.seed,
                from_day=today,
                until_day=intake_last_day(week),
            )

    def replace_intake(self, *, today: Day) -> list[tuple[Week, HybridSecret]]:
        """Make another key for this week and each that has one after it: somebody left who holds these."""
        this_week = week_of(today)
        weeks = sorted({week for week, _, _ in self._intake() if week >= this_week})
        made = [(week, HybridSecret.generate(random=self._random)) for week in weeks]
        for week, secret in made:
            self.add_intake(week, secret=secret, today=today)
        return made

    def wrapping(self) -> list[tuple[Day, HybridSecret]]:
        """Return this device's wrapping keys with the days on which they were made, newest first."""
        held = [(one.from_day, HybridSecret.from_seed(one.value)) for one in self._secrets.all(_WRAPPING)]
        return sorted(held, key=lambda one: one[0], reverse=True)

    def turn_intake(self, *, today: Day, make: bool, destroy: bool) -> list[tuple[Week, HybridSecret]]:
        """Make and destroy intake keys as their schedule says; return those that were made.

        Args:
            today: By this laptop's clock.
            make: Whether this device makes them for all.
            destroy: Whether another clock agrees; without it nothing is destroyed.
        """
        weeks = {week for week, _, _ in self._intake()}
        plan = plan_intake(weeks, today=today)
        made = [(week, HybridSecret.generate(random=self._random)) for week in plan.make if make]
        for week, secret in made:
            self.add_intake(week, secret=secret, today=today)
        for week, number, _ in self._intake() if destroy else ():
            if week in plan.destroy:
                self._secrets.destroy(_INTAKE, secret_id=_number(week) + _number(number))
        return made

    def turn_wrapping(self, *, today: Day) -> HybridSecret | None:
        """Make and destroy wrapping keys as their schedule says; return the one that was made."""
        plan = plan_wrapping([one.from_day for one in self._secrets.all(_WRAPPING)], today=today)
        for day in plan.destroy:
            self._secrets.destroy(_WRAPPING, secret_id=_number(day))
        if not plan.make:
            return None
        made = HybridSecret.generate(random=self._random)
        self._secrets.put(_WRAPPING, secret_id=_number(today), value=made.seed, from_day=today)
        return made
