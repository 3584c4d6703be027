import dataclasses

import numpy as np
import pytest

from causeway.routes.policy import Policy, find_policy
from causeway.routes.timetable import NO_LIMIT, Timetable
from tests.routes.tiny_timetables import SPAN, CourseOfEvents, sure_where_causes, tiny_timetable

HORIZON = SPAN + 60
TIMES = (0, 130, 300)


def answers_of(policy: Policy):
    """Return what the policy says, by the places and minutes that somebody on the way knows."""
    rows, remembered = policy.rows, policy.beliefs.remembered

    def decide(departure: int, place: int, visit: int, region_end: int, met: dict[int, int]) -> bool:
        slot, region = int(rows.slot[departure]), int(rows.region[place])
        level = 0
        if rows.region_stay[region] != NO_LIMIT:
            ends = rows.ends[rows.end_start[region] : rows.end_start[region + 1]]
            level = int((ends <= region_end).sum()) - 1
        row = rows.find(place, at=int(rows.time[slot]), until=visit, level=level)
        if row < 0:
            return False
        # `find` gives the first slot of that minute; several may share it.
        first = rows.next_slot(place, int(rows.time[slot]))
        last = first + (row - int(rows.row_start[first])) // int(rows.width[first])
        row = int(rows.row_start[slot]) + level - int(rows.lowest[slot])
        if rows.stay[place] != NO_LIMIT:
            row += (last - slot) * int(rows.width[slot])
        memory = sum(met.get(cause, 0) * 3**index for index, cause in enumerate(remembered))
        return bool(policy.take[row, memory])

    return decide


def starts() -> list[tuple[int, int]]:
    return [(place, at) for place in range(4) for at in TIMES]


@pytest.mark.parametrize("compiled", [True, False])
def test_no_way_of_deciding_does_better(compiled: bool):
    reached = 0
    for seed in range(60):
        table = tiny_timetable(seed)
        truth = CourseOfEvents(table, (), HORIZON)
        policies = {at: find_policy(table, horizon=HORIZON, begin=at, compiled=compiled) for at in TIMES}
        for place, at in starts():
            policy = policies[at]
            assert policy.chance(place, at=at) == pytest.approx(truth.best(place, at), abs=1e-12)
            reached += 0 < policy.chance(place, at=at) < 1
    assert reached > 100


def test_with_causes_that_one_failure_tells_it_is_the_best_there_is():
    gained = 0.0
    for seed in range(60):
        table = sure_where_causes(tiny_timetable(seed, causes=2))
        causes = (0.3, 0.45)
        truth = CourseOfEvents(table, causes, HORIZON)
        for at in TIMES:
            policy = find_policy(table, causes=causes, horizon=HORIZON, begin=at)
            assert len(policy.beliefs.remembered) == len(set(table.cause.tolist()) - {-1})
            blind = find_policy(table, causes=causes, horizon=HORIZON, begin=at, max_cells=1)
            assert not blind.beliefs.remembered
            for place in range(4):
                assert policy.chance(place, at=at) == pytest.approx(truth.best(place, at), abs=1e-12)
                gained += policy.chance(place, at=at) - blind.chance(place, at=at)
    assert gained > 0.01


@pytest.mark.parametrize(
    ("max_cells", "stays", "most"), [(100_000, True, 0.0001), (100_000, False, 0.0005), (1, False, 0.005)]
)
def test_its_chance_is_what_following_it_gives(max_cells: int, stays: bool, most: float):
    causes = (0.4,)
    short = total = 0.0
    for seed in range(40):
        table = tiny_timetable(seed, causes=1, departures=18, stays=stays)
        truth = CourseOfEvents(table, causes, HORIZON)
        for place, at in starts():
            policy = find_policy(table, causes=causes, horizon=HORIZON, begin=at, max_cells=max_cells)
            chance = policy.chance(place, at=at)
            assert chance == pytest.approx(truth.followed(place, at, answers_of(policy)), abs=1e-12)
            best = truth.best(place, at)
            assert chance <= best + 1e-12
            short, total = short + best - chance, total + best
    # The most that remembering every single failure would add.
    assert short / total < most


def test_compiled_and_plain_say_the_same():
    for seed in range(30):
        table = tiny_timetable(seed, causes=2, departures=30)
        one = find_policy(table, causes=(0.3, 0.45), compiled=True)
        other = find_policy(table, causes=(0.3, 0.45), compiled=False)
        np.testing.assert_allclose(one.value, other.value, atol=1e-12)
        np.testing.assert_array_equal(one.take, other.take)
        np.testing.assert_array_equal(one.planned, other.planned)


def test_ends_of_stays_rounded_down_overstep_none():
    less = 0.0
    for seed in range(60):
        table = tiny_timetable(seed, departures=14)
        truth = CourseOfEvents(table, (), HORIZON)
        for place, at in starts():
            exact = find_policy(table, horizon=HORIZON, begin=at)
            rough = find_policy(table, horizon=HORIZON, begin=at, max_cells=1)
            assert exact.rows.grain == 1
            chance = rough.chance(place, at=at)
            if rough.rows.grain > 1:
                less += exact.chance(place, at=at) - chance
            assert chance <= exact.chance(place, at=at) + 1e-12
            # Following it is checked against every end, to the minute.
            assert chance == pytest.approx(truth.followed(place, at, answers_of(rough)), abs=1e-12)
    assert less > 0


def line_of(*legs: tuple[int, int, int, int, float, float, int, int], places: int) -> Timetable:
    """Return (departs, arrives, origin, target, through, lost, back_after, cause); the last place ends it."""
    columns = [np.array(column) for column in zip(*sorted(legs), strict=True)]
    departs, arrives, origin, target, through, lost, back, cause = columns
    nothing = np.zeros(len(legs), dtype=np.int64)
    return Timetable(
        departs=departs.astype(np.int32),
        arrives=arrives.astype(np.int32),
        origin=origin.astype(np.int32),
        target=target.astype(np.int32),
        risk=nothing,
        money=nothing,
        handovers=nothing.astype(np.int32),
        leg=np.arange(len(legs), dtype=np.int32),
        wait_risk=np.zeros(places, dtype=np.int64),
        wait_money=np.zeros(places, dtype=np.int64),
        max_stay=np.full(places, NO_LIMIT, dtype=np.int32),
        region=np.zeros(places, dtype=np.int32),
        region_stay=np.full(1, NO_LIMIT, dtype=np.int32),
        ends=np.array([places - 1], dtype=np.int32),
        through=through.astype(np.float64),
        lost=lost.astype(np.float64),
        back_after=back.astype(np.int32),
        cause=cause.astype(np.int32),
    )


def test_what_was_met_failing_is_not_tried_again():
    # Two buses of one line that may be on strike, and a risky car. Whoever found the first bus cancelled
    # takes the car, though a bus is the better choice for somebody who has met nothing.
    table = line_of(
        (60, 100, 0, 1, 1.0, 0.0, 10, 0),
        (200, 260, 0, 1, 1.0, 0.0, 10, 0),
        (200, 300, 0, 1, 0.5, 0.5, 10, -1),
        places=2,
    )
    policy = find_policy(table, causes=(0.2,), begin=0)
    assert policy.chance(0, at=0) == pytest.approx(0.8 + 0.2 * 0.5)
    assert policy.chance(0, at=150) == pytest.approx(0.8)
    assert find_policy(table, causes=(0.2,), begin=0, max_cells=1).chance(0, at=0) == pytest.approx(0.8)


def test_equal_chances_go_early_and_not_to_and_fro():
    table = line_of(
        (10, 20, 0, 1, 1.0, 0.0, 10, -1),
        (30, 40, 1, 0, 1.0, 0.0, 10, -1),
        (50, 90, 0, 2, 1.0, 0.0, 10, -1),
        (60, 95, 0, 2, 1.0, 0.0, 10, -1),
        places=3,
    )
    policy = find_policy(table, begin=0)
    assert policy.take[policy.rows.slot, 0].tolist() == [False, True, True, True]


def test_turned_back_does_not_begin_a_new_visit():
    table = line_of((10, 50, 0, 1, 0.5, 0.0, 30, -1), (90, 130, 0, 1, 0.5, 0.0, 30, -1), places=2)
    assert find_policy(table, begin=0).chance(0, at=0) == pytest.approx(0.75)
    short = dataclasses.replace(table, max_stay=np.array([80, NO_LIMIT], dtype=np.int32))
    assert find_policy(short, begin=0).chance(0, at=0) == pytest.approx(0.5)
    # The second departure is within a visit that begins later.
    assert find_policy(short, begin=0).chance(0, at=10) == pytest.approx(0.75)


def test_many_causes_keep_what_is_left_out_in_sight():
    table = tiny_timetable(5, causes=4, departures=30)
    policy = find_policy(table, causes=(0.3, 0.4, 0.2, 0.1), begin=0)
    assert policy.beliefs.missing == 0
    with pytest.raises(ValueError, match="later minutes"):
        policy.chance(0, at=-1)


def test_a_timetable_without_departures_leads_nowhere():
    empty = tiny_timetable(1, departures=1)
    empty = dataclasses.replace(
        empty,
        **{
            field.name: getattr(empty, field.name)[:0]
            for field in dataclasses.fields(empty)
            if len(getattr(empty, field.name)) == 1 and field.name != "ends"
        },
    )
    policy = find_policy(empty, horizon=100, begin=0)
    assert policy.chances(at=0).tolist() == [0.0, 0.0, 0.0, 1.0]
