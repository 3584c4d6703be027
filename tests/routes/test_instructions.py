import numpy as np
import pytest

from causeway.routes.instructions import instructions
from causeway.routes.policy import find_policy
from causeway.routes.steps import Arrived, Instructions, NoWay, OnTo, Rare, Step, Stuck
from tests.routes.tiny_timetables import SPAN, tiny_timetable

HORIZON = SPAN + 60
CAUSES = (0.3, 0.45)


def told(seed: int, *, rare: float = 0.0, causes: int = 2, stays: bool = False) -> Instructions | NoWay:
    table = tiny_timetable(seed, causes=causes, departures=40, stays=stays)
    policy = find_policy(table, causes=CAUSES[:causes], horizon=HORIZON, begin=0)
    found = instructions(policy, start=0, at=0, rare=rare)
    assert (found.chance if isinstance(found, Instructions) else 0.0) == policy.chance(0, at=0)
    return found


def turned(step: Step) -> float:
    return 1 - step.through - step.lost


@pytest.mark.parametrize(("causes", "stays"), [(0, False), (2, False), (2, True)])
def test_what_comes_together_is_the_chance_of_arrival(causes: int, stays: bool):
    ways = 0
    for seed in range(20):
        found = told(seed, causes=causes, stays=stays)
        if isinstance(found, NoWay):
            continue
        ways += 1
        arrived = sum(step.reached * step.through for step in found.steps if step.then == Arrived())
        assert arrived == pytest.approx(found.chance, abs=1e-9)
        first = found.steps[0]
        assert found.first == OnTo(1)
        assert first.chance * first.reached == pytest.approx(found.chance, abs=1e-12)
        assert [step.number for step in found.steps] == list(range(1, len(found.steps) + 1))
        departures = [step.departure for step in found.steps]
        assert departures == sorted(departures)
        # Only what is remembered, or an end of stay, makes two steps of one departure.
        assert causes or stays or len(departures) == len(set(departures))
        for step in found.steps:
            for then in (step.then, step.back):
                if isinstance(then, OnTo):
                    onward = found.steps[then.step - 1]
                    assert onward.departure > step.departure
                    assert onward.place == (step.target if then is step.then else step.place)
                assert not isinstance(then, Rare) or step.through == 0
            assert (step.back is None) == (turned(step) < 1e-9)
            if step.back == Stuck() and step.then == Arrived():
                assert step.chance == pytest.approx(step.through, abs=1e-9)
    assert ways >= 10


def test_rare_steps_are_left_out_and_counted():
    whole, short = told(9), told(9, rare=0.05)
    assert isinstance(whole, Instructions)
    assert isinstance(short, Instructions)
    assert len(short.steps) < len(whole.steps)
    assert all(step.reached >= 0.05 for step in short.steps)
    # From a step that is left out nobody is reckoned on, so what arrives is short by no more than went there.
    arrived = sum(step.reached * step.through for step in short.steps if step.then == Arrived())
    assert short.left_out > 0
    assert short.chance - short.left_out <= arrived + 1e-12
    assert any(isinstance(then, Rare) for step in short.steps for then in (step.then, step.back))


def test_no_way_has_a_reason():
    table = tiny_timetable(1, departures=20)
    policy = find_policy(table, horizon=0, begin=0)
    found = instructions(policy, start=0, at=0)
    assert isinstance(found, NoWay)
    assert "nothing here leads" in str(found.reason)


def test_who_is_there_already_has_arrived():
    table = tiny_timetable(1, departures=20)
    found = instructions(find_policy(table, horizon=HORIZON, begin=0), start=3, at=0)
    assert isinstance(found, Instructions)
    assert found.first == Arrived()
    assert found.steps == ()
    assert np.isclose(found.chance, 1.0)
