from __future__ import annotations

import numpy as np
import pytest

from causeway.count.humps import find_humps
from causeway.count.smoothing import smoothed


def test_mass_and_quantiles_are_those_of_the_draws() -> None:
    draws = np.rint(np.random.default_rng(1).lognormal(6, 0.5, 8_000)) + 300
    support = smoothed(draws, least=300, effective=8_000)
    assert support.weights.sum() == pytest.approx(1, abs=1e-3)
    assert (np.diff(support.totals) > 0).all()
    levels = np.array([0.025, 0.5, 0.975])
    assert support.quantiles(levels) == pytest.approx(np.quantile(draws, levels), rel=0.03)


@pytest.mark.parametrize("effective", [4_000.0, 60.0])
def test_noise_makes_no_humps(effective: float) -> None:
    rng = np.random.default_rng(2)
    draws = 300 + np.rint(rng.lognormal(6, 0.5, int(effective)))
    assert len(find_humps(smoothed(draws, least=300, effective=effective))) == 1


def test_two_humps_are_two() -> None:
    rng = np.random.default_rng(3)
    draws = 300 + np.rint(np.append(rng.normal(5_000, 300, 3_000), rng.normal(9_000, 600, 1_500)))
    humps = find_humps(smoothed(draws, least=300, effective=1_000))
    assert [round(hump.mass, 1) for hump in humps] == [0.7, 0.3]
    assert [hump.median for hump in humps] == pytest.approx([5_300, 9_300], rel=0.02)


def test_a_total_at_the_documented_cases_is_allowed() -> None:
    draws = np.repeat([50.0, 51.0, 52.0, 50.0], 100)
    support = smoothed(draws, least=50, effective=100)
    assert support.totals[0] == 50
    assert support.quantiles(np.array([0.5]))[0] in (50, 51)
