"""Which languages a door offers, and what a centre says in place of our texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from click.testing import CliRunner

from causeway.cli.cmd_door import command as door_command
from causeway.cli.door_texts import DoorTexts, every_language
from causeway.door.pages import EVERY, LANGUAGES, checked_languages, edition_of, own_files, render
from causeway.door.pages import _edition as edition_module
from causeway.door.pages._languages import CATALOGUED, day_name
from causeway.errors import LocalError
from causeway.sync.said import DoorSaid
from causeway.units import Day, day_to_date
from tests.door.parts import Centre, Door, words_of
from tools.texts import SHIPPED, TEMPLATE, catalogues, day_pattern, locale_of, shipped

SENT = "We read it ourselves. An answer can take a day or two."


def po(*pairs: tuple[str, str], head: str = "") -> bytes:
    """A centre's catalogue; each entry takes two lines and an empty one."""
    return (head + "".join(f'msgid "{ours}"\nmsgstr "{theirs}"\n\n' for ours, theirs in pairs)).encode()


def texts_of_ours() -> list[str]:
    with TEMPLATE.open("rb") as source:
        return [str(message.id) for message in read_po(source) if message.id]


def fault(own: dict[str, bytes], *offered: str) -> str:
    with pytest.raises(LocalError) as caught:
        edition_of(offered, own)
    return caught.value.diagnostics()


# ---- What is offered ----


def test_eight_languages_are_whole_and_chechen_waits() -> None:
    assert LANGUAGES == ("en", "ar", "es", "fa", "fr", "ru", "tr", "uk")
    assert set(CATALOGUED) - set(LANGUAGES) == {"ce"}
    (chechen,) = (path for path in catalogues() if path.parts[-3] == "ce")
    assert "Wanted, and still empty" in chechen.read_text("utf-8")


def test_every_catalogue_has_a_head_that_tools_read() -> None:
    for path in catalogues():
        text, tag = path.read_text("utf-8"), path.parts[-3]
        with path.open("rb") as source:
            catalogue = read_po(source)
        assert (catalogue.locale_identifier, catalogue.charset) == (tag, "utf-8")
        assert re.search(r'^"Plural-Forms: nplurals=\d; plural=.+;\\n"$', text, re.MULTILINE)
        assert re.search(r'^"X-Causeway-Checked: (no|yes 20\d\d)\\n"$', text, re.MULTILINE)


def test_what_a_door_reads_is_what_the_catalogues_say() -> None:
    """After a translation has changed: `python tools/texts.py`."""
    assert SHIPPED.read_bytes() == shipped()


@pytest.mark.parametrize("language", sorted(set(CATALOGUED) - {"fa"}))
def test_days_are_named_as_cldr_names_them(language: str) -> None:
    locale = locale_of(language)
    zero = {"arab": 0x0660}.get(locale.default_numbering_system, ord("0"))
    digits = {ord("0") + digit: chr(zero + digit) for digit in range(10)}
    for day in range(20_779, 20_779 + 366):
        named = day_pattern(locale).apply(day_to_date(Day(day)), locale)
        assert day_name(Day(day), language=language) == named.translate(digits)


def test_only_english_and_what_is_checked_is_offered_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert edition_of([]).languages == checked_languages() == ("en",)
    assert edition_of(["uk", "ru", "en"]).languages == ("en", "ru", "uk")
    for tag in LANGUAGES[1:]:
        (tmp_path / tag / "LC_MESSAGES").mkdir(parents=True)
        checked = "yes 2026" if tag == "fa" else "yes" if tag == "tr" else "no"
        (tmp_path / tag / "LC_MESSAGES/door.po").write_text(f'"X-Causeway-Checked: {checked}\\n"\n')
    monkeypatch.setattr(edition_module, "LOCALES", tmp_path)
    assert checked_languages() == ("en", "fa")
    assert edition_of(["ru"]).languages == ("en", "fa", "ru")


def test_a_language_that_is_not_there_or_not_whole_is_refused() -> None:
    assert "There is no catalogue of this language." in fault({}, "de")
    assert fault({}, "ce") == (
        f"A language lacks texts, so the door can't offer it. (language=ce, missing={len(texts_of_ours())})"
    )


def test_a_centre_can_bring_the_whole_of_a_language() -> None:
    whole = po(*((text, f"кхин {n}") for n, text in enumerate(texts_of_ours())))
    edition = edition_of(["ce"], {"ce.po": whole})
    assert edition.languages == ("en", "ce")
    page = render("sent", language="ce", edition=edition).decode()
    assert 'lang="ce"' in page
    assert "кхин" in page
    assert "missing=1" in fault({"ce.po": whole.replace(b'"Send"', b'"Page"')}, "ce")


# ---- A centre's own texts ----


def test_a_centres_text_takes_the_place_of_ours() -> None:
    own = {"en.po": po((SENT, "We answer on Mondays.")), "ru.po": po((SENT, ""), ("Page", "Лист"))}
    edition = edition_of(["ru"], own)
    assert b"We answer on Mondays." in render("sent", language="en", edition=edition)
    assert SENT.encode() in render("sent", language="en", edition=EVERY)
    russian = render("sent", language="ru", edition=edition).decode()
    assert "<title>Лист</title>" in russian
    assert "Мы читаем сами." in russian


def test_tags_in_a_text_are_shown_as_they_are() -> None:
    hostile = "<script>1</script><b>&amp;"
    edition = edition_of([], {"en.po": po((SENT, hostile), ("Leave now", "100%% <i>"))})
    page = render("sent", language="en", edition=edition).decode()
    assert "&lt;script&gt;1&lt;/script&gt;&lt;b&gt;&amp;amp;" in page
    assert hostile not in page
    assert "<b>100% &lt;i&gt;</b>" in page


NOT_OURS = "A text of this file is none of the door's. (file=ru.po, line="


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (po(("Page", "x"), ("No text of the door", "x")), f"{NOT_OURS}4)"),
        (po(("Page", "%(day)s")), "A text has other gaps than the one that it replaces."),
        (po(("Page", "100%")), "A per cent sign is written %%. (file=ru.po, line=1)"),
        (po(("Page", "x"), head="#, fuzzy\n"), "marked as fuzzy: as not finished. (file=ru.po, line=2)"),
        (po(("Page", "x")) + b'msgstr "y"\n\nnonsense\n', "is no catalogue. (file=ru.po, line="),
        (po(("Page", "x")) + b'msgid "\xff"\n', "A file of texts is not in UTF-8. (file=ru.po, line=4)"),
        (b'msgctxt "a"\nmsgid "Page"\nmsgstr "x"\n', NOT_OURS),
        (b'msgid "Page"\nmsgid_plural "Pages"\nmsgstr[0] "x"\n', NOT_OURS),
        (b" " * (1 << 20) + b"\n", "A file of texts is too large."),
    ],
)
def test_a_bad_file_is_refused_with_its_line(content: bytes, said: str) -> None:
    assert said in fault({"ru.po": content}, "ru")


def test_what_is_refused_is_not_in_the_error() -> None:
    assert "Harbour" not in fault({"en.po": po(("Harbour Street 4", "x"))})


def test_texts_for_no_language_of_the_door_are_refused() -> None:
    assert "a language that the door does not offer. (language=ru)" in fault({"ru.po": po(("Page", "x"))})
    assert "There is no catalogue of this language. (file=xx.po)" in fault({"xx.po": b""})


def test_a_folder_of_texts(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="has no file"):
        own_files(tmp_path)
    (tmp_path / "en.po").write_bytes(po(("Page", "Sheet")))
    (tmp_path / "notes.txt").write_text("not read")
    said = DoorTexts(DoorSaid(own=own_files(tmp_path)))
    assert list(said.said.own) == ["en.po"]
    assert b"<title>Sheet</title>" in render("sent", language="en", edition=said.edition)
    with pytest.raises(LocalError, match="can't be read"):
        own_files(tmp_path / "absent")
    assert every_language().edition.languages == LANGUAGES


# ---- The door as a whole ----


def test_a_door_does_not_start_with_a_bad_file(tmp_path: Path) -> None:
    (tmp_path / "ru.po").write_bytes(po(("Page", "Лист"), ("Nothing", "x")))
    told = CliRunner().invoke(
        door_command, ["--relay", "/nowhere", "--offer", "ru", "--texts", str(tmp_path)]
    )
    assert isinstance(told.exception, LocalError)
    assert "line=4" in told.exception.diagnostics()


def test_a_door_shows_its_languages_and_texts_on_both_paths(folder: Path, centre: Centre) -> None:
    texts = folder / "texts"
    texts.mkdir()
    (texts / "uk.po").write_bytes(po(("1. Keep these eight groups of numbers", "1. Ось <ваші> числа")))
    door = Door(folder, centre.socket, "--offer", "uk", "--texts", str(texts))
    try:
        assert 'hreflang="ru"' not in door.ask("GET", "/uk").text
        assert door.ask("GET", "/ru").status == 404
        assert "1. Ось &lt;ваші&gt; числа" in door.ask("GET", "/uk").text
        page = door.page("/start", language="uk").text
        assert "1. Ось &lt;ваші&gt; числа" in page
        assert all(re.fullmatch("[0-4][0-9]{3}", group) for group in words_of(page))
        assert len(words_of(page)) == 8
        assert 'lang="en"' in door.page("/start", language="ru").text
        asked = {"accept-language": "ru, uk;q=0.5"}
        assert 'lang="uk"' in door.ask("GET", "/r/" + "A" * 64, headers=asked).text
        assert "Languages: en uk." in door.process.talk
    finally:
        door.stop()
