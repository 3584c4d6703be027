from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.routes.public_table import import_entry_table
from causeway.routes.read_json import read_rules, write_rules
from causeway.routes.reading import MAX_PROBLEMS, BrokenFile
from causeway.routes.rules import RuleBook, RuleTable, Source
from tests.routes.inputs import raises_only_ours

# Eighty-two rows of the Passport Index data set, February 2026.
EXCERPT = (Path(__file__).parent / "data" / "passport-index-2026-02-excerpt.csv").read_bytes()
HEAD = b"Passport,Destination,Requirement\n"
SOURCE = Source(
    id="t", name="Passport Index dataset, February 2026", date=dt.date(2026, 2, 1), confidence=0.9
)


def imported(data: bytes) -> RuleBook:
    return import_entry_table(data, source=SOURCE)


def test_every_row_becomes_a_rule() -> None:
    book = imported(EXCERPT)
    assert len(book.entry) == 82
    rows = [line.split(",") for line in EXCERPT.decode().splitlines()[1:]]
    table = RuleTable.of(book)
    for issuer, country, requirement in rows:
        found = table.entering("passport", issuer, country, "anywhere")
        assert found is not None
        rule, source = found
        assert source is SOURCE or source == SOURCE
        if requirement.isdigit():
            assert (rule.requirement, rule.days) == ("visa_free", int(requirement))
        else:
            assert rule.days is None
            expected = "own" if requirement == "-1" else requirement.replace(" ", "_").replace("-", "_")
            assert rule.requirement == expected
    assert {rule.requirement for rule in book.entry} == {
        "own",
        "visa_free",
        "visa_on_arrival",
        "eta",
        "e_visa",
        "visa_required",
        "no_admission",
    }


def test_rules_are_written_and_read_back() -> None:
    book = imported(EXCERPT)
    text = write_rules(book)
    assert read_rules(text) == book
    assert text.count(b"\n") > 82


def test_only_some_countries_and_another_kind_of_document() -> None:
    book = import_entry_table(EXCERPT, source=SOURCE, document="id_card", countries=frozenset({"ARM", "GEO"}))
    assert {(rule.issuer, rule.country) for rule in book.entry} == {
        ("ARM", "ARM"),
        ("ARM", "GEO"),
        ("GEO", "ARM"),
        ("GEO", "GEO"),
    }
    assert {rule.document for rule in book.entry} == {"id_card"}


@pytest.mark.parametrize(
    ("rows", "line", "column"),
    [
        (b"AAA,BBB,90\nAAA,CCC,maybe\n", 3, 3),
        (b"AAA,BBB,-2\n", 2, 3),
        (b"AAA,BBB,0\n", 2, 3),
        (b"AAA,BBB,99999\n", 2, 3),
        ("AAA,BBB,٣٠\n".encode(), 2, 3),
        (b"AAA,BBB,\n", 2, 3),
        (b"aaa,BBB,90\n", 2, 1),
        (b"AAA,B,90\n", 2, 2),
        (b"AAA,BBB,90\nAAA,BBB,90\n", 3, 2),
    ],
)
def test_a_wrong_cell_is_named_with_line_and_column(rows: bytes, line: int, column: int) -> None:
    with pytest.raises(BrokenFile) as caught:
        imported(HEAD + rows)
    assert [(one.line, one.column) for one in caught.value.problems] == [(line, column)]


def test_problems_come_together_and_end() -> None:
    with pytest.raises(BrokenFile) as caught:
        imported(HEAD + b"a,b,c\n" * 30)
    assert len(caught.value.problems) == MAX_PROBLEMS


@pytest.mark.parametrize("data", [b"", HEAD, b"Passport,Destination\nAAA,BBB\n"], ids=repr)
def test_no_table_at_all(data: bytes) -> None:
    with pytest.raises(BrokenFile):
        imported(data)


@given(st.binary(max_size=200) | st.binary(max_size=100).map(HEAD.__add__))
def test_arbitrary_bytes_raise_only_our_error(data: bytes) -> None:
    raises_only_ours(lambda: imported(data))
