from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.errors import RemoteError
from causeway.record.chain import EMPTY_CHAIN, ChainHead, extend_chain
from causeway.record.clock import clock_millis, tick
from causeway.record.entry import (
    ZERO_HASH,
    Body,
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
from causeway.record.errors import Fork, OutOfSequence, RecordError
from causeway.record.keys import (
    CaseKeys,
    Compartment,
    CompartmentKind,
    Epoch,
    KeyParcel,
    open_parcel_item,
    wrap_keys,
)
from causeway.record.registers import Register
from causeway.record.roster import Cut, Device, Member, Roster, roster_hash, sign_roster, verify_roster
from causeway.sealed.aead import SealBroken, open_sealed, seal
from causeway.sealed.age import NoKeyFits
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.kdf import derive_key
from causeway.sealed.sheet import SheetRefused, appoint, root_fingerprint
from causeway.sealed.signing import HybridSigningKey, SignatureRefused, SigningKey
from causeway.units import Day, Week
from causeway.wire.errors import TooLarge
from tests import strategies

DEVICE = SigningKey(b"d" * 32)
OTHER = SigningKey(b"o" * 32)
SEED, CASE_SECRET = b"e" * 32, b"c" * 32
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
        seed=SEED,
        case_secret=CASE_SECRET,
        device=device,
        sequence=sequence,
        previous=previous,
    )


@given(strategies.bodies())
def test_an_entry_comes_back(one: Body) -> None:
    sealed = decode_entry(encode_entry(entry(one)))
    assert verify_entry(sealed, device_key=DEVICE.public) == entry_hash(sealed)
    assert open_body(sealed, seed=SEED, case_secret=CASE_SECRET) == one


def test_without_case_secret_or_seed_nothing_opens() -> None:
    sealed = entry(body())
    for seed, secret in [(SEED, b"x" * 32), (b"x" * 32, CASE_SECRET)]:
        with pytest.raises(SealBroken):
            open_body(sealed, seed=seed, case_secret=secret)


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
        open_body(moved, seed=SEED, case_secret=CASE_SECRET)


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
    salt=CASE_SECRET,
    info=b"causeway/entry-key/1\0" + COMPARTMENT + EPOCH + device_id(DEVICE.public),
)


def test_a_value_nested_beyond_measure_is_refused_as_broken() -> None:
    assert open_body(sealed_by_a_member(b"\x91\xc0"), seed=SEED, case_secret=CASE_SECRET).value == [None]
    with pytest.raises(RecordError):
        open_body(sealed_by_a_member(b"\x91" * 20_000 + b"\xc0"), seed=SEED, case_secret=CASE_SECRET)


def test_a_value_too_long_is_refused() -> None:
    entry(body("x" * 29_000))
    with pytest.raises(TooLarge):
        entry(body("x" * 30_001))


def test_a_chain_grows_in_order_only() -> None:
    first = entry(body())
    second = entry(body(), sequence=1, previous=entry_hash(first))
    head = extend_chain(EMPTY_CHAIN, first)
    assert head == ChainHead(length=1, last=entry_hash(first))
    assert head is not None
    with pytest.raises(OutOfSequence):
        extend_chain(EMPTY_CHAIN, second)
    assert extend_chain(head, first, known=entry_hash(first)) is None
    assert extend_chain(head, second) == ChainHead(length=2, last=entry_hash(second))


def test_two_entries_at_one_place_are_a_fork() -> None:
    first, twin = entry(body("a")), entry(body("b"))
    head = extend_chain(EMPTY_CHAIN, first)
    assert head is not None
    with pytest.raises(Fork):
        extend_chain(head, twin, known=entry_hash(first))
    with pytest.raises(Fork):
        extend_chain(head, entry(body(), sequence=1, previous=entry_hash(twin)))


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
def test_a_register_does_not_depend_on_order_or_repetition(written: list[Body], random, data) -> None:  # noqa: ANN001
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


def test_keys_travel_to_one_device() -> None:
    device, stranger = HybridSecret.generate(), HybridSecret.generate()
    parcel = KeyParcel(
        epochs=(Epoch(EPOCH, SEED),),
        cases=(CaseKeys(b"a" * 16, CASE_SECRET, (Compartment(COMPARTMENT, CompartmentKind.CONVERSATION),)),),
        intake=((Week(2968), HybridSecret.from_seed(b"w" * 32)),),
    )
    item = wrap_keys(parcel, recipient=device.public)
    assert open_parcel_item(item, wrapping=[stranger, device]) == parcel
    with pytest.raises(NoKeyFits):
        open_parcel_item(item, wrapping=[stranger])


@pytest.mark.parametrize("week", [-1, 2**32])
def test_a_week_that_no_calendar_has_is_refused(week: int) -> None:
    device = HybridSecret.generate()
    item = wrap_keys(
        KeyParcel(intake=((Week(week), HybridSecret.from_seed(b"w" * 32)),)), recipient=device.public
    )
    with pytest.raises(RecordError):
        open_parcel_item(item, wrapping=[device])


ROOT, COORDINATOR = HybridSigningKey(b"r" * 32), HybridSigningKey(b"q" * 32)
TODAY = Day(20_779)
FINGERPRINT = root_fingerprint(ROOT.public, root_pq=hashlib.sha256(ROOT.pq_public).digest())


def roster(signer: HybridSigningKey = COORDINATOR, **changes: object) -> Roster:
    import msgspec

    plain = Roster(
        version=1,
        previous=ZERO_HASH,
        day=TODAY,
        centre="Harbour desk",
        root=ROOT.public,
        root_pq=ROOT.pq_public,
        appointment=appoint(COORDINATOR.public, root=ROOT, last_day=Day(TODAY + 400)),
        members=(Member(b"m" * 16, "Mira", "coordinator"),),
        devices=(
            Device(device_id(OTHER.public), b"m" * 16, OTHER.public, b"p" * 1952, b"w" * 1216, 1),
            Device(device_id(signer.public), b"m" * 16, signer.public, signer.pq_public, b"w" * 1216, 0),
        ),
        cuts=(),
    )
    return msgspec.structs.replace(plain, **changes)


def test_a_roster_is_the_coordinators() -> None:
    signed = sign_roster(roster(), device=COORDINATOR)
    assert verify_roster(signed, fingerprint=FINGERPRINT, today=TODAY) == roster()
    assert len(roster_hash(signed)) == 32
    stranger = HybridSigningKey(b"s" * 32)
    for forged in [sign_roster(roster(), device=stranger), sign_roster(roster(stranger), device=stranger)]:
        with pytest.raises(RemoteError):
            verify_roster(forged, fingerprint=FINGERPRINT, today=TODAY)
    with pytest.raises(RecordError):
        verify_roster(signed, fingerprint=b"x" * 16, today=TODAY)
    with pytest.raises((RecordError, SheetRefused)):
        verify_roster(signed, fingerprint=FINGERPRINT, today=Day(TODAY + 401))
    with pytest.raises(RecordError):
        misnamed = roster(devices=(Device(b"x" * 16, b"m" * 16, OTHER.public, b"", b"", 0),))
        verify_roster(sign_roster(misnamed, device=COORDINATOR), fingerprint=FINGERPRINT, today=TODAY)


def test_a_roster_has_its_sizes_and_no_two_desks_share_a_place() -> None:
    import msgspec

    other, coordinator = roster().devices
    wrong: list[dict[str, object]] = [
        {"previous": b"x"},
        {"members": (Member(b"m", "Mira", "coordinator"),)},
        {"members": roster().members * 2},
        {"devices": (other, other, coordinator)},
        {"devices": (msgspec.structs.replace(other, board_slot=16), coordinator)},
        {"devices": (msgspec.structs.replace(other, board_slot=coordinator.board_slot), coordinator)},
        {"devices": (msgspec.structs.replace(other, member=b"n" * 16), coordinator)},
        {"devices": (msgspec.structs.replace(other, wrapping_key=b"w"), coordinator)},
        {"cuts": (Cut(b"d" * 16, COMPARTMENT, -1, ZERO_HASH),)},
        {"cuts": (Cut(b"d" * 16, COMPARTMENT, 0, b""),)},
    ]
    for changes in wrong:
        signed = sign_roster(roster(**changes), device=COORDINATOR)
        with pytest.raises(RecordError):
            verify_roster(signed, fingerprint=FINGERPRINT, today=TODAY)


@given(st.binary(max_size=3_500))
def test_arbitrary_rosters_raise_only_our_error(signed: bytes) -> None:
    with pytest.raises(RemoteError):
        verify_roster(signed, fingerprint=FINGERPRINT, today=TODAY)
