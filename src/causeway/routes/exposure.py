"""Who helps whom, so that one arrest gives away as few people as possible.

Risk alone would ask the same few good helpers again and again, and each of them would know almost everybody.
For a few percent more risk the same journeys can be spread over cells, small circles of people and helpers
who share nobody with the others: an arrest then ends at the edge of its cell, by two hops too.

First the assignment of least risk, which sets the budget and is what the result is compared with; then a
search (`exposure_search`) that any machine can run, and CP-SAT where it is there. The bound is proven for any
assignment within the budget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from causeway.routes import exposure_cpsat
from causeway.routes.exposure_bound import bound_direct, least_risk
from causeway.routes.exposure_model import Assignment, Given, Problem, compile_plan, given_away
from causeway.routes.exposure_plan import ExposurePlan
from causeway.routes.exposure_search import Progress, anneal
from causeway.sentences import Sentence, say

__all__ = ["Exposure", "NotServed", "Progress", "minimise_exposure"]


@dataclass(frozen=True)
class Exposure:
    """An assignment of helpers, beside the one of least risk.

    Args:
        plan: What was asked for.
        helpers: For each part, the number of the helper who serves it.
        risk: What all of it risks, in micro-nepers.
        given: How many people each helper's arrest gives away.
        least_risk: What the assignment of least risk would risk.
        budget: The most risk that was allowed.
        least_risk_helpers: That assignment.
        least_risk_given: How many people it gives away.
        bound_direct: Proven: some arrest gives away at least so many directly, within the budget.
        bound_two_hops: Proven: some arrest gives away at least so many by two hops.
        bound_together: Proven: the greatest number directly and the greatest by two hops add up to so much.
    """

    plan: ExposurePlan
    helpers: Assignment
    risk: int
    given: Given
    least_risk: int
    budget: int
    least_risk_helpers: Assignment
    least_risk_given: Given
    bound_direct: int
    bound_two_hops: int
    bound_together: int

    @property
    def more_risk(self) -> float:
        """How much more risk than the least, as a share."""
        return self.risk / self.least_risk - 1 if self.least_risk else 0.0


@dataclass(frozen=True)
class NotServed:
    """Helpers do not suffice for the plan."""

    reason: Sentence


def minimise_exposure(
    plan: ExposurePlan,
    *,
    seed: int = 0,
    steps: int = 25_000,
    starts: int = 8,
    seconds: float = 20.0,
    improve_seconds: float = 20.0,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Exposure | NotServed:
    """Assign helpers so that the most people given away by one arrest are as few as can be found.

    The greatest number directly and the greatest by two hops together come first, then the sums over all
    helpers, then risk. Without CP-SAT (`improve_seconds` 0), the same plan and seed give the same answer
    wherever the assignment of least risk and the bound are found in their time.

    Args:
        steps: Moves that the search tries from each start; more for more people.
        starts: How often it starts afresh, each time with other luck.
        seconds: The most that the assignment of least risk may take, and the bound again.
        improve_seconds: The most that CP-SAT may take, where OR-Tools is there.
        on_progress: Told how far the search is.
        stopped: Asked now and then; once it says so, the best found so far is the answer.
    """
    problem = compile_plan(plan)
    if isinstance(problem, Sentence):
        return NotServed(problem)
    least = least_risk(problem, seconds=seconds)
    if least is None:
        return NotServed(
            say("The helpers' seats do not suffice for all parts, or somebody would serve both ends.")
        )
    lowest = problem.risk(least)
    budget = int(lowest * (1 + plan.more_risk))
    # Before the search: a proven bound is part of every answer, however soon somebody stops.
    direct = bound_direct(problem, budget=budget, seconds=seconds)
    found = _searched(problem, least, budget, steps, starts, seed, on_progress, stopped)
    together = 2 * direct
    if improve_seconds > 0 and not stopped() and exposure_cpsat.is_there():
        better, together = exposure_cpsat.improve(
            problem,
            found,
            budget=budget,
            at_least=direct,
            seconds=improve_seconds,
            seed=seed,
            stopped=stopped,
        )
        found = _better(problem, found, better, budget)
    return Exposure(
        plan=plan,
        helpers=found,
        risk=problem.risk(found),
        given=given_away(problem, found),
        least_risk=lowest,
        budget=budget,
        least_risk_helpers=least,
        least_risk_given=given_away(problem, least),
        bound_direct=direct,
        bound_two_hops=direct,
        bound_together=together,
    )


def _searched(
    problem: Problem,
    least: Assignment,
    budget: int,
    steps: int,
    starts: int,
    seed: int,
    on_progress: Callable[[Progress], None],
    stopped: Callable[[], bool],
) -> Assignment:
    best = least
    for start in range(starts):
        if stopped():
            break

        def tell(progress: Progress, start: int = start) -> None:
            on_progress(replace(progress, done=(start + progress.done) / starts))

        found = anneal(
            problem,
            least,
            budget=budget,
            steps=steps,
            seed=seed * starts + start,
            on_progress=tell,
            stopped=stopped,
        )
        best = _better(problem, best, found, budget)
    return best


def _better(problem: Problem, one: Assignment, other: Assignment, budget: int) -> Assignment:
    if problem.broken(other) or problem.risk(other) > budget:
        return one
    keys = [(*given_away(problem, each).key, problem.risk(each)) for each in (one, other)]
    return one if keys[0] <= keys[1] else other
