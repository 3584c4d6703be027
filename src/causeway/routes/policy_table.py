"""Instructions in words: per place, in order of time, what to do and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causeway.routes.compiling import Compiled
from causeway.routes.explain import clock_of
from causeway.routes.instructions import instructions
from causeway.routes.policy import find_policy
from causeway.routes.rules import RestsOn
from causeway.routes.scenarios import MET_FAILING
from causeway.routes.steps import Arrived, Instructions, NoWay, OnTo, Rare, Step, Then
from causeway.sentences import Sentence, say

__all__ = ["PlaceTable", "PolicyTable", "TableStep", "policy_table", "words_of"]


@dataclass(frozen=True)
class TableStep:
    """A step, and what it says to a person."""

    step: Step
    says: tuple[Sentence, ...]


@dataclass(frozen=True)
class PlaceTable:
    """What to do at one place, in order of time."""

    place: int
    steps: tuple[TableStep, ...]


@dataclass(frozen=True)
class PolicyTable:
    """A policy for one group, in words.

    Args:
        places: In the order in which they can be reached.
        rests: The rules that legs of the table and the ends that it reaches rest on, each once.
        notes: What holds for the whole: stale rules, what was left out, what the numbers do not know.
    """

    compiled: Compiled
    instructions: Instructions
    places: tuple[PlaceTable, ...]
    rests: tuple[RestsOn, ...]
    notes: tuple[Sentence, ...]


def policy_table(compiled: Compiled, *, max_cells: int, fast: bool = True) -> PolicyTable | NoWay:
    """Find the policy for a group, and tell it.

    Args:
        compiled: After `keep_to_stages`, so that no helper is at a part of the way that is not theirs.
        max_cells: How many numbers it may hold; see `find_policy`.
        fast: Whether to use numba where it is there.
    """
    policy = find_policy(
        compiled.timetable,
        causes=[cause.chance for cause in compiled.causes],
        horizon=compiled.latest,
        begin=compiled.earliest,
        max_cells=max_cells,
        compiled=fast,
    )
    told = instructions(policy, start=compiled.origin, at=compiled.earliest)
    if isinstance(told, NoWay):
        return told
    return words_of(compiled, told)


def words_of(compiled: Compiled, told: Instructions) -> PolicyTable:
    """Tell instructions in words."""
    # A place that is there more than once is one to whoever stands in it.
    by_place: dict[str, list[Step]] = {}
    for step in told.steps:
        by_place.setdefault(compiled.places[step.place].id, []).append(step)
    numbered = {step.number: step for step in told.steps}
    rests = _rests(compiled, told.steps)
    return PolicyTable(
        compiled=compiled,
        instructions=told,
        places=tuple(
            PlaceTable(
                steps[0].place,
                tuple(TableStep(step, tuple(_says(compiled, step, numbered))) for step in steps),
            )
            for steps in by_place.values()
        ),
        rests=rests,
        notes=tuple(_notes(compiled, told, rests)),
    )


def _says(compiled: Compiled, step: Step, numbered: dict[int, Step]) -> list[Sentence]:
    table, place = compiled.timetable, compiled.places[step.place]
    said = [
        say("By now this may have come about: “{cause}”.", cause=compiled.causes[cause].name)
        for cause, met in step.met
        if met == MET_FAILING
    ]
    if step.since < step.departs:
        said.append(
            say(
                "Until {time} wait at {place}.",
                time=_at(compiled, step),
                place=place.name,
            )
        )
    leg = compiled.legs[int(table.leg[step.departure])]
    said.append(
        say(
            "At {time} take the {mode} {leg} to {place}; it arrives at {arrives}.",
            time=_at(compiled, step),
            mode=leg.mode,
            leg=leg.id,
            place=compiled.places[step.target].name,
            arrives=_clock(compiled, step.arrives, step.target),
        )
    )
    said.append(_once_there(compiled, step.then, numbered))
    if step.back is not None:
        said.append(_turned_back(compiled, step, step.back, numbered))
    return said


def _once_there(compiled: Compiled, then: Then, numbered: dict[int, Step]) -> Sentence:
    match then:
        case Arrived():
            return say("There the journey ends.")
        case OnTo(number):
            return say(
                "There go on with step {step}, at {time}.", step=number, time=_at(compiled, numbered[number])
            )
        case Rare():
            return say("It is rare to come there: if it happens, ask the centre what to do.")
    return say("From there nothing leads on in time: tell the centre.")


def _turned_back(compiled: Compiled, step: Step, then: Then, numbered: dict[int, Step]) -> Sentence:
    match then:
        case OnTo(number):
            return say(
                "If you are turned back, you stand here again at {back}: go on with step {step}, at {time}.",
                back=_clock(compiled, step.back_at, step.place),
                step=number,
                time=_at(compiled, numbered[number]),
            )
        case Rare():
            return say("It is rare to be turned back here: if it happens, ask the centre what to do.")
    return say("If you are turned back, nothing here leads on in time: tell the centre.")


def _at(compiled: Compiled, step: Step) -> str:
    return _clock(compiled, step.departs, step.place)


def _clock(compiled: Compiled, minute: int, place: int) -> str:
    return clock_of(compiled, place, minute).isoformat(" ", "minutes")


def _rests(compiled: Compiled, steps: Sequence[Step]) -> tuple[RestsOn, ...]:
    legs = dict.fromkeys(int(compiled.timetable.leg[step.departure]) for step in steps)
    ends = dict.fromkeys(step.target for step in steps if isinstance(step.then, Arrived))
    found = [rule for leg in legs for rule in compiled.rests.get(leg, ())]
    found += [rule for end in ends for rule in compiled.ground.get(end, ())]
    each: list[RestsOn] = []
    for rule in found:
        if rule not in each:
            each.append(rule)
    return tuple(each)


def _notes(compiled: Compiled, told: Instructions, rests: Sequence[RestsOn]) -> list[Sentence]:
    notes = list(compiled.notes)
    notes += [rule.stale for rule in rests if rule.stale is not None and rule.stale not in notes]
    if told.missing > 0:
        notes.append(
            say(
                "Too many causes can come about at once to reckon with all of it: what was left out has a "
                "chance of {percent} % and counts as not arriving.",
                percent=round(100 * told.missing, 2),
            )
        )
    if told.left_out > 0:
        notes.append(
            say(
                "What happens less than once in a thousand times is left out: together {percent} %.",
                percent=round(100 * told.left_out, 2),
            )
        )
    notes.append(
        say("The chance of arrival rests on estimates of every leg and cause; it is a chance and no promise.")
    )
    return notes
