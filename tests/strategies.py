"""Values for property tests, in one place."""

from __future__ import annotations

from hypothesis import strategies as st

from causeway.record.entry import Body, Operation
from causeway.units import Day
from causeway.wire.answer import Answer
from causeway.wire.text import clean_text

ids = st.binary(min_size=16, max_size=16)
seeds = st.binary(min_size=32, max_size=32)
days = st.integers(min_value=100, max_value=60_000).map(Day)
texts = st.text(max_size=400).map(clean_text)

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | texts | st.binary(max_size=64),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


@st.composite
def bodies(draw: st.DrawFn) -> Body:
    operation = draw(st.sampled_from(Operation))
    return Body(
        entry_id=draw(ids),
        case=draw(ids),
        operation=operation,
        name=draw(texts),
        value=draw(values),
        heads=tuple(draw(st.lists(ids, max_size=3))) if operation is Operation.SET else (),
        clock=draw(st.integers(0, 2**63 - 1)),
        member=draw(ids),
    )


@st.composite
def answers(draw: st.DrawFn) -> list[Answer]:
    numbers = sorted(draw(st.sets(st.integers(1, 500), max_size=12)))
    return [Answer(n=n, day=draw(days), text=draw(texts)) for n in numbers]
