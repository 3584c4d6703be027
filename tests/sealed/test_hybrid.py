"""The hybrid key pair: its text forms, what it shows of itself, and what it refuses."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import LocalError
from causeway.sealed.hybrid import (
    ENCAPSULATION_SIZE,
    HPKE_OVERHEAD,
    PUBLIC_SIZE,
    HybridError,
    HybridPublic,
    HybridSecret,
    hpke_open,
    hpke_seal,
)

SECRET = HybridSecret.from_seed(b"\x01" * 32)
INFO = b"causeway/test"

# Points of order 1, 2, 4, 8 (twice) and spellings beyond the prime: https://cr.yp.to/ecdh.html#validate
LOW_ORDER = [
    bytes(32),
    (1).to_bytes(32, "little"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    (2**255 - 20).to_bytes(32, "little"),
    (2**255 - 19).to_bytes(32, "little"),
    (2**255 - 18).to_bytes(32, "little"),
]


@given(st.binary(min_size=32, max_size=32))
def test_text_forms_read_back(seed: bytes) -> None:
    secret = HybridSecret.from_seed(seed)
    assert HybridSecret.from_identity(secret.to_identity()) == secret
    assert HybridPublic.from_recipient(secret.public.to_recipient()) == secret.public
    assert HybridPublic(bytes(secret.public)) == secret.public


def test_text_forms_look_as_in_age() -> None:
    assert SECRET.to_identity().startswith("AGE-SECRET-KEY-PQ-1")
    assert SECRET.public.to_recipient().startswith("age1pq1")
    assert len(bytes(SECRET.public)) == PUBLIC_SIZE == 1216


def test_generated_pairs_differ_and_given_randomness_repeats() -> None:
    assert HybridSecret.generate() != HybridSecret.generate()
    assert HybridSecret.generate(random=lambda size: b"\x01" * size) == SECRET


def test_equal_keys_are_one_in_a_set() -> None:
    again = HybridSecret.from_seed(SECRET.seed)
    assert len({SECRET, again}) == len({SECRET.public, again.public}) == 1
    assert HybridSecret.from_seed(b"\x02" * 32) != SECRET


def test_keys_never_show() -> None:
    for key in (SECRET, SECRET.public):
        shown = f"{key!r} {key} {[key]}"
        assert "…" in shown
        for raw in (SECRET.seed, bytes(SECRET.public)[:8]):
            assert raw.hex() not in shown
            assert repr(raw)[2:-1] not in shown
        assert "AGE-SECRET" not in shown
        assert "age1pq1" not in shown


def test_a_secret_is_neither_pickled_nor_copied() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(SECRET)
    with pytest.raises(TypeError):
        copy.deepcopy(SECRET)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_has_one_length(length: int) -> None:
    with pytest.raises(LocalError):
        HybridSecret.from_seed(bytes(length))


@pytest.mark.parametrize("length", [0, PUBLIC_SIZE - 1, PUBLIC_SIZE + 1])
def test_a_public_key_has_one_length(length: int) -> None:
    with pytest.raises(HybridError):
        HybridPublic(bytes(length))


def test_an_mlkem_key_out_of_range_is_refused() -> None:
    with pytest.raises(HybridError):
        HybridPublic(b"\xff" * 1184 + bytes(SECRET.public)[1184:])


@pytest.mark.parametrize("point", LOW_ORDER, ids=bytes.hex)
def test_a_public_key_of_low_order_is_refused(point: bytes) -> None:
    with pytest.raises(HybridError):
        HybridPublic(bytes(SECRET.public)[:1184] + point)


@pytest.mark.parametrize("point", LOW_ORDER, ids=bytes.hex)
def test_a_share_of_low_order_is_refused(point: bytes) -> None:
    sealed = hpke_seal(b"text", recipient=SECRET.public, info=INFO)
    with pytest.raises(HybridError):
        hpke_open(sealed[:1088] + point + sealed[ENCAPSULATION_SIZE:], secret=SECRET, info=INFO)


@given(st.binary(max_size=200))
def test_what_is_sealed_opens(plaintext: bytes) -> None:
    sealed = hpke_seal(plaintext, recipient=SECRET.public, info=INFO)
    assert len(sealed) == len(plaintext) + HPKE_OVERHEAD
    assert hpke_open(sealed, secret=SECRET, info=INFO) == plaintext


def test_another_key_info_or_text_opens_nothing() -> None:
    sealed = hpke_seal(b"text", recipient=SECRET.public, info=INFO)
    assert hpke_open(sealed, secret=HybridSecret.from_seed(bytes(32)), info=INFO) is None
    assert hpke_open(sealed, secret=SECRET, info=b"causeway/other") is None
    for place in (0, 1087, 1088, ENCAPSULATION_SIZE, len(sealed) - 1):
        touched = bytearray(sealed)
        touched[place] ^= 1
        assert hpke_open(bytes(touched), secret=SECRET, info=INFO) is None


def test_a_sealed_text_cut_short_is_refused() -> None:
    with pytest.raises(HybridError):
        hpke_open(bytes(HPKE_OVERHEAD - 1), secret=SECRET, info=INFO)


@pytest.mark.parametrize(
    "spoil",
    [
        str.lower,
        lambda text: text[:-1],
        lambda text: text[:-1] + ("Q" if text[-1] != "Q" else "P"),
        lambda text: text.replace("-PQ-", "-"),
        lambda text: text + "Ж",
        lambda _: "",
    ],
)
def test_a_spoilt_identity_is_refused_unseen(spoil) -> None:
    with pytest.raises(LocalError) as caught:
        HybridSecret.from_identity(spoil(SECRET.to_identity()))
    assert caught.value.diagnostics() == "this text is no hybrid secret key"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("spoil", [str.upper, lambda text: text[:-1], lambda text: "x" + text])
def test_a_spoilt_recipient_is_refused(spoil) -> None:
    with pytest.raises(HybridError):
        HybridPublic.from_recipient(spoil(SECRET.public.to_recipient()))
