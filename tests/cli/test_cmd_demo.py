from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from causeway.cli.demo.story import read_story
from causeway.drills.family import family_of
from causeway.drills.visitors import PlainVisitor, ScriptVisitor
from causeway.sealed.words import ReceiptError, decode_receipt
from causeway.units import day_of
from causeway.wire.base64url import b64decode
from causeway.wire.intake import SendingPath
from causeway.wire.sizes import TEXT_UNITS_MAX

COMMAND = [sys.executable, "-m", "causeway.cli", "demo", "--no-open"]


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), "COLUMNS": "60", **more}


def test_the_story_can_be_told():
    story = read_story()
    assert len(story) >= 12
    assert [one.hours for one in story] == sorted((one.hours for one in story), reverse=True)
    assert sum(one.returns for one in story) == 1
    assert any(one.forced for one in story)
    assert any(one.closed for one in story)
    assert any(one.follow_up for one in story)
    assert {one.path for one in story} == set(SendingPath)
    for one in story:
        assert len(one.message) < TEXT_UNITS_MAX
        assert one.answer or not (one.read or one.closed or one.returns)
        assert not (one.returns and one.read)  # its answer has to wait for the newcomer


@pytest.mark.slow
def test_it_shows_what_to_look_at_and_leaves_nothing(tmp_path):
    ran = subprocess.run(
        COMMAND,
        env=environment(tmp_path, CAUSEWAY_DEMO_EXIT="1"),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"^http://127\.0\.0\.1:\d+/#[\w-]{22}$", ran.stdout, re.MULTILINE)
    assert re.search(r"^http://127\.0\.0\.1:\d+/open\?token=[0-9a-f]{64}$", ran.stdout, re.MULTILINE)
    assert re.search(r"^(?:\w+ ){7}\w+$", ran.stdout, re.MULTILINE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_newcomer_writes_and_sees_it_at_the_desk_and_all_of_it_ends(tmp_path, ending):
    out = tmp_path / "out"
    folder = tmp_path / "temporary"
    folder.mkdir()
    with out.open("w") as sink, subprocess.Popen(COMMAND, stdout=sink, env=environment(folder)) as demo:
        try:
            door, desk, words = _shown(out, demo)
            family = family_of(demo.pid)
            assert len(family) >= 5  # relay, door with its nursery and children, desk
            _answer_waits(door, words)
            _write_and_see(door, desk)
        finally:
            demo.send_signal(ending)
        assert demo.wait(30) == 0
    assert list(folder.iterdir()) == []
    assert not [pid for pid in family if Path(f"/proc/{pid}").exists()]


def _shown(out: Path, demo: subprocess.Popen[bytes]) -> tuple[str, str, str]:
    until = time.monotonic() + 150
    while "Ctrl+C" not in out.read_text():
        assert demo.poll() is None
        assert time.monotonic() < until
        time.sleep(0.1)
    lines = out.read_text().splitlines()
    links = [line for line in lines if line.startswith("http")]
    words = next(line for line in lines if re.fullmatch(r"(?:\w+ ){7}\w+", line) and _are_words(line))
    return links[0], links[1], words


def _are_words(line: str) -> bool:
    try:
        return bool(decode_receipt(line))
    except ReceiptError:
        return False


def _answer_waits(door: str, words: str) -> None:
    visitor = PlainVisitor(door.partition("/#")[0], language="en")
    visitor._words = tuple(words.split())
    (answer,) = visitor.read()
    assert answer == next(one for one in read_story() if one.returns).answer.strip()


def _write_and_see(door: str, desk: str) -> None:
    url, _, fragment = door.partition("/#")
    newcomer = ScriptVisitor(
        url, fingerprint=b64decode(fragment, size=16), today=day_of(time.time()), language="en"
    )
    newcomer.write("A newcomer tries this out.")
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    page = browser.open(desk).read().decode()
    until = time.monotonic() + 30
    while "A newcomer tries this out." not in page:
        assert time.monotonic() < until
        time.sleep(0.5)
        page = browser.open(desk.partition("/open")[0] + "/inbox").read().decode()
