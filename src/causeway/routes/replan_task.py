"""The steps of planning anew: `replan.py` says which they are and why."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.cpsat import has_cpsat
from causeway.routes.limits import Limits
from causeway.routes.part import Floor, Part, solve_part
from causeway.routes.part_cpsat import solve_part_with_cpsat
from causeway.routes.programme import LOWEST_TIER, Person
from causeway.routes.replan_near import near
from causeway.routes.standing import Standing

__all__ = ["Task", "columns_of_choices"]

_MOVES_FOR_ONE: Final = 100
_FIRST_NEAR: Final = 25
_MOST_NEAR: Final = 150
_PART_SECONDS: Final = 3.0
_QUICK_SECONDS: Final = 0.5
# Shares of the time, each by its end: the search for ways, its proof, the search for fewer moves, its proof.
_SEARCHED: Final = 0.3
_PROVED: Final = 0.5
_FEWER: Final = 0.65
_PROVED_FEWER: Final = 0.9
_RELAXED: Final = 0.4
_TRIES: Final = 12


def columns_of_choices(limits: Limits, choices: dict[str, str]) -> dict[int, int]:
    """Return, for each person whose promise is a column, this column."""
    found = {}
    for at, person in enumerate(limits.people):
        promise = choices.get(person.id)
        for column in limits.columns_of(at):
            if person.itineraries[limits.itinerary[column]].id == promise:
                found[at] = column
    return found


@dataclass(frozen=True)
class Settled:
    """What came of it.

    Args:
        at_least: The fewest that any plan moves which rescues as much; as far as it was proved.
        proved: No plan that leaves nobody behind rescues more.
    """

    standing: Standing
    at_least: int
    proved: bool


class Task:
    """Who stands where before the new plan, and the steps to it.

    Args:
        kept: Whose promise still stands, with its column.
        broken: Whose promise does not.
    """

    def __init__(
        self, limits: Limits, before: dict[str, str], *, most_lost: float, seconds: float, seed: int = 0
    ) -> None:
        self.limits = limits
        self._began = time.perf_counter()
        self._seconds = seconds
        self._rng = random.Random(seed)  # noqa: S311 - where the search looks next
        promises = columns_of_choices(limits, before)
        # Beds may have become fewer since: whoever no longer fits beside the others has lost their promise.
        self.standing = Standing(limits)
        self.standing.fill(sorted(promises.values(), key=lambda column: (-limits.worth[column], column)))
        self.kept = {at: column for at, column in promises.items() if self.standing.chosen[at] == column}
        self.broken = [
            at for at, person in enumerate(limits.people) if person.id in before and at not in self.kept
        ]
        self._weight = np.array([_weight(person, limits) for person in limits.people], dtype=np.int64)
        self._rescue = np.where(self._of(self.broken), self._weight[limits.person], 0)
        moves = np.zeros(limits.n_columns, dtype=np.int64)
        moves[self._of(list(self.kept))] = -1
        moves[list(self.kept.values())] = 0
        self._moves = moves
        worths = np.where(self._of(list(self.kept)), limits.worth, 0)
        worth_now = int(worths[list(self.kept.values())].sum())
        self._worth_kept = Floor(worths, math.ceil(worth_now * (1 - most_lost)))

    def solve(self) -> Settled:
        """Return the new plan, with what is proved of it."""
        broken = self._of(self.broken)
        ways = {int(at) for at in self.limits.person[broken]}
        part = solve_part(
            self.limits,
            standing=self.standing.columns(),
            free=broken,
            seconds=self._until(_SEARCHED),
            worth=self._rescue,
        )
        standing = self._better(self.standing, part, self._rescue)
        at_least, proved = 0, True
        if sum(standing.chosen[at] >= 0 for at in ways) < len(ways):
            standing, at_least, proved = self._by_moving(standing)
        settled = solve_part(
            self.limits,
            standing=standing.columns(),
            free=broken | self._of([at for at, chosen in enumerate(standing.chosen) if chosen < 0]),
            seconds=self._until(1.0),
            worth=self.limits.worth,
            floors=[Floor(self._rescue, self._sum(standing, self._rescue))],
        )
        return Settled(self._better(standing, settled, self.limits.worth), at_least, proved)

    def _by_moving(self, standing: Standing) -> tuple[Standing, int, bool]:
        """Move people who have a promise, so that more can be rescued: steps 2 to 5."""
        so_far = self._sum(standing, self._rescue)
        both = self._rescue * _MOVES_FOR_ONE + self._moves
        standing = self._searched(standing, both, [], until=_SEARCHED)
        proved = not self._left_over(standing)
        if not proved:
            standing, most = self._proved(standing, self._rescue, [], until=_PROVED)
            left_over = self._left_over(standing)
            proved = not left_over or most - self._sum(standing, self._rescue) < min(left_over)
        reached = self._sum(standing, self._rescue)
        if reached == so_far:
            return self._back(standing), 0, proved
        floors = [Floor(self._rescue, reached)]
        standing = self._searched(self._back(standing), self._moves, floors, until=_FEWER)
        standing, fewest = self._proved(standing, self._moves, floors, until=_PROVED_FEWER)
        return standing, max(0, -fewest), proved

    def _left_over(self, standing: Standing) -> list[int]:
        """Return the weights of those who still have no way."""
        return [int(self._weight[at]) for at in self.broken if standing.chosen[at] < 0]

    def _searched(
        self, standing: Standing, worth: NDArray[np.int64], floors: Sequence[Floor], *, until: float
    ) -> Standing:
        """Better a plan part by part: around somebody without a way, or somebody who is moved."""
        most, tries = _FIRST_NEAR, 0
        among = {*self.kept, *self.broken}
        while tries < _TRIES and self._until(until) > _PART_SECONDS / 10:
            begin = [] if floors else [at for at in self.broken if standing.chosen[at] < 0]
            begin += [at for at, promise in self.kept.items() if standing.chosen[at] != promise]
            if not begin:
                break
            self._rng.shuffle(begin)
            inside = near(standing, begin=begin[: most // 2], among=among, most=most, rng=self._rng)
            began = time.perf_counter()
            part = solve_part(
                self.limits,
                standing=standing.columns(),
                free=self._of(inside),
                seconds=min(_PART_SECONDS, self._until(until)),
                worth=worth,
                must_go=[at for at in inside if at in self.kept],
                floors=[*floors, self._worth_kept],
            )
            better = self._better(standing, part, worth)
            tries = tries + 1 if better is standing else 0
            standing = better
            quick = time.perf_counter() - began < _QUICK_SECONDS
            most = min(_MOST_NEAR, most * 5 // 4) if quick else max(_FIRST_NEAR, most * 3 // 4)
        return standing

    def _proved(
        self, standing: Standing, worth: NDArray[np.int64], floors: Sequence[Floor], *, until: float
    ) -> tuple[Standing, int]:
        """Return a plan at least as good with everybody free to move, and a bound on every plan."""
        everybody = sorted(self.kept)
        free = self._of([*everybody, *self.broken])
        floors = [*floors, self._worth_kept]

        def with_highs(*, whole: bool) -> Part:
            return solve_part(
                self.limits,
                standing=[],
                free=free,
                # The relaxation is to leave time for what comes after it.
                seconds=self._until(until) * (1.0 if whole else _RELAXED),
                worth=worth,
                must_go=everybody,
                floors=floors,
                whole=whole,
            )

        relaxed = with_highs(whole=False)
        if relaxed.bound <= self._sum(standing, worth):
            return standing, relaxed.bound
        if has_cpsat():
            part = solve_part_with_cpsat(
                self.limits,
                begin=[column for column in standing.columns() if free[column]],
                free=free,
                seconds=self._until(until),
                worth=worth,
                must_go=everybody,
                floors=floors,
            )
        else:
            part = with_highs(whole=True)
        return self._better(standing, part, worth), min(part.bound, relaxed.bound)

    def _better(self, standing: Standing, part: Part, worth: NDArray[np.int64]) -> Standing:
        if part.columns is None or int(worth[list(part.columns)].sum()) <= self._sum(standing, worth):
            return standing
        return Standing(self.limits, part.columns)

    @staticmethod
    def _sum(standing: Standing, worth: NDArray[np.int64]) -> int:
        return int(worth[standing.columns()].sum())

    def _until(self, share: float) -> float:
        """Return the seconds that are left until a share of the time has passed; never quite none."""
        return max(0.1, self._began + share * self._seconds - time.perf_counter())

    def _back(self, standing: Standing) -> Standing:
        """Move back whoever need not have been moved."""
        worth = self.limits.worth
        spare = self._sum(standing, self._worth_kept.weights) - self._worth_kept.least
        for at, promise in self.kept.items():
            now = standing.chosen[at]
            if now == promise:
                continue
            lost = int(worth[now] - worth[promise])
            standing.take(at)
            if lost <= spare and standing.fits(promise):
                spare -= lost
                now = promise
            standing.put(now)
        return standing

    def _of(self, people: Sequence[int]) -> NDArray[np.bool_]:
        """Return which columns are theirs: (n,)."""
        among = np.zeros(len(self.limits.people), dtype=np.bool_)
        among[list(people)] = True
        found: NDArray[np.bool_] = among[self.limits.person]
        return found


def _weight(person: Person, limits: Limits) -> int:
    """Return how much rescuing somebody counts, whatever the way."""
    ratio = limits.programme.weights.tier_ratio
    return person.people * int(ratio ** (LOWEST_TIER - person.tier))
