from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.errors import RemoteError
from causeway.sealed.aead import SealBroken, open_sealed, seal
from causeway.sealed.envelope import seal_envelope
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.parcel import (
    EARLIER_KEYS_MAX,
    GivenAccess,
    RelayAccess,
    TakenOff,
    capability_hash,
    open_parcel,
    roster_slot_ids,
    sign_parcel,
)
from causeway.sealed.signing import (
    HybridSigningKey,
    SignatureRefused,
    SigningKey,
    open_blob,
    open_hybrid_blob,
    verify,
)
from causeway.sealed.slots import SLOT_ROOM, open_slot, seal_slots
from causeway.wire.errors import FormatError, TooLarge
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import PARCEL_BYTES, PARCEL_WRAP_BYTES, SLOT_BYTES

TRANSPORT = b"t" * 32
DEVICE = SigningKey(b"d" * 32)


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_sealing_is_undone_and_bound(plaintext: bytes, aad: bytes) -> None:
    sealed = seal(TRANSPORT, plaintext, aad=aad)
    assert open_sealed(TRANSPORT, sealed, aad=aad) == plaintext
    for key, blob, place in [
        (b"u" * 32, sealed, aad),
        (TRANSPORT, sealed, aad + b"x"),
        (TRANSPORT, sealed[:-1], aad),
        (TRANSPORT, b"", aad),
    ]:
        with pytest.raises(SealBroken):
            open_sealed(key, blob, aad=place)


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=9_000), max_size=12))
def test_items_travel_in_slots(contents: list[bytes]) -> None:
    items = [Item(type=ItemType.ENTRY, content=content) for content in contents]
    slots = seal_slots(items, transport_key=TRANSPORT)
    assert all(len(slot) == SLOT_BYTES for _, slot in slots)
    back = [
        item for slot_id, slot in slots for item in open_slot(slot, slot_id=slot_id, transport_key=TRANSPORT)
    ]
    assert back == items


def test_a_slot_under_another_id_does_not_open() -> None:
    items = [Item(type=1, content=bytes(SLOT_ROOM - 5))] * 2
    (first_id, first), (second_id, _) = seal_slots(items, transport_key=TRANSPORT)
    open_slot(first, slot_id=first_id, transport_key=TRANSPORT)
    with pytest.raises(SealBroken):
        open_slot(first, slot_id=second_id, transport_key=TRANSPORT)
    with pytest.raises(FormatError):
        open_slot(first[:-1], slot_id=first_id, transport_key=TRANSPORT)


def test_a_parcel_reaches_the_devices_that_remain() -> None:
    remaining = [HybridSecret.generate() for _ in range(3)]
    removed = HybridSecret.generate()
    access = RelayAccess.generate()
    parcel = sign_parcel(access, number=2, recipients=[one.public for one in remaining], device=DEVICE)
    assert len(parcel) == PARCEL_BYTES
    given = GivenAccess(number=2, access=access, earlier=())
    for one in remaining:
        assert open_parcel(parcel, device_key=DEVICE.public, secrets=[one], newer_than=1) == given
    assert open_parcel(parcel, device_key=DEVICE.public, secrets=[removed], newer_than=1) is None
    with pytest.raises(FormatError):  # replayed
        open_parcel(parcel, device_key=DEVICE.public, secrets=remaining, newer_than=2)
    with pytest.raises(SignatureRefused):
        open_parcel(parcel, device_key=SigningKey(b"x" * 32).public, secrets=remaining, newer_than=1)
    with pytest.raises(RemoteError):
        open_parcel(parcel[:-1], device_key=DEVICE.public, secrets=remaining, newer_than=1)
    with pytest.raises(TooLarge):
        sign_parcel(access, number=2, recipients=[removed.public] * 65, device=DEVICE)
    assert access.capability.hex() not in repr(access)
    assert capability_hash(access.capability) != access.capability


def test_a_parcel_brings_earlier_transport_keys_and_tells_who_was_taken_off() -> None:
    stays, gone, stranger = (HybridSecret.generate() for _ in range(3))
    access = RelayAccess.generate()
    earlier = [bytes([number]) * 32 for number in range(EARLIER_KEYS_MAX + 2)]
    parcel = sign_parcel(
        access,
        number=7,
        recipients=[stays.public],
        device=DEVICE,
        earlier=earlier,
        removed=[gone.public] * 70,
    )
    assert len(parcel) == PARCEL_BYTES
    opened = open_parcel(parcel, device_key=DEVICE.public, secrets=[stays], newer_than=6)
    assert opened == GivenAccess(number=7, access=access, earlier=tuple(earlier[:EARLIER_KEYS_MAX]))
    assert open_parcel(parcel, device_key=DEVICE.public, secrets=[gone], newer_than=6) == TakenOff(number=7)
    assert open_parcel(parcel, device_key=DEVICE.public, secrets=[stranger], newer_than=6) is None
    assert earlier[0].hex() not in repr(opened)


def test_wraps_of_every_kind_look_alike() -> None:
    stays, gone = HybridSecret.generate(), HybridSecret.generate()
    parcel = sign_parcel(
        RelayAccess.generate(), number=1, recipients=[stays.public], device=DEVICE, removed=[gone.public]
    )
    wraps = [parcel[at : at + PARCEL_WRAP_BYTES] for at in range(64 + 5, len(parcel), PARCEL_WRAP_BYTES)]
    assert len(wraps) == 64
    # The header's lines but for its stanza, and the stanza's length, are the same for all.
    assert len({wrap[: wrap.index(b"-> ")] for wrap in wraps}) == 1
    assert len({wrap.index(b"--- ") for wrap in wraps}) == 1


def test_a_wrap_of_another_form_is_refused() -> None:
    stays = HybridSecret.generate()
    for content in (b"", b"\1" + bytes(32), b"\1" + bytes(65), b"\2x", b"\3" + bytes(64), bytes(64)):
        wrap = seal_envelope(content, recipient=stays.public, size=PARCEL_WRAP_BYTES)
        parcel = DEVICE.blob(bytes([1, 0, 0, 0, 1]) + wrap * 64, domain=b"causeway/parcel/1")
        with pytest.raises(FormatError):
            open_parcel(parcel, device_key=DEVICE.public, secrets=[stays], newer_than=0)


def test_the_first_slots_under_a_transport_key_have_ids_of_their_own() -> None:
    first = roster_slot_ids(TRANSPORT, count=64)
    assert len(set(first)) == 64
    assert first[:3] == roster_slot_ids(TRANSPORT, count=3)
    assert not set(first) & set(roster_slot_ids(b"u" * 32, count=64))
    items = [Item(type=1, content=bytes(SLOT_ROOM - 5))] * 3
    slots = seal_slots(items, transport_key=TRANSPORT, ids=first[:2])
    assert [slot_id for slot_id, _ in slots[:2]] == first[:2]
    assert slots[2][0] not in first
    for slot_id, slot in slots:
        assert len(open_slot(slot, slot_id=slot_id, transport_key=TRANSPORT)) == 1


def test_a_signature_is_for_one_use() -> None:
    blob = DEVICE.blob(b"payload", domain=b"one/1")
    assert open_blob(blob, key=DEVICE.public, domain=b"one/1") == b"payload"
    for wrong in (b"two/1", b"one/1\0pay"):
        with pytest.raises(SignatureRefused):
            open_blob(blob, key=DEVICE.public, domain=wrong)
    with pytest.raises(SignatureRefused):
        open_blob(b"", key=DEVICE.public, domain=b"one/1")
    with pytest.raises(SignatureRefused):
        verify(blob[:64], b"payload", key=b"short", domain=b"one/1")


def test_ed25519_is_rfc_8032s() -> None:
    # RFC 8032, section 7.1, test 1: the public key of a seed; our domain goes in front of the message.
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert SigningKey(seed).public.hex() == public


def test_both_signatures_are_needed() -> None:
    key = HybridSigningKey(b"h" * 32)
    other = HybridSigningKey(b"o" * 32)
    blob = key.hybrid_blob(b"roster", domain=b"d/1")
    assert open_hybrid_blob(blob, key=key.public, pq_key=key.pq_public, domain=b"d/1") == b"roster"
    for classical, pq in [(key.public, other.pq_public), (other.public, key.pq_public)]:
        with pytest.raises(SignatureRefused):
            open_hybrid_blob(blob, key=classical, pq_key=pq, domain=b"d/1")
    for at in (0, 64, 3372, len(blob) - 1):
        altered = bytearray(blob)
        altered[at] ^= 1
        with pytest.raises(SignatureRefused):
            open_hybrid_blob(bytes(altered), key=key.public, pq_key=key.pq_public, domain=b"d/1")
