"""Key parcels: how seeds and secrets travel between devices (docs/FORMAT.md, section 9).

Never inside entries: an entry lives as long as the record, a wrap no longer than its wrapping key. Ids are
worked out from what they name, so that nobody can give out another key under an id that is in use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

import msgspec

from causeway.record.errors import RecordError
from causeway.record.signed import DAY_BYTES, check_day, encode_day, open_signed, sign_as
from causeway.sealed.age import open_age, seal
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.sealed.signing import SigningKey
from causeway.units import Day, Week
from causeway.wire.sizes import ID_BYTES

__all__ = [
    "EVERYBODY",
    "CaseKeys",
    "Compartment",
    "CompartmentKind",
    "Epoch",
    "KeyParcel",
    "case_id",
    "open_parcel_item",
    "verify_keys",
    "wrap_keys",
]

EVERYBODY: Final = bytes(ID_BYTES)
"""The group of all members. Other groups have random ids; the roster says who is in them."""


class CompartmentKind(StrEnum):
    """What a part of a case is about; who reads one need not read another.

    Kinds of later versions are kept like these, and shown by nobody.
    """

    IDENTITY = "identity"
    CONVERSATION = "conversation"
    CASEWORK = "casework"
    LEG = "leg"
    STATEMENT = "statement"
    MONEY = "money"
    CENTRE = "centre"
    NETWORK = "network"
    READLOG = "readlog"


class Epoch(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A span between two changes of membership.

    Its name is the roster version and the device (16 bytes) that began it, for the readers of one group
    (16); its id (16) binds that name to the seed (32).
    """

    id: bytes
    seed: bytes
    roster_version: int
    device: bytes
    group: bytes

    def __repr__(self) -> str:
        """Show no key."""
        return "Epoch(…)"

    @classmethod
    def begin(cls, seed: bytes, *, roster_version: int, device: bytes, group: bytes = EVERYBODY) -> Self:
        """Return the epoch that this seed begins."""
        return cls(_epoch_id(seed, roster_version, device, group), seed, roster_version, device, group)


class Compartment(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """One compartment of one case, its readers' group (16 bytes), its secret (32), and its last day."""

    id: bytes
    kind: str
    group: bytes
    secret: bytes
    last_day: int | None

    def __repr__(self) -> str:
        """Show no key."""
        return "Compartment(…)"

    @classmethod
    def begin(
        cls, kind: str, *, case: bytes, secret: bytes, group: bytes = EVERYBODY, last_day: Day | None = None
    ) -> Self:
        """Return the compartment that this secret begins; its id tells nothing."""
        return cls(_compartment_id(case, secret), kind, group, secret, last_day)


class CaseKeys(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A case's secret (32 bytes, destroyable) and its compartments."""

    case: bytes
    secret: bytes
    compartments: tuple[Compartment, ...]

    def __repr__(self) -> str:
        """Show no key."""
        return "CaseKeys(…)"


class _IntakeSecret(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    week: int
    seed: bytes


class _Form(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    version: int
    epochs: tuple[Epoch, ...]
    cases: tuple[CaseKeys, ...]
    intake: tuple[_IntakeSecret, ...]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class KeyParcel:
    """Keys for one device: epochs, cases, and intake secrets by week."""

    epochs: tuple[Epoch, ...] = ()
    cases: tuple[CaseKeys, ...] = ()
    intake: tuple[tuple[Week, HybridSecret], ...] = ()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Form)
_DOMAIN = b"causeway/key-parcel/1"
_SECRET_BYTES = 32
_NUMBER_END = 2**32
_WEEK_END = 2**31


def _short_hash(label: bytes, *fields: bytes) -> bytes:
    return hashlib.sha256(b"\0".join([label, b"".join(fields)])).digest()[:ID_BYTES]


def case_id(secret: bytes) -> bytes:
    """Return the id that a case's secret gives it."""
    return _short_hash(b"causeway/case/1", secret)


def _epoch_id(seed: bytes, roster_version: int, device: bytes, group: bytes) -> bytes:
    return _short_hash(b"causeway/epoch/1", roster_version.to_bytes(4, "big"), device, group, seed)


def _compartment_id(case: bytes, secret: bytes) -> bytes:
    return _short_hash(b"causeway/compartment/1", case, secret)


def wrap_keys(
    parcel: KeyParcel, *, device: SigningKey, recipient: bytes, wrapping: HybridPublic, day: Day
) -> bytes:
    """Return the item that gives these keys to one device, signed by the one that gives them.

    Args:
        parcel: The keys.
        device: Signs.
        recipient: Id (16 bytes) of the device that is to have them.
        wrapping: That device's wrapping key.
        day: Today.
    """
    intake = tuple(_IntakeSecret(week, secret.seed) for week, secret in parcel.intake)
    content = _encoder.encode(_Form(1, parcel.epochs, parcel.cases, intake))
    signed = sign_as(device, recipient + encode_day(day) + content, domain=_DOMAIN)
    return seal(signed, recipient=wrapping)


def open_parcel_item(item: bytes, *, wrapping: Sequence[HybridSecret]) -> bytes:
    """Return the signed inside of an item that was wrapped for this device; `signer_of` names its device.

    Raises:
        NoKeyFits: It was wrapped for another device.
        AgeError: It is broken.
    """
    return open_age(item, secrets=wrapping)


def verify_keys(signed: bytes, *, device_key: bytes, recipient: bytes, today: Day) -> KeyParcel:
    """Return the keys that a device signed for this one.

    Args:
        signed: From `open_parcel_item`.
        device_key: Of the device that it names, from the roster.
        recipient: Id of this device. Who was given keys can't give them out as from their giver.
        today: The UTC day.

    Raises:
        RecordError: It is another device's, does not have its form, or an id is not its key's.
        SignatureRefused: The signature is not this key's.
    """
    content = open_signed(signed, device_key=device_key, domain=_DOMAIN)
    if content[:ID_BYTES] != recipient:
        raise RecordError("A key parcel was signed for another device.")
    head_end = ID_BYTES + DAY_BYTES
    check_day(content[ID_BYTES:head_end], today=today)
    try:
        form = _decoder.decode(content[head_end:])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise RecordError("A key parcel does not have its form.") from None
    if not _has_its_form(form):
        raise RecordError("A key parcel does not have its form.")
    return KeyParcel(
        epochs=form.epochs,
        cases=form.cases,
        intake=tuple((Week(one.week), HybridSecret.from_seed(one.seed)) for one in form.intake),
    )


def _has_its_form(form: _Form) -> bool:
    compartments = [(case, one) for case in form.cases for one in case.compartments]
    secrets = [one.seed for one in form.epochs] + [one.seed for one in form.intake]
    secrets += [case.secret for case in form.cases] + [one.secret for _, one in compartments]
    ids = [one.device for one in form.epochs] + [one.group for one in form.epochs]
    ids += [one.group for _, one in compartments]
    return (
        form.version == 1
        and all(len(one) == _SECRET_BYTES for one in secrets)
        and all(len(one) == ID_BYTES for one in ids)
        and all(0 <= one.week < _WEEK_END for one in form.intake)
        and all(0 <= one.roster_version < _NUMBER_END for one in form.epochs)
        and all(one.last_day is None or 0 <= one.last_day < _NUMBER_END for _, one in compartments)
        and all(
            one.id == _epoch_id(one.seed, one.roster_version, one.device, one.group) for one in form.epochs
        )
        and all(case.case == case_id(case.secret) for case in form.cases)
        and all(one.id == _compartment_id(case.case, one.secret) for case, one in compartments)
    )
