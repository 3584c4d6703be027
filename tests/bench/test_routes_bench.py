from __future__ import annotations

import pytest

from tests.bench.test_bench import promised, run


@pytest.mark.slow
def test_the_planner_is_measured():
    numbers = run("routes.py")
    assert set(numbers) == promised("routes.py")
    assert numbers["exact"]["different"] == 0
    assert numbers["find"]["cost_sets_equal"]
    assert numbers["find"]["martins_ratio"] > 1
    assert numbers["policy"]["chance_error"] < 1
    assert numbers["schedule"]["thousand"][0]["gap_first"] < 0.05
    assert numbers["schedule"]["replan"]
    assert numbers["exposure"]["direct_ratio"] < 1
