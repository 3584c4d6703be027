from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.linkage.encoded_list import (
    EncodedList,
    ScriptMix,
    check_comparable,
    parse_encoded_list,
    write_encoded_list,
)
from causeway.linkage.errors import EncodedListError
from causeway.linkage.script_notes import notes_between, notes_on


def encoded(
    n: int = 3, *, name: str = "north", script: str = "cyrillic", key_check: bytes = b"k" * 16
) -> EncodedList:
    random = np.random.default_rng(n)
    tickets = np.zeros((n, 16), dtype=np.uint8)
    tickets[:, 7] = np.arange(n)
    return EncodedList(
        name=name,
        scheme="clk-1024/1 normalised hardened",
        key_check=key_check,
        scripts=ScriptMix(**{script: n}),
        tickets=tickets,
        bits=random.integers(0, 2**63, size=(n, 16), dtype=np.uint64),
    )


@given(st.integers(0, 40))
def test_written_and_read(n: int) -> None:
    one = encoded(n)
    raw = write_encoded_list(one)
    other = parse_encoded_list(raw)
    assert write_encoded_list(other) == raw
    assert (other.name, other.scheme, other.key_check, other.scripts) == (
        one.name,
        one.scheme,
        one.key_check,
        one.scripts,
    )
    assert (other.bits == one.bits).all()
    assert (other.tickets == one.tickets).all()
    assert other.popcount.tolist() == [sum(int(word).bit_count() for word in row) for row in one.bits]


@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_only_our_error(raw: bytes) -> None:
    for start in (b"", b"causeway encoded list 1\n"):
        with pytest.raises(EncodedListError):
            parse_encoded_list(start + raw)


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    raw = bytearray(write_encoded_list(encoded()))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(EncodedListError):
        parse_encoded_list(bytes(raw))


@given(st.binary(max_size=120) | st.sampled_from([b"{}", b"[" * 2000]), st.integers(0, 3))
def test_any_header_under_a_right_hash(header: bytes, rows: int) -> None:
    """What a sender can make at will, with a checksum that holds."""
    body = b"causeway encoded list 1\n" + len(header).to_bytes(2, "big") + header + bytes(rows * 144)
    with pytest.raises(EncodedListError):
        parse_encoded_list(body + hashlib.sha256(body).digest())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"rows":3', b'"rows": 3'),
        (b'"rows":3', b'"rows":4'),
        (b'"rows":3', b'"rows":-1'),
        (b'"cyrillic":3', b'"cyrillic":2'),
        (b'"latin":0', b'"latin":-1'),
        (b'"name":"north"', b'"name":"no\\nrth"'),
        (b'"name":"north"', b'"name":""'),
        (b'"name":"north"', b'"name":"no\\u001b[2Jrth"'),
        (b'"key":"6b', b'"key":"6B'),
        (b'"key":"6b', b'"key":"xx'),
        (b'"key":"6b6b', b'"key":"6b'),
        (b'"scheme"', b'"schema"'),
    ],
)
def test_each_part_of_the_header_is_looked_at(old: bytes, new: bytes) -> None:
    raw = write_encoded_list(encoded())
    assert old in raw
    start = len(b"causeway encoded list 1\n")
    size = int.from_bytes(raw[start : start + 2], "big")
    header = raw[start + 2 : start + 2 + size].replace(old, new)
    body = raw[:start] + len(header).to_bytes(2, "big") + header + raw[start + 2 + size : -32]
    with pytest.raises(EncodedListError):
        parse_encoded_list(body + hashlib.sha256(body).digest())


def test_tickets_ascend_and_stand_once() -> None:
    one = encoded()
    for order in ([1, 0, 2], [0, 0, 1]):
        with pytest.raises(EncodedListError, match="order"):
            EncodedList(
                name="a",
                scheme="s",
                key_check=one.key_check,
                scripts=one.scripts,
                tickets=one.tickets[order],
                bits=one.bits,
            )


def test_only_lists_of_one_key_and_scheme_are_compared() -> None:
    check_comparable(encoded(), encoded(4))
    with pytest.raises(EncodedListError, match="different keys"):
        check_comparable(encoded(), encoded(key_check=b"x" * 16))
    other = encoded()
    object.__setattr__(other, "scheme", "clk-1024/1 raw hardened")
    with pytest.raises(EncodedListError, match="different ways"):
        check_comparable(encoded(), other)


def test_a_list_in_another_script_is_named() -> None:
    lists = [encoded(name="north"), encoded(name="south"), encoded(name="abroad", script="latin")]
    assert [note.values["name"] for note in notes_between(lists)] == ["abroad"]
    assert notes_between(lists[:2]) == ()
    assert notes_between([encoded(0, script="latin"), *lists[:2]]) == ()


def test_notes_on_a_list_of_ones_own() -> None:
    assert notes_on(ScriptMix(cyrillic=100), normalised=True) == ()
    assert len(notes_on(ScriptMix(cyrillic=90, latin=10), normalised=True)) == 1
    assert "10" in str(notes_on(ScriptMix(cyrillic=90, latin=10), normalised=True)[0])
    assert len(notes_on(ScriptMix(other=5), normalised=True)) == 1
    assert len(notes_on(ScriptMix(cyrillic=5), normalised=False)) == 1
