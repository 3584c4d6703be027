from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.wire.attachments import (
    CHUNK_ROOM,
    FILE_BYTES_MAX,
    Attachment,
    AttachmentForm,
    AttachmentKind,
    attachment_form,
    chunk_count,
    clean_media_type,
    clean_name,
    padme,
    parse_attachment,
)
from causeway.wire.base64url import b64encode
from causeway.wire.errors import FormatError
from causeway.wire.text import utf16_units


def padme_of_the_paper(length: int) -> int:
    exponent = math.floor(math.log2(length))
    bits = math.floor(math.log2(exponent)) + 1 if exponent else 0
    mask = 2 ** max(0, exponent - bits) - 1
    return int((length + mask) & ~mask)


@given(st.integers(2, 100_000))
def test_padding_is_the_papers(count: int) -> None:
    assert padme(count) == padme_of_the_paper(count)
    assert count <= padme(count) <= count * 1.12


def test_the_numbers_of_chunks_say_little() -> None:
    counts = {chunk_count(size) for size in range(1, FILE_BYTES_MAX, CHUNK_ROOM // 2)}
    assert chunk_count(1) == 1
    assert chunk_count(FILE_BYTES_MAX) == 104
    assert len(counts) < 40


@given(st.text(max_size=300))
def test_a_clean_name_stays_as_it_is_and_misleads_nobody(typed: str) -> None:
    name = clean_name(typed)
    assert clean_name(name) == name
    assert utf16_units(name) <= 80
    assert not set('/\\:*?"<>|\n\t\u202e\u200b\u200f\x00') & set(name)
    assert not name.startswith(".")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("/storage/emulated/0/photo.jpg", "photo.jpg"),
        ("C:\\Users\\x\\photo.jpg", "photo.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("../..", ""),
        ("x" * 200 + ".jpg", "x" * 76 + ".jpg"),
        ("запись 3.webm", "запись 3.webm"),
    ],
)
def test_names(typed: str, name: str) -> None:
    assert clean_name(typed) == name


@given(st.text(max_size=60))
def test_a_media_type_is_one_or_says_nothing(typed: str) -> None:
    clean = clean_media_type(typed)
    assert clean_media_type(clean) == clean
    assert clean.count("/") == 1


def test_media_types() -> None:
    assert clean_media_type("Audio/WebM;codecs=opus") == "audio/webm"
    assert clean_media_type("") == clean_media_type("text/html<script>") == "application/octet-stream"


ATTACHMENT = Attachment(
    key=bytes(32), kind=AttachmentKind.VOICE, name="запись.webm", media_type="audio/webm", size=7
)


def test_there_and_back() -> None:
    assert parse_attachment(attachment_form(ATTACHMENT)) == ATTACHMENT
    assert "запись" not in repr(ATTACHMENT)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a/b"},
        {"type": "text/html; charset=x"},
        {"size": 0},
        {"size": FILE_BYTES_MAX + 1},
        {"key": b64encode(bytes(31))},
    ],
)
def test_a_form_that_no_sender_of_ours_makes_is_refused(change: dict[str, object]) -> None:
    form: AttachmentForm = msgspec.structs.replace(attachment_form(ATTACHMENT), **change)
    with pytest.raises(FormatError):
        parse_attachment(form)
