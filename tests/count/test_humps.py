from __future__ import annotations

import numpy as np
import pytest

from causeway.count.humps import find_humps
from causeway.count.support import Support


def support_of(density: np.ndarray, *, start: int = 1_000) -> Support:
    totals = np.arange(start, start + density.size)
    return Support(totals, np.ones(density.size), density / density.sum())


def bell(middle: float, spread: float, size: int = 1_000) -> np.ndarray:
    return np.asarray(np.exp(-((np.arange(size) - middle) ** 2) / (2 * spread**2)) / spread)


def test_one_rise_is_one_hump_with_all_the_mass():
    (hump,) = find_humps(support_of(bell(400, 30)))
    assert hump.mass == pytest.approx(1.0)
    assert hump.median == 1_400
    assert (hump.low, hump.high) == pytest.approx((1_400 - 1.96 * 30, 1_400 + 1.96 * 30), abs=1)


def test_two_humps_are_told_apart_the_heavier_first():
    first, second = find_humps(support_of(bell(200, 30) + 3 * bell(700, 60)))
    assert (first.median, second.median) == (1_700, 1_200)
    assert (first.mass, second.mass) == pytest.approx((0.75, 0.25), abs=1e-3)


def test_three_humps():
    humps = find_humps(support_of(bell(100, 10) + bell(500, 20) + 2 * bell(900, 20)))
    assert [hump.median for hump in humps] == [1_900, 1_100, 1_500] or [hump.median for hump in humps] == [
        1_900,
        1_500,
        1_100,
    ]


def test_a_ripple_is_no_hump():
    density = bell(500, 100) * (1 + 0.05 * np.sin(np.arange(1_000) / 10))
    assert len(find_humps(support_of(density))) == 1


def test_a_ripple_on_a_slope_goes_to_its_own_hump():
    # Peaks of 1, 0.5 and 1; the middle one hardly stands above its valley to the left.
    corners = [0.0, 1.0, 0.48, 0.5, 0.45, 1.0, 0.0]
    density = np.interp(np.arange(601), np.arange(7) * 100, corners)
    humps = find_humps(support_of(density))
    assert len(humps) == 2
    assert sorted(round(hump.median, -2) for hump in humps) == [1_200, 1_500]


def test_a_hump_with_next_to_no_mass_is_counted_with_its_neighbour():
    (hump,) = find_humps(support_of(bell(200, 20) + 0.01 * bell(700, 20)))
    assert hump.mass == pytest.approx(1.0)
    assert len(find_humps(support_of(bell(200, 20) + 0.04 * bell(700, 20)))) == 2


def test_a_spike_at_nobody_missing_is_a_hump():
    density = bell(300, 40) * 0.5
    density[0] = density.sum()
    humps = find_humps(support_of(density))
    assert sorted(hump.median for hump in humps) == [1_000, 1_300]


def test_a_level_stretch_is_one_peak():
    density = np.concatenate([np.linspace(0, 1, 50), np.ones(20), np.linspace(1, 0, 50)])
    assert len(find_humps(support_of(density))) == 1


def test_density_is_mass_for_a_single_total():
    # The same bell, on points that stand for more and more numbers.
    totals = np.unique(np.rint(1.02 ** np.arange(400)).astype(np.int64)) + 1_000
    edges = np.concatenate([[totals[0] - 0.5], (totals[1:] + totals[:-1]) / 2, [totals[-1] + 0.5]])
    widths = np.diff(edges)
    density = np.exp(-((totals - 1_400.0) ** 2) / (2 * 50.0**2))
    (hump,) = find_humps(Support(totals, widths, density * widths / (density * widths).sum()))
    assert hump.median == pytest.approx(1_400, abs=1)
