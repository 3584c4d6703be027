"""A new plan after something has happened, which keeps its promises.

A promise is an itinerary that somebody was told. Those whose promise has become impossible come first; for
their sake others may be moved to another of their own itineraries, as few people as can be; nobody whose
promise still stands is left behind for another's sake.

1. With every standing promise kept as it is, find ways for those whose promise broke.
2. If somebody of them finds none, look among the people who have what the stranded need, and among those who
   have what these would need instead: who can go by which of their itineraries so that the most are rescued,
   by weight of tier and people, with the fewest moves. One of the lowest tier rescued outweighs a hundred
   moves; and what the moved lose is limited to a stated share of what all standing promises are worth.
3. Move back whoever need not have moved.
4. Bounds from the linear relaxation with everybody free to move: how many more could be rescued at most, and
   how few could be moved at least for as many rescued.
5. With all that settled, the best choice for the rescued, and for those who waited, with what is left.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.events import Event, ruled_out
from causeway.routes.limits import Limits, compile_programme
from causeway.routes.part import Floor, solve_part
from causeway.routes.programme import LOWEST_TIER, Choice, Itinerary, Person, Programme
from causeway.routes.replan_said import Changed, said_of
from causeway.routes.schedule import choices_of
from causeway.routes.standing import Standing
from causeway.routes.waiting import Waiting, why_waiting
from causeway.sentences import Sentence, say

__all__ = ["Replan", "replan"]

_STEPS: Final = 4
_MOVES_FOR_ONE: Final = 100
_RINGS: Final = 2
_MOST_NEAR: Final = 150


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


def replan(
    programme: Programme,
    *,
    promised: Sequence[Choice],
    events: Sequence[Event],
    today: date | None = None,
    most_lost: float = 0.02,
    seconds: float = 60.0,
) -> Replan:
    """Plan anew after events; see the module for what comes first.

    Args:
        promised: The plan that people were told.
        today: Who was to set out before it is on the way: they keep their itinerary if it still works, and
            nobody can be sent on one that began before. Nothing said, nobody has set out.
        most_lost: The share of what standing promises are worth that moving people may cost.
        seconds: For all steps together; each is exact if it ends in time.
    """
    began = time.perf_counter()
    before = {choice.person: choice.itinerary for choice in promised}

    def closed(person: Person, itinerary: Itinerary) -> list[Sentence]:
        found = list(ruled_out(person, itinerary, events=events))
        return [*found, *_already(person, itinerary, before.get(person.id), events, today)]

    old = compile_programme(programme)
    limits = compile_programme(programme, closed=closed)
    task = _Task(limits, before, most_lost=most_lost, seconds=seconds / _STEPS)
    standing, at_least, proved = task.solve()
    worth_before = sum(old.worth[column] for column in _columns(old, before).values())
    kept = len(task.kept)
    moved = [at for at, column in task.kept.items() if standing.chosen[at] != column]
    rescued = [at for at in task.broken if standing.chosen[at] >= 0]
    return Replan(
        chosen=choices_of(limits, standing),
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
        moved_at_least=min(at_least, len(moved)),
        rescue_proved=proved,
        objective_before=int(worth_before),
        objective=standing.total,
        seconds=time.perf_counter() - began,
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


def _columns(limits: Limits, choices: dict[str, str]) -> dict[int, int]:
    """Return the column of each promise that is one."""
    found = {}
    for at, person in enumerate(limits.people):
        promise = choices.get(person.id)
        for column in limits.columns_of(at):
            if person.itineraries[limits.itinerary[column]].id == promise:
                found[at] = column
    return found


class _Task:
    """Who stands where before the new plan, and the steps to it."""

    def __init__(self, limits: Limits, before: dict[str, str], *, most_lost: float, seconds: float) -> None:
        self.limits = limits
        self._most_lost = most_lost
        self._seconds = seconds
        promises = _columns(limits, before)
        # Beds may have become fewer since: whoever no longer fits beside the others has lost their promise.
        self.standing = Standing(limits)
        self.standing.fill(sorted(promises.values(), key=lambda column: (-limits.worth[column], column)))
        self.kept = {at: column for at, column in promises.items() if self.standing.chosen[at] == column}
        self.broken = [
            at for at, person in enumerate(limits.people) if person.id in before and at not in self.kept
        ]
        self._weight = np.array([_weight(person, limits) for person in limits.people], dtype=np.int64)

    def solve(self) -> tuple[Standing, int, bool]:
        """Return the new plan, the fewest that can be moved, and whether no more can be rescued."""
        broken = self._of(self.broken)
        ways = {int(at) for at in self.limits.person[broken]}
        rescue = np.where(broken, self._weight[self.limits.person], 0)
        standing = self._part(self.standing.columns(), free=broken, worth=rescue)
        at_least, proved = 0, True
        if sum(standing.chosen[at] >= 0 for at in ways) < len(ways):
            standing, at_least, proved = self._move(standing, rescue)
        reached = int(rescue[standing.columns()].sum())
        settled = self._part(
            standing.columns(),
            free=broken | self._waiting(standing),
            worth=self.limits.worth,
            floors=[Floor(rescue, reached)],
        )
        return settled, at_least, proved

    def _move(self, standing: Standing, rescue: NDArray[np.int64]) -> tuple[Standing, int, bool]:
        """Move people who have a promise, so that more can be rescued: steps 2 to 4."""
        limits = self.limits
        so_far = int(rescue[standing.columns()].sum())
        moves = np.zeros(limits.n_columns, dtype=np.int64)
        moves[self._of(list(self.kept))] = -1
        moves[list(self.kept.values())] = 0
        promises = np.where(self._of(list(self.kept)), limits.worth, 0)
        worth_now = int(promises[list(self.kept.values())].sum())
        worth_kept = Floor(promises, math.ceil(worth_now * (1 - self._most_lost)))
        near = self._near(standing)
        found = solve_part(
            limits,
            standing=standing.columns(),
            free=self._of([*near, *self.broken]),
            seconds=self._seconds,
            worth=rescue * _MOVES_FOR_ONE + moves,
            must_go=near,
            floors=[worth_kept],
        )
        if found.columns is not None and int(rescue[list(found.columns)].sum()) > so_far:
            standing = self._fewer(self._back(Standing(limits, found.columns)), rescue, moves, worth_kept)
        reached = int(rescue[standing.columns()].sum())
        everybody = sorted(self.kept)
        free = self._of([*everybody, *self.broken])

        def bound(worth: NDArray[np.int64], floors: Sequence[Floor]) -> int:
            return solve_part(
                limits,
                standing=[],
                free=free,
                seconds=self._seconds,
                worth=worth,
                must_go=everybody,
                floors=floors,
                whole=False,
            ).bound

        left_over = [int(self._weight[at]) for at in self.broken if standing.chosen[at] < 0]
        proved = not left_over or bound(rescue, []) - reached < min(left_over)
        at_least = 0 if reached == so_far else max(0, -bound(moves, [Floor(rescue, reached), worth_kept]))
        return standing, at_least, proved

    def _fewer(
        self, standing: Standing, rescue: NDArray[np.int64], moves: NDArray[np.int64], worth_kept: Floor
    ) -> Standing:
        """Rescue as many while only those who are moved now may be: a far smaller question, exactly."""
        moved = [at for at, promise in self.kept.items() if standing.chosen[at] != promise]
        columns = standing.columns()
        part = solve_part(
            self.limits,
            standing=columns,
            free=self._of([*moved, *self.broken]),
            seconds=self._seconds,
            worth=moves,
            must_go=moved,
            floors=[Floor(rescue, int(rescue[columns].sum())), worth_kept],
        )
        if part.columns is None or int(moves[list(part.columns)].sum()) <= int(moves[columns].sum()):
            return standing
        return Standing(self.limits, part.columns)

    def _near(self, standing: Standing) -> list[int]:
        """Return people who have what the stranded need, and who have what these would need instead."""
        limits = self.limits
        near: set[int] = set()
        ring = [at for at in self.broken if standing.chosen[at] < 0]
        for _ in range(_RINGS):
            found: set[int] = set()
            for at in ring:
                for column in limits.columns_of(at):
                    short, met = standing.in_the_way(column)
                    found |= met
                    for row, _ in short:
                        if limits.things[row].kind != "money":
                            found |= {standing.owner[user] for user in standing.users(row)}
            ring = sorted((found & self.kept.keys()) - near)[:_MOST_NEAR]
            near |= set(ring)
        return sorted(near)

    def _back(self, standing: Standing) -> Standing:
        """Move back whoever need not have been moved."""
        for at, promise in self.kept.items():
            now = standing.chosen[at]
            if now != promise:
                if now >= 0:
                    standing.take(at)
                standing.put(promise if standing.fits(promise) else now)
        return standing

    def _part(
        self,
        columns: list[int],
        *,
        free: NDArray[np.bool_],
        worth: NDArray[np.int64],
        floors: Sequence[Floor] = (),
    ) -> Standing:
        part = solve_part(
            self.limits, standing=columns, free=free, seconds=self._seconds, worth=worth, floors=floors
        )
        return Standing(self.limits, columns if part.columns is None else part.columns)

    def _of(self, people: Sequence[int]) -> NDArray[np.bool_]:
        """Return which columns are theirs: (n,)."""
        among = np.zeros(len(self.limits.people), dtype=np.bool_)
        among[list(people)] = True
        found: NDArray[np.bool_] = among[self.limits.person]
        return found

    def _waiting(self, standing: Standing) -> NDArray[np.bool_]:
        return self._of([at for at, chosen in enumerate(standing.chosen) if chosen < 0])


def _weight(person: Person, limits: Limits) -> int:
    """Return how much rescuing somebody counts, whatever the way."""
    ratio = limits.programme.weights.tier_ratio
    return person.people * int(ratio ** (LOWEST_TIER - person.tier))
