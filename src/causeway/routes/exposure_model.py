"""What one arrest gives away, counted, on numbers instead of names.

A helper who is arrested gives away the people they served: **directly**. Each of these, if taken as well,
gives away the helpers who served them, and these the people whom they served: **by two hops**. Sets of people
are whole numbers with one bit for each person, so that uniting and counting them costs next to nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from causeway.routes.exposure_plan import ExposurePlan
from causeway.sentences import Sentence, say

__all__ = ["Assignment", "Given", "Problem", "compile_plan", "given_away"]

Assignment = tuple[int, ...]
"""The helper of each part."""


class Given(NamedTuple):
    """How many people arrests give away.

    Args:
        direct: For each helper, people given away directly.
        two_hops: For each helper, people given away by two hops; those given away directly are among them.
    """

    direct: tuple[int, ...]
    two_hops: tuple[int, ...]

    @property
    def key(self) -> tuple[int, int]:
        """What is made small: the greatest numbers together, then all numbers together."""
        return max(self.direct, default=0) + max(self.two_hops, default=0), sum(self.direct) + sum(
            self.two_hops
        )


@dataclass(frozen=True, eq=False)
class Problem:
    """Parts (t), helpers (h), people (p) and days, by number.

    Args:
        risks: For each part, the helpers who may serve it, by the risk with them.
        people: For each part, the people it serves.
        days: For each part, its days.
        room: (helper, day) to seats, for days on which a part may need them.
        apart: Pairs of parts that one helper may not serve both: the two ends of somebody's journey.
    """

    plan: ExposurePlan
    n_people: int
    n_helpers: int
    risks: tuple[dict[int, int], ...]
    people: tuple[tuple[int, ...], ...]
    days: tuple[tuple[int, ...], ...]
    room: dict[tuple[int, int], int]
    apart: tuple[tuple[int, int], ...]

    def risk(self, assignment: Sequence[int]) -> int:
        """Return what an assignment risks in all, in micro-nepers."""
        return sum(risks[helper] for risks, helper in zip(self.risks, assignment, strict=True))

    def broken(self, assignment: Sequence[int]) -> bool:
        """Whether an assignment asks of a helper what they may not or can't do."""
        load: Counter[tuple[int, int]] = Counter()
        for part, helper in enumerate(assignment):
            if helper not in self.risks[part]:
                return True
            for day in self.days[part]:
                load[helper, day] += len(self.people[part])
        return any(seats > self.room[at] for at, seats in load.items()) or any(
            assignment[one] == assignment[other] for one, other in self.apart
        )


def compile_plan(plan: ExposurePlan) -> Problem | Sentence:
    """Return a plan in numbers, or why it can't be served.

    A helper who may not serve a part's stage or area, or has no room for its group on one of its days, is not
    among those who could.
    """
    number = {person: at for at, person in enumerate(plan.people)}
    helpers = {helper.id: at for at, helper in enumerate(plan.helpers)}
    first = min((part.on for part in plan.parts), default=None)
    risks, days, people = [], [], []
    room: dict[tuple[int, int], int] = {}
    for part in plan.parts:
        dates = [part.on + timedelta(days=day) for day in range(part.days)]
        numbers = tuple((one - first).days for one in dates) if first is not None else ()
        could: dict[int, int] = {}
        for name, risk in part.risks.items():
            helper = plan.helpers[helpers[name]]
            if part.stage not in helper.stages or (helper.areas and part.area not in helper.areas):
                continue
            rooms = [helper.room(day) for day in dates]
            if min(rooms) >= len(part.people):
                could[helpers[name]] = risk
                room.update({(helpers[name], day): seats for day, seats in zip(numbers, rooms, strict=True)})
        if not could:
            return say("No helper can serve the part “{part}”: by stage, area, day or seats.", part=part.id)
        risks.append(could)
        days.append(numbers)
        people.append(tuple(number[person] for person in part.people))
    return Problem(
        plan=plan,
        n_people=len(plan.people),
        n_helpers=len(plan.helpers),
        risks=tuple(risks),
        people=tuple(people),
        days=tuple(days),
        room=room,
        apart=_apart(plan, risks, people),
    )


def _apart(
    plan: ExposurePlan, risks: Sequence[dict[int, int]], people: Sequence[tuple[int, ...]]
) -> tuple[tuple[int, int], ...]:
    firsts = [at for at, part in enumerate(plan.parts) if part.stage == "first"]
    lasts = [at for at, part in enumerate(plan.parts) if part.stage == "last"]
    return tuple(
        (one, other)
        for one in firsts
        for other in lasts
        if set(people[one]) & set(people[other]) and risks[one].keys() & risks[other].keys()
    )


def given_away(problem: Problem, assignment: Sequence[int]) -> Given:
    """Return what each helper's arrest gives away."""
    served = [0] * problem.n_helpers
    for part, helper in enumerate(assignment):
        for person in problem.people[part]:
            served[helper] |= 1 << person
    known = [0] * problem.n_people
    for part, helper in enumerate(assignment):
        for person in problem.people[part]:
            known[person] |= served[helper]
    reached = [0] * problem.n_helpers
    for part, helper in enumerate(assignment):
        for person in problem.people[part]:
            reached[helper] |= known[person]
    return Given(
        tuple(people.bit_count() for people in served), tuple(people.bit_count() for people in reached)
    )
