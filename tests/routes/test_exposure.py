import msgspec
import pytest

from causeway.routes.exposure import Exposure, NotServed, Progress, minimise_exposure
from causeway.routes.exposure_model import Problem, compile_plan, given_away
from causeway.routes.exposure_plan import EXPOSURE_FORMAT, Part, Serving, read_exposure_plan
from causeway.routes.reading import BrokenFile
from tests.routes.tiny_plans import START, arrests, every_assignment, tiny_plan


def best_key(plan) -> tuple[int, int, int, int, int] | None:
    """Return least risk, and then the best key within the budget with its greatest numbers, by trying all."""
    everything = list(every_assignment(plan))
    if not everything:
        return None
    least = min(risk for _, risk in everything)
    keys = []
    for chosen, risk in everything:
        if risk <= int(least * (1 + plan.more_risk)):
            given = arrests(plan, chosen).values()
            direct, reached = [len(one) for one, _ in given], [len(two) for _, two in given]
            keys.append((max(direct) + max(reached), sum(direct) + sum(reached), max(direct), max(reached)))
    return least, *min(keys)


@pytest.mark.slow
@pytest.mark.parametrize("improve_seconds", [0.0, 5.0])
def test_nothing_gives_away_fewer(improve_seconds: float):
    served = changed = 0
    for seed in range(16 if improve_seconds == 0 else 6):
        plan = tiny_plan(seed)
        best = best_key(plan)
        found = minimise_exposure(plan, steps=1_500, starts=2, improve_seconds=improve_seconds)
        if best is None:
            assert isinstance(found, NotServed)
            continue
        assert isinstance(found, Exposure)
        served += 1
        assert found.least_risk == best[0]
        assert found.given.key == best[1:3]
        assert found.risk <= found.budget
        names = tuple(plan.helpers[helper].id for helper in found.helpers)
        assert (names, found.risk) in set(every_assignment(plan))
        given = arrests(plan, names)
        assert found.given.direct == tuple(len(given[helper.id][0]) for helper in plan.helpers)
        assert found.given.two_hops == tuple(len(given[helper.id][1]) for helper in plan.helpers)
        assert found.bound_direct <= max(found.given.direct)
        assert found.bound_together <= best[1]
        if improve_seconds:
            assert found.bound_together == best[1]
        changed += found.given.key < found.least_risk_given.key
    assert served >= (6 if improve_seconds == 0 else 3)
    assert changed > 0


def test_the_bound_holds_for_every_assignment_in_the_budget():
    for seed in range(12):
        plan = tiny_plan(seed, more_risk=0.02)
        found = minimise_exposure(plan, steps=100, starts=1, improve_seconds=0)
        if isinstance(found, NotServed):
            continue
        for chosen, risk in every_assignment(plan):
            if risk <= found.budget:
                assert max(len(one) for one, _ in arrests(plan, chosen).values()) >= found.bound_direct
        assert found.bound_direct > 0


def test_without_more_risk_it_is_the_plan_of_least_risk():
    plan = tiny_plan(5, more_risk=0.0)
    found = minimise_exposure(plan, steps=500, starts=1, improve_seconds=0)
    assert isinstance(found, Exposure)
    assert found.risk == found.least_risk
    assert found.more_risk == 0.0


def test_same_seed_same_answer_and_it_can_be_stopped():
    plan = tiny_plan(5)
    one = minimise_exposure(plan, steps=800, starts=1, improve_seconds=0, seed=4)
    other = minimise_exposure(plan, steps=800, starts=1, improve_seconds=0, seed=4)
    assert isinstance(one, Exposure)
    assert isinstance(other, Exposure)
    assert one.helpers == other.helpers
    seen: list[Progress] = []
    stopped = minimise_exposure(
        plan, steps=5_000, starts=2, improve_seconds=0, on_progress=seen.append, stopped=lambda: len(seen) > 2
    )
    assert isinstance(stopped, Exposure)
    assert stopped.risk <= stopped.budget
    assert 0 < len(seen) < 6
    assert [one.done for one in seen] == sorted(one.done for one in seen)


def test_people_are_counted_once_and_cells_end_an_arrest():
    helpers = tuple(Serving(id=f"h{at}", seats=9, stages=("first", "middle")) for at in range(3))
    parts = tuple(
        Part(id=str(at), people=people, on=START, stage="first", risks={"h0": 1, "h1": 1, "h2": 1})
        for at, people in enumerate([("a", "b"), ("a",), ("c",), ("d",)])
    )
    plan = msgspec.structs.replace(tiny_plan(0), helpers=helpers, parts=parts, people=("a", "b", "c", "d"))
    problem = compile_plan(plan)
    assert isinstance(problem, Problem)
    # h0 serves a and b, h1 serves a and c, h2 serves d: h0's arrest reaches c through a, never d.
    given = given_away(problem, (0, 1, 1, 2))
    assert given.direct == (2, 2, 1)
    assert given.two_hops == (3, 3, 1)


def test_who_can_not_be_served_is_said():
    plan = tiny_plan(0)
    frozen = tuple(msgspec.structs.replace(helper, frozen=True) for helper in plan.helpers)
    found = minimise_exposure(msgspec.structs.replace(plan, helpers=frozen))
    assert isinstance(found, NotServed)
    assert "No helper can serve" in str(found.reason)
    one = Serving(id="h", seats=1, stages=("first",))
    crowd = tuple(
        Part(id=person, people=(person,), on=START, stage="first", risks={"h": 5}) for person in ("p0", "p1")
    )
    found = minimise_exposure(msgspec.structs.replace(plan, helpers=(one,), parts=crowd))
    assert isinstance(found, NotServed)
    assert "seats" in str(found.reason)


def test_a_plan_is_read_and_its_flaws_have_lines():
    plan = tiny_plan(1)
    assert read_exposure_plan(msgspec.json.encode(plan)) == plan
    broken = b"""{"format": "causeway-exposure/1", "people": ["a"],
"helpers": [{"id": "h", "seats": 2, "stages": ["first", "last"]}],
"parts": [
{"id": "x", "people": ["secret"], "on": "2027-03-01", "stage": "first", "risks": {"nobody": 1}}]}"""
    with pytest.raises(BrokenFile) as raised:
        read_exposure_plan(broken)
    assert [problem.line for problem in raised.value.problems] == [2, 4, 4]
    assert "secret" not in raised.value.diagnostics()
    assert plan.format == EXPOSURE_FORMAT


def test_an_empty_plan_gives_nobody_away():
    empty = msgspec.structs.replace(tiny_plan(0), parts=(), people=())
    found = minimise_exposure(empty, steps=10, starts=1, improve_seconds=0)
    assert isinstance(found, Exposure)
    assert found.given.key == (0, 0)
