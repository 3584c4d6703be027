from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import pytest

from causeway.drills.canaries import CANARY, Canaries
from causeway.drills.children import Child, wait_until
from causeway.drills.family import family_of
from causeway.drills.folders import copy_folder, folder_sources
from causeway.drills.needles import Finder, Secret, needles_of
from causeway.drills.pages import read_page
from causeway.drills.people import invent, secrets_of
from causeway.drills.processes import take_process
from causeway.drills.report import DrillReport
from causeway.drills.search import Find, Search
from causeway.drills.sources import BytesSource
from causeway.errors import LocalError

TEXT = "Мира Звягель из дома у моста"
SECRET = Secret("Mira", "text", (TEXT,))
FINDER = Finder(needles_of([SECRET]))


def held_by_process(program: str, *, folder: Path, stdin: bytes = b"") -> list[str]:
    """Return where the text is found in a process that says when it is ready."""
    with Child("held", [sys.executable, "-c", program], log=folder / "log", stdin=stdin) as child:
        wait_until(lambda: "ready" in child.said(), what="it was ready", child=child)
        sources = take_process(child.pid, where="it").sources
        return [find.where for find in Search(FINDER).search(sources)]


WAIT = "print('ready', flush=True); import signal; signal.pause()"


def test_what_a_process_holds_is_found_in_its_memory(tmp_path):
    program = f"import sys; kept = sys.stdin.buffer.read().decode(); {WAIT}"
    assert any("memory" in where for where in held_by_process(program, folder=tmp_path, stdin=TEXT.encode()))


def test_what_it_does_not_hold_is_not(tmp_path):
    assert held_by_process(WAIT, folder=tmp_path) == []


def test_a_file_that_was_deleted_while_open_is_found(tmp_path):
    program = (
        "import os, sys\n"
        "fd = os.open(sys.argv[0] or 'gone', os.O_RDWR | os.O_CREAT)\n"
        "os.write(fd, sys.stdin.buffer.read()); os.unlink('gone')\n" + WAIT
    ).replace("sys.argv[0] or ", "")
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        found = held_by_process(program, folder=tmp_path, stdin=TEXT.encode())
    finally:
        os.chdir(before)
    assert "it, an open file without a name" in found


def test_descendants_are_known(tmp_path):
    program = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {WAIT!r}]); {WAIT}"
    with Child("parent", [sys.executable, "-c", program], log=tmp_path / "log") as child:
        wait_until(lambda: child.said().count("ready") == 2, what="both were ready", child=child)
        parent, descendant = family_of(child.pid)
        assert parent == child.pid
        child.kill_family()
        wait_until(lambda: not _runs(descendant), what="the descendant had ended")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_child_that_ends_too_soon_is_told_by_its_last_words(tmp_path):
    program = [sys.executable, "-c", "print('no room'); raise SystemExit(3)"]
    with (
        Child("relay", program, log=tmp_path / "log") as child,
        pytest.raises(LocalError, match=r"relay ended before it was ready") as refused,
    ):
        wait_until(lambda: False, what="it was ready", child=child)
    assert refused.value.details == {"last_words": "no room"}


def test_a_folder_is_searched_with_its_names_and_links(tmp_path):
    folder, copy = tmp_path / "folder", tmp_path / "copy"
    (folder / "in" / TEXT).mkdir(parents=True)
    (folder / "link").symlink_to(f"nowhere/{TEXT}")
    (folder / "desk").mkdir()
    (folder / "desk" / "left").write_text(TEXT)
    (folder / "kept").write_text(TEXT)
    os.mkfifo(folder / "pipe")
    copy_folder(folder, to=copy, without=("desk",))
    found = [find.where for find in Search(FINDER).search(folder_sources(copy, called="disk"))]
    assert sorted(found) == ["disk: kept", "disk: names of files", "disk: names of files"]


def test_every_canary_of_every_store_is_found(tmp_path):
    canaries = Canaries()
    with canaries.sitting(tmp_path) as child:
        canaries.plant_in_folder(tmp_path / "folder", called="the disk")
        sources = [*take_process(child.pid, where="it").sources]
        sources.extend(folder_sources(tmp_path / "folder", called="the disk"))
        finds = list(Search(Finder(canaries.needles)).search(sources))
    assert canaries.missed(find.secret for find in finds) == []
    assert canaries.count > 100


@pytest.mark.parametrize("kind", ["gzip", "database", "deleted rows of a database", "plain file"])
def test_a_canary_that_is_not_found_is_named_and_fails_the_drill(tmp_path, kind):
    canaries = Canaries()
    canaries.plant_in_folder(tmp_path, called="the disk")
    (tmp_path / f"canary-{kind}").unlink()
    finds = list(Search(Finder(canaries.needles)).search(folder_sources(tmp_path, called="the disk")))
    missed = canaries.missed(find.secret for find in finds)
    assert missed
    assert all(f"in {kind} in the disk" in one for one in missed)
    report = DrillReport.of(
        "relay", people=1, finds=finds, canaries=canaries, searched_bytes=1, searched=[], not_searched=[]
    )
    assert report.people_exposed == 0
    assert not report.passed


def test_people_are_counted_once_however_often_they_are_found():
    canaries = Canaries()
    finds = [Find(SECRET, "a", 1, "UTF-8"), Find(SECRET, "b", 2, "hex", ("gzip", "zlib"))]
    finds.append(Find(Secret(CANARY, "x", ("y",)), "a", 3, "UTF-8"))
    report = DrillReport.of(
        "relay",
        people=3,
        finds=finds,
        canaries=canaries,
        searched_bytes=7,
        searched=["s"],
        not_searched=["n"],
    )
    assert report.people_exposed == 1
    told = report.as_json()
    assert told["found"] == [
        {"what": "text of Mira", "where": "a", "why": "written as UTF-8"},
        {"what": "text of Mira", "where": "b", "why": "written as hex, packed as zlib in gzip"},
    ]
    assert set(told) >= {"drill", "people_exposed", "found", "searched_bytes", "searched", "not_searched"}


def test_invented_people_share_nothing_that_is_searched_for():
    people = invent(30, seed=5)
    assert people == invent(30, seed=5)
    for one, other in itertools.permutations(people, 2):
        whole = "\n".join((other.message, other.answer))
        for secret in secrets_of(one):
            assert not any(form in whole for form in secret.forms if isinstance(form, str))
    for person in people:
        texts = [str(secret.forms[0]) for secret in secrets_of(person) if secret.what != "answer"]
        assert all(text in person.message for text in texts)


def test_all_that_opens_a_conversation_is_searched_for():
    person = invent(1, seed=1)[0]
    whats = {secret.what for secret in secrets_of(person, entropy=bytes(range(11)))}
    assert whats > {"receipt words", "entropy of the receipt words", "signature key", "tag key"}
    finder = Finder(needles_of(secrets_of(person, entropy=bytes(range(11)))))
    found = Search(finder).search([BytesSource("here", b"--" + bytes(range(11)).hex().encode() + b"--")])
    assert {find.secret.what for find in found} == {"entropy of the receipt words"}


def test_pages_of_the_door_are_read():
    page = read_page(
        '<form action="/send"><input type="hidden" name="ticket" value="T"></form>'
        "<ol data-words><li>one</li><li>two &amp; a half</li></ol><ol><li>no</li></ol>"
        '<p class="answer" dir="auto">It&#39;s\nhere</p><p>not</p>'
    )
    assert page.words == ("one", "two & a half")
    assert page.tickets == {"send": "T"}
    assert page.answers == ("It's\nhere",)
