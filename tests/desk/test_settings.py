"""Addresses as they are typed, and places in the list."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.desk.web.page import own_path
from causeway.desk.web.settings import SettingRefused, checked_door, checked_socks


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://door.example", "https://door.example"),
        ("door.example/", "https://door.example"),
        ("http://abcdef.onion", "http://abcdef.onion"),
        ("abcdef.onion", "http://abcdef.onion"),
        ("http://127.0.0.1:8400", "http://127.0.0.1:8400"),
        ("http://[::1]:8400", "http://[::1]:8400"),
    ],
)
def test_doors(typed: str, kept: str) -> None:
    assert checked_door(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "https://",
        "ftp://door",
        "https://a b",
        "https://d/x",
        "https://d?x",
        "https://d#x",
        "https://u@d",
        "https://d:x",
        "http://[::1",
    ],
)
def test_no_doors(typed: str) -> None:
    with pytest.raises(SettingRefused):
        checked_door(typed)


@pytest.mark.parametrize(
    ("typed", "kept"), [("", None), ("none", None), ("None", None), ("127.0.0.1:9050", "127.0.0.1:9050")]
)
def test_socks(typed: str, kept: str | None) -> None:
    assert checked_socks(typed) == kept


@pytest.mark.parametrize(
    "typed", ["9050", "host:", ":9050", "host:0", "host:65536", "host:x", "a b:1", "host:-1", "host:１"]
)
def test_no_socks(typed: str) -> None:
    with pytest.raises(SettingRefused):
        checked_socks(typed)


@given(st.text())
def test_whatever_is_typed_is_an_address_or_a_sentence(typed: str) -> None:
    for check in (checked_door, checked_socks):
        with contextlib.suppress(SettingRefused):
            check(typed)


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "http://evil.example/", "evil", "", "javascript:alert(1)"]
)
def test_no_form_leads_elsewhere(path: str) -> None:
    assert own_path(path) == "/"


def test_our_own_paths_stay() -> None:
    assert own_path("/inbox?state=all") == "/inbox?state=all"
