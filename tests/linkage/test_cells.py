from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.linkage.cells import cut_cells
from causeway.linkage.errors import PersonListError
from causeway.linkage.persons import read_persons

HEADER = "family,place\n"
files = st.text(st.sampled_from('aш,,"\n\r ') | st.characters(codec="utf-8"), max_size=40)


def by_csv(text: str) -> tuple[list[list[str]], list[int]] | int:
    """What Python's csv finds: rows and their lines, or the line of the first that can't be read."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, lines = [], []
    try:
        for row in reader:
            if not any(row):
                continue
            if len(row) != 2:
                return reader.line_num
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error:
        return reader.line_num
    return rows[1:], lines[1:]


@given(files)
@settings(max_examples=500)
def test_the_rows_are_those_of_csv(text: str) -> None:
    expected = by_csv(HEADER + text)
    raw = (HEADER + text).encode()
    if isinstance(expected, int):
        with pytest.raises(PersonListError) as raised:
            read_persons(raw)
        assert raised.value.details["line"] == expected
    else:
        persons = read_persons(raw)
        found = [list(row) for row in zip(persons.column("family"), persons.column("place"), strict=True)]
        assert (found, list(persons.lines)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "A,B\nC,D\n",
        "A,B\r\n\r\nC,D",
        '"A","B"\n"C, c",D\n',
        'A"a,B\n,\n,"C"',
        "",
    ],
)
def test_plain_rows_are_cut(text: str) -> None:
    raw = (HEADER + text).encode()
    cut = cut_cells(raw, start=len(HEADER), delimiter=",", width=2, wanted=[1, 0])
    assert cut is not None
    columns, lines = cut
    expected = by_csv(HEADER + text)
    assert not isinstance(expected, int)
    assert [list(row) for row in zip(*reversed(columns), strict=True)] == expected[0]
    assert list(lines) == expected[1]
    assert all(type(line) is int for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        '"A ""a""",B\n',
        '"A\na",B\n',
        "A,B\rC,D\n",
        "A,B,C\n",
        "A\n",
        '"A,B',
        '"A"a,B\n',
        "a" * 131_073 + ",B\n",
    ],
)
def test_others_are_left_to_csv(text: str) -> None:
    raw = (HEADER + text).encode()
    assert cut_cells(raw, start=len(HEADER), delimiter=",", width=2, wanted=[0, 1]) is None
