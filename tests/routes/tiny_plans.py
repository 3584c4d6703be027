"""Plans of helpers small enough for every assignment to be tried."""

import itertools
import random
from datetime import date, timedelta

from causeway.routes.exposure_plan import ExposurePlan, Part, Serving, Stage

START = date(2027, 3, 1)


def tiny_plan(seed: int, *, people: int = 5, helpers: int = 4, more_risk: float = 0.1) -> ExposurePlan:
    """Return a random plan with groups, days off, areas and both ends."""
    rng = random.Random(seed)  # noqa: S311
    stages: list[tuple[Stage, ...]] = [
        ("first", "middle"),
        ("middle", "last"),
        ("first",),
        ("last",),
        ("middle",),
    ]
    listed = tuple(
        Serving(
            id=f"h{at}",
            seats=rng.choice((2, 3)),
            on={START: 0} if rng.random() < 0.2 else {},
            areas=("north",) if rng.random() < 0.2 else (),
            stages=stages[at % 5],
        )
        for at in range(helpers)
    )
    groups: list[tuple[str, ...]] = [("p0", "p1")] + [(f"p{at}",) for at in range(2, people)]
    parts = tuple(
        Part(
            id=f"{group[0]}-{stage}",
            people=group,
            on=START + timedelta(days=rng.randrange(3)),
            days=rng.choice((1, 2)),
            stage=stage,
            area=rng.choice(("north", "south")),
            risks={f"h{at}": rng.randint(900, 1_100) for at in range(helpers)},
        )
        for group in groups
        for stage in ("first", "last")
    )
    return ExposurePlan(
        format="causeway-exposure/1",
        people=tuple(f"p{at}" for at in range(people)),
        helpers=listed,
        parts=parts,
        more_risk=more_risk,
    )


def every_assignment(plan: ExposurePlan):
    """Yield every assignment that keeps the rules, as helpers' ids by part, with its risk; names only."""
    helper_of = {helper.id: helper for helper in plan.helpers}
    for chosen in itertools.product(*(list(part.risks) for part in plan.parts)):
        if all(_may(part, helper_of[helper]) for part, helper in zip(plan.parts, chosen, strict=True)) and (
            not _crowded(plan, chosen, helper_of) and not _both_ends(plan, chosen)
        ):
            yield chosen, sum(part.risks[helper] for part, helper in zip(plan.parts, chosen, strict=True))


def arrests(plan: ExposurePlan, chosen: tuple[str, ...]) -> dict[str, tuple[set[str], set[str]]]:
    """Return for each helper whom their arrest gives away, directly and by two hops."""
    served: dict[str, set[str]] = {helper.id: set() for helper in plan.helpers}
    for part, helper in zip(plan.parts, chosen, strict=True):
        served[helper] |= set(part.people)
    found = {}
    for helper, people in served.items():
        met = {other for other, theirs in served.items() if theirs & people}
        found[helper] = (people, set().union(*(served[other] for other in met)) if people else set())
    return found


def _may(part, helper) -> bool:
    return part.stage in helper.stages and (not helper.areas or part.area in helper.areas)


def _crowded(plan, chosen, helper_of) -> bool:
    load: dict[tuple[str, date], int] = {}
    for part, helper in zip(plan.parts, chosen, strict=True):
        for day in range(part.days):
            at = (helper, part.on + timedelta(days=day))
            load[at] = load.get(at, 0) + len(part.people)
    return any(people > helper_of[helper].room(day) for (helper, day), people in load.items())


def _both_ends(plan, chosen) -> bool:
    for person in plan.people:
        by_stage: dict[str, set[str]] = {"first": set(), "middle": set(), "last": set()}
        for part, helper in zip(plan.parts, chosen, strict=True):
            if person in part.people:
                by_stage[part.stage].add(helper)
        if by_stage["first"] & by_stage["last"]:
            return True
    return False
