from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.linkage.normalise.dates import PartialDate, parse_date
from causeway.linkage.normalise.names import NameParts, arrange, read_cell
from causeway.linkage.normalise.places import place_words
from causeway.linkage.normalise.scripts import repair_word, script_of


def parts(**cells: str) -> NameParts:
    return arrange(**{name: read_cell(text) for name, text in cells.items()})


AMINA = parts(family="Алиева", given="Аминат", patronymic="Исаевна")


@pytest.mark.parametrize(
    "cells",
    [
        {"family": "Alieva", "given": "Aminat", "patronymic": "Isaevna"},
        {"family": "Аминат", "given": "Алиева", "patronymic": "Исаевна"},
        {"family": "Алиева", "given": "Аминат Исаевна"},
        {"family": "Алиева Исаевна", "given": "Аминат"},
        {"family": "Алиева", "given": "Исаевна", "patronymic": "Аминат"},
        {"full": "Алиева Аминат Исаевна"},
        {"full": "Aminat Isayevna Aliyeva"},
        {"family": "Алиев", "given": "Амина", "patronymic": "Иса"},
        {"family": "Алиева", "given": "Аминат", "patronymic": "Иса кызы"},
    ],
)
def test_parts_find_their_places(cells: dict[str, str]) -> None:
    assert parts(**cells) == AMINA


def test_a_chechen_patronymic() -> None:
    assert parts(full="Къадиев Мохьмад Ӏелин кӏант") == parts(
        family="Kadiev", given="Magomed", patronymic="Alievich"
    )


def test_missing_parts_are_empty() -> None:
    assert parts() == NameParts()
    assert parts(family="—", given="...") == NameParts()


@pytest.mark.parametrize(
    "father", ["Магомедович", "Magomedovna", "Мухаммадович", "Магомед", "Magomed-ogly", "Магомед оглы"]
)
def test_a_patronymic_is_the_fathers_name(father: str) -> None:
    assert parts(patronymic=father).patronymic == parts(patronymic="Магомедович").patronymic


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_taken(family: str, given_: str, patronymic: str, full: str) -> None:
    parts(family=family, given=given_, patronymic=patronymic, full=full)
    place_words(full)
    assert repair_word(repair_word(family)) == repair_word(family)
    assert script_of(family) in ("cyrillic", "latin", "mixed", "other")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1985-03-12", (1985, 3, 12)),
        ("12.03.1985", (1985, 3, 12)),
        ("12/3/85", (85, 3, 12)),
        ("03/25/1985", (1985, 3, 25)),
        ("3.1985", (1985, 3, None)),
        ("1985-03", (1985, 3, None)),
        ("12.03", (None, 3, 12)),
        ("1985", (1985, None, None)),
        ("ок. 1985 г.р.", (1985, None, None)),
        ("12 марта 1985 г.", (1985, 3, 12)),
        ("March 12, 1985", (1985, 3, 12)),
        ("12-Mar-85", (85, 3, 12)),
        ("март 1985", (1985, 3, None)),
        ("??.03.1985", (1985, 3, None)),
        ("00.00.1985", (1985, None, None)),
        ("1985-03-12 00:00:00", (1985, 3, 12)),
        ("19850312", (1985, 3, 12)),
        ("", (None, None, None)),
        ("??.??.????", (None, None, None)),
    ],
)
def test_dates_as_people_write_them(text: str, date: tuple[int | None, ...]) -> None:
    assert parse_date(text) == PartialDate(*date)


@pytest.mark.parametrize(
    "text", ["once", "13.13.1985", "32.01.1985", "12.03.1785", "1.2.3.4", "1985" * 200, "12 foo 1985"]
)
def test_what_is_no_date_is_not_made_one(text: str) -> None:
    assert parse_date(text) is None


@given(st.text("0123456789.-/ ?xмартг", max_size=14) | st.text(max_size=20))
def test_a_date_is_within_its_bounds(text: str) -> None:
    date = parse_date(text)
    if date is not None:
        assert date.month is None or 1 <= date.month <= 12
        assert date.day is None or 1 <= date.day <= 31


def test_a_place_is_its_words() -> None:
    assert place_words("с. Гойра, Терлойский р-н") == place_words("Terloyskiy raion, Goyra")
    assert place_words("г. Соьлжа-ГӀала") == place_words("Groznyy") == ("grozni",)
    assert place_words("г. ") == ()


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Хамид", "cyrillic"),
        ("ХIамид", "cyrillic"),
        ("Hamid", "latin"),
        ("Hamid Хамид", "mixed"),
        ("محمد", "other"),
        ("-", "other"),
    ],
)
def test_scripts(text: str, script: str) -> None:
    assert script_of(text) == script
