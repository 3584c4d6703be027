"""The same question put to CP-SAT, where OR-Tools is there: it improves a plan, and proves bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from causeway.routes.exposure_model import Assignment, Problem

__all__ = ["improve", "is_there"]


def is_there() -> bool:
    """Whether OR-Tools can be imported."""
    try:
        import ortools.sat.python.cp_model  # noqa: F401
    except ImportError:
        return False
    return True


def improve(
    problem: Problem,
    begin: Assignment,
    *,
    budget: int,
    at_least: int,
    seconds: float,
    seed: int,
    workers: int = 8,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[Assignment, int]:
    """Return an assignment no worse than `begin`, and a proven bound on both greatest numbers together.

    How far it comes in its seconds depends on the machine; what it returns is checked by the caller.

    Args:
        budget: The most risk in micro-nepers.
        at_least: A bound on each greatest number that is proven already.
        workers: Threads, each another kind of search.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    serves = _rules(model, problem, budget)
    most_direct = model.new_int_var(at_least, problem.n_people, "direct")
    most_reached = model.new_int_var(at_least, problem.n_people, "two hops")
    model.add(most_reached >= most_direct)
    model.minimize(most_direct + most_reached)
    meets = _meets(model, problem, serves)
    shares = _shares(model, problem, meets)
    for helper in range(problem.n_helpers):
        mine = {person: literal for (person, one), literal in meets.items() if one == helper}
        model.add(sum(mine.values()) <= most_direct)
        reached = []
        for other in range(problem.n_people):
            literal = model.new_bool_var("")
            reached.append(literal)
            for person, met in mine.items():
                if person == other:
                    model.add_implication(met, literal)
                else:
                    together = shares.get((min(person, other), max(person, other)))
                    if together is not None:
                        model.add_bool_or([~met, ~together, literal])
        model.add(sum(reached) <= most_reached)
    for (part, helper), literal in serves.items():
        model.add_hint(literal, begin[part] == helper)

    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    watch = _watch(cp_model, stopped)
    status = solver.solve(model, watch)
    if status == cp_model.UNKNOWN:
        return begin, max(2 * at_least, _ceiling(solver.best_objective_bound))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return begin, 2 * at_least
    found = {part: helper for (part, helper), literal in serves.items() if solver.boolean_value(literal)}
    bound = max(2 * at_least, _ceiling(solver.best_objective_bound))
    return tuple(found[part] for part in range(len(problem.risks))), bound


def _ceiling(bound: float) -> int:
    # CP-SAT's bounds on whole numbers are whole numbers in floating point.
    return max(0, round(bound))


def _watch(cp_model: Any, stopped: Callable[[], bool]) -> Any:
    class Watch(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]
        def on_solution_callback(self) -> None:
            if stopped():
                self.stop_search()

    return Watch()


def _rules(model: Any, problem: Problem, budget: int) -> dict[tuple[int, int], Any]:
    serves = {
        (part, helper): model.new_bool_var("") for part, risks in enumerate(problem.risks) for helper in risks
    }
    loads: dict[tuple[int, int], list[Any]] = {}
    for part, risks in enumerate(problem.risks):
        model.add_exactly_one([serves[part, helper] for helper in risks])
        for helper in risks:
            for day in problem.days[part]:
                loads.setdefault((helper, day), []).append(len(problem.people[part]) * serves[part, helper])
    for at, terms in loads.items():
        model.add(sum(terms) <= problem.room[at])
    for one, other in problem.apart:
        for helper in problem.risks[one].keys() & problem.risks[other].keys():
            model.add_bool_or([~serves[one, helper], ~serves[other, helper]])
    model.add(
        sum(problem.risks[part][helper] * literal for (part, helper), literal in serves.items()) <= budget
    )
    return serves


def _meets(model: Any, problem: Problem, serves: dict[tuple[int, int], Any]) -> dict[tuple[int, int], Any]:
    """Return for each person and helper a literal that is true if they meet."""
    meets: dict[tuple[int, int], Any] = {}
    for (part, helper), literal in serves.items():
        for person in problem.people[part]:
            if (person, helper) not in meets:
                meets[person, helper] = model.new_bool_var("")
            model.add_implication(literal, meets[person, helper])
    return meets


def _shares(model: Any, problem: Problem, meets: dict[tuple[int, int], Any]) -> dict[tuple[int, int], Any]:
    """Return for each two people a literal that is true if some helper serves both."""
    shares: dict[tuple[int, int], Any] = {}
    for helper in range(problem.n_helpers):
        mine = sorted(
            ((person, literal) for (person, one), literal in meets.items() if one == helper),
            key=lambda pair: pair[0],
        )
        for at, (person, met) in enumerate(mine):
            for other, other_met in mine[at + 1 :]:
                if (person, other) not in shares:
                    shares[person, other] = model.new_bool_var("")
                model.add_bool_or([~met, ~other_met, shares[person, other]])
    return shares
