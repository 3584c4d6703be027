"""The stores of a browser, each written here or by its own library, and read back by the drill."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import cramjam
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from causeway.drills.browser_cache import read_entry, unpacked_body
from causeway.drills.database_pages import chained_pieces, live_rows, pages_of_database, pages_of_log
from causeway.drills.leveldb import log_entries, table_entries
from causeway.drills.needles import Finder, Secret, needles_of
from causeway.drills.profiles import profile_sources
from causeway.drills.search import Find, Search

TEXT = "Мира Звягель из дома у моста"
FINDER = Finder(needles_of([Secret("Mira", "text", (TEXT,))]))
ENTRIES = [(b"key 1", b"one"), (b"key 12", TEXT.encode()), (b"key 13", b"x" * 300)]


def found_in(folder: Path) -> list[Find]:
    return list(Search(FINDER).search(profile_sources(folder, called="profile")))


# ---- LevelDB ----


def varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def block(entries: list[tuple[bytes, bytes]]) -> bytes:
    """A block whose keys leave out what they share with the one before."""
    out, before = b"", b""
    for key, value in entries:
        shared = next((at for at, pair in enumerate(zip(before, key, strict=False)) if pair[0] != pair[1]), 0)
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return out + bytes(4) + (1).to_bytes(4, "little")


def table(entries: list[tuple[bytes, bytes]], *, kind: int) -> bytes:
    pack = {
        0: bytes,
        1: lambda raw: bytes(cramjam.snappy.compress_raw(raw)),
        2: zstandard.ZstdCompressor().compress,
    }[kind]
    packed = pack(block(entries))
    data = packed + bytes([kind]) + bytes(4)
    handle = varint(0) + varint(len(packed))
    index = block([(entries[-1][0], handle)])
    at = len(data)
    data += index + bytes(5)
    footer = (varint(0) + varint(0) + varint(at) + varint(len(index))).ljust(40, b"\0")
    return data + footer + bytes.fromhex("57fb808b247547db")


def batch(*entries: tuple[bytes, bytes | None]) -> bytes:
    out = bytes(8) + len(entries).to_bytes(4, "little")
    for key, value in entries:
        out += bytes([value is not None]) + varint(len(key)) + key
        out += b"" if value is None else varint(len(value)) + value
    return out


def log(*records: bytes) -> bytes:
    out = b""
    for record in records:
        first = True
        while first or record:
            room = 32_768 - len(out) % 32_768
            if room < 8:
                out += bytes(room)
                continue
            piece, record = record[: room - 7], record[room - 7 :]
            kind = (1 if not record else 2) if first else (4 if not record else 3)
            out += bytes(4) + len(piece).to_bytes(2, "little") + bytes([kind]) + piece
            first = False
    return out


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_a_table_is_read_however_its_blocks_are_packed(kind: int) -> None:
    assert list(table_entries(table(ENTRIES, kind=kind))) == ENTRIES


def test_a_log_is_read_across_its_blocks_and_up_to_its_break() -> None:
    long = TEXT.encode() * 2_000
    whole = log(batch((b"a", b"1"), (b"gone", None)), batch((b"long", long)), batch((b"b", b"2")))
    assert list(log_entries(whole)) == [(b"a", b"1"), (b"gone", b""), (b"long", long), (b"b", b"2")]
    cut = list(log_entries(whole[:40_000]))
    assert cut[:2] == [(b"a", b"1"), (b"gone", b"")]
    assert TEXT.encode() in cut[2][1]


@given(st.binary(max_size=400))
def test_what_is_no_leveldb_does_no_harm(data: bytes) -> None:
    list(log_entries(data))
    list(table_entries(data + bytes.fromhex("57fb808b247547db")))
    read_entry(bytes.fromhex("305c72a71b6dfbfc") + data)
    pages_of_database(b"SQLite format 3\x00" + data)
    list(pages_of_log(b"\x37\x7f\x06\x82" + data))


def test_keys_that_a_table_cuts_and_values_that_a_page_packed_are_found(tmp_path: Path) -> None:
    half = len(TEXT.encode()) // 2
    cut = TEXT.encode()
    # The last key stands whole in the table's index.
    keys = [(cut[:half] + b"\0", b""), (cut, b""), (b"\xff", b"")]
    (tmp_path / "1.ldb").write_bytes(table(keys, kind=0))
    packed = b"\xff\x11\x02" + bytes(cramjam.snappy.compress_raw(b"filler " * 900 + TEXT.encode("utf-16-le")))
    (tmp_path / "2.log").write_bytes(log(batch((b"value", packed))))
    assert {find.where.rpartition(", ")[2] for find in found_in(tmp_path)} == {
        "LevelDB table",
        "value packed by Snappy",
    }


# ---- SQLite ----


def long_row(path: Path) -> None:
    """A deleted text over several pages: one of its forms lies across the end of one of them."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA secure_delete = off")
        database.execute("PRAGMA page_size = 512")
        database.execute("CREATE TABLE notes (text TEXT)")
        database.execute("INSERT INTO notes VALUES (?)", (TEXT * 60,))
        database.commit()


def test_texts_across_pages_are_found_also_when_deleted(tmp_path: Path) -> None:
    long_row(tmp_path / "db")
    with closing(sqlite3.connect(tmp_path / "db")) as database:
        database.execute("PRAGMA secure_delete = off")
        database.execute("DELETE FROM notes")
        database.commit()
    places = {find.where.rpartition(", ")[2] for find in found_in(tmp_path)}
    assert "pages in a chain" in places
    pages = pages_of_database((tmp_path / "db").read_bytes())
    seams = list(chained_pieces(pages, overlap=60))
    assert any(TEXT.encode() in seam for seam in seams)


def test_a_log_that_was_never_written_back_is_read(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE notes (text TEXT)")
        database.execute("INSERT INTO notes VALUES (?)", (TEXT * 400,))
        database.commit()
        log_bytes = (tmp_path / "db-wal").read_bytes()
        assert TEXT.encode() in b"".join(chained_pieces(dict(pages_of_log(log_bytes)), overlap=60))
        (copy := tmp_path / "copy").mkdir()
        for name in ("db", "db-wal"):
            (copy / name).write_bytes((tmp_path / name).read_bytes())
    assert b"\n".join(live_rows(copy / "db")) == (TEXT * 400).encode()


# ---- The cache ----


def entry(body: bytes, headers: bytes) -> bytes:
    key = b"http://control.localhost/page"
    head = bytes.fromhex("305c72a71b6dfbfc") + bytes(4) + len(key).to_bytes(4, "little") + bytes(8)
    end = bytes.fromhex("d8410d97456ffaf4")
    ends = [
        end + flags.to_bytes(4, "little") + bytes(4) + size.to_bytes(4, "little") + bytes(4)
        for flags, size in ((0, len(body)), (2, len(headers)))
    ]
    return head + key + body + ends[0] + headers + bytes(32) + ends[1]


def test_a_brotli_body_of_the_cache_is_unpacked(tmp_path: Path) -> None:
    packed = bytes(cramjam.brotli.compress(b"filler " * 300 + TEXT.encode()))
    made = entry(packed, b"HTTP/1.1 200\0Content-Encoding: br\0")
    read = read_entry(made)
    assert read is not None
    assert (read.key, read.body) == (b"http://control.localhost/page", packed)
    assert (unpacked_body(read) or b"").endswith(TEXT.encode())
    assert read_entry(made[:-3]) is None
    (tmp_path / "0123456789abcdef_0").write_bytes(made)
    assert {find.where.rpartition(", ")[2] for find in found_in(tmp_path)} == {"body of a cache entry"}


def test_widened_letters_are_found(tmp_path: Path) -> None:
    (tmp_path / "wide").write_bytes(b"-" + TEXT.encode().hex().encode("utf-16-le"))
    assert [(find.encoding, "every second" in find.where) for find in found_in(tmp_path)] == [("hex", True)]


def test_a_zstandard_stream_is_unpacked(tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor(level=19).compress(b"Quite another text. " * 500 + TEXT.encode())
    (tmp_path / "file").write_bytes(b"before" + packed + b"after")
    assert ("zstd",) in {find.packed for find in found_in(tmp_path)}
