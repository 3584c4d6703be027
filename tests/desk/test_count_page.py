"""The count at the desk: a table comes in, a report is shown, and nothing of it outlives the lock."""

from __future__ import annotations

import ast
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, expect

from causeway.desk.counting import Counting, Done, Idle, Refused, Running
from causeway.desk.web.form_parts import BrokenParts, parts
from causeway.desk.web.guard import FILE_POLICY
from causeway.desk.web.language import FOLDER
from causeway.sealed.passphrase import STANDARD
from causeway.units import Day
from tests.desk.pages import SAME, Pages, words
from tests.desk.running import PASSPHRASE, running_desk
from tests.desk.running import Running as RunningDesk
from tests.desk_engine.town import town

COUNT = Path(__file__).parents[2] / "src/causeway/count"
KOSOVO = Path(__file__).parents[1] / "count/data/kosovo.csv"
TINY = "A,B,count\n1,0,40\n0,1,30\n1,1,12\n"
AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"


def until(ready: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it did not come to an end"
        time.sleep(0.05)


def settled(counting: Counting) -> None:
    until(lambda: not isinstance(counting.state, Running))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_table_gives_a_report_that_can_be_taken_along(pages: Pages) -> None:
    assert "No names come here." in words(pages.get("/count"))
    running = pages.post("/count", table=TINY, seed="7", quick="1")
    assert "Estimating" in words(running)
    assert "Stop" in words(running)
    settled(pages.keeper.counting)
    assert pages.part("/count").headers["hx-redirect"] == "/count"
    shown = pages.get("/count")
    assert '<article class="report" lang="en"' in shown.text
    assert "82 cases are documented." in words(shown)
    assert " style=" not in shown.text
    assert pages.get("/count/report.css").headers["content-type"].startswith("text/css")
    for name, kind, start in (
        ("report.html", "text/html", b"<!doctype html>"),
        ("report.pdf", "application/pdf", b"%PDF-"),
        ("draws.csv", "text/csv", b"family,total"),
    ):
        taken = pages.get(f"/count/{name}")
        assert taken.content.startswith(start)
        assert taken.headers["content-type"].startswith(kind)
        assert taken.headers["content-disposition"].startswith("attachment; filename=")
        assert taken.headers["cache-control"] == "no-store"
        assert taken.headers["content-security-policy"] == FILE_POLICY["Content-Security-Policy"]
    pages.post("/language", language="ru", back="/count")
    assert "Задокументировано" in words(pages.get("/count"))
    assert '<html lang="ru"' in pages.get("/count/report.html").text
    assert "Подсчёт" in words(pages.post("/count/clear"))
    assert isinstance(pages.keeper.counting.state, Idle)
    assert pages.get("/count/report.pdf").status_code == 404


def test_a_file_counts_for_more_than_what_is_pasted(pages: Pages) -> None:
    files = {"file": ("t.csv", b"\xef\xbb\xbfA,B,count\n1,x,3\n", "text/csv")}
    fields = {"table": TINY, "seed": "1", "quick": "1"}
    pages.client.post("/count", data=fields, files=files, headers=SAME)
    settled(pages.keeper.counting)
    refused = words(pages.get("/count"))
    assert "A list's column has something else than 1 (on the list) or 0 (not on it)." in refused
    assert "It is line 2. It is column 2." in refused
    assert "1,x,3" in pages.get("/count").text
    picture = {"file": ("t.png", b"\x89PNG\xff", "image/png")}
    answer = pages.client.post("/count", data=fields, files=picture, headers=SAME)
    assert answer.status_code == 400
    assert "only if it is text in UTF-8" in words(answer)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"table": "  "}, "There is no table yet"),
        ({"table": TINY, "seed": "-1"}, "A seed is a whole number"),
        ({"table": TINY, "seed": "²"}, "A seed is a whole number"),
    ],
)
def test_what_is_not_ready_stays_in_the_form(pages: Pages, fields: dict[str, str], sentence: str) -> None:
    answer = pages.post("/count", **fields)
    assert sentence in words(answer)
    assert fields["table"].strip() in answer.text
    assert isinstance(pages.keeper.counting.state, Idle)


def test_it_is_stopped_at_once_and_the_table_stays(pages: Pages) -> None:
    pages.post("/count", table=KOSOVO.read_text(), seed="3")
    child = pages.keeper.counting._child
    assert child is not None
    assert "An estimate is at work already." in words(pages.post("/count", table=TINY))
    stopped = pages.post("/count/stop")
    assert "Stopped. A part of an estimate is none" in words(stopped)
    assert "EXH,ABA,OSCE,HRW,count" in stopped.text
    assert 'value="3"' in stopped.text
    until(lambda: not alive(child.pid))
    assert isinstance(pages.keeper.counting.state, Idle)


def test_the_lock_ends_it_and_forgets(pages: Pages) -> None:
    counting = pages.keeper.counting
    pages.post("/count", table=KOSOVO.read_text())
    child = counting._child
    assert child is not None
    pages.keeper.leave()
    until(lambda: not alive(child.pid))
    assert isinstance(counting.state, Idle)
    assert not counting.asked
    assert not counting.start({"table": TINY, "quick": "1"}, seed=1, day=Day(20_779))


def test_a_child_that_ends_by_itself_leaves_a_sentence() -> None:
    counting = Counting()
    assert counting.start({"table": KOSOVO.read_text(), "quick": ""}, seed=1, day=Day(20_779))
    child = counting._child
    assert child is not None
    child.kill()
    settled(counting)
    state = counting.state
    assert isinstance(state, Refused)
    assert state.what.startswith("The estimate broke off.")


def test_every_refusal_of_a_table_is_translated() -> None:
    with (FOLDER / "ru.po").open("rb") as file:
        catalogue = read_po(file)
    said = set()
    for name in ("read_table.py", "table.py"):
        for node in ast.walk(ast.parse((COUNT / name).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TableError":
                assert isinstance(node.args[0], ast.Constant)
                said.add(node.args[0].value)
    assert len(said) > 20
    for sentence in said:
        assert isinstance(sentence, str)
        message = catalogue.get(sentence)
        assert message is not None, sentence
        assert message.string


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b"--x\r\nContent-Disposition: form-data; name=table\r\n\r\n\xff\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 9 + b"--x--\r\n",
    ],
)
def test_broken_forms_are_refused(body: bytes) -> None:
    with pytest.raises(BrokenParts):
        parts(body, content_type="multipart/form-data; boundary=x", most=8)
    with pytest.raises(BrokenParts):
        parts(b"--x--\r\n", content_type="multipart/form-data", most=8)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk in a process of its own, made but not open."""
    with town(tmp_path) as place:
        made = place.new_desk(profile=STANDARD)
        made.close()
        with running_desk(place.folder / "desk") as running:
            yield running


@pytest.mark.slow
def test_an_analyst_uploads_a_table_and_sees_the_range(desk: RunningDesk, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(desk.url)
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Open").click()
    page.locator("#place-count").click(timeout=60_000)
    page.get_by_label("The table, a CSV file").set_input_files(KOSOVO)
    page.get_by_label("Quick").check()
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_role("heading", name="Estimating")).to_be_visible()
    answer = page.locator(".report-answer")
    expect(answer).to_have_text(re.compile(r"^Between [\d,]+ and [\d,]+ cases in all"), timeout=90_000)
    expect(page.locator(".report svg")).to_have_count(2)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Report as PDF").click()
    assert taken.value.path().read_bytes().startswith(b"%PDF-")
    for width, scheme in ((1280, "light"), (420, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert _axe(page) == []
    page.get_by_role("button", name="Put it away").click()
    assert _axe(page) == []
    page.get_by_label("or pasted here").fill("A,count\n1,-3")
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_role("alert")).to_contain_text("A table needs at least two lists", timeout=60_000)
    assert _axe(page) == []
    context.close()
    assert wrong == []


def _axe(page: Any) -> list[Any]:
    page.evaluate(AXE.read_text())
    report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in report["violations"]]


def test_what_is_done_is_a_report_in_every_language(pages: Pages) -> None:
    pages.post("/count", table=TINY, quick="1")
    settled(pages.keeper.counting)
    state = pages.keeper.counting.state
    assert isinstance(state, Done)
    assert set(state.made.articles) == set(state.made.papers) == {"en", "ru"}
