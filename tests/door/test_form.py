from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.door.plain.form import read_form
from causeway.door.plain.http import RequestRefused

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = 'multipart/form-data; boundary="b"'
ALLOWED = {"language": 8, "text": 64}


def part(name: str, value: str, *, more: str = "") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value.encode() + b"\r\n"


def cut(body: bytes, step: int) -> Iterable[bytes]:
    return (body[at : at + step] for at in range(0, len(body), step))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=16)


@given(texts, texts, st.integers(1, 50))
def test_both_kinds_bring_back_what_was_typed(language: str, text: str, step: int) -> None:
    fields = {"language": language[:2], "text": text}
    encoded = urlencode(fields).encode()
    assert read_form(cut(encoded, step), content_type=URLENCODED, allowed=ALLOWED) == fields
    parts = b"".join(part(name, value) for name, value in fields.items()) + b"--b--\r\n"
    assert read_form(cut(parts, step), content_type=MULTIPART, allowed=ALLOWED) == fields


@given(
    st.binary(max_size=300), st.sampled_from([URLENCODED, MULTIPART, "text/plain", "", "multipart/form-data"])
)
def test_anything_else_is_refused_and_nothing_but_refused(body: bytes, content_type: str) -> None:
    try:
        fields = read_form([body], content_type=content_type, allowed=ALLOWED)
    except RequestRefused:
        return
    assert set(fields) == set(ALLOWED)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_broken_part_is_refused_and_nothing_but_refused(head: bytes, rest: bytes) -> None:
    try:
        read_form([b"--b\r\n" + head, rest + b"\r\n--b--\r\n"], content_type=MULTIPART, allowed=ALLOWED)
    except RequestRefused:
        return


def test_a_missing_field_is_empty() -> None:
    assert read_form([b"text=a"], content_type=URLENCODED, allowed=ALLOWED) == {"language": "", "text": "a"}


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        (URLENCODED, b"other=1", 400),
        (URLENCODED, b"text=1&text=2", 400),
        (URLENCODED, b"text=" + b"a" * 65, 413),
        (MULTIPART, part("other", "1") + b"--b--\r\n", 400),
        (MULTIPART, part("text", "1") + part("text", "2") + b"--b--\r\n", 400),
        (MULTIPART, part("text", "1", more='; filename="a.txt"') + b"--b--\r\n", 400),
        (MULTIPART, b"--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--\r\n", 400),
        (MULTIPART, part("text", "1"), 400),
        (MULTIPART, part("text", "1") + b"--", 400),
        (MULTIPART, b"", 400),
        (MULTIPART, b"nothing of the kind", 400),
        ("multipart/form-data", part("text", "1") + b"--b--\r\n", 415),
        ("multipart/form-data; boundary=" + "b" * 300, b"", 400),
        ("application/json", b"{}", 415),
        ("", b"", 415),
    ],
)
def test_what_is_refused(content_type: str, body: bytes, status: int) -> None:
    with pytest.raises(RequestRefused) as refused:
        read_form([body], content_type=content_type, allowed=ALLOWED)
    assert refused.value.status == status
