"""Texts: every one translated, with the same gaps; prepared answers in both languages; spans of time."""

from __future__ import annotations

import ast
import re
from datetime import UTC
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract, extract_from_dir
from babel.messages.pofile import read_po

from causeway.desk.web import prepared, times
from causeway.desk.web.language import FOLDER, LANGUAGES, choose, load
from causeway.desk.web.render import TEMPLATES
from causeway.units import DAY_SECONDS, Day

ROOT = Path(__file__).parents[2] / "src/causeway"
KEYWORDS = {"sentence": None, "gettext": None, "ngettext": (1, 2), "_": None}
# Layers whose refusals reach a page as they are.
BELOW = ("desk", "vault", "sync", "sealed/passphrase.py", "wire/answer.py")
SENTENCE = re.compile(r"[A-Z][^<>%{]* [^<>%{]*[.]")
GAP = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def texts() -> set[str | tuple[str, str]]:
    """Every text of ours that somebody can see."""
    found: set[str | tuple[str, str]] = set()
    options = {"**.html": {"trimmed": "true"}}
    methods = [("**.html", "jinja2"), ("web/**.py", "python")]
    for _, _, message, _, _ in extract_from_dir(
        TEMPLATES.parent, method_map=methods, options_map=options, keywords=KEYWORDS
    ):
        found.add(message if isinstance(message, str) else (message[0], message[1]))
    return found


def refusals() -> set[str]:
    """Whole sentences in the code of those layers: what their errors say."""
    said = set()
    for part in BELOW:
        for file in [ROOT / part] if part.endswith(".py") else (ROOT / part).rglob("*.py"):
            tree = ast.parse(file.read_text())
            remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            said |= {
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and id(node) not in remarks
                if isinstance(node.value, str) and SENTENCE.fullmatch(node.value)
            }
    return said


@pytest.mark.parametrize("tag", sorted(set(LANGUAGES) - {"en"}))
def test_every_text_is_translated_with_its_gaps(tag: str) -> None:
    with (FOLDER / f"{tag}.po").open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    assert not catalogue.obsolete
    wanted = texts()
    assert len(wanted) > 150
    for text in wanted:
        message = catalogue.get(text)
        assert message is not None, text
        assert not message.fuzzy
        originals = text if isinstance(text, tuple) else (text,)
        translated = message.string if isinstance(message.string, tuple) else (message.string,)
        if isinstance(text, tuple):
            assert len(translated) == catalogue.num_plurals
        gaps = set(GAP.findall(originals[-1]))
        for form in map(str, translated):
            assert form
            assert set(GAP.findall(form)) == gaps, text
    for sentence in refusals():
        assert catalogue.get(sentence) is not None, sentence
    known = {*wanted, *refusals()}
    below = [message for message in catalogue if message.id and message.id not in known]
    assert all("From a layer below." in message.auto_comments for message in below), below


def test_a_text_that_is_new_is_found(tmp_path: Path) -> None:
    found = extract("jinja2", BytesIO(b'{{ _("Quite new.") }}'), keywords=KEYWORDS)
    assert [message for _, message, _, _ in found] == ["Quite new."]


@pytest.mark.parametrize(
    ("cookie", "preferred", "accept", "tag"),
    [
        ("ru", "en", "en", "ru"),
        ("xx", "ru", "en", "ru"),
        (None, None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        (None, None, "en-US,en;q=0.9", "en"),
        (None, None, "tr-TR", "en"),
        (None, None, ";;,,*", "en"),
        (None, None, "", "en"),
    ],
)
def test_which_language(cookie: str | None, preferred: str | None, accept: str, tag: str) -> None:
    assert choose(cookie=cookie, preferred=preferred, accept=accept) == tag


@pytest.mark.parametrize(
    ("seconds", "english", "russian"),
    [
        (0, "just came", "только что"),
        (59, "just came", "только что"),
        (60, "1 min waiting", "ждёт 1 мин"),
        (3_599, "59 min waiting", "ждёт 59 мин"),
        (4 * 3_600 + 1, "4 h waiting", "ждёт 4 ч"),
        (26 * 3_600, "26 h waiting", "ждёт 26 ч"),
        (2 * DAY_SECONDS, "2 days waiting", "ждёт 2 дня"),
        (21 * DAY_SECONDS, "21 days waiting", "ждёт 21 день"),
    ],
)
def test_how_long_somebody_waits(seconds: float, english: str, russian: str) -> None:
    languages = load()
    assert times.waiting(seconds, language=languages["en"]) == english
    assert times.waiting(seconds, language=languages["ru"]) == russian


@pytest.mark.parametrize(
    ("seconds", "english", "russian"),
    [
        (5, "just now", "только что"),
        (61, "1 minute ago", "1 минуту назад"),
        (130, "2 minutes ago", "2 минуты назад"),
        (5 * 3_600, "5 hours ago", "5 часов назад"),
        (3 * DAY_SECONDS, "3 days ago", "3 дня назад"),
    ],
)
def test_how_long_ago(seconds: float, english: str, russian: str) -> None:
    languages = load()
    assert times.ago(seconds, language=languages["en"]) == english
    assert times.ago(seconds, language=languages["ru"]) == russian


@pytest.mark.parametrize(
    ("days", "english", "russian"),
    [
        (0, "today, 14:05", "сегодня, 14:05"),
        (1, "yesterday, 14:05", "вчера, 14:05"),
        (40, "13 October, 14:05", "13 октября, 14:05"),
        (400, "18 October 2025, 14:05", "18 октября 2025\u202fг., 14:05"),
    ],
)
def test_moments(days: int, english: str, russian: str) -> None:
    now = 20_779 * DAY_SECONDS + 14 * 3_600 + 5 * 60
    languages = load()
    for tag, said in (("en", english), ("ru", russian)):
        language = languages[tag]
        assert times.moment(now - days * DAY_SECONDS, now=now, language=language, zone=UTC) == said
    assert times.day_words(Day(20_779), language=languages["ru"]) == "22 ноября 2026\u202fг."


def test_prepared_answers_exist_in_every_language_and_fit() -> None:
    keys = {
        tag: [one.key.split("/")[1] for one in prepared.words_for(tag, fallback="en")] for tag in LANGUAGES
    }
    assert len({tuple(listed) for listed in keys.values()}) == 1
    assert {"read", "safe-to-read", "no-names", "cannot", "tomorrow"} <= set(keys["en"])
    for tag in LANGUAGES:
        for one in prepared.words_for(tag, fallback="en"):
            assert one.language == tag
            assert len(one.text.encode()) < prepared.ANSWER_BYTES_MAX / 4
            assert prepared.text_of(one.key) == one.text
    assert prepared.text_of("../en") == ""


@pytest.mark.parametrize(("language", "got"), [("ru", "ru"), ("ru-RU", "ru"), ("ar", "ru"), ("en-GB", "en")])
def test_prepared_answers_are_in_the_persons_language_where_there_are_any(language: str, got: str) -> None:
    assert {one.language for one in prepared.words_for(language, fallback="ru")} == {got}
