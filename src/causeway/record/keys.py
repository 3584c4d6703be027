"""Key parcels: how seeds and secrets travel between devices (docs/FORMAT.md, section 9).

Never inside entries: an entry lives as long as the record, a wrap no longer than its wrapping key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from causeway.record.errors import RecordError
from causeway.sealed.age import open_age, seal
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.units import Week

__all__ = [
    "CaseKeys",
    "Compartment",
    "CompartmentKind",
    "Epoch",
    "KeyParcel",
    "open_parcel_item",
    "wrap_keys",
]


class CompartmentKind(StrEnum):
    """What a part of a case is about; who reads one need not read another."""

    IDENTITY = "identity"
    CONVERSATION = "conversation"
    CASEWORK = "casework"
    LEG = "leg"
    STATEMENT = "statement"
    MONEY = "money"


class Epoch(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A span between two changes of membership: id (16 bytes) and seed (32)."""

    id: bytes
    seed: bytes


class Compartment(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """One compartment of one case: a random id, so that headers tell nothing."""

    id: bytes
    kind: CompartmentKind


class CaseKeys(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A case's secret (32 bytes, destroyable) and its compartments."""

    case: bytes
    secret: bytes
    compartments: tuple[Compartment, ...]


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
_SECRET_BYTES = 32
_WEEK_END = 2**31
_ID_BYTES = 16


def wrap_keys(parcel: KeyParcel, *, recipient: HybridPublic) -> bytes:
    """Return the item that gives these keys to one device."""
    intake = tuple(_IntakeSecret(week, secret.seed) for week, secret in parcel.intake)
    return seal(_encoder.encode(_Form(1, parcel.epochs, parcel.cases, intake)), recipient=recipient)


def open_parcel_item(item: bytes, *, wrapping: Sequence[HybridSecret]) -> KeyParcel:
    """Return the keys of an item that was wrapped for this device.

    Raises:
        NoKeyFits: It was wrapped for another device.
        AgeError, RecordError: It is broken.
    """
    try:
        form = _decoder.decode(open_age(item, secrets=wrapping))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise RecordError("A key parcel does not have its form.") from None
    secrets = [one.seed for one in form.epochs] + [one.seed for one in form.intake]
    secrets += [case.secret for case in form.cases]
    ids = [one.id for one in form.epochs] + [case.case for case in form.cases]
    ids += [compartment.id for case in form.cases for compartment in case.compartments]
    if (
        form.version != 1
        or any(not 0 <= one.week < _WEEK_END for one in form.intake)
        or any(len(one) != _SECRET_BYTES for one in secrets)
        or any(len(one) != _ID_BYTES for one in ids)
    ):
        raise RecordError("A key parcel does not have its form.")
    return KeyParcel(
        epochs=form.epochs,
        cases=form.cases,
        intake=tuple((Week(one.week), HybridSecret.from_seed(one.seed)) for one in form.intake),
    )
