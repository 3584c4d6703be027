from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.errors import RemoteError
from causeway.record.clock import clock_millis, tick
from causeway.record.entry import (
    ZERO_HASH,
    Body,
    EntryKeys,
    Operation,
    SealedEntry,
    decode_entry,
    device_id,
    encode_entry,
    entry_hash,
    open_body,
    seal_entry,
    verify_entry,
)
from causeway.record.errors import RecordError
from causeway.record.registers import Register
from causeway.sealed.aead import SealBroken, open_sealed, seal
from causeway.sealed.kdf import derive_key
from causeway.sealed.signing import SignatureRefused, SigningKey
from causeway.wire.errors import TooLarge
from tests import strategies

DEVICE = SigningKey(b"d" * 32)
OTHER = SigningKey(b"o" * 32)
SEED, CASE_SECRET, COMPARTMENT_SECRET = b"e" * 32, b"c" * 32, b"s" * 32
KEYS = EntryKeys(seed=SEED, case_secret=CASE_SECRET, compartment_secret=COMPARTMENT_SECRET)
COMPARTMENT, EPOCH = b"k" * 16, b"p" * 16


def body(
    value: object = "text", *, heads: tuple[bytes, ...] = (), entry_id: bytes = b"i" * 16, clock: int = 1
) -> Body:
    return Body(
        entry_id=entry_id,
        case=b"a" * 16,
        operation=Operation.SET,
        name="address",
        value=value,
        heads=heads,
        clock=clock,
        member=b"m" * 16,
    )


def entry(
    one: Body, *, sequence: int = 0, previous: bytes = ZERO_HASH, device: SigningKey = DEVICE
) -> SealedEntry:
    return seal_entry(
        one,
        compartment=COMPARTMENT,
        epoch=EPOCH,
        keys=KEYS,
        device=device,
        sequence=sequence,
        previous=previous,
    )


@given(strategies.bodies())
def test_an_entry_comes_back(one: Body) -> None:
    sealed = decode_entry(encode_entry(entry(one)))
    assert verify_entry(sealed, device_key=DEVICE.public) == entry_hash(sealed)
    assert open_body(sealed, keys=KEYS) == one


@pytest.mark.parametrize("lacking", ["seed", "case_secret", "compartment_secret"])
def test_without_one_of_its_three_keys_nothing_opens(lacking: str) -> None:
    with pytest.raises(SealBroken):
        open_body(entry(body()), keys=dataclasses.replace(KEYS, **{lacking: b"x" * 32}))


def test_an_operation_of_a_later_version_comes_back_as_it_is() -> None:
    later = dataclasses.replace(body(), operation="count", heads=(b"h" * 16,))
    assert open_body(entry(later), keys=KEYS) == later


def test_an_entry_issued_again_names_the_first_and_says_the_same() -> None:
    again = dataclasses.replace(body(), origin=b"h" * 32)
    assert open_body(entry(again), keys=KEYS) == again
    assert again.issues_again(body())
    changes: list[tuple[str, Any]] = [
        ("value", "other"),
        ("clock", 2),
        ("member", b"n" * 16),
        ("name", "n"),
        ("heads", ()),
    ]
    for field, value in changes:
        said = dataclasses.replace(again, heads=(b"h" * 16,))
        assert not dataclasses.replace(said, **{field: value}).issues_again(said)
    with pytest.raises(RecordError):
        open_body(entry(dataclasses.replace(body(), origin=b"h" * 16)), keys=KEYS)


def test_only_the_device_signs_and_every_field_is_signed() -> None:
    import msgspec

    sealed = entry(body())
    with pytest.raises(RecordError):
        verify_entry(sealed, device_key=OTHER.public)
    changes = {
        "compartment": b"x" * 16,
        "epoch": b"x" * 16,
        "sequence": 1,
        "previous": b"x" * 32,
        "nonce": b"x" * 12,
        "sealed": sealed.sealed + b"x",
        "signature": bytes(64),
    }
    assert set(changes) | {"version", "device"} == set(SealedEntry.__struct_fields__)
    for field, value in changes.items():
        with pytest.raises(SignatureRefused):
            verify_entry(msgspec.structs.replace(sealed, **{field: value}), device_key=DEVICE.public)
    moved = msgspec.structs.replace(sealed, compartment=b"x" * 16)
    with pytest.raises(SealBroken):
        open_body(moved, keys=KEYS)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_only_our_error(encoded: bytes) -> None:
    with pytest.raises(RemoteError):
        decode_entry(encoded)


def sealed_by_a_member(value: bytes) -> SealedEntry:
    """An entry around a value that no writer of ours makes; only who holds all keys can."""
    import msgspec

    whole = entry(body())
    inside = msgspec.msgpack.decode(
        open_sealed(KEY, whole.nonce + whole.sealed, aad=HEADER), type=list[msgspec.Raw]
    )
    inside[5] = msgspec.Raw(value)
    sealed = seal(KEY, msgspec.msgpack.encode(inside), aad=HEADER)
    return msgspec.structs.replace(whole, nonce=sealed[:12], sealed=sealed[12:])


HEADER = b"causeway/entry-header/1\0" + COMPARTMENT + EPOCH + device_id(DEVICE.public) + bytes(8) + ZERO_HASH
KEY = derive_key(
    SEED,
    salt=CASE_SECRET + COMPARTMENT_SECRET,
    info=b"causeway/entry-key/1\0" + COMPARTMENT + EPOCH + device_id(DEVICE.public),
)


def test_a_value_nested_beyond_measure_is_refused_as_broken() -> None:
    assert open_body(sealed_by_a_member(b"\x91\xc0"), keys=KEYS).value == [None]
    with pytest.raises(RecordError):
        open_body(sealed_by_a_member(b"\x91" * 20_000 + b"\xc0"), keys=KEYS)


def test_a_clock_that_no_database_holds_is_refused() -> None:
    assert open_body(entry(body(clock=2**63 - 1)), keys=KEYS).clock == 2**63 - 1
    with pytest.raises(RecordError):
        open_body(entry(body(clock=2**63)), keys=KEYS)


def test_a_value_too_long_is_refused() -> None:
    entry(body("x" * 29_000))
    with pytest.raises(TooLarge):
        entry(body("x" * 30_001))


@st.composite
def histories(draw: st.DrawFn) -> list[Body]:
    """Writers who each know some of what was written before them."""
    written: list[Body] = []
    for number in range(draw(st.integers(1, 8))):
        known = draw(st.sets(st.sampled_from([one.entry_id for one in written]))) if written else set()
        entry_id = number.to_bytes(16, "big")
        written.append(body(number, heads=tuple(known), entry_id=entry_id, clock=draw(st.integers(0, 9))))
    return written


@settings(max_examples=300)
@given(histories(), st.randoms(use_true_random=False), st.data())
def test_a_register_does_not_depend_on_order_or_repetition(written: list[Body], random, data) -> None:
    straight = Register()
    straight.apply_all(written)
    repeated = written + data.draw(st.lists(st.sampled_from(written), max_size=5))
    random.shuffle(repeated)
    shuffled = Register()
    shuffled.apply_all(repeated)
    assert shuffled.values == straight.values
    replaced = {head for one in written for head in one.heads}
    assert {one.entry_id for one in straight.values} == {one.entry_id for one in written} - replaced


@pytest.mark.parametrize(("value", "clock"), [("other", 2), ("other", 1), ("text", 2), (None, 1)])
def test_two_contents_under_one_id_are_a_conflict_and_alike_everywhere(value: object, clock: int) -> None:
    one, other = body("text", clock=1), body(value, clock=clock)
    forward, backward = Register(), Register()
    forward.apply_all([one, other])
    backward.apply_all([other, one, one])
    assert forward.values == backward.values
    assert {(each.value, each.clock) for each in forward.values} == {("text", 1), (value, clock)}
    assert forward.heads == (one.entry_id,)
    forward.apply(body("settled", heads=forward.heads, entry_id=b"s" * 16))
    assert [each.value for each in forward.values] == ["settled"]


def test_an_entry_that_was_issued_again_is_one_value() -> None:
    register = Register()
    register.apply_all([body({"b": 1, "a": [True]}), body({"b": 1, "a": [True]})])
    assert len(register.values) == 1


def test_two_who_write_at_once_are_both_kept_until_somebody_settles() -> None:
    first, second = body("bridge", entry_id=b"1" * 16), body("mill", entry_id=b"2" * 16)
    register = Register()
    register.apply_all([first, second])
    assert {one.value for one in register.values} == {"bridge", "mill"}
    register.apply(body(None, entry_id=b"3" * 16, heads=register.heads))
    assert [one.value for one in register.values] == [None]  # clearing is a value


@given(st.lists(st.floats(0, 4e9), min_size=1, max_size=20))
def test_the_clock_never_goes_back(times: list[float]) -> None:
    last = 0
    for time in times:
        now = tick(last, unix_seconds=time)
        assert now > last
        assert clock_millis(now) >= int(time * 1000) or now == last + 1
        last = now
