"""The keys that this desk holds, in the vault, each under its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, final

from causeway.casework.rotation import intake_last_day, plan_intake, plan_wrapping
from causeway.desk.engine.errors import NotMade
from causeway.record.entry import device_id
from causeway.record.keys import EVERYBODY, Compartment, Epoch, case_id
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.parcel import RelayAccess
from causeway.sealed.signing import HybridSigningKey, SigningKey
from causeway.units import Day, Week
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
_TOMBSTONE: Final = "tombstone/"

_ONLY: Final = b"\0"
_SEED_BYTES: Final = 32
_NUMBER_BYTES: Final = 4


def _number(value: int) -> bytes:
    return value.to_bytes(_NUMBER_BYTES, "big")


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
        self._random = random
        self.device = HybridSigningKey(self._only(_DEVICE))
        self.device_id = device_id(self.device.public)
        self.board = SigningKey(self._only(_BOARD))

    @staticmethod
    def begin(vault: Vault, *, today: Day, random: Callable[[int], bytes]) -> None:
        """Make the keys of a new centre's first desk."""
        for kind in (_ROOT, _DEVICE, _BOARD):
            vault.secrets.put(kind, secret_id=_ONLY, value=random(_SEED_BYTES), from_day=today)
        access = RelayAccess.generate(random=random)
        vault.secrets.put(
            _ACCESS,
            secret_id=_number(0),
            value=access.capability + access.transport_key,
            from_day=today,
        )

    def root(self) -> HybridSigningKey:
        """Return the root; used for appointments alone."""
        return HybridSigningKey(self._only(_ROOT))

    def _only(self, kind: str) -> bytes:
        secret = self._secrets.get(kind, secret_id=_ONLY)
        if secret is None:
            raise NotMade
        return secret.value

    # ---- Relay ----

    def accesses(self) -> list[tuple[int, RelayAccess]]:
        """Return number and access of every rotation, newest first."""
        found = [
            (
                int.from_bytes(one.id, "big"),
                RelayAccess(one.value[:CAPABILITY_BYTES], one.value[CAPABILITY_BYTES:]),
            )
            for one in self._secrets.all(_ACCESS)
        ]
        return sorted(found, key=lambda one: one[0], reverse=True)

    def add_access(self, number: int, *, access: RelayAccess, today: Day) -> None:
        """Keep the access of a rotation."""
        value = access.capability + access.transport_key
        self._secrets.put(_ACCESS, secret_id=_number(number), value=value, from_day=today)

    # ---- Epochs and cases ----

    def begin_epoch(self, *, roster_version: int, today: Day) -> Epoch:
        """Begin an epoch for all members under this version of the roster."""
        epoch = Epoch.begin(self._random(_SEED_BYTES), roster_version=roster_version, device=self.device_id)
        self.add_epoch(epoch, today=today)
        return epoch

    def epoch(self) -> Epoch:
        """Return the epoch in which this desk writes for all members: that of the newest roster version.

        Of two that were begun apart under one version any will do; every desk takes the same.
        """
        held = [self._epoch(one) for one in self._secrets.all(_EPOCH)]
        mine = [one for one in held if one.group == EVERYBODY]
        return max(mine, key=lambda one: (one.roster_version, one.id))

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
        secret = self._secrets.get(_EPOCH, secret_id=epoch)
        return None if secret is None else self._epoch(secret)

    def add_epoch(self, epoch: Epoch, *, today: Day) -> None:
        """Keep an epoch."""
        if self.find_epoch(epoch.id) is None:
            value = epoch.seed + _number(epoch.roster_version) + epoch.device + epoch.group
            self._secrets.put(_EPOCH, secret_id=epoch.id, value=value, from_day=today)

    def case_secret(self, case: bytes) -> bytes | None:
        """Return a case's secret; `None` where it is not held, or was destroyed."""
        secret = self._secrets.get(_CASE, secret_id=case)
        return None if secret is None else secret.value

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
        return True

    def compartment_secret(self, compartment: bytes) -> bytes | None:
        """Return a compartment's secret; `None` where it is not held, or was destroyed."""
        secret = self._secrets.get(_COMPARTMENT, secret_id=compartment)
        return None if secret is None else secret.value

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
        return True

    def destroy_ended_compartments(self, *, today: Day) -> bool:
        """Destroy the secrets of compartments whose last day has passed; return whether there were any."""
        ended = [
            one.id
            for one in self._secrets.all(_COMPARTMENT)
            if one.until_day is not None and one.until_day < today
        ]
        for compartment in ended:
            self._secrets.destroy(_COMPARTMENT, secret_id=compartment)
        return bool(ended)

    # ---- Forgetting ----

    def tombstone(self, case: bytes) -> Day | None:
        """Return the day on which somebody asked for a case to be forgotten."""
        day = self._settings.get(_TOMBSTONE + case.hex())
        return None if day is None else Day(day)

    def keep_tombstone(self, case: bytes, *, day: Day) -> bool:
        """Refuse a case's keys from now on; return whether that is new. What is held is not destroyed."""
        if self.tombstone(case) is not None:
            return False
        self._settings.put(_TOMBSTONE + case.hex(), value=day)
        return True

    def forget(self, case: bytes, *, compartments: Sequence[bytes], day: Day) -> None:
        """Destroy a case's keys, and refuse them from now on."""
        self.keep_tombstone(case, day=day)
        self._secrets.destroy(_CASE, secret_id=case)
        for compartment in compartments:
            self._secrets.destroy(_COMPARTMENT, secret_id=compartment)

    # ---- Keys that turn ----

    def intake(self) -> dict[Week, HybridSecret]:
        """Return the intake keys that are held, by week."""
        return {
            Week(int.from_bytes(one.id, "big")): HybridSecret.from_seed(one.value)
            for one in self._secrets.all(_INTAKE)
        }

    def add_intake(self, week: Week, *, secret: HybridSecret, today: Day) -> None:
        """Keep an intake key."""
        if self._secrets.get(_INTAKE, secret_id=_number(week)) is None:
            self._secrets.put(
                _INTAKE,
                secret_id=_number(week),
                value=secret.seed,
                from_day=today,
                until_day=intake_last_day(week),
            )

    def wrapping(self) -> list[tuple[Day, HybridSecret]]:
        """Return this device's wrapping keys with the days on which they were made, newest first."""
        held = [(one.from_day, HybridSecret.from_seed(one.value)) for one in self._secrets.all(_WRAPPING)]
        return sorted(held, key=lambda one: one[0], reverse=True)

    def turn_intake(self, *, today: Day, destroy: bool) -> list[tuple[Week, HybridSecret]]:
        """Make and destroy intake keys as their schedule says; return those that were made.

        Args:
            today: By this laptop's clock.
            destroy: Whether another clock agrees; without it nothing is destroyed.
        """
        weeks = [Week(int.from_bytes(one.id, "big")) for one in self._secrets.all(_INTAKE)]
        plan = plan_intake(weeks, today=today)
        made = [(week, HybridSecret.generate(random=self._random)) for week in plan.make]
        for week, secret in made:
            self.add_intake(week, secret=secret, today=today)
        for week in plan.destroy if destroy else ():
            self._secrets.destroy(_INTAKE, secret_id=_number(week))
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
