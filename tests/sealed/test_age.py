"""Whole age files: what is sealed opens, what was touched does not, and sizes are known beforehand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import LocalError
from causeway.sealed.age import (
    FILE_OVERHEAD,
    AgeError,
    ForeignRecipients,
    HeaderFailure,
    MacFailure,
    NoKeyFits,
    PayloadFailure,
    open_age,
    plaintext_capacity,
    seal,
    seal_to_size,
    sealed_size,
)
from causeway.sealed.age._header import Stanza, encode_base64, parse, serialise
from causeway.sealed.age._keys import header_mac, payload_key
from causeway.sealed.age._recipient import wrap
from causeway.sealed.age._stream import CHUNK_SIZE, TAG_SIZE, seal_chunks
from causeway.sealed.hybrid import HybridSecret

SECRET = HybridSecret.from_seed(b"\x01" * 32)
OTHER = HybridSecret.from_seed(b"\x02" * 32)
FILE_KEY = b"\x03" * 16
NONCE = b"\x04" * 16
SLOT = 32 * 1024
SHORT = seal(b"two beds from Thursday", recipient=SECRET.public)
LONG = seal(bytes(2 * CHUNK_SIZE + 10), recipient=SECRET.public)


def file_of(stanzas: list[Stanza], *, payload: bytes | None = None) -> bytes:
    """Write a file with a sound MAC, whatever its stanzas."""
    header = serialise(stanzas)
    mac = encode_base64(header_mac(FILE_KEY, authenticated=header))
    if payload is None:
        payload = b"".join(seal_chunks(b"text", key=payload_key(FILE_KEY, nonce=NONCE)))
    return header + b" " + mac + b"\n" + NONCE + payload


@given(st.binary(max_size=4096))
def test_open_after_seal_is_identity(plaintext: bytes) -> None:
    file = seal(plaintext, recipient=SECRET.public)
    assert len(file) == sealed_size(len(plaintext))
    assert open_age(file, secrets=[OTHER, SECRET]) == plaintext


@pytest.mark.parametrize("chunks", [1, 2, 3])
@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_identity_round_the_chunk_size(chunks: int, beside: int) -> None:
    plaintext = bytes(chunks * CHUNK_SIZE + beside)
    file = seal(plaintext, recipient=SECRET.public)
    assert len(file) == sealed_size(len(plaintext))
    assert open_age(file, secrets=[SECRET]) == plaintext


def test_two_files_of_one_text_share_nothing_but_the_form() -> None:
    first, second = (parse(seal(b"text", recipient=SECRET.public)) for _ in range(2))
    assert first.nonce != second.nonce
    assert first.stanzas != second.stanzas
    assert bytes(first.payload) != bytes(second.payload)


def test_given_randomness_is_used_for_file_key_and_nonce() -> None:
    asked: list[int] = []
    drawn: Iterator[bytes] = iter([FILE_KEY, NONCE])

    def random(size: int) -> bytes:
        asked.append(size)
        return next(drawn)

    file = seal(b"text", recipient=SECRET.public, random=random)
    assert asked == [16, 16]
    assert parse(file).nonce == NONCE
    assert file.endswith(b"".join(seal_chunks(b"text", key=payload_key(FILE_KEY, nonce=NONCE))))


@given(st.binary(max_size=3000))
def test_arbitrary_bytes_raise_only_our_error(data: bytes) -> None:
    with pytest.raises(AgeError):
        open_age(data, secrets=[SECRET])


@given(st.binary(max_size=300), st.integers(min_value=0, max_value=len(SHORT)))
def test_a_sound_beginning_and_arbitrary_bytes_raise_only_our_error(tail: bytes, kept: int) -> None:
    data = SHORT[:kept] + tail
    if data == SHORT:
        return
    with pytest.raises(AgeError):
        open_age(data, secrets=[SECRET])


@pytest.mark.parametrize("bit", range(8))
def test_no_flipped_bit_passes(bit: int) -> None:
    for place in range(len(SHORT)):
        touched = bytearray(SHORT)
        touched[place] ^= 1 << bit
        with pytest.raises(AgeError):
            open_age(bytes(touched), secrets=[SECRET])


def test_no_truncation_passes() -> None:
    for length in range(len(SHORT)):
        with pytest.raises(AgeError):
            open_age(SHORT[:length], secrets=[SECRET])


@given(st.data())
def test_no_cut_or_flip_in_several_chunks_passes(data: st.DataObject) -> None:
    file = LONG
    place = data.draw(st.integers(min_value=FILE_OVERHEAD, max_value=len(file) - 1))
    mask = data.draw(st.integers(min_value=1, max_value=255))
    touched = file[:place] + bytes([file[place] ^ mask]) + file[place + 1 :]
    for bad in (touched, file[:place]):
        with pytest.raises(PayloadFailure):
            open_age(bad, secrets=[SECRET])


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_file_cut_between_chunks_does_not_open(chunks: int) -> None:
    with pytest.raises(PayloadFailure):
        open_age(LONG[: FILE_OVERHEAD + chunks * (CHUNK_SIZE + TAG_SIZE)], secrets=[SECRET])


def test_chunks_in_another_order_do_not_open() -> None:
    size = CHUNK_SIZE + TAG_SIZE
    head, payload = LONG[:FILE_OVERHEAD], LONG[FILE_OVERHEAD:]
    with pytest.raises(PayloadFailure):
        open_age(head + payload[size : 2 * size] + payload[:size] + payload[2 * size :], secrets=[SECRET])


def test_the_wrong_key_is_told_apart() -> None:
    with pytest.raises(NoKeyFits):
        open_age(SHORT, secrets=[OTHER])
    with pytest.raises(NoKeyFits):
        open_age(SHORT, secrets=[])


def test_a_sound_stanza_under_a_wrong_mac_is_a_mac_failure() -> None:
    end = SHORT.index(b"\n--- ") + len(b"\n--- ")
    forged = SHORT[:end] + encode_base64(bytes(32)) + SHORT[end + 43 :]
    with pytest.raises(MacFailure):
        open_age(forged, secrets=[SECRET])


def test_one_hybrid_stanza_opens() -> None:
    assert open_age(file_of([wrap(FILE_KEY, recipient=SECRET.public)]), secrets=[SECRET]) == b"text"


@pytest.mark.parametrize("extra", [Stanza(("grease", "x"), b""), wrap(FILE_KEY, recipient=OTHER.public)])
@pytest.mark.parametrize("first", [True, False])
def test_recipients_are_never_mixed(extra: Stanza, first: bool) -> None:
    ours = wrap(FILE_KEY, recipient=SECRET.public)
    with pytest.raises(ForeignRecipients):
        open_age(file_of([extra, ours] if first else [ours, extra]), secrets=[SECRET])


def test_the_same_stanza_twice_is_refused() -> None:
    ours = wrap(FILE_KEY, recipient=SECRET.public)
    with pytest.raises(ForeignRecipients):
        open_age(file_of([ours, ours]), secrets=[SECRET])


def test_a_longer_file_key_is_refused() -> None:
    with pytest.raises(HeaderFailure):
        open_age(file_of([wrap(FILE_KEY * 2, recipient=SECRET.public)]), secrets=[SECRET])


@given(
    st.lists(
        st.builds(
            Stanza,
            st.lists(
                st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1), min_size=1
            ).map(tuple),
            st.one_of(st.binary(max_size=200), st.sampled_from([0, 47, 48, 49, 96]).map(bytes)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_header_reads_back(stanzas: list[Stanza]) -> None:
    assert parse(file_of(stanzas)).stanzas == tuple(stanzas)


@given(st.integers(min_value=0, max_value=300_000))
def test_capacity_inverts_size(length: int) -> None:
    assert plaintext_capacity(sealed_size(length)) == length


@given(st.integers(min_value=sealed_size(0), max_value=400_000))
def test_capacity_is_the_largest_that_fits(size: int) -> None:
    capacity = plaintext_capacity(size)
    assert sealed_size(capacity) <= size < sealed_size(capacity + 1)


def test_sizes_of_the_slots_are_exact() -> None:
    """What FORMAT.md's fixed sizes leave for the padded text."""
    assert FILE_OVERHEAD == 1643
    assert [plaintext_capacity(size) for size in (2048, 8192, SLOT)] == [389, 6533, 31_109]
    file = seal_to_size(bytes(31_109), recipient=SECRET.public, size=SLOT)
    assert len(file) == SLOT
    assert open_age(file, secrets=[SECRET]) == bytes(31_109)


def test_no_plaintext_fits_below_the_smallest_file() -> None:
    assert plaintext_capacity(FILE_OVERHEAD + TAG_SIZE) == 0
    with pytest.raises(LocalError):
        plaintext_capacity(FILE_OVERHEAD + TAG_SIZE - 1)


@pytest.mark.parametrize("length", [0, 31_108, 31_110, 40_000])
def test_a_text_that_was_not_padded_is_not_sealed(length: int) -> None:
    with pytest.raises(LocalError):
        seal_to_size(bytes(length), recipient=SECRET.public, size=SLOT)


def test_errors_carry_nothing_of_the_file() -> None:
    with pytest.raises(HeaderFailure) as caught:
        open_age(b"age-encryption.org/v1\n-> Halldis \x7f\nQQ\n--- ", secrets=[SECRET])
    assert "Halldis" not in caught.value.diagnostics() + repr(caught.value)
