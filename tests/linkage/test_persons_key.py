from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import Error
from causeway.linkage.errors import LinkKeyError, PersonListError
from causeway.linkage.key import LinkKey, parse_key, write_key
from causeway.linkage.persons import PersonList, read_persons

SECRET = "Zaqwsxcde"


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (
            "Фамилия,Имя,Отчество,Дата рождения,Место жительства",
            {"family", "given", "patronymic", "born", "place"},
        ),
        ("surname;FIRST NAME;year of birth", {"family", "given", "year"}),
        ("ФИО\tГод рождения\tСело", {"full", "year", "place"}),
        ("Name,Family name", {"given", "family"}),
        ("Name|Дата рождения", {"full", "born"}),
        ("full,Born", {"full", "born"}),
        ("Full_Name;Place of residence", {"full", "place"}),
        ("Full name,Surname,Name", {"full", "family", "given"}),
        ("Имя Фамилия;г.р.", {"full", "year"}),
        ("Ф. И. О. задержанного;Дата рожд.", {"full", "born"}),
        ("Фамили,ЦӀе,Ден цӀе,Вина де,Меттиг", {"family", "given", "patronymic", "born", "place"}),
        ("﻿Nachname,Vorname,Geburtsdatum,Notiz", {"family", "given", "born"}),
    ],
)
def test_headers_of_several_languages(header: str, columns: set[str]) -> None:
    cells = ["x"] * (1 + max(map(header.count, ",;\t|")))
    mark = max(",;\t|", key=header.count)
    persons = read_persons(f"{header}\n{mark.join(cells)}\n".encode())
    assert set(persons.columns) == columns
    assert len(persons) == 1


def test_columns_that_are_not_known_are_told_by_number() -> None:
    persons = read_persons("№,ФИО,Примечание,Born\n1,x,y,z\n".encode())
    assert persons.unused == [1, 3]


def test_a_column_can_be_chosen() -> None:
    persons = read_persons(b"a,b,name\nx,y,z\n", chosen={"family": "A", "given": "b"})
    assert persons.column("family") == ("x",)
    assert persons.column("given") == ("y",)
    assert persons.column("place") == ("",)
    with pytest.raises(PersonListError, match="no column"):
        read_persons(b"a,b\n", chosen={"family": "c"})


def test_other_encodings() -> None:
    for encoding, said in (("cp1251", "cp1251"), ("utf-16", None), ("utf-8-sig", None)):
        persons = read_persons("Фамилия\nШамов\n".encode(encoding), encoding=said)
        assert persons.column("family") == ("Шамов",)
    with pytest.raises(PersonListError, match="UTF-8"):
        read_persons("Фамилия\nШамов\n".encode("cp1251"))
    with pytest.raises(PersonListError, match="no encoding"):
        read_persons(b"", encoding="nonsense")
    with pytest.raises(PersonListError):
        read_persons(b"abc", encoding="hex")


def test_lines_are_those_of_the_file() -> None:
    persons = read_persons(b'family,place\n\nA,"one\ntwo"\n,\nB,three\n')
    assert list(persons.lines) == [4, 6]
    assert list(read_persons(b"family\nA\nB\n").lines) == [2, 3]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Ivanov,Ivan\n",
        b"family,surname\nA,B\n",
        f"family,given\nA,B\n{SECRET}\n".encode(),
        f'family,given\nA,"{SECRET}\n'.encode(),
        f'family,given\nA,"{SECRET}"x\n'.encode(),
        b",".join([b"x"] * 300) + b"\n",
    ],
)
def test_what_is_no_list_gets_a_sentence_without_names(raw: bytes) -> None:
    with pytest.raises(PersonListError) as raised:
        read_persons(raw)
    assert SECRET not in raised.value.diagnostics()
    assert raised.value.__cause__ is None


def test_the_line_is_named() -> None:
    with pytest.raises(PersonListError) as raised:
        read_persons(b"family,given\nA,B\nC\n")
    assert raised.value.details == {"line": 3, "expected": 2}


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_only_our_error(raw: bytes) -> None:
    for start in (b"", b"family,given\n"):
        with suppress(PersonListError):
            read_persons(start + raw)
        with suppress(LinkKeyError):
            parse_key(start + raw)


def test_columns_of_one_length() -> None:
    with pytest.raises(PersonListError):
        PersonList({"family": ("A",)}, (2, 3))
    with pytest.raises(PersonListError):
        PersonList({"place": ("A",)}, (2,))


@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_written_and_read(secret: bytes) -> None:
    raw = write_key(LinkKey(secret))
    assert parse_key(raw) == LinkKey(secret)
    assert parse_key(raw.replace(b"\n", b"\r\n")) == LinkKey(secret)
    assert secret.hex() not in repr(LinkKey(secret))


@given(st.integers(24, 87), st.sampled_from(b"0123456789abcdef"))
def test_a_slip_in_a_key_is_noticed(at: int, digit: int) -> None:
    raw = bytearray(write_key(LinkKey(bytes(range(32)))))
    if raw[at] != digit:
        raw[at] = digit
        with pytest.raises(Error):
            parse_key(bytes(raw))


def test_checks_tell_keys_and_schemes_apart() -> None:
    one, other = LinkKey(bytes(32)), LinkKey(bytes([1] * 32))
    assert one.check("a") == one.check("a") != one.check("b")
    assert one.check("a") != other.check("a")
    assert one.subkey("a") != one.subkey("b")
    with pytest.raises(LinkKeyError):
        LinkKey(b"short")
