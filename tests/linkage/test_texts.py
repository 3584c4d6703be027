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


@given(st.lists(date_like | st.text("0123456789./-?", max_size=11) | odd_text, min_size=1, max_size=20))
def test_a_column_of_dates_is_read_as_each_of_them(texts: list[str]) -> None:
    column = Texts.of(texts)
    dates = date_column(column)
    for at, text in enumerate(column.distinct):
        one = parse_date(text)
        year, month, day = one or PartialDate()
        assert dates.unread[at] == (one is None), text
        assert dates.year[at] == (-1 if year is None else year), text
        assert (dates.month[at], dates.day[at]) == (month or 0, day or 0), text
