from __future__ import annotations

import pytest

from causeway.count.hierarchical import catalogue, generators, interactions


@pytest.mark.parametrize(
    ("lists", "order", "models"), [(2, 1, 1), (3, 2, 8), (4, 2, 64), (4, 3, 113), (5, 2, 1024), (5, 4, 6893)]
)
def test_as_many_models_as_are_known(lists: int, order: int, models: int) -> None:
    # 113 and 6,893: hierarchical models with all main effects, less the saturated one
    table, sizes = catalogue(lists, order)
    assert table.shape[0] == sizes.size == models
    assert len({tuple(row[:size]) for row, size in zip(table.tolist(), sizes, strict=True)}) == models


def test_every_model_holds_what_lies_within_its_terms() -> None:
    table, sizes = catalogue(4, 3)
    every = [int(term) for term in interactions(4, 3)]
    for row, size in zip(table.tolist(), sizes, strict=True):
        model = set(row[:size])
        assert all(low in model for term in model for low in every if term & low == low)


def test_a_model_is_named_by_its_largest_terms() -> None:
    assert generators((0b011, 0b101, 0b110, 0b111, 0b1001), "ABCDE") == (("A", "B", "C"), ("A", "D"), ("E",))
    assert generators((), "AB") == (("A",), ("B",))
