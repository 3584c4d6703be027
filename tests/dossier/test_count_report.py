"""The report on a count: what it says and in which order, what it never says, and that it loads nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pypdf
import pytest
from playwright.sync_api import Browser

from causeway.count import CaptureTable, Stopped, estimate
from causeway.dossier.count_report import (
    LANGUAGES,
    Report,
    as_html,
    as_pdf,
    draws_as_csv,
    language,
    make_report,
)
from causeway.dossier.count_report.blocks import Picture, Points, Section, Table
from causeway.dossier.count_report.overlap_picture import MOST_ROWS, draw_overlaps
from causeway.dossier.count_report.pdf import compiled
from causeway.errors import LocalError
from tests.count.tables import independent, table_of
from tests.dossier.conftest import Counted

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
DAY = date(2026, 11, 22)
ORDER = [
    "answer",
    "overlaps",
    "families",
    "without",
    "merged",
    "highest",
    "checks",
    "method",
    "limits",
    "repeat",
]


def report_of(counted: Counted, tag: str = "en") -> Report:
    return make_report(counted.found, table=counted.table, language=language(tag), version="9.9", made=DAY)


def words(report: Report) -> str:
    text = re.sub(r"<style>.*?</style>", " ", as_html(report), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ").split())


def section(report: Report, key: str) -> Section:
    return next(one for one in report.sections if one.key == key)


def tables(part: Section) -> list[Table]:
    found = [block for block in part.blocks if isinstance(block, Table)]
    return found + [block.table for block in part.blocks if isinstance(block, Picture)]


def paper_words(content: bytes) -> str:
    pages = pypdf.PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u00a0", " ").split())


def test_a_range_comes_first_and_everything_follows_in_order(humps: Counted) -> None:
    report = report_of(humps)
    found = humps.found
    assert report.answered
    assert [one.key for one in report.sections] == ORDER
    assert report.answer == (
        f"Between {found.low:,} and {found.high:,} cases in all, of which 2,744 are documented."
    )
    said = words(report)
    assert "Nobody joined or left the population" in said
    assert "Seed 1 " in said
    assert "causeway 9.9, python 3.11" in said
    assert found.table_sha256 in said
    assert "22 November 2026" in said
    assert "A quick estimate leaves this out." in said


def test_families_humps_and_assumptions_are_in_the_table(humps: Counted) -> None:
    families, shares = tables(section(report_of(humps), "families"))[::-1]
    assert [row[0] for row in families.rows] == [
        "Decomposable models",
        "Latent classes",
        "Log-linear models",
        "Chao's lower bound",
        "If cases differ in how easily they are found",
    ]
    assert families.rows[0][1:] == ("22,991", "10,387\u00a0–\u00a033,510", "used")
    assert families.rows[3][3] == "as a lower bound"
    assert families.rows[4][3] == "no: the table speaks against it"
    assert [row[1] for row in shares.rows] == ["69 %", "31 %"]


def test_a_note_of_several_families_is_said_once(humps: Counted) -> None:
    told = [
        item
        for part in report_of(humps).sections
        for block in part.blocks
        if isinstance(block, Points)
        for item in block.items
    ]
    assert len(told) == len(set(told))
    assert "The lists LA and GP share no case." in told


def test_what_two_families_note_stands_under_both(humps: Counted) -> None:
    report = report_of(Counted(humps.table, replace(humps.found, findings=())))
    named = {
        block.heading: block.items
        for block in section(report, "families").blocks
        if isinstance(block, Points)
    }
    assert named["Latent classes and Log-linear models"] == ("The lists LA and GP share no case.",)


def test_small_counts_are_marked_and_large_ones_are_not(humps: Counted, refused: Counted) -> None:
    few = "few: may point to somebody"
    (overlaps,) = [
        block.table for block in section(report_of(humps), "overlaps").blocks if isinstance(block, Picture)
    ]
    assert {row[1] for row in overlaps.rows if row[2] == few} == {"4", "3", "1"}
    assert {row[1] for row in overlaps.rows if row[2] == ""} >= {"995", "8"}
    assert "Counts below 5: 6." in words(report_of(humps))
    assert "trying them against this hash" in words(report_of(humps))
    assert few not in words(report_of(refused))
    assert "Counts below" not in words(report_of(refused))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_without_an_estimate_no_number_looks_like_one(refused: Counted, apart: Counted, tag: str) -> None:
    for counted in (refused, apart):
        report = report_of(counted, tag)
        found = counted.found
        assert not report.answered
        assert report.answer == language(tag).tell(found.reason)
        assert [one.key for one in report.sections if one.key in ("without", "merged", "highest")] == []
        said = words(report) + paper_words(as_pdf(report))
        assert language(tag).number(found.documented) in said
        for one in found.families:
            assert one.interval is not None
            for total in (one.interval.median, one.interval.low, one.interval.high):
                number = language(tag).number(total)
                # Chao's bound may be told, as a bound.
                if number not in language(tag).tell(found.reason) and number not in "".join(
                    map(language(tag).tell, found.outcome.notes)
                ):
                    assert not re.search(rf"(?<![\d,]){re.escape(number)}(?![\d,])", said), number


def test_changed_lists_and_the_highest_interaction(changed: Counted) -> None:
    report, found = report_of(changed), changed.found
    assert found.verdict == "range"
    (without,) = tables(section(report, "without"))
    assert [row[0] for row in without.rows] == ["A", "B", "C", "D"]
    (merged,) = tables(section(report, "merged"))
    assert [row[0] for row in merged.rows][:2] == ["A + B", "A + C"]
    assert any("–" in row[2] for row in without.rows)
    (highest,) = tables(section(report, "highest"))
    names = [row[0] for row in highest.rows]
    assert names == [
        "0.25 times as many",
        "0.5 times as many",
        "as the models say",
        "2 times as many",
        "4 times as many",
    ]
    assert highest.rows[2][1] == f"{found.low:,}\u00a0–\u00a0{found.high:,}"


def test_strata_and_linkage_have_their_parts(strata: Counted, linked: Counted) -> None:
    (table,) = tables(section(report_of(strata), "strata"))
    assert [row[0] for row in table.rows] == ["north", "south"]
    assert table.rows[1][2] == "no estimate"
    assert "south: No case on the list C" in words(report_of(strata))
    assert "2 of 2 plausible linkages were estimated from" in words(report_of(linked))


def test_names_of_lists_are_never_markup() -> None:
    name = "<script>alert(1)</script> & \\#[$x$"
    table = CaptureTable((name, "B", "C"), table_of([0, 40, 30, 12, 20, 8, 9, 6]).counts.copy())
    found = estimate(table, seed=1, effort=replace(_least(), chains=2))
    assert not isinstance(found, Stopped)
    report = make_report(found, table=table, language=language("en"), version="9.9")
    page = as_html(report)
    assert "<script" not in page
    assert html.escape(name, quote=False) in page
    assert name in paper_words(as_pdf(report)).replace("\u200b", "")


def _least() -> Any:
    from causeway.count import QUICK

    return replace(QUICK, most_sweeps=200, replicates=20, draws=100)


def test_sixteen_lists_are_drawn_as_far_as_they_can_be_read() -> None:
    table = independent(4_000, [0.2] * 16, seed=3)
    drawing = draw_overlaps(table, language=language("en"))
    assert drawing.shapes.count('class="stripe"') == MOST_ROWS // 2
    assert drawing.shapes.count("<text") == 16 + MOST_ROWS


class Loads(HTMLParser):
    """Collects what a page could load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "object", "embed", "image", "use", "a", "form"):
            self.found.append(tag)
        self.found += [
            name for name, _ in attrs if name in ("src", "href", "style", "srcset") or name[:2] == "on"
        ]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_page_is_complete_in_itself(humps: Counted, tag: str) -> None:
    page = as_html(report_of(humps, tag))
    loads = Loads()
    loads.feed(page)
    assert loads.found == []
    assert not re.search(r"https?:|//[a-z]|url\(|@import", page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html.unescape(page)
    assert f'<html lang="{tag}" dir="ltr">' in page
    assert page.count('<svg role="img"') == page.count("<title id=") == page.count("<desc id=") == 2


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [("en", "Between"), ("ru", "Всего от"), ("ru", "Нижняя граница Чао"), ("ru", "Что говорит каждое")],
)
def test_a_paper_has_its_letters_in_it(humps: Counted, tag: str, sentence: str) -> None:
    paper = as_pdf(report_of(humps, tag))
    assert paper == as_pdf(report_of(humps, tag))
    reader: Any = pypdf.PdfReader(BytesIO(paper))
    assert sentence in paper_words(paper)
    assert reader.trailer["/Root"]["/Lang"] == tag
    assert b"<pdfuaid:part>1<" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert fonts
    # Subsets carry six letters before their name: what is drawn is in the file.
    assert all(re.match(r"/[A-Z]{6}\+", name) for name in fonts)
    assert any("Libertinus" in name for name in fonts)


def test_every_page_of_a_paper_can_be_drawn(changed: Counted) -> None:
    pages = compiled(report_of(changed), form="png")
    assert 3 <= len(pages) <= 6
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_draws_are_those_of_the_estimate(humps: Counted) -> None:
    lines = draws_as_csv(humps.found).decode().splitlines()
    assert lines[0] == "family,total"
    totals = np.array([int(line.split(",")[1]) for line in lines[1:] if line.startswith("decomposable,")])
    (one,) = [one for one in humps.found.families if one.family == "decomposable"]
    assert one.draws is not None
    assert (totals == one.draws).all()


def test_another_table_is_refused(humps: Counted, refused: Counted) -> None:
    with pytest.raises(LocalError, match="another table"):
        make_report(humps.found, table=refused.table, language=language("en"), version="9.9")


def looked_at(browser: Browser, report: Report, *, width: int, scheme: Literal["light", "dark"]) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.set_content(as_html(report))
    # The policy of the page lets no script in; the checker comes by another way.
    page.evaluate(AXE.read_text())
    told = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in told["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert [url for url in asked if not url.startswith(("about:", "data:"))] == []
    assert wrong == []
    context.close()


def test_it_is_read_on_any_screen(humps: Counted, refused: Counted, browser: Browser) -> None:
    looked_at(browser, report_of(humps), width=1280, scheme="light")
    looked_at(browser, report_of(humps, "ru"), width=390, scheme="dark")
    looked_at(browser, report_of(refused), width=390, scheme="light")
