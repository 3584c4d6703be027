import dataclasses

import numpy as np
import pytest

from causeway.routes.policy import find_policy
from causeway.routes.simulate import simulate
from tests.routes.tiny_timetables import SPAN, CourseOfEvents, tiny_timetable

HORIZON = SPAN + 60
CAUSES = (0.3, 0.45)


def test_journeys_arrive_as_often_as_the_policy_says():
    seen = 0
    for seed in range(12):
        table = tiny_timetable(seed, causes=2, departures=40)
        policy = find_policy(table, causes=CAUSES, horizon=HORIZON, begin=0)
        for start in range(3):
            chance = policy.chance(start, at=0)
            went = simulate(policy, start=start, at=0, travellers=100_000, seed=seed)
            assert went.chance == pytest.approx(chance, abs=max(5 * went.deviation, 1e-4))
            assert went.overstayed == 0
            assert went.arrived + went.lost + went.found + went.stranded == went.travellers
            seen += 0.05 < chance < 0.95
    assert seen > 10


def test_compiled_and_plain_send_the_same_travellers():
    table = tiny_timetable(3, causes=2, departures=40)
    policy = find_policy(table, causes=CAUSES, horizon=HORIZON, begin=0)
    one = simulate(policy, start=0, at=0, travellers=2_000, seed=7)
    other = simulate(policy, start=0, at=0, travellers=2_000, seed=7, compiled=False)
    assert one == other
    assert 0 < one.arrived < 2_000
    assert simulate(policy, start=0, at=0, travellers=2_000, seed=8) != one


def test_another_world_gives_other_chances():
    table = tiny_timetable(3, departures=40, stays=False)
    policy = find_policy(table, horizon=HORIZON, begin=0)
    closed = dataclasses.replace(table, through=table.through * 0, lost=table.lost * 0 + 1)
    went = simulate(policy, start=0, at=0, travellers=1_000, seed=1, timetable=closed)
    assert went.arrived == 0
    assert went.lost > 0
    assert np.isnan(went.mean_minutes)


def test_who_oversteps_a_stay_is_counted():
    # Made for a network without limits, followed in one that has them.
    found = 0
    for seed in range(10):
        limited = tiny_timetable(seed, departures=40)
        free = dataclasses.replace(
            limited,
            max_stay=np.full_like(limited.max_stay, -1),
            region_stay=np.full_like(limited.region_stay, -1),
        )
        policy = find_policy(free, horizon=HORIZON, begin=0)
        found += simulate(policy, start=0, at=0, travellers=500, seed=1, timetable=limited).overstayed
        assert simulate(policy, start=0, at=0, travellers=500, seed=1).overstayed == 0
    assert found > 0


def test_a_cause_that_always_comes_about_lets_nobody_through():
    table = tiny_timetable(4, causes=1, departures=40, stays=False)
    table = dataclasses.replace(table, cause=np.zeros_like(table.cause))
    policy = find_policy(table, causes=(0.5,), horizon=HORIZON, begin=0)
    assert policy.chance(0, at=0) > 0
    assert simulate(policy, start=0, at=0, travellers=500, seed=1, causes=(1.0,)).arrived == 0
    truth = CourseOfEvents(table, (0.5,), HORIZON)
    assert policy.chance(0, at=400) <= truth.best(0, 400) + 1e-12
