from __future__ import annotations

import asyncio
import base64
import datetime
import gzip
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from starlette.applications import Starlette
from starlette.testclient import TestClient

from causeway.door.pages import (
    LANGUAGES,
    LIST_LANGUAGES,
    Site,
    attendance_of,
    choose_language,
    csp,
    edition_of,
    render,
    routes,
)
from causeway.door.pages._languages import day_name
from causeway.door.pages._persian import persian_day
from causeway.door.pages._render import STATIC
from causeway.errors import LocalError
from causeway.units import Day
from tests.door.pages_centre import SAMPLES
from tools.texts import TEMPLATE, catalogues, extract

TODAY = Day(20_779)
DOCUMENTS = ("welcome", "return")
WANTED = {"ce"}
"""Languages whose catalogue waits for somebody who writes them."""

PROMISES = re.compile(
    "secure|anonym|guarante|безопасн|анонимн|гарант|безпечн|анонім|sécuris|garanti|segur[oa]|anónim|garantiz|"
    r"güvenli\b|anonim|\bآمن|مجهول|مضمون|نضمن|\bامن\b|ناشناس|تضمین"
)
UNKNOWN = attendance_of(None, today=TODAY, language="en")


class Page(HTMLParser):
    """What a page is made of, for looking at it without a browser."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shown = ""
        self._hidden = 0
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in {"template", "script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"template", "script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.shown += data

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def pages(language: str) -> Iterator[tuple[str, bytes]]:
    for name, context in SAMPLES.items():
        yield name, render(name.partition("-")[0], language=language, **context)
    for view in DOCUMENTS:
        yield view, render(view, language=language, document=True, attendance=UNKNOWN)


def lines(*days: int, version: int = 1) -> bytes:
    written = [bytes(64) + bytes([version, slot]) + day.to_bytes(4, "big") for slot, day in enumerate(days)]
    return b"".join(written).ljust(1_120, b"\0")


# ---- What holds for every page ----


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_neutral_and_keeps_nothing(language: str) -> None:
    titles = set()
    side = "rtl" if language in {"ar", "fa"} else "ltr"
    for name, raw in pages(language):
        page = Page(raw)
        titles |= set(re.findall(rb"<title>(.*?)</title>", raw))
        for field in page.all("form", "input", "textarea"):
            assert field.get("autocomplete") == "off", name
        (root,) = page.all("html")
        assert root == {"lang": language, "dir": side, "translate": "no"}
        (icon,) = page.all("link")
        assert icon == {"rel": "icon", "href": "data:,"}
        assert page.all("a")[0] == {"id": "exit", "href": "/exit", "rel": "noreferrer"}
        assert all(form.get("method") == "post" for form in page.all("form"))
        assert b"style=" not in raw
        assert not page.all("img", "iframe", "object", "audio")
        assert not [at for at in page.tags if any(key.startswith("on") for key in at[1])]
        for attributes in page.all("a", "form"):
            assert re.fullmatch(r"/[a-z/]*", str(attributes.get("href", attributes.get("action")))), name
    assert titles == {b"Page"} if language in {"en", "fr"} else len(titles) == 1


def test_words_and_texts_are_text_and_nothing_else() -> None:
    hostile = "<b>'\"&</b>"
    page = render("write", language="en", words=[hostile] * 8, ticket=hostile, text=f"\n{hostile}").decode()
    assert hostile not in page
    # A browser drops the first line feed of a text field: what follows it is the whole text.
    assert "\n\n&lt;b&gt;" in page
    answer = render("answers", language="en", answers=[{"n": 1, "day": TODAY, "text": hostile}]).decode()
    assert hostile not in answer
    assert hostile not in render("return", language="en", problem_key="unknown_word", word=hostile).decode()


def test_words_stand_in_no_field_url_or_title() -> None:
    page = Page(render("write", language="en", words=["harbour"] * 8, ticket="t"))
    assert page.shown.count("harbour") == 8
    assert "harbour" not in str(page.tags)


def test_a_view_knows_what_it_may_show() -> None:
    with pytest.raises(LocalError, match="No page shows this"):
        render("sent", language="en", wordz=())
    assert render("sent", language="xx") == render("sent", language="en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_a_sentence_of_its_own(language: str) -> None:
    keys = (
        "answer_unreadable broken_form busy empty expired failed full not_found not_loaded not_open_yet old "
        "one_word_wrong too_long unchecked unknown_word unreachable word_count wrong_centre"
    ).split()
    sentences = set()
    for key in keys:
        page = render("problem", language=language, problem_key=key).decode()
        found = re.search(r"</h1>\s*<p>(.*?)</p>", page, re.DOTALL)
        assert found
        sentences.add(found[1].strip())
    assert len(sentences) == len(keys)
    assert min(len(sentence) for sentence in sentences) > 20


def test_the_page_after_a_forced_visit_shows_nothing_of_it() -> None:
    page = Page(render("done", language="en"))
    assert "forc" not in page.shown.lower()
    assert "made" not in page.shown.lower()


# ---- Languages ----


def test_catalogues_hold_exactly_the_texts_of_the_templates() -> None:
    wanted = {message.id for message in extract() if message.id}
    for path in [TEMPLATE, *catalogues()]:
        with path.open("rb") as source:
            held = [message for message in read_po(source) if message.id]
        assert {message.id for message in held} == wanted, "run: python tools/texts.py"
        if path != TEMPLATE and path.parts[-3] not in WANTED:
            assert [message.id for message in held if not message.string or message.fuzzy] == []


def test_no_text_promises_what_nobody_can() -> None:
    for path in [TEMPLATE, *catalogues()]:
        with path.open("rb") as source:
            texts = " ".join(str(m.string or m.id) for m in read_po(source)).lower()
        assert not PROMISES.search(texts), path


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("de-DE,de;q=0.9,ru;q=0.5,en;q=0.3", "ru"),
        ("en-US,en;q=0.9,ru;q=0.8", "en"),
        ("ru;q=0, en;q=0.1", "en"),
        ("RU-ru", "ru"),
        ("xx;q=abc, ;;;, ru;q=0.1", "ru"),
        ("," * 5_000 + "ru", "en"),
    ],
)
def test_the_browsers_language_is_chosen(accept: str, language: str) -> None:
    assert choose_language(accept, languages=("en", "ru")) == language


def test_days_are_written_out() -> None:
    assert day_name(TODAY, language="en") == "Sunday 22 November"
    assert day_name(TODAY, language="ru") == "воскресенье, 22 ноября"
    assert day_name(TODAY, language="tr") == "22 Kasım Pazar"
    assert day_name(TODAY, language="ar") == "الأحد، 22 نوفمبر"
    assert day_name(TODAY, language="fa") == "یکشنبه ۱ آذر"


@pytest.mark.parametrize(
    ("date", "day"),
    [
        # 1399, 1403 and 1408 are leap years.
        ("2020-03-20", "1 فروردین"),
        ("2021-03-20", "30 اسفند"),
        ("2021-03-21", "1 فروردین"),
        ("2025-03-20", "30 اسفند"),
        ("2025-03-21", "1 فروردین"),
        ("2026-03-20", "29 اسفند"),
        ("2026-03-21", "1 فروردین"),
        ("2030-03-20", "30 اسفند"),
        ("2026-09-22", "31 شهریور"),
        ("2026-09-23", "1 مهر"),
        ("2026-12-31", "10 دی"),
        ("2027-01-01", "11 دی"),
    ],
)
def test_days_of_the_persian_calendar(date: str, day: str) -> None:
    assert persian_day(datetime.date.fromisoformat(date)) == day


def test_texts_say_words_where_there_are_words_and_numbers_where_there_are_none() -> None:
    said = {
        tag: Page(b"".join(raw for _, raw in pages(tag))).shown.casefold() for tag in ("en", "ru", "uk", "fr")
    }
    for tag, words, numbers in (
        ("en", "eight words", "groups of numbers"),
        ("ru", "восемь слов", "групп чисел"),
        ("uk", "вісім слів", "груп чисел"),
        ("fr", "huit mots", "groupes de chiffres"),
    ):
        assert (words in said[tag], numbers in said[tag]) == (
            tag in LIST_LANGUAGES,
            tag not in LIST_LANGUAGES,
        )


def test_the_list_of_languages_is_there_only_where_there_is_a_choice() -> None:
    for edition, names in (
        (edition_of(["ru", "tr"]), ["English", "Русский", "Türkçe"]),
        (edition_of([]), []),
    ):
        page = render("welcome", language="en", edition=edition, attendance=UNKNOWN).decode()
        assert re.findall(r"data-language-link[^>]*>([^<]+)<", page) == names
        assert ("<nav" in page) is bool(names)


# ---- Attendance ----


@pytest.mark.parametrize(
    ("block", "state", "day"),
    [
        (None, "unknown", ""),
        (b"short", "unknown", ""),
        (lines(), "never", ""),
        (lines(TODAY), "today", ""),
        (lines(TODAY + 1), "today", ""),
        (lines(TODAY + 2), "never", ""),
        (lines(TODAY - 9, TODAY - 1), "yesterday", ""),
        (lines(TODAY - 3), "recent", "Thursday 19 November"),
        (lines(TODAY - 4), "old", "Wednesday 18 November"),
        (lines(TODAY, version=2), "never", ""),
    ],
)
def test_attendance_is_read(block: bytes | None, state: str, day: str) -> None:
    read = attendance_of(block, today=TODAY, language="en")
    assert (read.state, read.day) == (state, day)


def test_after_three_silent_days_the_first_page_warns_and_names_other_addresses() -> None:
    async def relay_get(path: str) -> bytes | None:
        return lines(TODAY - 4) if path == "/v1/attendance" else None

    site = Site(relay_get=relay_get, today=lambda: TODAY, addresses=("other.example",))
    shown = Page(TestClient(Starlette(routes=routes(site))).get("/en").content).shown
    assert "Maybe nobody is here." in shown
    assert "Wednesday 18 November" in shown
    assert "other.example" in shown
    assert shown.index("Maybe nobody") < shown.index("Before you write") < shown.index("I want to write")


# ---- Routes and headers ----


@pytest.fixture
def client() -> TestClient:
    async def relay_get(path: str) -> bytes | None:
        await asyncio.sleep(0)
        return lines(TODAY) if path == "/v1/attendance" else None

    site = Site(relay_get=relay_get, today=lambda: TODAY, exit_label="weather.example")
    return TestClient(Starlette(routes=routes(site)))


def test_pages_by_address(client: TestClient) -> None:
    assert 'lang="ru"' in client.get("/", headers={"accept-language": "ru"}).text
    assert 'lang="en"' in client.get("/", headers={"accept-language": "de"}).text
    assert 'lang="ru"' in client.get("/ru/return", headers={"accept-language": "en"}).text
    assert "weather.example" in client.get("/ru").text
    for path in ("/de", "/de/return", "/static/nothing.js", "/static/..%2fpages%2f__init__.py", "/ru/other"):
        assert client.get(path).status_code == 404
    for path in ("/", "/ru", "/static/door.js"):
        assert client.post(path).status_code == 405


def test_static_files_and_pages_are_packed_where_that_is_understood(client: TestClient) -> None:
    for path in ("/static/seal.js", "/static/words-ru.txt", "/en"):
        packed = client.get(path, headers={"accept-encoding": "gzip"})
        plain = client.get(path, headers={"accept-encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.content == plain.content
    names = sorted(path.name for path in STATIC.iterdir())
    assert names == ["door.js", "files.js", "seal.js", "words-en.txt", "words-ru.txt", "work.js"]
    assert {client.get(f"/static/{name}").status_code for name in names} == {200}


def test_the_policy_allows_the_pages_own_style_and_script_and_no_more() -> None:
    page = render("welcome", language="ru", document=True, attendance=UNKNOWN).decode()

    def digest(tag: str) -> str:
        found = re.search(rf"<{tag}[^>]*>(.*?)</{tag}>", page, re.DOTALL)
        assert found
        return "'sha256-" + base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode() + "'"

    assert csp() == (
        f"default-src 'none'; script-src 'self' {digest('script')}; style-src {digest('style')}; "
        "connect-src 'self'; img-src data:; media-src blob:; worker-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def test_budgets() -> None:
    """Bytes on the line before somebody can write, and before their browser can seal."""

    def size(raw: bytes) -> int:
        return len(gzip.compress(raw, 9))

    static = {path.name: size(path.read_bytes()) for path in STATIC.iterdir()}
    for language in LANGUAGES:
        document = size(render("welcome", language=language, document=True, attendance=UNKNOWN))
        assert document < 15_000
        sheet = 6_500
        words = static[f"words-{language}.txt"] if language in LIST_LANGUAGES else 0
        assert document + static["seal.js"] + words + sheet < 60_000
        assert max(len(raw) for name, raw in pages(language) if name not in DOCUMENTS) < 15_000


def test_the_inline_script_stands_alone() -> None:
    code = (STATIC / "door.js").read_text("utf-8")
    assert not re.search(r"(^|[;}])\s*(import|export)[\s{\"']", code)
    for name in (
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "serviceWorker",
        "document.cookie",
        "innerHTML",
    ):
        for script in (code, (STATIC / "seal.js").read_text("utf-8")):
            assert name not in script


def test_texts_are_files_of_the_package() -> None:
    assert Path(TEMPLATE).is_file()
    assert {path.parts[-3] for path in catalogues()} == {*LANGUAGES, *WANTED} - {"en"}
