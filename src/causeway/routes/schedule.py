"""Who goes when by which itinerary: a good plan at once, better while one watches.

`watch` is the search itself, as a generator of its progress: leave it when the plan is good enough, and what
it yielded last is the best so far. `schedule` runs it to its end and explains the plan.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from causeway.routes.cpsat import has_cpsat
from causeway.routes.first_plan import first_plan
from causeway.routes.limits import Limits, compile_programme
from causeway.routes.programme import Choice, Programme
from causeway.routes.race import Race
from causeway.routes.relaxation import relax
from causeway.routes.resting import old_rules, silent_note
from causeway.routes.standing import Standing
from causeway.routes.waiting import Waiting, why_waiting
from causeway.sentences import Sentence

__all__ = ["Plan", "Progress", "gap", "schedule", "watch"]

_SMALL: Final = 4_000
_EXACT_UP_TO: Final = 40_000
_TICK: Final = 0.05


@dataclass(frozen=True)
class Progress:
    """Where a search stands.

    Args:
        seconds: Since it began; the relaxation is part of it.
        bound: No plan's objective is above it.
        columns: The best plan, as columns of the limits.
        relaxation_seconds: How long the linear relaxation took by itself.
    """

    seconds: float
    objective: int
    bound: int
    columns: tuple[int, ...]
    relaxation_seconds: float

    @property
    def gap(self) -> float:
        """How far the bound is above the plan, as a share of the plan."""
        return gap(self.objective, self.bound)


@dataclass(frozen=True)
class Plan:
    """Who goes by which itinerary, who does not and why.

    Args:
        chosen: In the programme's order of people.
        waiting: Everybody else, with what stands in the way.
        objective: The sum of the worths of all choices (`worth.py`).
        bound: No plan's objective is above it.
        gap: (bound − objective) / objective.
        seconds: How long it took.
        old: For everybody whose itinerary rests on rules that are too old, what has to be said of them.
        notes: What has to be said of the plan as a whole.
    """

    chosen: tuple[Choice, ...]
    waiting: tuple[Waiting, ...]
    objective: int
    bound: int
    gap: float
    seconds: float
    old: Mapping[str, tuple[Sentence, ...]]
    notes: tuple[Sentence, ...]


def gap(objective: int, bound: int) -> float:
    """Return (bound − objective) / objective; 0 where both are 0, 1 where only the plan is."""
    if bound <= objective:
        return 0.0
    return (bound - objective) / objective if objective else 1.0


def watch(
    limits: Limits,
    *,
    seconds: float,
    seed: int = 0,
    cpsat: bool = False,
    enough: float = 0.0,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Progress]:
    """Search, and yield whenever the plan or the bound is better.

    The first is the plan from relaxation and rounding, whatever `seconds` is; with `seconds` 0 it is the only
    one. Up to that, and for programmes of at most a few thousand itineraries to the end, the same seed
    gives the same plan; after that engines race.

    Args:
        limits: From `compile_programme`.
        seconds: How long to go on at most, counted from the beginning.
        seed: Which of equally good choices comes first, and where the search looks.
        cpsat: Also run CP-SAT, where OR-Tools is installed, beside HiGHS; its eight workers share the cores
            with it.
        enough: A gap at which to leave off.
        should_stop: Asked twenty times a second while engines race.
    """
    began = time.perf_counter()
    relaxation = relax(limits)
    standing = first_plan(limits, relaxation=relaxation, seed=seed)
    bound = max(relaxation.bound, standing.total)

    def now(objective: int, bound: int, columns: tuple[int, ...]) -> Progress:
        return Progress(time.perf_counter() - began, objective, bound, columns, relaxation.seconds)

    at = now(standing.total, bound, tuple(standing.columns()))
    yield at
    if at.gap <= enough or seconds <= at.seconds:
        return
    race = Race(limits, relaxation=relaxation, standing=standing, seed=seed, until=began + seconds)
    race.start(
        exact=limits.n_columns <= _EXACT_UP_TO, alone=limits.n_columns <= _SMALL, cpsat=cpsat and has_cpsat()
    )
    try:
        while not race.over:
            if race.wait(_TICK):
                yield now(race.objective, race.bound, race.columns)
            if race.failures:
                raise race.failures[0]
            if should_stop() or gap(race.objective, race.bound) <= enough:
                break
    finally:
        race.stop()
    yield now(race.objective, race.bound, race.columns)


def schedule(
    programme: Programme,
    *,
    now: dt.date | None = None,
    seconds: float = 60.0,
    seed: int = 0,
    cpsat: bool = False,
    enough: float = 0.0,
    on_progress: Callable[[Progress], bool | None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Plan:
    """Plan who goes when by which itinerary; see `watch` for the arguments they share.

    Args:
        programme: Read by `read_programme`, which checks it.
        now: Against which the age of rules counts; the programme's first day where nothing is said.
        on_progress: Called with each better plan or bound; returning True stops the search.

    Returns:
        The best plan found. Nobody able to go is a plan too, with everybody waiting and the reasons.
    """
    limits = compile_programme(programme)
    last: Progress | None = None
    search = watch(limits, seconds=seconds, seed=seed, cpsat=cpsat, enough=enough, should_stop=should_stop)
    for last in search:
        if on_progress is not None and on_progress(last):
            break
    if last is None:
        raise RuntimeError("watch yields the first plan, always")
    return plan_of(limits, last, now=programme.starts if now is None else now)


def plan_of(limits: Limits, progress: Progress, *, now: dt.date) -> Plan:
    """Return a plan in words: who goes, who does not and why."""
    standing = Standing(limits, progress.columns)
    chosen = choices_of(limits, standing)
    return Plan(
        chosen=chosen,
        waiting=why_waiting(standing),
        objective=progress.objective,
        bound=progress.bound,
        gap=progress.gap,
        seconds=progress.seconds,
        old=old_rules(limits.programme, chosen, now=now),
        notes=silent_note(limits.programme, chosen),
    )


def choices_of(limits: Limits, standing: Standing) -> tuple[Choice, ...]:
    """Return the chosen columns as the people and itineraries they stand for."""
    return tuple(
        Choice(person=person.id, itinerary=person.itineraries[limits.itinerary[column]].id)
        for column in standing.columns()
        for person in (limits.people[standing.owner[column]],)
    )
