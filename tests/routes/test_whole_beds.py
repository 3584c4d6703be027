from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from causeway.routes.whole_beds import MOST_ROOM, tight_rows


def fitting(room, sizes):
    return [
        many
        for many in itertools.product(*(range(room // size + 1) for size in sizes))
        if sum(number * size for number, size in zip(many, sizes, strict=True)) <= room
    ]


@pytest.mark.parametrize("room", range(2, MOST_ROOM + 1))
@pytest.mark.parametrize("sizes", [(1, 2), (2, 3), (1, 2, 3, 4), (1, 3, 5), (2, 4, 5), (1, 2, 3, 4, 5, 6)])
def test_rows_hold_for_whatever_fits_and_are_its_hull(room, sizes):
    sizes = tuple(size for size in sizes if size <= room)
    rows = tight_rows(room, sizes)
    points = fitting(room, sizes)
    for weights, right in rows:
        assert all(np.dot(weights, point) <= right for point in points)
    # The hull: in every direction, the relaxation's best is that of some whole point.
    rng = np.random.default_rng(room)
    for _ in range(5):
        worth = rng.integers(1, 50, len(sizes))
        best = linprog(-worth, A_ub=[weights for weights, _ in rows], b_ub=[right for _, right in rows])
        assert best.fun is not None
        assert -best.fun == pytest.approx(max(np.dot(worth, point) for point in points))


def test_three_beds_hold_one_couple():
    assert ((0, 1), 1) in tight_rows(3, (1, 2))
    assert tight_rows(3, (2,)) == (((1,), 1),)


def test_large_rooms_keep_the_plain_row():
    assert tight_rows(200, (1, 2)) == (((1, 2), 200),)
