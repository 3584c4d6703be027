"""Bech32 against the examples of BIP 173 and against itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.sealed._bech32 import decode, encode

ABCDEF = "00443214c74254b635cf84653a56d7c675be77df"
SPLIT = "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d"


@pytest.mark.parametrize(
    ("text", "prefix", "data"),
    [
        ("A12UEL5L", "A", ""),
        ("a12uel5l", "a", ""),
        (
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "abcdef",
            "00443214c74254b635cf84653a56d7c675be77df",
        ),
        ("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "split", SPLIT),
    ],
)
def test_examples_of_the_bip(text: str, prefix: str, data: str) -> None:
    assert decode(text, prefix=prefix) == bytes.fromhex(data)
    assert encode(bytes.fromhex(data), prefix=prefix) == text


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("pzry9x0s0muk", ""),
        ("1pzry9x0s0muk", "x"),
        ("x1b4n0q5v", "x"),
        ("li1dgmt3", "li"),
        ("A1G7SGD8", "A"),
        ("a12uel5l", "A"),
        ("A12uEL5L", "A"),
        ("", "a"),
    ],
)
def test_wrong_texts_of_the_bip(text: str, prefix: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the module's own error; what it says is for people
        decode(text, prefix=prefix)


@given(st.binary(max_size=1300), st.sampled_from(["age1pq", "AGE-SECRET-KEY-PQ-", "a"]))
def test_any_bytes_read_back(data: bytes, prefix: str) -> None:
    assert decode(encode(data, prefix=prefix), prefix=prefix) == data


@given(st.text(max_size=100))
def test_any_text_raises_only_value_error(tail: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        decode("a1" + tail, prefix="a")
