from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import RemoteError
from causeway.record.entry import device_id
from causeway.record.errors import RecordError
from causeway.record.forgetting import FORGET, FORGOTTEN, AboutCase, sign_about_case, verify_about_case
from causeway.record.keys import (
    EVERYBODY,
    CaseKeys,
    Compartment,
    CompartmentKind,
    Epoch,
    KeyParcel,
    case_id,
    open_parcel_item,
    verify_keys,
    wrap_keys,
)
from causeway.record.signed import signer_of
from causeway.record.wrapping import sign_wrapping_key, verify_wrapping_key
from causeway.sealed.age import NoKeyFits
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.signing import SignatureRefused, SigningKey
from causeway.units import Day, Week

DEVICE, OTHER = SigningKey(b"d" * 32), SigningKey(b"o" * 32)
HERE = device_id(OTHER.public)
WRAPPING = HybridSecret.from_seed(b"w" * 32)
TODAY = Day(20_779)

EPOCH = Epoch.begin(b"e" * 32, roster_version=3, device=device_id(DEVICE.public), group=b"g" * 16)
CASE_SECRET = b"c" * 32
CASE = case_id(CASE_SECRET)
LEG = Compartment.begin(CompartmentKind.LEG, case=CASE, secret=b"l" * 32, last_day=Day(TODAY + 9))
LATER = Compartment.begin("ledger", case=CASE, secret=b"m" * 32)


def parcel(**changes: Any) -> KeyParcel:
    fields: dict[str, Any] = {
        "epochs": (EPOCH,),
        "cases": (CaseKeys(CASE, CASE_SECRET, (LEG, LATER)),),
        "intake": ((Week(2968), HybridSecret.from_seed(b"w" * 32)),),
    }
    return KeyParcel(**(fields | changes))


def wrapped(
    keys: KeyParcel, *, device: SigningKey = DEVICE, recipient: bytes = HERE, day: Day = TODAY
) -> bytes:
    item = wrap_keys(keys, device=device, recipient=recipient, wrapping=WRAPPING.public, day=day)
    return open_parcel_item(item, wrapping=[WRAPPING])


def verified(signed: bytes, *, device: SigningKey = DEVICE) -> KeyParcel:
    return verify_keys(signed, device_key=device.public, recipient=HERE, today=TODAY)


def test_keys_travel_to_one_device_signed_by_another() -> None:
    item = wrap_keys(parcel(), device=DEVICE, recipient=HERE, wrapping=WRAPPING.public, day=TODAY)
    stranger = HybridSecret.generate()
    signed = open_parcel_item(item, wrapping=[stranger, WRAPPING])
    assert signer_of(signed) == device_id(DEVICE.public)
    assert verified(signed) == parcel()
    with pytest.raises(NoKeyFits):
        open_parcel_item(item, wrapping=[stranger])


def test_a_parcel_is_its_signers_to_this_device_and_of_no_later_day() -> None:
    signed = wrapped(parcel())
    with pytest.raises(RecordError):
        verified(signed, device=OTHER)
    with pytest.raises(SignatureRefused):
        verified(signed[:-1] + bytes([signed[-1] ^ 1]))
    with pytest.raises(SignatureRefused):
        verified(bytes(64) + signed[64:])
    with pytest.raises(RecordError):
        verified(wrapped(parcel(), recipient=device_id(DEVICE.public)))
    with pytest.raises(RecordError):
        verified(wrapped(parcel(), day=Day(TODAY + 2)))
    assert verified(wrapped(parcel(), day=Day(TODAY + 1))) == parcel()


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": (msgspec.structs.replace(EPOCH, **{field: value}),)}
        for field, value in {
            "id": b"x" * 16,
            "seed": b"x" * 32,
            "roster_version": 4,
            "device": HERE,
            "group": EVERYBODY,
        }.items()
    ]
    + [
        {"epochs": (Epoch.begin(b"short", roster_version=0, device=HERE),)},
        {"epochs": (Epoch.begin(b"e" * 32, roster_version=0, device=b"x"),)},
        {"cases": (CaseKeys(CASE, b"x" * 32, ()),)},
        {"cases": (CaseKeys(b"x" * 16, CASE_SECRET, ()),)},
        {"cases": (CaseKeys(CASE, CASE_SECRET, (msgspec.structs.replace(LEG, secret=b"x" * 32),)),)},
        {"cases": (CaseKeys(CASE, CASE_SECRET, (msgspec.structs.replace(LEG, id=b"x" * 16),)),)},
        {"cases": (CaseKeys(CASE, CASE_SECRET, (msgspec.structs.replace(LEG, group=b"x"),)),)},
        {"cases": (CaseKeys(CASE, CASE_SECRET, (msgspec.structs.replace(LEG, last_day=-1),)),)},
        {"intake": ((Week(-1), WRAPPING),)},
        {"intake": ((Week(2**32), WRAPPING),)},
    ],
)
def test_nobody_gives_out_another_key_under_an_id_that_is_in_use(changes: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        verified(wrapped(parcel(**changes)))


def test_ids_are_those_of_the_format() -> None:
    joined = b"causeway/epoch/1\0" + (3).to_bytes(4, "big") + EPOCH.device + EPOCH.group + EPOCH.seed
    assert EPOCH.id == hashlib.sha256(joined).digest()[:16]
    assert hashlib.sha256(b"causeway/case/1\0" + CASE_SECRET).digest()[:16] == CASE
    assert LEG.id == hashlib.sha256(b"causeway/compartment/1\0" + CASE + LEG.secret).digest()[:16]


@given(st.binary(max_size=200))
def test_arbitrary_parcels_raise_only_our_error(content: bytes) -> None:
    for signed in [content, DEVICE.blob(device_id(DEVICE.public) + content, domain=b"causeway/key-parcel/1")]:
        with pytest.raises(RemoteError):
            verified(signed)


def test_a_wrapping_key_is_its_devices_and_of_no_later_day() -> None:
    signed = b""
    for day in [TODAY, TODAY + 1]:
        signed = sign_wrapping_key(WRAPPING.public, day=Day(day), device=DEVICE)
        named = verify_wrapping_key(signed, device_key=DEVICE.public, today=TODAY)
        assert (named.device, named.day) == (device_id(DEVICE.public), day)
        assert bytes(named.key) == bytes(WRAPPING.public)
    later = sign_wrapping_key(WRAPPING.public, day=Day(TODAY + 2), device=DEVICE)
    for forged in [later, signed[:-1], signed[:-1] + bytes([signed[-1] ^ 1]), b""]:
        with pytest.raises(RemoteError):
            verify_wrapping_key(forged, device_key=DEVICE.public, today=TODAY)
    with pytest.raises(RecordError):
        verify_wrapping_key(signed, device_key=OTHER.public, today=TODAY)


def test_who_asks_to_forget_is_told_from_who_has_forgotten() -> None:
    asked = sign_about_case(CASE, day=TODAY, device=DEVICE, domain=FORGET)
    read = verify_about_case(asked, device_key=DEVICE.public, domain=FORGET, today=TODAY)
    assert read == AboutCase(device=device_id(DEVICE.public), case=CASE, day=TODAY)
    with pytest.raises(SignatureRefused):
        verify_about_case(asked, device_key=DEVICE.public, domain=FORGOTTEN, today=TODAY)
    with pytest.raises(RecordError):
        verify_about_case(asked, device_key=OTHER.public, domain=FORGET, today=TODAY)
    with pytest.raises(RecordError):
        verify_about_case(asked, device_key=DEVICE.public, domain=FORGET, today=Day(TODAY - 2))
    short = sign_about_case(CASE[:-1], day=TODAY, device=DEVICE, domain=FORGET)
    with pytest.raises(RecordError):
        verify_about_case(short, device_key=DEVICE.public, domain=FORGET, today=TODAY)
