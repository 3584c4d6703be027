"""Decoding strangers' files: what comes back, what never does, what the process that does it can reach."""

from __future__ import annotations

import io
import subprocess
import sys
import textwrap
import threading
import time
import wave
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from causeway.desk.viewer.limits import PAGES_MAX, SIDE_MAX, SOUND_RATE, SOUND_SECONDS_MAX
from causeway.desk.viewer.results import Counted, Drawn, Heard, Unreadable, read_result
from causeway.desk.viewer.shapes import HEAD_BYTES, Shape, shape_of
from causeway.desk.viewer.viewer import Viewer
from tests.desk import material

SOURCE = Path(__file__).parents[2] / "src"


def show(content: bytes, *, page: int = 0) -> Drawn | Heard | Counted | Unreadable:
    shape = shape_of(content[:HEAD_BYTES])
    assert shape is not None
    half = len(content) // 2
    return Viewer().show([content[:half], content[half:]], shape=shape, page=page)


def image(shown: object) -> Image.Image:
    assert isinstance(shown, Drawn)
    opened = Image.open(io.BytesIO(shown.content))
    opened.load()
    assert opened.size == (shown.width, shown.height)
    assert opened.info == {}
    return opened


# ---- What is shown ----


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_is_drawn_anew_without_what_stands_beside_it(kind: str) -> None:
    raw = material.photo(kind=kind)
    assert material.PLACE.encode() in raw
    shown = show(raw)
    drawn = image(shown)
    assert isinstance(shown, Drawn)
    assert material.PLACE.encode() not in shown.content
    assert not drawn.getexif()
    assert drawn.size == (640, 480)
    left, right = drawn.getpixel((50, 50)), drawn.getpixel((600, 50))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] > 200 > 60 > left[2]
    assert right[2] > 200 > 60 > right[0]


@pytest.mark.parametrize("kind", ["GIF", "BMP"])
def test_older_kinds_are_drawn_as_well(kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(out, kind)
    assert image(show(out.getvalue())).size == (30, 20)


def test_the_way_up_outlives_the_metadata_that_told_it() -> None:
    drawn = image(show(material.photo(turned=6)))
    assert drawn.size == (480, 640)
    top, bottom = drawn.getpixel((50, 50)), drawn.getpixel((50, 600))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200
    assert bottom[2] > 200


def test_a_large_picture_is_drawn_smaller() -> None:
    assert image(show(material.photo((6_000, 3_000)))).size == (SIDE_MAX, SIDE_MAX // 2)


def test_what_is_clear_lies_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert image(show(out.getvalue())).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_of_grey_are_not_all_white() -> None:
    out = io.BytesIO()
    Image.new("I;16", (10, 10), 32_768).save(out, "PNG")
    assert image(show(out.getvalue())).getpixel((5, 5)) == (128, 128, 128)


def test_pages_are_counted_and_drawn() -> None:
    document = material.pages(3)
    viewer = Viewer()
    assert viewer.count_pages([document]) == Counted(3)
    first, last = (image(show(document, page=number)) for number in (0, 2))
    assert max(first.size) == SIDE_MAX
    assert first.getpixel((9, 9)) != last.getpixel((9, 9))
    assert show(document, page=3) == Unreadable()
    assert PAGES_MAX > 3


@pytest.mark.parametrize(
    ("container", "codec", "rate", "film"),
    [
        ("webm", "libopus", 48_000, False),
        ("ogg", "libopus", 48_000, False),
        ("mp4", "aac", 44_100, False),
        ("mp4", "aac", 44_100, True),
        ("matroska", "libopus", 48_000, True),
        ("mp3", "libmp3lame", 44_100, False),
        ("flac", "flac", 44_100, False),
        ("adts", "aac", 44_100, False),
        ("amr", "libopencore_amrnb", 8_000, False),
    ],
)
def test_what_phones_and_browsers_record_is_heard(container: str, codec: str, rate: int, film: bool) -> None:
    heard = show(material.recorded(container, codec, rate=rate, film=film))
    assert isinstance(heard, Heard)
    assert heard.film is film
    assert not heard.cut
    assert heard.seconds == pytest.approx(2, abs=0.2)
    assert material.PLACE.encode() not in heard.content
    with wave.open(io.BytesIO(heard.content)) as played:
        assert played.getparams()[:3] == (1, 2, SOUND_RATE)
        samples = memoryview(played.readframes(10**9)).cast("h")
    assert max(samples) > 5_000


def test_a_recording_that_breaks_off_is_heard_up_to_there() -> None:
    whole = material.tone(4)
    heard = show(whole[: len(whole) // 2])
    assert isinstance(heard, Heard)
    assert heard.seconds == pytest.approx(2, abs=0.2)


# ---- What is not ----


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>",
        b"MZ\x90\x00",
        b"PK\x03\x04",
        b"\x7fELF",
        b"#!/bin/sh",
        b"\x00\x00\x00\x18ftypheic",
        b"RIFF\x00\x00\x00\x00AVI ",
        b"BM not a picture",
        b"{\\rtf1",
        b"#EXTM3U\nhttp://127.0.0.1/",
        b"ffconcat version 1.0\nfile /etc/passwd",
    ],
)
def test_what_begins_as_nothing_that_is_shown_is_not_decoded(head: bytes) -> None:
    assert shape_of(head) is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_have_a_shape_or_none(head: bytes) -> None:
    assert shape_of(head) in {None, *Shape}


HOSTILE = {
    "pixels without end": material.bomb(30_000, 10_000),
    "cut short": material.photo()[:4_000],
    "a head alone": b"\x89PNG\r\n\x1a\n",
    "markup after a head": b"\xff\xd8\xff<svg onload='alert(1)'/>",
    "a script as a picture": b"GIF89a/*" + b"<script>" * 50,
    "a document of nothing": b"%PDF-1.7\n%%EOF",
    "a list of addresses": b"ID3\x04\x00\x00\x00\x00\x00\x00#EXTM3U\nhttp://127.0.0.1/x\n",
    "a film of nothing": b"\x00\x00\x00\x18ftypisom" + bytes(2_000),
    "a name in the place of a sound": b"OggS" + b"/etc/passwd" * 30,
    "PostScript": b"\xff\xd8\xff%!PS-Adobe\n(/etc/passwd) run",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_means_harm_is_unreadable(name: str) -> None:
    assert show(HOSTILE[name]) == Unreadable()


def test_one_kind_is_not_decoded_as_another() -> None:
    """A document that begins as a picture does not reach the document's decoder."""
    assert show(b"\xff\xd8\xff" + material.pages(1)) == Unreadable()


@pytest.mark.slow
def test_a_sound_of_hours_is_cut() -> None:
    hours = material.tone(1.0, rate=8_000)[:44] + b"\x80" * 24_000_000
    head = bytearray(hours[:44])
    # 8 bits, 1,000 samples a second: more than six hours in 24 MB.
    head[24:36] = (1_000).to_bytes(4, "little") * 2 + (1).to_bytes(2, "little") + (8).to_bytes(2, "little")
    head[40:44] = len(hours).to_bytes(4, "little")
    heard = show(bytes(head) + hours[44:])
    assert isinstance(heard, Heard)
    assert heard.cut
    assert heard.seconds == SOUND_SECONDS_MAX


def test_a_child_that_takes_too_long_is_ended() -> None:
    since = time.monotonic()
    assert Viewer(wall_seconds=0.05).show([material.photo()], shape=Shape.JPEG) == Unreadable()
    assert time.monotonic() - since < 5


def test_closing_ends_the_child_at_work_and_starts_no_other() -> None:
    viewer = Viewer()
    results = []
    work = threading.Thread(
        target=lambda: results.append(viewer.show([material.bomb(7_000, 7_000)], shape=Shape.PNG))
    )
    work.start()
    while viewer._child is None:
        time.sleep(0.01)
    viewer.close()
    work.join(5)
    assert results == [Unreadable()]
    assert viewer.show([material.photo()], shape=Shape.JPEG) == Unreadable()


# ---- What the parent believes ----


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"X",
        b"P",
        b"P" + bytes(8),
        b"P" + (1).to_bytes(4, "big") * 2 + bytes(2),
        b"P" + (1).to_bytes(4, "big") * 2 + bytes(4),
        b"P" + (SIDE_MAX + 1).to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes(3 * (SIDE_MAX + 1)),
        b"S\x00",
        b"S\x00\x01",
        b"S" + bytes(2),
        b"N",
        b"N" + bytes(4),
        b"N" + bytes(5),
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_a_child_that_lies_is_not_believed(said: bytes) -> None:
    assert read_result(said) == Unreadable()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_whatever_a_child_says_becomes_a_picture_a_sound_or_nothing(said: bytes) -> None:
    match read_result(said):
        case Drawn() as drawn:
            image(drawn)
        case Heard(content=content):
            with wave.open(io.BytesIO(content)) as played:
                assert played.getframerate() == SOUND_RATE


# ---- What it can reach ----

PROBE = """
import ctypes, mmap, os, resource, socket, sys
sys.path.insert(0, sys.argv[1])
from causeway.desk.viewer.confine import confine
kept = os.open("/", os.O_RDONLY)
parent = os.getppid()
def probe():
{body}
confine(memory_bytes=600 << 20, cpu_seconds=1)
try:
    probe()
except (OSError, MemoryError, ValueError):
    os._exit(7)
os._exit(8)
"""
REACH = {
    "file": "open('/etc/hostname').read()",
    "file_beside_another": "os.open('etc', os.O_RDONLY, dir_fd=kept)",
    "write": "open('/tmp/causeway-was-here', 'w')",
    "socket": "socket.socket()",
    "local_socket": "socket.socketpair()",
    "fork": "os.fork()",
    "program": "os.execv('/bin/true', ['true'])",
    "signal": "os.kill(parent, 0)",
    "listing": "os.listdir(kept)",
    "memory": "bytearray(800 << 20)",
    "code": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "more": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "trace": "(ctypes.CDLL(None, use_errno=True).ptrace(0, 0, 0, 0) == -1) and os._exit(7)",
    "memory_of_another": "open(f'/proc/{parent}/mem')",
    "pipe": "os.pipe()",
}


def probe(body: str) -> int:
    text = PROBE.format(body=textwrap.indent(body, "    "))
    done = subprocess.run([sys.executable, "-I", "-c", text, str(SOURCE)], capture_output=True, timeout=60)
    return done.returncode


@pytest.mark.parametrize("name", REACH)
def test_a_process_that_is_shut_in_reaches_nothing(name: str) -> None:
    assert probe(REACH[name]) == 7


def test_a_process_that_is_shut_in_still_computes() -> None:
    assert probe("sum(bytearray(50 << 20))") == 8


def test_a_process_that_is_shut_in_ends_with_its_time() -> None:
    assert probe("while True: pass") in {-24, -9}


def test_the_child_is_given_nothing_of_the_desks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("CAUSEWAY_SECRET", "kept")
    seen: list[bytes] = []
    viewer = Viewer()

    def look() -> None:
        while viewer._child is None:
            time.sleep(0.001)
        folder = Path(f"/proc/{viewer._child.pid}")
        while b"import sys" not in (folder / "cmdline").read_bytes():
            time.sleep(0.001)
        seen.append((folder / "environ").read_bytes())

    looking = threading.Thread(target=look)
    looking.start()
    assert isinstance(viewer.show([material.photo()], shape=Shape.JPEG), Drawn)
    looking.join()
    assert seen == [b""]
