from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from causeway.linkage.normalise.date_columns import date_column
from causeway.linkage.normalise.dates import PartialDate, parse_date
from causeway.linkage.texts import Texts, numbered

odd_text = st.text(st.characters(exclude_categories=()), max_size=8)
number = st.integers(0, 99).map(str) | st.sampled_from(["1985", "1899", "1900", "2099", "2100", "03", "00"])
date_like = st.builds(
    lambda one, two, three, a, b: f"{one}{a}{two}{b}{three}",
    number,
    number,
    number,
    st.sampled_from("./-:"),
    st.sampled_from("./- "),
)


@given(st.lists(odd_text | st.sampled_from(["", "a", "aaaa", "aaaab"]), max_size=30))
def test_a_column_is_what_went_in(texts: list[str]) -> None:
    column = Texts.of(texts)
    assert list(column) == texts
    assert [column[at] for at in range(len(column))] == texts
    assert column[1:] == texts[1:]
    assert column.distinct == list(dict.fromkeys(texts))
    cut = Texts.cut(column.raw, starts=column.starts[column.which], ends=column.ends[column.which])
    assert list(cut) == texts
    assert cut.distinct == column.distinct


def test_many_runs_are_numbered_in_the_order_in_which_they_come() -> None:
    """More than the first table of the hash holds, with runs of every length that its steps tell apart."""
    numbers = np.random.default_rng(1).integers(0, 6000, size=20_000).tolist()
    texts = ["x" * (one % 9) + str(one) for one in numbers]
    edges = np.cumsum([0, *map(len, texts)])
    which, first = numbered(
        np.frombuffer("".join(texts).encode(), dtype=np.uint8), starts=edges[:-1], ends=edges[1:]
    )
    known = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    assert which.tolist() == [known[text] for text in texts]
    assert [texts[at] for at in first.tolist()] == list(known)


def test_equal_hashes_are_not_enough() -> None:
    """Two runs of eight bytes that hash alike: their first halves must agree in half of their hashes."""
    basis, prime = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
    fours = np.unique(np.random.default_rng(1).integers(0, 2**32, size=400_000, dtype=np.uint64))
    after = (basis ^ fours) * prime
    order = np.argsort(after >> np.uint64(32))
    upper = after[order] >> np.uint64(32)
    at = int(np.flatnonzero(upper[1:] == upper[:-1])[0])
    one, other = order[at : at + 2]
    words = fours[one], 0, fours[other], after[one] ^ after[other]
    raw = np.array(words, dtype="<u4").tobytes()
    which, _ = numbered(
        np.frombuffer(raw * 2, dtype=np.uint8), starts=8 * np.arange(4), ends=8 * np.arange(1, 5)
    )
    assert which.tolist() == [0, 1, 0, 1]


def test_dates_at_the_edges() -> None:
    """All that the compiled reader must not take, or take as `parse_date` does."""
    days, months = ("0", "1", "01", "31", "32", "001"), ("00", "1", "012", "12", "13", "")
    years = ("1899", "1900", "2099", "2100", "85", "01985", "1985")
    check(
        [
            first + second.join(parts)
            for second in "./-:"
            for first in ("", "-", " ")
            for day in days
            for month in months
            for year in years
            for parts in ((day, month, year), (year, month, day), (month, year), (year, month), (year,))
        ]
    )


@given(st.lists(date_like | st.text("0123456789./-?", max_size=11) | odd_text, min_size=1, max_size=20))
def test_a_column_of_dates_is_read_as_each_of_them(texts: list[str]) -> None:
    check(texts)


def check(texts: list[str]) -> None:
    column = Texts.of(texts)
    dates = date_column(column)
    for at, text in enumerate(column.distinct):
        one = parse_date(text)
        year, month, day = one or PartialDate()
        assert dates.unread[at] == (one is None), text
        assert dates.year[at] == (-1 if year is None else year), text
        assert (dates.month[at], dates.day[at]) == (month or 0, day or 0), text
