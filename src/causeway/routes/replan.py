"""A new plan after something has happened, which keeps its promises.

A promise is an itinerary that somebody was told. Those whose promise has become impossible come first; for
their sake others may be moved to another of their own itineraries, as few people as can be; nobody whose
promise still stands is left behind for another's sake.

1. With every standing promise kept as it is, find ways for those whose promise broke.
2. If somebody of them finds none, look at the people near them: who has what the stranded need, and who has
   what these would need instead. Part by part, exactly: who can go by which of their itineraries so that the
   most are rescued, by weight of tier and people, with few moves. What the moved lose is limited to a stated
   share of what all standing promises are worth.
3. The same with everybody free to move: CP-SAT where it is there, HiGHS otherwise, for a bound on how many
   could be rescued, and for more of them if there are.
4. With as many rescued, fewer moves: back whoever can go back, part by part, and then with everybody free
   again, for a bound on how few could be moved.
5. With all that settled, the best choice for the rescued, and for those who waited, with what is left.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from causeway.routes.events import Event, ruled_out
from causeway.routes.limits import compile_programme
from causeway.routes.programme import Choice, Itinerary, Person, Programme
from causeway.routes.replan_said import Changed, said_of
from causeway.routes.replan_task import Task, columns_of_choices
from causeway.routes.resting import old_rules, silent_note
from causeway.routes.schedule import choices_of
from causeway.routes.waiting import Waiting, why_waiting
from causeway.sentences import Sentence, say

__all__ = ["Replan", "replan"]


@dataclass(frozen=True)
class Replan:
    """A new plan, and what it changes.

    Args:
        chosen: Who goes, and how.
        waiting: Who does not, and why.
        rescued: Whose promise broke and who has another way now.
        moved: Whose promise still stood and who goes by another way, for somebody's sake.
        stranded: Whose promise broke and who has no way now; also among `waiting`.
        joined: Who waited and can go now.
        untouched: How many people's promises still stood (a group counts once).
        moved_share: Of those, how many are moved.
        moved_at_least: No plan that rescues as many moves fewer; as far as it was proved.
        rescue_proved: No plan that leaves nobody behind rescues more, by weight of tier and people.
        objective_before: What the promises were worth.
        objective: What the new plan is worth.
        old: For everybody whose itinerary rests on rules that are too old, what has to be said of them.
        notes: What has to be said of the plan as a whole.
    """

    chosen: tuple[Choice, ...]
    waiting: tuple[Waiting, ...]
    rescued: tuple[Changed, ...]
    moved: tuple[Changed, ...]
    stranded: tuple[str, ...]
    joined: tuple[str, ...]
    untouched: int
    moved_share: float
    moved_at_least: int
    rescue_proved: bool
    objective_before: int
    objective: int
    seconds: float
    old: Mapping[str, tuple[Sentence, ...]]
    notes: tuple[Sentence, ...]


def replan(
    programme: Programme,
    *,
    promised: Sequence[Choice],
    events: Sequence[Event],
    today: date | None = None,
    now: date | None = None,
    most_lost: float = 0.02,
    seconds: float = 60.0,
) -> Replan:
    """Plan anew after events; see the module for what comes first.

    Args:
        promised: The plan that people were told.
        today: Who was to set out before it is on the way: they keep their itinerary if it still works, and
            nobody can be sent on one that began before. Nothing said, nobody has set out.
        now: Against which the age of rules counts; `today` where nothing is said, then the first day.
        most_lost: The share of what standing promises are worth that moving people may cost.
        seconds: For all steps together; what is proved depends on them.
    """
    began = time.perf_counter()
    before = {choice.person: choice.itinerary for choice in promised}

    def closed(person: Person, itinerary: Itinerary) -> list[Sentence]:
        found = list(ruled_out(person, itinerary, events=events))
        return [*found, *_already(person, itinerary, before.get(person.id), events, today)]

    old = compile_programme(programme)
    limits = compile_programme(programme, closed=closed)
    task = Task(limits, before, most_lost=most_lost, seconds=seconds)
    settled = task.solve()
    standing = settled.standing
    worth_before = sum(old.worth[column] for column in columns_of_choices(old, before).values())
    kept = len(task.kept)
    moved = [at for at, column in task.kept.items() if standing.chosen[at] != column]
    rescued = [at for at in task.broken if standing.chosen[at] >= 0]
    chosen = choices_of(limits, standing)
    return Replan(
        chosen=chosen,
        waiting=why_waiting(standing),
        rescued=tuple(said_of(standing, at, before=before, promise=None, touched=set()) for at in rescued),
        moved=tuple(
            said_of(standing, at, before=before, promise=task.kept[at], touched={*moved, *rescued})
            for at in moved
        ),
        stranded=tuple(limits.people[at].id for at in task.broken if standing.chosen[at] < 0),
        joined=tuple(
            person.id
            for at, person in enumerate(limits.people)
            if person.id not in before and standing.chosen[at] >= 0
        ),
        untouched=kept,
        moved_share=len(moved) / kept if kept else 0.0,
        moved_at_least=min(settled.at_least, len(moved)),
        rescue_proved=settled.proved,
        objective_before=int(worth_before),
        objective=standing.total,
        seconds=time.perf_counter() - began,
        old=old_rules(programme, chosen, now=now or today or programme.starts),
        notes=silent_note(programme, chosen),
    )


def _already(
    person: Person, itinerary: Itinerary, promise: str | None, events: Sequence[Event], today: date | None
) -> list[Sentence]:
    """Say what having set out rules out."""
    if today is None or itinerary.id == promise:
        return []
    if itinerary.leaves < today:
        return [say("It would have to have set out on {day}.", day=itinerary.leaves.isoformat())]
    way = next((way for way in person.itineraries if way.id == promise), None)
    if way is not None and way.leaves < today and not any(ruled_out(person, way, events=events)):
        return [say("They are on the way already, by another itinerary.")]
    return []
