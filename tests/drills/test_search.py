from __future__ import annotations

import gzip
import io
import random
import sqlite3
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.drills.encodings import ENCODINGS, SAMPLES, encoded, encoded_binary
from causeway.drills.needles import SHORTEST, Finder, Secret, needles_of
from causeway.drills.search import Find, Search
from causeway.drills.sources import BytesSource, FileSource

SECRETS = (
    Secret("Mira", "name", ("Мира Звягель",)),
    Secret("Mira", "telephone number", ("+888 70 555 0142",)),
    Secret("Tove", "text", ("Ils l'ont emmené à Vière, près du «vieux» pont",)),
    Secret("Darya", "text", ("ما زلت في المدينة القديمة",)),
    Secret("Nino", "name", ("ნინო ბელთაძე",)),
    Secret("Nino", "key", (bytes(range(101, 133)),)),
)
FINDER = Finder(needles_of(SECRETS))
NEEDLES = FINDER.needles


def search(data: bytes, *, window_bytes: int = 4_096, finder: Finder = FINDER) -> list[Find]:
    return list(Search(finder, window_bytes=window_bytes).search([BytesSource("here", data)]))


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311


@given(
    needle=st.sampled_from(NEEDLES),
    at=st.integers(0, 700),
    seed=st.integers(0, 2**32),
    window_bytes=st.integers(64, 300),
)
@settings(max_examples=400)
def test_every_encoding_is_found_wherever_it_lies(needle, at, seed, window_bytes):
    data = noise(seed, at) + needle.pattern + noise(seed + 1, 700 - at)
    finds = search(data, window_bytes=window_bytes)
    assert (needle.secret, at) in {(find.secret, find.offset) for find in finds}
    assert {find.secret for find in finds} == {needle.secret}


@given(seed=st.integers(0, 2**32))
def test_nothing_is_found_where_nothing_is(seed):
    assert search(noise(seed, 20_000), window_bytes=4_096) == []


@given(needle=st.sampled_from(NEEDLES), at=st.integers(0, 3), data=st.data())
def test_one_wrong_byte_is_no_find(needle, at, data):
    broken = bytearray(needle.pattern)
    place = data.draw(st.integers(0, len(broken) - 1))
    broken[place] ^= 0x80
    assert needle.secret not in {find.secret for find in search(bytes(at) + bytes(broken))}


@given(first=st.sampled_from(NEEDLES), second=st.sampled_from(NEEDLES), shared=st.integers(0, 12))
def test_finds_that_touch_or_lie_in_each_other_are_all_found(first, second, shared):
    joined = first.pattern + second.pattern
    assert {first.secret, second.secret} <= {find.secret for find in search(b"x" * shared + joined)}
    longer = Secret("Ada", "text", ("Мира Звягель und mehr",))
    finder = Finder(needles_of((*SECRETS, longer)))
    found = {find.secret for find in search("Мира Звягель und mehr".encode(), finder=finder)}
    assert found == {longer, SECRETS[0]}


PACKERS = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "zlib, strongest": lambda data: zlib.compress(data, 9),
    "zlib, quickest": lambda data: zlib.compress(data, 1),
}


def _zip(data: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes", data)
    return whole.getvalue()


PACKERS["ZIP"] = _zip


@pytest.mark.parametrize("packer", PACKERS)
@given(
    needle=st.sampled_from(NEEDLES),
    at=st.integers(0, 600),
    inside=st.integers(0, 600),
    seed=st.integers(0, 2**32),
    window_bytes=st.integers(64, 300),
)
@settings(max_examples=60)
def test_packed_streams_are_opened_across_windows_too(packer, needle, at, inside, seed, window_bytes):
    packed = PACKERS[packer](noise(seed, inside) + needle.pattern + b"-" * 400)
    finds = search(noise(seed, at) + packed + noise(seed, 50), window_bytes=window_bytes)
    assert needle.secret in {find.secret for find in finds}


def test_a_stream_in_a_stream_is_opened_and_a_broken_one_up_to_its_break():
    text = "Мира Звягель".encode()
    once = zlib.compress(b"far " * 90 + text + b" and away" * 90)
    twice = gzip.compress(b"before" + once + once)
    assert ("gzip", "zlib") in {find.packed for find in search(noise(2, 77) + twice)}
    cut = gzip.compress(text + noise(3, 9_000))[:5_000]
    assert {find.secret.person for find in search(cut)} == {"Mira"}


def test_bytes_are_counted_once_although_windows_overlap():
    searcher = Search(FINDER, window_bytes=100)
    assert list(searcher.search([BytesSource("a", bytes(1_050)), BytesSource("b", b"")])) == []
    assert searcher.searched_bytes == 1_050


def test_deleted_rows_of_a_database_are_found(tmp_path: Path):
    path = tmp_path / "plain.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA secure_delete = off")
        database.execute("CREATE TABLE notes (text TEXT)")
        database.execute("INSERT INTO notes VALUES (?)", ("Мира Звягель",))
        database.commit()
        database.execute("DELETE FROM notes")
    database.close()
    finds = list(Search(FINDER).search([FileSource("database", path)]))
    assert {find.secret.what for find in finds} == {"name"}


@pytest.mark.parametrize("name", ENCODINGS)
def test_each_encoding_has_a_sample_that_only_it_writes_this_way(name):
    ways = set(ENCODINGS[name](SAMPLES[name]))
    assert ways
    others = {way for other in ENCODINGS if other != name for way in _ways(other, SAMPLES[name])}
    assert ways - others


def _ways(name: str, text: str) -> set[bytes]:
    try:
        return set(ENCODINGS[name](text))
    except UnicodeEncodeError:
        return set()


@given(before=st.binary(max_size=7), after=st.binary(max_size=7), raw=st.binary(min_size=11, max_size=40))
def test_base64_is_known_at_every_alignment(before, after, raw):
    import base64

    whole = base64.b64encode(before + raw + after)
    assert any(way in whole for name, way in encoded_binary(raw) if name == "base64")


def test_a_secret_too_short_to_mean_anything_is_refused():
    with pytest.raises(ValueError, match="too short"):
        list(needles_of([Secret("Mira", "name", ("Mira",))]))
    assert all(len(way) >= SHORTEST for _, way in encoded("Mira of Zvyagel"))
