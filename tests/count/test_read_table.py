from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.count.read_table import MAX_TABLE_BYTES, read_table, write_table
from causeway.count.table import CaptureTable, TableError
from tests.count.tables import DATA, published

HEAD = b"north,south,count\n"


def refusal(data: bytes) -> TableError:
    with pytest.raises(TableError) as caught:
        read_table(data)
    return caught.value


def test_a_published_table():
    table = published("hav_taiwan")
    assert table.lists == ("L1", "L2", "L3")
    assert table.counts.tolist() == [0, 69, 55, 21, 63, 17, 18, 28]
    assert table.documented == 271


def test_every_published_table_is_read():
    documented = {path.stem: read_table(path.read_bytes()).documented for path in DATA.glob("*.csv")}
    assert documented["kosovo"] == 4_400
    assert documented["uk2013_5"] == documented["uk2013_6"] == 2_744
    assert documented["hare"] == 68
    assert len(documented) == 10


@pytest.mark.parametrize(
    "data",
    [
        b"north,south,count\n1,0,5\n0,1,7\n1,1,2\n",
        b"\xef\xbb\xbfnorth,south,count\r\n1,0,5\r\n0,1,7\r\n1,1,2\r\n",
        b"north;south;count\n1;0;5\n0;1;7\n1;1;2",
        b"north\tsouth\tCount\n1\t0\t5\n0\t1\t7\n1\t1\t2\n",
        b'"north", south ,count\n\n 1 ,0, 5\n0,1,007\n,,\n1,1,2\n\n',
        b"count,north,south\n5,1,0\n7,0,1\n2,1,1\n",
    ],
)
def test_spellings_of_one_table(data):
    table = read_table(data)
    assert table.lists == ("north", "south")
    assert table.counts.tolist() == [0, 5, 7, 2]


@pytest.mark.parametrize(
    ("data", "sentence", "details"),
    [
        (b"", "empty", {}),
        (b"\n\n", "empty", {}),
        (b"\xff\xfe\x00", "not text", {}),
        (HEAD, "no counts", {}),
        (HEAD + b"1,0,-5\n", "negative", {"line": 2, "column": 3}),
        (HEAD + b"1,0,-5.5\n", "negative", {"line": 2, "column": 3}),
        (HEAD + b"1,0,5\n0,1,2.5\n", "fraction", {"line": 3, "column": 3}),
        (HEAD + b'1,0,"2,5"\n', "fraction", {"line": 2, "column": 3}),
        (HEAD + b"1,0,1e3\n", "fraction", {"line": 2, "column": 3}),
        (HEAD + b"1,0,many\n", "not a number", {"line": 2, "column": 3}),
        (HEAD + b"1,0,NaN\n", "not a number", {"line": 2, "column": 3}),
        (HEAD + b"1,0,\n", "missing", {"line": 2, "column": 3}),
        (HEAD + b"1,0,100000001\n", "larger than any population", {"line": 2, "column": 3}),
        (HEAD + b"1,0,1000000000\n", "larger than any population", {"line": 2, "column": 3}),
        (HEAD + b"1,0," + b"9" * 5_000 + b"\n", "larger than any population", {"line": 2, "column": 3}),
        (HEAD + b"1,0\n", "more or fewer columns", {"line": 2, "expected": 3, "found": 2}),
        (HEAD + b"1,0,5,8\n", "more or fewer columns", {"line": 2, "expected": 3, "found": 4}),
        (HEAD + b"1,2,5\n", "1 (on the list) or 0", {"line": 2, "column": 2}),
        (HEAD + b"1,,5\n", "1 (on the list) or 0", {"line": 2, "column": 2}),
        (HEAD + b"1,0,5\n0,1,2\n1,0,4\n", "same combination", {"line": 4, "first_line": 2}),
        (HEAD + b"0,0,5\n", "on no list", {"line": 2}),
        (b"north,south\n1,0\n", "no column `count`", {"line": 1}),
        (b"north,count,count\n1,0,1\n", "more than one column `count`", {"line": 1, "column": 3}),
        (b"north,count\n1,5\n", "at least two lists", {"line": 1}),
        (b"north,north,count\n1,0,5\n", "same name", {"line": 1}),
        (b"north,,count\n1,0,5\n", "name", {"line": 1, "column": 2}),
        (b"north," + b"s" * 61 + b",count\n1,0,5\n", "name", {"line": 1, "column": 2}),
        (b"1,0,count\n1,0,5\n", "must name the lists", {"line": 1, "column": 1}),
        (b'north,south,count\n"1,0,5\n', "CSV", {}),
        (",".join(f"list {i}" for i in range(17)).encode() + b",count\n", "sixteen", {"line": 1}),
        (b"x" * (MAX_TABLE_BYTES + 1), "too large", {}),
    ],
)
def test_garbage_gets_a_sentence_of_its_own(data, sentence, details):
    error = refusal(data)
    assert sentence in error.what
    assert error.what.endswith(".")
    assert {name: error.details.get(name) for name in details} == details


def test_a_refused_value_is_not_repeated():
    error = refusal(b"north,south,count\n1,0,Xazarbek\n")
    assert "Xazarbek" not in error.diagnostics()
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


def test_the_line_is_the_files_own_though_fields_run_over_lines():
    assert refusal(b'"the\nnorth",south,count\n1,0,5\n').details["column"] == 1
    assert refusal(HEAD + b"1,0,5\n\n\n0,1,x\n").details["line"] == 5


@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_our_error(data):
    try:
        table = read_table(data)
    except TableError:
        return
    assert table.documented >= 0


@given(st.text(alphabet='01,;\t\n\r" count-.9A', max_size=80))
def test_nearly_a_table_gives_a_table_or_our_error(text):
    try:
        read_table(text.encode())
    except TableError as error:
        assert error.what  # noqa: PT017


names = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=20).filter(
    lambda name: (
        name == name.strip() and name.isprintable() and name.lower() != "count" and not name.isdigit()
    )
)


@given(
    st.lists(names, min_size=2, max_size=5, unique=True),
    st.lists(st.integers(0, 100_000_000), min_size=32, max_size=32),
)
def test_what_is_written_is_read_back(lists, numbers):
    counts = np.array(numbers[: 2 ** len(lists)], np.int64)
    counts[0] = 0
    counts[1] = 3
    table = CaptureTable(tuple(lists), counts)
    again = read_table(write_table(table))
    assert again.lists == table.lists
    assert (again.counts == table.counts).all()
