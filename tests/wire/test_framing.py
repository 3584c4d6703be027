from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.errors import FormatError, TooLarge
from causeway.wire.ids import id_from_hex, split_ids
from causeway.wire.items import Item, pack_items, unpack_items
from causeway.wire.padding import LENGTH_BYTES, pad, unpad
from causeway.wire.text import clean_text, utf16_units


@given(st.binary(max_size=200), st.integers(0, 300))
def test_padding_is_undone(content: bytes, spare: int) -> None:
    size = len(content) + LENGTH_BYTES + spare
    padded = pad(content, size=size)
    assert len(padded) == size
    assert unpad(padded) == content


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(TooLarge):
        pad(b"12345", size=8)
    assert unpad(pad(b"1234", size=8)) == b"1234"


@given(st.binary(max_size=64))
def test_arbitrary_padding_raises_only_our_error(block: bytes) -> None:
    try:
        content = unpad(block)
    except FormatError:
        return
    assert pad(content, size=len(block)) == block


def test_filling_must_be_zeros() -> None:
    padded = bytearray(pad(b"text", size=32))
    padded[-1] = 1
    with pytest.raises(FormatError):
        unpad(bytes(padded))


@given(st.binary(max_size=100))
def test_base64url_is_undone(raw: bytes) -> None:
    assert b64decode(b64encode(raw), size=len(raw)) == raw


@pytest.mark.parametrize("text", ["AA==", "A", "+/+/", "AB", "AÄ", "AA\n", " AA", "A-_=", ""])
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        b64decode(text, size=1)


@given(st.text(max_size=40), st.integers(0, 32))
def test_arbitrary_base64url_raises_only_our_error(text: str, size: int) -> None:
    try:
        raw = b64decode(text, size=size)
    except FormatError:
        return
    assert b64encode(raw) == text


@pytest.mark.parametrize(
    "text", ["", "00", "0" * 31, "0" * 33, "A" * 32, "g" * 32, "٠" * 32, "0" * 32 + "\n"]
)
def test_an_id_has_one_spelling(text: str) -> None:
    with pytest.raises(FormatError):
        id_from_hex(text)
    assert id_from_hex("0f" * 16) == b"\x0f" * 16


def test_ids_are_cut_apart() -> None:
    assert split_ids(b"a" * 16 + b"b" * 16) == [b"a" * 16, b"b" * 16]
    with pytest.raises(FormatError):
        split_ids(b"a" * 17)


items = st.builds(
    lambda kind, content: Item(type=kind, content=content), st.integers(1, 255), st.binary(max_size=90)
)


@given(st.lists(items, max_size=20))
def test_items_keep_their_order_over_slots(packed: list[Item]) -> None:
    blocks = pack_items(packed, size=100)
    assert all(len(block) == 100 for block in blocks)
    assert [item for block in blocks for item in unpack_items(block)] == packed


@given(st.binary(max_size=120))
def test_arbitrary_slots_raise_only_our_error(block: bytes) -> None:
    try:
        found = list(unpack_items(block))
    except FormatError:
        return
    assert b"".join(
        bytes([i.type]) + len(i.content).to_bytes(4, "big") + i.content for i in found
    ) == block.rstrip(b"\0") + b"\0" * (sum(5 + len(i.content) for i in found) - len(block.rstrip(b"\0")))


def test_an_item_larger_than_a_slot_is_refused() -> None:
    with pytest.raises(TooLarge):
        pack_items([Item(type=1, content=bytes(96))], size=100)


@given(st.text(max_size=100))
def test_clean_text_stays_as_it_is(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    once.encode()  # no halves of surrogate pairs are left


def test_control_characters_go_and_line_ends_become_one() -> None:
    assert clean_text("a\r\nb\rc\x00d\te\ud800f\x7f") == "a\nb\ncd\tef"


def test_what_reorders_a_text_goes_and_what_languages_need_stays() -> None:
    reordering = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
    assert clean_text("".join(f"a{chr(one)}" for one in reordering)) == "a" * 9
    needed = "نامه\u200cای \u200f\u200e\u061c क\u094d\u200dष \u200b\u2060\u202f\u2028\u2065\u206a"
    assert clean_text(needed) == needed


@given(st.text(max_size=50))
def test_units_are_what_a_browser_counts(text: str) -> None:
    assert utf16_units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
